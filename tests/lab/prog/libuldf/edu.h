/* SPDX-License-Identifier: MIT */
/* The edu device (QEMU docs/specs/edu), driven through libuldf's public functions. */
#ifndef TESTS_LAB_PROG_LIBULDF_EDU_H
#define TESTS_LAB_PROG_LIBULDF_EDU_H

#include <uldf.h>

enum {
	EDU_ID = 0x00,
	EDU_LIVENESS = 0x04,
	EDU_IRQ_STATUS = 0x24,
	EDU_IRQ_RAISE = 0x60,
	EDU_IRQ_ACK = 0x64,
	EDU_DMA_SOURCE = 0x80,
	EDU_DMA_DESTINATION = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_COMMAND = 0x98,
	EDU_BUFFER = 0x40000, /* 4096 bytes, in the DMA engine's view */
	EDU_IRQ_DMA = 0x100,  /* in the status register: a transfer has ended */
};

enum {
	EDU_DMA_START = 1,
	EDU_DMA_TO_MEMORY = 2,
	EDU_DMA_IRQ = 4,
};

struct edu {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
};

/* Ends the program with the library's reason when @err is none of the wanted. */
void edu_expect(struct edu *edu, const char *what, int err, int wanted);

/* Ends the program, saying @what, unless @good. */
void edu_require(const char *what, bool good);

uint64_t edu_read(struct edu *edu, unsigned int offset);
void edu_write(struct edu *edu, unsigned int offset, uint64_t value);

/* Waits for one event of vector 0 after writing @value to @offset; answers how often it fired. */
uint64_t edu_write_and_wait(struct edu *edu, unsigned int offset, uint64_t value);

/* Switches bits of the command register on or off. */
void edu_command(struct edu *edu, uint32_t set, uint32_t clear);

void check_region(struct edu *edu);
void check_irq(struct edu *edu);
void check_msi(struct edu *edu); /* with bus mastering on: an MSI is a write like any other */
void check_dma(struct edu *edu);
void check_limit(struct edu *edu);

#endif
