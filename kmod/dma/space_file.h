/* SPDX-License-Identifier: GPL-2.0-only */
/* The file of a space, and the call that makes one. */
#ifndef ULDF_DMA_SPACE_FILE_H
#define ULDF_DMA_SPACE_FILE_H

#include "core/call.h"

struct file_operations;

extern const struct file_operations uldf_space_file_ops;
extern const struct uldf_call uldf_space_calls[];

#endif
