// SPDX-License-Identifier: MIT
/* The bus master of the IDE model (BMIDE 1.0): tables as no driver of ours writes them, and nonsense. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uldf/dma.h>
#include "ide-ports.h"
#include "ide-prd.h"

TestSuite(ide_master, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

#define WRITE_DMA 0xca
#define READ_DMA  0xc8
#define ALIGNED	  0x10000 /* where tables and their memory may have 64 KiB */
#define MEMORY	  (1024 * 1024)
#define DATA	  0x20000 /* in memory: where the data is, the table being at its start */
#define BACK	  0x80000
#define BLOCK	  512

static struct ports p;
static struct uldf_buffer *buffer;
static unsigned char *memory; /* in the buffer, aligned on the bus, */
static uint32_t bus;	      /* and where it is there */

static void memory_create(void)
{
	uint32_t skipped;

	cr_assert(eq(int, uldf_buffer_create(p.o.space, MEMORY + ALIGNED, &buffer), 0));
	skipped = (uint32_t)-buffer->bus % ALIGNED;
	memory = (unsigned char *)buffer->address + skipped;
	bus = (uint32_t)buffer->bus + skipped;
}

static void begin(void)
{
	ports_open(&p, "model:ide?size=16M");
	ports_listen(&p);
	memory_create();
	for (unsigned int i = 0; i < MEMORY - DATA; i++)
		memory[DATA + i] = (unsigned char)(i + (i >> 8) + (i >> 16));
}

static void end(void)
{
	uldf_buffer_destroy(buffer);
	ports_close(&p);
}

/* Entry @index of the table describes @size bytes at @at in memory. */
static void entry(unsigned int index, uint32_t at, uint32_t size, bool last)
{
	struct ide_prd *table = (struct ide_prd *)(void *)memory;

	table[index] = (struct ide_prd){
		.address = htole32(bus + at),
		.size = htole16((uint16_t)size),
		.flags = htole16(last ? IDE_PRD_LAST : 0),
	};
}

static void start(uint8_t direction)
{
	ports_set_master(&p, BM_COMMAND, 1, direction);
	ports_set_master(&p, BM_TABLE, 4, bus);
	ports_set_master(&p, BM_STATUS, 1, BM_STATUS_IRQ | BM_STATUS_ERROR);
	ports_set_master(&p, BM_COMMAND, 1, direction | BM_COMMAND_START);
}

/* Waits until the bus master has these of the bits ACTIVE, ERROR and IRQ. */
static void expect_master(uint8_t bits, const char *what)
{
	const uint8_t all = BM_STATUS_ACTIVE | BM_STATUS_ERROR | BM_STATUS_IRQ;

	for (unsigned int i = 0; i < 100000 && (ports_master(&p, BM_STATUS) & all) != bits; i++)
		usleep(100);
	cr_expect(eq(int, ports_master(&p, BM_STATUS) & all, bits), "%s", what);
}

static void stop(void)
{
	ports_set_master(&p, BM_COMMAND, 1, 0);
	ports_get(&p, ATA_STATUS);
}

/* Moves whole sectors, as a driver does, in one piece of at most 64 KiB. */
static void move(uint8_t command, uint64_t block, uint32_t at, uint32_t sectors)
{
	entry(0, at, sectors * BLOCK, true);
	cr_assert(eq(int, ports_command(&p, command, block, (uint8_t)sectors), READY | DRQ));
	start(command == READ_DMA ? BM_COMMAND_READ : 0);
	expect_master(BM_STATUS_IRQ, "done");
	cr_expect(eq(int, ports_alternate(&p), READY));
	stop();
}

static void expect_data(uint32_t at, uint32_t second, uint32_t size)
{
	cr_expect(eq(int, memcmp(memory + at, memory + second, size), 0));
}

Test(ide_master, a_table_that_is_too_short_leaves_the_disk_waiting)
{
	begin();
	entry(0, DATA, 700, true);
	cr_assert(eq(int, ports_command(&p, WRITE_DMA, 0, 4), READY | DRQ));
	start(0);
	expect_master(0, "the table is over, and the command is not");
	cr_expect(eq(int, ports_alternate(&p), READY | DRQ));
	cr_expect(eq(u64, ports_fired(&p), 0));
	ports_set_master(&p, BM_COMMAND, 1, 0);
	entry(0, DATA + 700, 2 * BLOCK, false);
	entry(1, DATA + 700 + 2 * BLOCK, 4 * BLOCK - 700 - 2 * BLOCK, true);
	start(0);
	expect_master(BM_STATUS_IRQ, "another table completes it");
	cr_expect(eq(u64, ports_fired(&p), 1));
	stop();
	move(READ_DMA, 0, BACK, 4);
	expect_data(DATA, BACK, 4 * BLOCK);
	end();
}

Test(ide_master, a_table_that_is_too_long_stays_active)
{
	begin();
	entry(0, DATA, BLOCK, false);
	entry(1, DATA + BLOCK, 2 * BLOCK, false);
	entry(2, DATA, BLOCK, true);
	cr_assert(eq(int, ports_command(&p, WRITE_DMA, 9, 2), READY | DRQ));
	start(0);
	expect_master(BM_STATUS_ACTIVE | BM_STATUS_IRQ, "the command is over, the table is not");
	stop();
	expect_master(BM_STATUS_IRQ, "a stop ends that");
	move(READ_DMA, 9, BACK, 2);
	expect_data(DATA, BACK, 2 * BLOCK);
	end();
}

