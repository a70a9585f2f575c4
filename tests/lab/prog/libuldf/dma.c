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
}
