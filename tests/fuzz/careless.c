// SPDX-License-Identifier: MIT
#include "careless.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uldf/dma.h>
#include <uldf/event.h>
#include <uldf/io.h>

#define PAGE 4096

static void drive_registers(struct uldf_device *device)
{
	uint32_t string[4] = {1, 2, 3, 4}, config;
	struct uldf_io list[] = {
		{.kind = ULDF_IO_WRITE, .width = 8, .offset = 0x10, .value = 7},
		{.kind = ULDF_IO_READ, .width = 8, .offset = 0},
		{.kind = ULDF_IO_READ_STRING,
		 .width = 4,
		 .offset = 0x20,
		 .count = 4,
		 .data = string},
		{.kind = ULDF_IO_WRITE_STRING,
		 .width = 4,
		 .offset = 0x20,
		 .count = 4,
		 .data = string},
	};
	enum uldf_reset how;
	uint64_t value;
	size_t done;

	uldf_config_read(device, 4, 2, &config);
	uldf_config_write(device, 4, 2, 6);
	uldf_region_read(device, 0, 0, 8, &value);
	uldf_io_batch(device, list, 4, &done);
	uldf_device_reset(device, &how);
	uldf_device_power(device, 0);
	uldf_device_functions(device, 0);
}

/* Spaces need no check: without one there is no memory to go on with. */
static void drive_memory(struct uldf_space *space, struct uldf_device *device, unsigned char *pages)
{
	struct uldf_range reserved[2];
	struct uldf_memory *memory;
	struct uldf_buffer *buffer;
	struct uldf_dma *dma;
	size_t count;

	uldf_device_attach(device, space);
	uldf_space_reserved(space, reserved, 2, &count);
	if (uldf_memory_register(space, pages, 2 * PAGE, ULDF_DMA_BOTH, &memory))
		return;
	if (!uldf_dma_map(memory, 0, PAGE, ULDF_DMA_BOTH, &dma)) {
		uldf_region_write(device, 0, 0x08, 8, dma->list[0].address);
		uldf_region_write(device, 0, 0x10, 8, 100);
		uldf_region_write(device, 0, 0x18, 8, 3);
		uldf_dma_unmap(dma);
	}
	if (!uldf_buffer_create(space, PAGE, &buffer)) {
		uldf_region_write(device, 0, 0x08, 8, buffer->bus);
		uldf_region_write(device, 0, 0x18, 8, 3);
		uldf_buffer_destroy(buffer);
	}
	uldf_memory_unregister(memory);
}

/* Memory that two spaces have; the device moves to the second. */
static void drive_second(struct uldf_space *first, struct uldf_space *second,
			 struct uldf_device *device, unsigned char *pages)
{
	struct uldf_mapping piece = {NULL, PAGE, 0, PAGE, ULDF_DMA_BOTH};
	struct uldf_unmapped unmapped;
	struct uldf_memory *memory;

	if (uldf_memory_register(first, pages, 2 * PAGE, ULDF_DMA_BOTH, &memory))
		return;
	uldf_device_move(device, second);
	if (!uldf_memory_share(memory, second, &piece.memory)) {
		uldf_space_map_anywhere(second, &piece, 1);
		uldf_region_write(device, 0, 0x08, 8, piece.address);
		uldf_region_write(device, 0, 0x18, 8, 3);
		uldf_memory_unregister(memory);
		uldf_region_write(device, 0, 0x18, 8, 3);
		uldf_space_unmap_range(second, 0, UINT64_MAX, &unmapped);
		uldf_memory_unregister(piece.memory);
	}
	uldf_space_revoke(second);
}

static void drive_interrupts(struct uldf_device *device, int *fd)
{
	unsigned int events;

	uldf_event_bind(device, *fd);
	uldf_event_read(device, &events);
	uldf_irq_enable(device, ULDF_IRQ_MSI, 1);
	uldf_irq_bind(device, 0, 1, fd);
}

void careless_drive(struct uldf_device *device)
{
	unsigned char *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct uldf_space *space, *second;

	if (pages == MAP_FAILED || fd < 0)
		abort();
	drive_registers(device);
	drive_interrupts(device, &fd);
	if (!uldf_space_create_masked(device, UINT32_MAX, &space)) {
		drive_memory(space, device, pages);
		if (!uldf_space_create_masked(device, UINT32_MAX, &second)) {
			drive_second(space, second, device, pages);
			uldf_space_destroy(second);
		}
		uldf_space_destroy(space);
	}
	if (!uldf_space_create_bare(device, UINT32_MAX, &space)) {
		drive_memory(space, device, pages);
		uldf_space_destroy(space);
	}
	uldf_irq_disable(device);
	uldf_device_detach(device);
	uldf_device_close(device);
	close(fd);
	munmap(pages, 2 * PAGE);
}
