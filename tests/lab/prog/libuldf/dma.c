// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "edu.h"

#define PAGE	4096
#define ADDRESS 0x100000 /* where pages are mapped: edu's DMA engine has 28 address bits */

#define AMOUNT 2048 /* QEMU 7.2's edu ends the machine when all 4096 bytes are asked for */

/* A space with two pages of memory. */
struct fixture {
	struct uldf_space *space;
	struct uldf_memory *memory;
	unsigned char *pages;
};

static void fixture_init(struct edu *edu, struct fixture *f)
{
	void *unmapped;

	f->pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	edu_require("two pages of memory", f->pages != MAP_FAILED);
	edu_expect(edu, "create a space", uldf_space_create(edu->device, &f->space), 0);
	edu_expect(edu, "register two pages",
		   uldf_memory_register(f->space, f->pages, 2 * PAGE, ULDF_DMA_BOTH, &f->memory),
		   0);

	struct uldf_memory *none;

	unmapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(unmapped, PAGE);
	edu_expect(edu, "register what is not mapped",
		   uldf_memory_register(f->space, unmapped, PAGE, ULDF_DMA_BOTH, &none), -EFAULT);
	edu_expect(edu, "register half a page",
		   uldf_memory_register(f->space, f->pages, PAGE / 2, ULDF_DMA_BOTH, &none),
		   -EINVAL);
}

static void check_attach(struct edu *edu, struct fixture *f)
{
	const struct uldf_mapping piece = {f->memory, 0, ADDRESS, PAGE, ULDF_DMA_READ};
	struct uldf_range ranges[16];
	size_t count = 0;

	edu_expect(edu, "map before anything was attached", uldf_space_map(f->space, &piece, 1),
		   -ENXIO);
	edu_expect(edu, "detach before it is attached", uldf_device_detach(edu->device), -EINVAL);
	edu_expect(edu, "attach", uldf_device_attach(edu->device, f->space), 0);
	edu_expect(edu, "attach again", uldf_device_attach(edu->device, f->space), -EBUSY);
	edu_expect(edu, "reserved ranges", uldf_space_reserved(f->space, ranges, 16, &count), 0);
	for (size_t i = 0; i < count && i < 16; i++)
		printf("   reserved: 0x%llx-0x%llx\n", (unsigned long long)ranges[i].first,
		       (unsigned long long)ranges[i].last);
	edu_require("the MSI window is reserved", count > 0);
}

/* The first page is for the device to read, the second to write. */
static void check_map(struct edu *edu, struct fixture *f)
{
	const struct uldf_mapping pieces[] = {
		{f->memory, 0, ADDRESS, PAGE, ULDF_DMA_READ},
		{f->memory, PAGE, ADDRESS + 16 * PAGE, PAGE, ULDF_DMA_WRITE},
	};
	const struct uldf_mapping clash[] = {
		{f->memory, 0, ADDRESS + 32 * PAGE, PAGE, ULDF_DMA_READ},
		{f->memory, 0, ADDRESS, PAGE, ULDF_DMA_READ},
	};
	const struct uldf_mapping beyond = {f->memory, PAGE, ADDRESS + 32 * PAGE, 2 * PAGE,
					    ULDF_DMA_READ};
	const struct uldf_mapping odd = {f->memory, 0, ADDRESS + 1, PAGE, ULDF_DMA_READ};
	const struct uldf_mapping freed = {NULL, 0, ADDRESS + 32 * PAGE, PAGE, 0};

	edu_expect(edu, "map two pieces", uldf_space_map(f->space, pieces, 2), 0);
	edu_expect(edu, "map where something is mapped", uldf_space_map(f->space, clash, 2),
		   -EEXIST);
	edu_expect(edu, "unmap what that did not leave behind",
		   uldf_space_unmap(f->space, &freed, 1), -ENOENT);
	edu_expect(edu, "map beyond the memory", uldf_space_map(f->space, &beyond, 1), -ERANGE);
	edu_expect(edu, "map at an odd address", uldf_space_map(f->space, &odd, 1), -EINVAL);
	edu_expect(edu, "unregister while mapped", uldf_memory_unregister(f->memory), -EBUSY);
}

static void transfer(struct edu *edu, uint64_t from, uint64_t to, uint64_t direction)
{
	edu_write(edu, EDU_DMA_SOURCE, from);
	edu_write(edu, EDU_DMA_DESTINATION, to);
	edu_write(edu, EDU_DMA_COUNT, AMOUNT);
	edu_require("the transfer's end is signalled",
		    edu_write_and_wait(edu, EDU_DMA_COMMAND,
				       EDU_DMA_START | EDU_DMA_IRQ | direction) == 1);
	edu_require("by the DMA engine", edu_read(edu, EDU_IRQ_STATUS) == EDU_IRQ_DMA);
	edu_write(edu, EDU_IRQ_ACK, EDU_IRQ_DMA);
}

static void check_transfers(struct edu *edu, struct fixture *f)
{
	for (unsigned int i = 0; i < PAGE; i++)
		f->pages[i] = (unsigned char)(i * 7 + 3);
	memset(f->pages + PAGE, 0, PAGE);
	edu_command(edu, PCI_COMMAND_MASTER, 0);
	check_msi(edu);
	edu_expect(edu, "enable MSI", uldf_irq_enable(edu->device, ULDF_IRQ_MSI, 1), 0);
	transfer(edu, ADDRESS, EDU_BUFFER, 0);
	transfer(edu, EDU_BUFFER, ADDRESS + 16 * PAGE, EDU_DMA_TO_MEMORY);
	edu_require("what was read by the device comes back",
		    !memcmp(f->pages, f->pages + PAGE, AMOUNT));
	printf("   %d bytes went to the device and came back\n", AMOUNT);
	edu_expect(edu, "disable MSI", uldf_irq_disable(edu->device), 0);
}

