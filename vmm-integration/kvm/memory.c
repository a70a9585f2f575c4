// SPDX-License-Identifier: MIT
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Sealed, because memory that shrinks under a mapping turns accesses into SIGBUS, and because pages
 * that a device was told of must stay the file's.
 */
static int create_file(uint64_t size, bool hugepages, struct vmm_reason *reason)
{
	int fd = memfd_create("uldf-vmm RAM",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING | (hugepages ? MFD_HUGETLB : 0));
	int error;

	if (fd < 0) {
		error = -errno;
		return vmm_fail(reason, error, "guest RAM: memfd: %s", strerror(-error));
	}
	if (ftruncate(fd, (off_t)size)) {
		error = -errno;
		vmm_fail(reason, error, "guest RAM: %s%s", strerror(-error),
			 hugepages ? ": --memory must be a multiple of the huge page size" : "");
		goto err_close;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		error = -errno;
		vmm_fail(reason, error, "guest RAM cannot be sealed: %s", strerror(-error));
		goto err_close;
	}
	return fd;

err_close:
	close(fd);
	return error;
}

int vmm_memory_create(const struct vmm_layout *layout, bool hugepages, struct vmm_memory *out,
		      struct vmm_reason *reason)
{
	uint64_t size = layout->low + layout->high;
	int fd = create_file(size, hugepages, reason);
	void *base;
	int error;

	if (fd < 0)
		return fd;
	/* Huge pages are reserved here, so that too few of them show now, not as a SIGBUS later. */
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED) {
		error = -errno;
		vmm_fail(reason, error, "guest RAM: %s: %s", strerror(-error),
			 hugepages ? "reserve huge pages in /proc/sys/vm/nr_hugepages"
				   : "give --memory less");
		goto err_close;
	}
	/* What a guest keeps in its RAM is not to be found in a core dump of its VMM. */
	madvise(base, size, MADV_DONTDUMP);
	*out = (struct vmm_memory){
		.fd = fd, .base = base, .low = layout->low, .high = layout->high};
	return 0;

err_close:
	close(fd);
	return error;
}

void vmm_memory_destroy(struct vmm_memory *memory)
{
	if (!memory->base)
		return;
	munmap(memory->base, memory->low + memory->high);
	close(memory->fd);
	*memory = (struct vmm_memory){.fd = -1};
}

int vmm_memory_plug(const struct vmm_memory *memory, struct vmm_vm *vm, struct vmm_reason *reason)
{
	unsigned int slot;
	int error;

	error = vmm_vm_slot_add(vm, 0, memory->base, memory->low, &slot);
	if (!error && memory->high)
		error = vmm_vm_slot_add(vm, VMM_4GIB, memory->base + memory->low, memory->high,
					&slot);
	if (error)
		return vmm_fail(reason, error, "KVM refuses the guest's RAM: %s", strerror(-error));
	return 0;
}

void *vmm_memory_at(const struct vmm_memory *memory, uint64_t address, uint64_t size)
{
	uint64_t end;

	if (!size || __builtin_add_overflow(address, size, &end))
		return NULL;
	if (end <= memory->low)
		return memory->base + address;
	if (address >= VMM_4GIB && end - VMM_4GIB <= memory->high)
		return memory->base + memory->low + (address - VMM_4GIB);
	return NULL;
}