Test(ide_master, a_size_of_0_is_64_kib)
{
	begin();
	move(WRITE_DMA, 100, DATA, 128);
	move(READ_DMA, 100, BACK, 128);
	expect_data(DATA, BACK, 0x10000);
	/* and a command longer than the disk moves at once, over three entries */
	for (unsigned int i = 0; i < 2; i++)
		entry(i, DATA + i * 0x10000, 0, i == 1);
	cr_assert(eq(int, ports_command(&p, WRITE_DMA, 1000, 0), READY | DRQ));
	start(0);
	expect_master(BM_STATUS_IRQ, "256 sectors");
	stop();
	move(READ_DMA, 1128, BACK, 128);
	expect_data(DATA + 0x10000, BACK, 0x10000);
	end();
}

/* What the bus refuses, or a driver should not have written, stops the bus master and nothing else. */
static void expect_error(const char *what)
{
	expect_master(BM_STATUS_ERROR, what);
	cr_expect(eq(int, ports_alternate(&p), READY | DRQ), "%s: the disk waits", what);
	cr_expect(eq(u64, ports_fired(&p), 0), "%s: nobody is told", what);
	ports_set_master(&p, BM_COMMAND, 1, 0);
	ports_soft_reset(&p);
}

static uint32_t pci_status(void)
{
	uint32_t status = 0;

	cr_assert(eq(int, uldf_config_read(p.o.device, PCI_STATUS, 2, &status), 0));
	return status & PCI_STATUS_REC_MASTER_ABORT;
}

Test(ide_master, errors_stop_it_and_interrupt_nobody)
{
	struct uldf_dma_fault fault;

	begin();
	entry(0, DATA + 0xff00, 0x200, true);
	ports_command(&p, WRITE_DMA, 0, 1);
	start(0);
	expect_error("memory across 64 KiB");
	entry(0, DATA, BLOCK, true);
	ports_command(&p, READ_DMA, 0, 1);
	start(0);
	expect_error("the wrong direction");
	cr_expect(eq(u32, pci_status(), 0), "none of it was on the bus");

	entry(0, (uint32_t)-bus, BLOCK, true);
	ports_command(&p, READ_DMA, 0, 1);
	start(BM_COMMAND_READ);
	expect_error("memory that is not mapped");
	cr_expect(eq(u32, pci_status(), PCI_STATUS_REC_MASTER_ABORT));
	cr_expect(eq(int, uldf_model_fault(p.o.device, &fault), 1));
	cr_expect(eq(u64, fault.address, 0));
	cr_expect(fault.write);

	ports_command(&p, READ_DMA, 0, 1);
	ports_set_master(&p, BM_TABLE, 4, 0x7ff00003);
	ports_set_master(&p, BM_COMMAND, 1, BM_COMMAND_READ | BM_COMMAND_START);
	expect_error("a table that is not mapped");
	cr_expect(eq(int, uldf_model_fault(p.o.device, &fault), 1));
	cr_expect(eq(u64, fault.address, 0x7ff00000), "the table is at a multiple of 4");
	cr_expect(not(fault.write));

	move(WRITE_DMA, 0, DATA, 8);
	move(READ_DMA, 0, BACK, 8);
	expect_data(DATA, BACK, 8 * BLOCK);
	end();
}

Test(ide_master, a_device_that_masters_no_bus_reaches_nothing)
{
	uint32_t command;

	begin();
	cr_assert(eq(int, uldf_config_read(p.o.device, PCI_COMMAND, 2, &command), 0));
	cr_assert(eq(int,
		     uldf_config_write(p.o.device, PCI_COMMAND, 2,
				       command & ~(uint32_t)PCI_COMMAND_MASTER),
		     0));
	entry(0, DATA, BLOCK, true);
	ports_command(&p, WRITE_DMA, 0, 1);
	start(0);
	expect_error("bus mastering is off");
	cr_assert(eq(int, uldf_config_write(p.o.device, PCI_COMMAND, 2, command), 0));
	move(WRITE_DMA, 0, DATA, 1);
	end();
}

/* A start begins at the table's first entry, whatever was going on before. */
Test(ide_master, a_stop_in_the_middle_forgets_the_table)
{
	begin();
	/* 256 sectors in pieces of 2 bytes: it takes its time */
	for (unsigned int i = 0; i < 8191; i++)
		entry(i, DATA + 2 * i, 2, false);
	entry(8191, DATA, 2, true);
	cr_assert(eq(int, ports_command(&p, WRITE_DMA, 0, 0), READY | DRQ));
	start(0);
	ports_set_master(&p, BM_COMMAND, 1, 0);
	cr_expect(eq(int, ports_master(&p, BM_STATUS) & BM_STATUS_ACTIVE, 0));
	ports_soft_reset(&p);
	move(WRITE_DMA, 0, DATA, 8);
	move(READ_DMA, 0, BACK, 8);
	expect_data(DATA, BACK, 8 * BLOCK);
	end();
}