/* Addresses of the library's choice, below the 28 bits that the device has. */
static void check_anywhere(struct edu *edu)
{
	const uint64_t mask = (1 << 28) - 1;
	struct uldf_buffer *buffer, *second;
	struct uldf_memory *memory;
	struct uldf_space *space;
	struct uldf_dma *dma;

	printf("== addresses of the library's choice\n");
	edu_expect(edu, "a mask with a hole",
		   uldf_space_create_masked(edu->device, 0xff7fffff, &space), -EINVAL);
	edu_expect(edu, "a mask of too few bits",
		   uldf_space_create_masked(edu->device, 0x7ffff, &space), -EINVAL);
	edu_expect(edu, "create a space", uldf_space_create_masked(edu->device, mask, &space), 0);
	edu_expect(edu, "a buffer before anything was attached",
		   uldf_buffer_create(space, PAGE, &buffer), -ENXIO);
	edu_expect(edu, "attach", uldf_device_attach(edu->device, space), 0);
	edu_expect(edu, "a buffer of no bytes", uldf_buffer_create(space, 0, &buffer), -EINVAL);
	edu_expect(edu, "a buffer larger than the mask", uldf_buffer_create(space, mask, &buffer),
		   -ENOSPC);
	edu_expect(edu, "a buffer", uldf_buffer_create(space, AMOUNT, &buffer), 0);
	edu_expect(edu, "a second", uldf_buffer_create(space, 3 * PAGE, &second), 0);
	edu_require("they are whole pages", buffer->size == PAGE && second->size == 3 * PAGE);
	edu_require("below the mask, not at 0, apart from each other",
		    buffer->bus && second->bus && buffer->bus + buffer->size - 1 <= mask &&
			    second->bus + second->size - 1 <= mask &&
			    (buffer->bus >= second->bus + second->size ||
			     second->bus >= buffer->bus + buffer->size));
	for (unsigned int i = 0; i < AMOUNT; i++)
		edu_require("a buffer is zeroed", !((unsigned char *)second->address)[i]);

	edu_expect(
		edu, "register the second",
		uldf_memory_register(space, second->address, second->size, ULDF_DMA_BOTH, &memory),
		0);
	edu_expect(edu, "map none of it", uldf_dma_map(memory, 0, 0, ULDF_DMA_BOTH, &dma), -EINVAL);
	edu_expect(edu, "map without access", uldf_dma_map(memory, 0, 1, 0, &dma), -EINVAL);
	edu_expect(edu, "map beyond it",
		   uldf_dma_map(memory, PAGE, 2 * PAGE + 1, ULDF_DMA_BOTH, &dma), -ERANGE);
	edu_expect(edu, "map from 100 bytes before its second page on",
		   uldf_dma_map(memory, PAGE - 100, AMOUNT, ULDF_DMA_BOTH, &dma), 0);
	edu_require("in one segment, at the same place in its page",
		    dma->count == 1 && dma->size == AMOUNT && dma->list[0].length == AMOUNT &&
			    dma->list[0].address % PAGE == PAGE - 100);

	for (unsigned int i = 0; i < AMOUNT; i++)
		((unsigned char *)buffer->address)[i] = (unsigned char)(i * 5 + 1);
	edu_command(edu, PCI_COMMAND_MASTER, 0);
	edu_expect(edu, "enable MSI", uldf_irq_enable(edu->device, ULDF_IRQ_MSI, 1), 0);
	transfer(edu, buffer->bus, EDU_BUFFER, 0);
	transfer(edu, EDU_BUFFER, dma->list[0].address, EDU_DMA_TO_MEMORY);
	edu_require("what the device read of one comes to the other",
		    !memcmp(buffer->address, (char *)second->address + PAGE - 100, AMOUNT));
	edu_expect(edu, "disable MSI", uldf_irq_disable(edu->device), 0);
	edu_expect(edu, "unregister while mapped", uldf_memory_unregister(memory), -EBUSY);
	uldf_dma_unmap(dma);
	edu_expect(edu, "unregister", uldf_memory_unregister(memory), 0);
	uldf_buffer_destroy(buffer);
	uldf_buffer_destroy(second);
	uldf_buffer_destroy(NULL);
	uldf_dma_unmap(NULL);
	edu_expect(edu, "detach", uldf_device_detach(edu->device), 0);
	uldf_space_destroy(space);
}

static void check_undo(struct edu *edu, struct fixture *f)
{
	const struct uldf_mapping pieces[] = {
		{NULL, 0, ADDRESS, PAGE, 0},
		{NULL, 0, ADDRESS + 16 * PAGE, PAGE, 0},
	};

	edu_expect(edu, "unmap", uldf_space_unmap(f->space, pieces, 2), 0);
	edu_expect(edu, "unmap again", uldf_space_unmap(f->space, pieces, 2), -ENOENT);
	edu_expect(edu, "unregister", uldf_memory_unregister(f->memory), 0);
	edu_expect(edu, "detach", uldf_device_detach(edu->device), 0);
	edu_expect(edu, "detach again", uldf_device_detach(edu->device), -EINVAL);
	uldf_space_destroy(f->space);
	munmap(f->pages, 2 * PAGE);
}

void check_dma(struct edu *edu)
{
	struct fixture f;

	printf("== spaces and DMA\n");
	fixture_init(edu, &f);
	check_attach(edu, &f);
	check_map(edu, &f);
	check_transfers(edu, &f);
	check_undo(edu, &f);
	check_anywhere(edu);
}
