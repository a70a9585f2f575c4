// SPDX-License-Identifier: MIT
/* Working QEMU's edu device (QEMU's docs/specs/edu): registers, interrupts, DMA. */
#include <unistd.h>

#include "ioctl.h"

#define DMA_SOURCE	0x80
#define DMA_DESTINATION 0x88
#define DMA_COUNT	0x90
#define DMA_COMMAND	0x98
#define DMA_START	1
#define DMA_TO_MEMORY	2
#define BUFFER \
	0x40000 /* where the device's own buffer stands, for DMA_SOURCE and DMA_DESTINATION */

void edu_raise(int fd, uint32_t value)
{
	need(!region_write(fd, 0, EDU_RAISE, 4, value), "raise an interrupt");
}

void edu_ack(int fd, uint32_t value)
{
	need(!region_write(fd, 0, EDU_ACK, 4, value), "acknowledge an interrupt");
}

void edu_dma_start(int fd, uint64_t address, uint32_t count, bool to_memory)
{
	bool good =
		!region_write(fd, 0, DMA_SOURCE, 8, to_memory ? BUFFER : address) &&
		!region_write(fd, 0, DMA_DESTINATION, 8, to_memory ? address : BUFFER) &&
		!region_write(fd, 0, DMA_COUNT, 8, count) &&
		!region_write(fd, 0, DMA_COMMAND, 8, DMA_START | (to_memory ? DMA_TO_MEMORY : 0));

	need(good, "start DMA");
}

bool edu_dma(int fd, uint64_t address, uint32_t count, bool to_memory)
{
	uint64_t command = DMA_START;

	edu_dma_start(fd, address, count, to_memory);
	for (int i = 0; i < 100 && command & DMA_START; i++) {
		usleep(20000);
		if (region_read(fd, 0, DMA_COMMAND, 8, &command))
			return false;
	}
	return !(command & DMA_START);
}