Test(ide_master, registers_keep_what_is_theirs)
{
	begin();
	ports_set_master(&p, BM_COMMAND, 1, 0xfe);
	cr_expect(eq(int, ports_master(&p, BM_COMMAND), BM_COMMAND_READ));
	ports_set_master(&p, BM_STATUS, 1, 0xff);
	cr_expect(eq(int, ports_master(&p, BM_STATUS), BM_STATUS_DRIVES));
	ports_set_master(&p, BM_STATUS, 1, 0);
	cr_expect(eq(int, ports_master(&p, BM_STATUS), 0));
	ports_set_master(&p, BM_TABLE, 4, 0xffffffff);
	ports_set_master(&p, BM_TABLE + 2, 1, 0x12);
	cr_expect(eq(int, ports_master(&p, BM_TABLE), 0xfc));
	cr_expect(eq(int, ports_master(&p, BM_TABLE + 2), 0x12));
	cr_expect(eq(int, ports_master(&p, BM_TABLE + 3), 0xff));
	ports_set_master(&p, 1, 1, 0xff);
	cr_expect(eq(int, ports_master(&p, 1), 0));
	p.command = 2;
	cr_expect(eq(int, ports_master(&p, BM_TABLE), 0), "the other channel has its own");
	end();
}

/* ---- nonsense */

#define STEPS 30000

static uint32_t random_next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Commands of which a random one does something, most of the time. */
static uint8_t random_command(uint32_t *state)
{
	static const uint8_t known[] = {0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40,
					0x42, 0x90, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xe0, 0xe3,
					0xe5, 0xe7, 0xea, 0xec, 0xef, 0xc8, 0xca, 0x25, 0x35};
	uint32_t number = random_next(state);

	return number % 8 ? known[number / 8 % sizeof(known)] : (uint8_t)(number / 8);
}

static void random_table(uint32_t *state)
{
	struct ide_prd *table = (struct ide_prd *)(void *)memory;

	for (unsigned int i = 0; i < 16; i++) {
		uint32_t number = random_next(state);

		entry(i, DATA + number % (MEMORY - DATA), number >> 4, number % 5 == 0);
		if (number % 17 == 0)
			table[i].address = htole32(number << 8);
	}
}

/* One access of any width to any port. */
static void random_access(uint32_t *state)
{
	uint32_t number = random_next(state), value = random_next(state);
	unsigned int region = number % 5, width = 1u << number / 8 % 3;
	uint64_t offset = number / 64 % 16 / width * width, size, got;

	size = uldf_region_get(p.o.device, region)->size;
	if (offset + width > size) {
		offset = 0;
		width = 1;
	}
	if (region % 2 && region < 4)
		value &= number / 4096 % 50 ? 0x82 : 0x86; /* seldom a reset */
	if (number / 1024 % 3)
		uldf_region_write(p.o.device, region, offset, width, value);
	else
		uldf_region_read(p.o.device, region, offset, width, &got);
}

static void random_step(uint32_t *state)
{
	switch (random_next(state) % 8) {
	case 0:
		p.command = random_next(state) % 2 * 2;
		ports_put(&p, ATA_COMMAND, random_command(state));
		break;
	case 1:
		random_table(state);
		ports_set_master(&p, BM_COMMAND, 1, 0);
		ports_set_master(&p, BM_TABLE, 4, bus);
		ports_set_master(&p, BM_COMMAND, 1,
				 BM_COMMAND_START | (random_next(state) & BM_COMMAND_READ));
		break;
	case 2:
		for (unsigned int i = random_next(state) % 600; i; i--)
			uldf_region_write(p.o.device, p.command, 0, 2, i);
		break;
	case 3:
		ports_put(&p, ATA_DEVICE, (uint8_t)(random_next(state) | 0x40));
		break;
	default:
		random_access(state);
		break;
	}
}

Test(ide_master, no_sequence_of_accesses_breaks_anything)
{
	uint32_t state = 1;

	ports_open(&p, "model:ide?size=1M&size2=1M&size4=1M");
	ports_listen(&p);
	memory_create();
	for (unsigned int i = 0; i < STEPS; i++) {
		random_step(&state);
		if (i % 997 == 0)
			uldf_device_reset(p.o.device, NULL);
		if (i % 997 == 0)
			uldf_config_write(p.o.device, PCI_COMMAND, 2,
					  PCI_COMMAND_IO | PCI_COMMAND_MASTER);
	}
	p.command = 0;
	ports_set_master(&p, BM_COMMAND, 1, 0);
	ports_soft_reset(&p);
	ports_features(&p, 0x03, 0x22);
	ports_get(&p, ATA_STATUS);
	ports_fired(&p);
	for (unsigned int i = 0; i < 8 * BLOCK; i++)
		memory[DATA + i] = (unsigned char)(i * 3);
	move(WRITE_DMA, 0, DATA, 8);
	move(READ_DMA, 0, BACK, 8);
	expect_data(DATA, BACK, 8 * BLOCK);
	end();
}
