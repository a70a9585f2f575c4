/* SPDX-License-Identifier: GPL-2.0-only */
/* The file of a claimed device, /dev/uldf/<address>. */
#ifndef ULDF_FILE_H
#define ULDF_FILE_H

#include <linux/fs.h>

extern const struct file_operations uldf_file_ops;

#endif
