// SPDX-License-Identifier: MIT
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int vmm_memory_file(uint64_t size, bool hugepages, struct vmm_reason *reason)
{
	int fd = memfd_create("uldf-vmm RAM",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING | (hugepages ? MFD_HUGETLB : 0));
	int error;

	if (fd < 0) {
		error = -errno;
		return vmm_fail(reason, error, "guest RAM: memfd: %s", strerror(-error));
	}
	if (!ftruncate(fd, (off_t)size))
		return fd;
	error = -errno;
	close(fd);
	return vmm_fail(reason, error, "guest RAM: %s%s", strerror(-error),
			hugepages ? ": --memory must be a multiple of the huge page size" : "");
}

/*
 * Memory that shrinks under a mapping turns accesses into SIGBUS, and pages that a device was told of must
 * stay the file's.
 */
int vmm_memory_seal(int fd, struct vmm_reason *reason)
{
	int error;

	if (!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return 0;
	error = -errno;
	return vmm_fail(reason, error, "guest RAM cannot be sealed: %s", strerror(-error));
}

int vmm_memory_create(const struct vmm_layout *layout, bool hugepages, struct vmm_memory *out,
		      struct vmm_reason *reason)
{
	struct vmm_memory memory = {.n_ram = layout->n_ram};
	int error;

	for (size_t i = 0; i < layout->n_ram; i++) {
		memory.ram[i] = layout->ram[i];
		memory.offsets[i] = memory.size;
		memory.size += layout->ram[i].size;
	}
	memory.fd = vmm_memory_file(memory.size, hugepages, reason);
	if (memory.fd < 0)
		return memory.fd;
	error = vmm_memory_seal(memory.fd, reason);
	if (error)
		goto err_close;
	/* Huge pages are reserved here, so that too few of them show now, not as a SIGBUS later. */
	memory.base = mmap(NULL, memory.size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.fd, 0);
	if (memory.base == MAP_FAILED) {
		error = -errno;
		vmm_fail(reason, error, "guest RAM: %s: %s", strerror(-error),
			 hugepages ? "reserve huge pages in /proc/sys/vm/nr_hugepages"
				   : "give --memory less");
		goto err_close;
	}
	/* What a guest keeps in its RAM is not to be found in a core dump of its VMM. */
	madvise(memory.base, memory.size, MADV_DONTDUMP);
	*out = memory;
	return 0;

err_close:
	close(memory.fd);
	return error;
}

void vmm_memory_destroy(struct vmm_memory *memory)
{
	if (!memory->base)
		return;
	munmap(memory->base, memory->size);
	close(memory->fd);
	*memory = (struct vmm_memory){.fd = -1};
}

int vmm_memory_plug(const struct vmm_memory *memory, struct vmm_vm *vm, struct vmm_reason *reason)
{
	for (size_t i = 0; i < memory->n_ram; i++) {
		const struct vmm_ram *ram = &memory->ram[i];
		unsigned int slot;
		int error = vmm_vm_slot_add(vm, ram->address, memory->base + memory->offsets[i],
					    ram->size, &slot);

		if (error)
			return vmm_fail(reason, error, "KVM refuses the guest's RAM: %s",
					strerror(-error));
	}
	return 0;
}

void *vmm_memory_at(const struct vmm_memory *memory, uint64_t address, uint64_t size)
{
	for (size_t i = 0; size && i < memory->n_ram; i++) {
		const struct vmm_ram *ram = &memory->ram[i];
		uint64_t offset = address - ram->address;

		if (address >= ram->address && offset < ram->size && size <= ram->size - offset)
			return memory->base + memory->offsets[i] + offset;
	}
	return NULL;
}
