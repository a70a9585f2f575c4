// SPDX-License-Identifier: MIT
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A page that the host's MMU and IOMMU map by one entry. */
#define HUGE_PAGE (2 * VMM_1MIB)

uint8_t *vmm_memory_reserve(uint64_t size, uint64_t align)
{
	uint8_t *area, *base;

	area = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		    0);
	if (area == MAP_FAILED)
		return NULL;
	base = (uint8_t *)(((uintptr_t)area + align - 1) & ~(uintptr_t)(align - 1));
	if (base > area)
		munmap(area, (size_t)(base - area));
	if (base + size < area + size + align)
		munmap(base + size, (size_t)(area + align - base));
	return base;
}

int vmm_memory_file(uint64_t size, uint64_t page, struct vmm_reason *reason)
{
	unsigned int kind = (unsigned int)__builtin_ctzll(page) << MFD_HUGE_SHIFT;
	int fd = memfd_create("uldf-vmm RAM", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | kind);
	int error;

	if (fd < 0) {
		error = -errno;
		return vmm_fail(reason, error, "guest RAM: huge pages of %llu MiB: %s",
				page / VMM_1MIB + 0ULL, strerror(-error));
	}
	if (!ftruncate(fd, (off_t)size))
		return fd;
	error = -errno;
	close(fd);
	return vmm_fail(
		reason, error,
		"guest RAM: %s: --memory must be a multiple of the huge page size, %llu MiB",
		strerror(-error), page / VMM_1MIB + 0ULL);
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

static int map_private(struct vmm_memory *memory, struct vmm_reason *reason)
{
	int error;

	/* aligned, so that a huge page of the guest's addresses can be one of the host's */
	memory->base = vmm_memory_reserve(memory->size, HUGE_PAGE);
	if (memory->base && mmap(memory->base, memory->size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
		/* A kernel without them works as well. */
		madvise(memory->base, memory->size, MADV_HUGEPAGE);
		return 0;
	}
	error = vmm_fail(reason, -errno, "guest RAM: %s: give --memory less", strerror(errno));
	if (memory->base)
		munmap(memory->base, memory->size);
	return error;
}

static int map_file(struct vmm_memory *memory, uint64_t page, struct vmm_reason *reason)
{
	int error;

	memory->fd = vmm_memory_file(memory->size, page, reason);
	if (memory->fd < 0)
		return memory->fd;
	error = vmm_memory_seal(memory->fd, reason);
	if (error)
		goto err_close;
	/* The pages are reserved here, so that too few of them show now, not as a SIGBUS later. */
	memory->base = mmap(NULL, memory->size, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
	if (memory->base != MAP_FAILED)
		return 0;
	error = vmm_fail(reason, -errno, "guest RAM: %s: reserve huge pages in %s%llukB/%s",
			 strerror(errno), "/sys/kernel/mm/hugepages/hugepages-", page / 1024 + 0ULL,
			 "nr_hugepages");
err_close:
	close(memory->fd);
	return error;
}

int vmm_memory_create(const struct vmm_layout *layout, uint64_t page, struct vmm_memory *out,
		      struct vmm_reason *reason)
{
	struct vmm_memory memory = {.fd = -1, .n_ram = layout->n_ram};
	int error;

	for (size_t i = 0; i < layout->n_ram; i++) {
		memory.ram[i] = layout->ram[i];
		memory.offsets[i] = memory.size;
		memory.size += layout->ram[i].size;
	}
	error = page ? map_file(&memory, page, reason) : map_private(&memory, reason);
	if (error)
		return error;
	/* What a guest keeps in its RAM is not to be found in a core dump of its VMM. */
	madvise(memory.base, memory.size, MADV_DONTDUMP);
	*out = memory;
	return 0;
}

void vmm_memory_destroy(struct vmm_memory *memory)
{
	if (!memory->base)
		return;
	munmap(memory->base, memory->size);
	if (memory->fd >= 0)
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

/* Has the piece any of the @size bytes at @address, which do not wrap? */
static bool meets(const struct vmm_ram *ram, uint64_t address, uint64_t size)
{
	return address < ram->address + ram->size && ram->address < address + size;
}

uint64_t vmm_memory_begin(const struct vmm_memory *memory, uint64_t address, uint64_t size)
{
	uint64_t found = 0, end;

	if (__builtin_add_overflow(address, size, &end))
		return 0;
	for (size_t i = 0; i < memory->n_ram; i++) {
		const struct vmm_ram *ram = &memory->ram[i];
		uint64_t left = ram->address + ram->size - address;

		if (!meets(ram, address, size))
			continue;
		if (found || address < ram->address)
			return 0;
		found = left < size ? left : size;
	}
	return found;
}
