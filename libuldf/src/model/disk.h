/* SPDX-License-Identifier: MIT */
/* What stands behind a disk of a model: a file, or memory as large, which is a file without a name. */
#ifndef ULDF_SRC_MODEL_DISK_H
#define ULDF_SRC_MODEL_DISK_H

#include "model/options.h"

#define MODEL_BLOCK_SHIFT 9
#define MODEL_BLOCK	  (1u << MODEL_BLOCK_SHIFT) /* bytes */

struct model_disk {
	int fd;
	uint64_t blocks;
};

/**
 * model_disk_open() - open the file or the memory that the options name
 * @disk: out; untouched on failure
 * @options: options
 * @file: name of the option with the file's path; without that option the disk is memory
 * @size: name of the option with the bytes of the disk; without it they are the file's, or 64 MiB
 *
 * Return: 0, -EINVAL no whole blocks, -EBUSY a file of another model, -ENOENT, -EACCES, -ENOMEM.
 */
int model_disk_open(struct model_disk *disk, const struct model_options *options, const char *file,
		    const char *size);
void model_disk_close(struct model_disk *disk);

/* All of @size bytes; 0 or a negative errno. */
int model_disk_read(const struct model_disk *disk, uint64_t block, void *data, size_t size);
int model_disk_write(const struct model_disk *disk, uint64_t block, const void *data, size_t size);
int model_disk_flush(const struct model_disk *disk);
/* Makes blocks read as zeros; where the file has no holes that is writing zeros. */
int model_disk_zero(const struct model_disk *disk, uint64_t block, uint64_t count);

#endif
