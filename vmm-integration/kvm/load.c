// SPDX-License-Identifier: MIT
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entry.h"

#define KERNEL_MAX (512 * VMM_1MIB)

static int open_file(const char *what, const char *path, uint64_t *size, struct vmm_reason *reason)
{
	/* Opening a FIFO must not wait for its other end. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	int error;

	if (fd < 0 || fstat(fd, &status)) {
		error = -errno;
		vmm_fail(reason, error, "%s %s: %s", what, path, strerror(-error));
		goto err_close;
	}
	if (!S_ISREG(status.st_mode) || !status.st_size) {
		error = -EINVAL;
		vmm_fail(reason, error, "%s %s: %s", what, path,
			 S_ISREG(status.st_mode) ? "empty" : "not a regular file");
		goto err_close;
	}
	*size = (uint64_t)status.st_size;
	return fd;

err_close:
	if (fd >= 0)
		close(fd);
	return error;
}

/* Return: 0, -EIO the file became shorter, or what read() answered. */
static int read_all(int fd, uint8_t *bytes, uint64_t size)
{
	while (size) {
		ssize_t got = read(fd, bytes, size);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (!got)
			return -EIO;
		if (got > 0) {
			bytes += got;
			size -= (uint64_t)got;
		}
	}
	return 0;
}

int vmm_kernel_read(const char *path, struct vmm_kernel *out, struct vmm_reason *reason)
{
	struct vmm_kernel kernel = {.path = path};
	const char *why;
	uint64_t size;
	int fd, error;

	fd = open_file("kernel", path, &size, reason);
	if (fd < 0)
		return fd;
	if (size > KERNEL_MAX) {
		error = vmm_fail(reason, -E2BIG, "kernel %s: not a bzImage: too large", path);
		goto err_close;
	}
	kernel.size = size;
	kernel.bytes = malloc(size);
	if (!kernel.bytes) {
		error = vmm_fail(reason, -ENOMEM, "kernel %s: out of memory", path);
		goto err_close;
	}
	error = read_all(fd, kernel.bytes, size);
	if (error) {
		vmm_fail(reason, error, "kernel %s: %s", path, strerror(-error));
		goto err_free;
	}
	error = vmm_boot_parse(kernel.bytes, kernel.size, &kernel.image, &why);
	if (error) {
		vmm_fail(reason, error, "kernel %s: %s (a distribution's is /boot/vmlinuz-...)",
			 path, why);
		goto err_free;
	}
	close(fd);
	*out = kernel;
	return 0;

err_free:
	free(kernel.bytes);
err_close:
	close(fd);
	return error;
}

void vmm_kernel_free(struct vmm_kernel *kernel)
{
	free(kernel->bytes);
	kernel->bytes = NULL;
}

int vmm_initrd_size(const char *path, uint64_t *out, struct vmm_reason *reason)
{
	int fd = open_file("initrd", path, out, reason);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int load_command_line(const struct vmm_kernel *kernel, const char *command_line,
			     const struct vmm_memory *memory, struct vmm_reason *reason)
{
	size_t length = strlen(command_line);
	size_t limit = kernel->image.command_line_max;

	if (limit > VMM_BOOT_COMMAND_ROOM - 1)
		limit = VMM_BOOT_COMMAND_ROOM - 1;
	if (length > limit)
		return vmm_fail(
			reason, -E2BIG,
			"--append: the kernel takes a command line of %zu bytes, not of %zu", limit,
			length);
	memcpy(vmm_memory_at(memory, VMM_BOOT_COMMAND_LINE, length + 1), command_line, length + 1);
	return 0;
}

/* Straight into guest RAM: an initrd may be large. */
static int load_initrd(int fd, const char *path, const struct vmm_boot_plan *plan,
		       const struct vmm_memory *memory, struct vmm_reason *reason)
{
	uint8_t *bytes = vmm_memory_at(memory, plan->initrd, plan->initrd_size);
	int error = bytes ? read_all(fd, bytes, plan->initrd_size) : -EFAULT;

	if (error)
		return vmm_fail(reason, error, "initrd %s: %s", path, strerror(-error));
	return 0;
}

static int load_kernel(const struct vmm_kernel *kernel, const struct vmm_boot_plan *plan,
		       const struct vmm_memory *memory, struct vmm_reason *reason)
{
	void *bytes = vmm_memory_at(memory, plan->kernel, kernel->image.payload_size);

	if (!bytes)
		return vmm_fail(reason, -EFAULT, "kernel %s: no RAM where it goes", kernel->path);
	memcpy(bytes, kernel->bytes + kernel->image.payload, kernel->image.payload_size);
	return 0;
}

int vmm_kernel_load(const struct vmm_kernel *kernel, const char *initrd, const char *command_line,
		    const struct vmm_memory_map *map, const struct vmm_memory *memory,
		    uint64_t *entry, struct vmm_reason *reason)
{
	struct boot_params params;
	struct vmm_boot_plan plan;
	uint64_t size = 0;
	const char *why;
	int fd = -1, error;

	if (initrd) {
		fd = open_file("initrd", initrd, &size, reason);
		if (fd < 0)
			return fd;
	}
	error = vmm_boot_place(&kernel->image, map, size, &plan, &why);
	if (error)
		vmm_fail(reason, error, "kernel %s: %s", kernel->path, why);
	if (!error)
		error = load_kernel(kernel, &plan, memory, reason);
	if (!error && initrd)
		error = load_initrd(fd, initrd, &plan, memory, reason);
	if (!error)
		error = load_command_line(kernel, command_line, memory, reason);
	if (fd >= 0)
		close(fd);
	if (error)
		return error;

	vmm_boot_params_build(&kernel->image, &plan, map, VMM_BOOT_COMMAND_LINE, VMM_RSDP, &params);
	memcpy(vmm_memory_at(memory, VMM_BOOT_PARAMS, sizeof(params)), &params, sizeof(params));
	vmm_entry_write(vmm_memory_at(memory, 0, VMM_CONVENTIONAL_END), plan.kernel,
			kernel->image.header.init_size);
	*entry = plan.entry;
	return 0;
}
