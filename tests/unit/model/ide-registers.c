// SPDX-License-Identifier: MIT
/* The registers of the IDE model (ATA/ATAPI-6), as no driver of ours uses them. */
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "ide-ports.h"

TestSuite(ide_registers, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

static struct ports p;

static void check_signature(void)
{
	cr_expect(eq(int, ports_get(&p, ATA_ERROR), 1));
	cr_expect(eq(int, ports_get(&p, ATA_COUNT), 1));
	cr_expect(eq(int, ports_get(&p, ATA_LBA_LOW), 1));
	cr_expect(eq(int, ports_get(&p, ATA_LBA_MID), 0));
	cr_expect(eq(int, ports_get(&p, ATA_LBA_HIGH), 0));
	cr_expect(eq(int, ports_get(&p, ATA_DEVICE), 0));
	cr_expect(eq(int, ports_get(&p, ATA_STATUS), READY));
}

Test(ide_registers, resets_and_diagnoses_leave_a_signature)
{
	ports_open(&p, "model:ide");
	check_signature();
	cr_expect(eq(int, ports_command(&p, 0xff, 0, 0), READY | ERR), "an unknown command");
	cr_expect(eq(int, ports_get(&p, ATA_ERROR), ABRT));
	ports_put(&p, ATA_DEVICE, 0xf0);
	ports_put(&p, ATA_COMMAND, 0x90);
	ports_put(&p, ATA_DEVICE, 0);
	cr_expect(eq(int, ports_wait(&p), READY), "device 0 diagnoses whichever is selected");
	check_signature();
	ports_command(&p, 0xff, 0, 0);
	ports_control(&p, 4);
	cr_expect(eq(int, ports_alternate(&p), 0x80), "busy while SRST is set");
	ports_put(&p, ATA_COMMAND, 0xec);
	ports_control(&p, 0);
	cr_expect(eq(int, ports_wait(&p), READY));
	check_signature();
	ports_close(&p);
}

Test(ide_registers, keep_the_value_before_the_last)
{
	ports_open(&p, "model:ide");
	for (unsigned int reg = ATA_COUNT; reg <= ATA_LBA_HIGH; reg++) {
		ports_put(&p, reg, (uint8_t)(0x10 + reg));
		ports_put(&p, reg, (uint8_t)(0x20 + reg));
	}
	ports_control(&p, 0x80);
	for (unsigned int reg = ATA_COUNT; reg <= ATA_LBA_HIGH; reg++)
		cr_expect(eq(int, ports_get(&p, reg), 0x10 + (int)reg));
	ports_put(&p, ATA_FEATURES, 0);
	for (unsigned int reg = ATA_COUNT; reg <= ATA_LBA_HIGH; reg++)
		cr_expect(eq(int, ports_get(&p, reg), 0x20 + (int)reg), "a write ends that");
	ports_close(&p);
}

Test(ide_registers, of_an_absent_device_are_device_0s_but_for_the_status)
{
	ports_open(&p, "model:ide");
	ports_put(&p, ATA_COUNT, 0x55);
	ports_put(&p, ATA_DEVICE, 0xf0);
	cr_expect(eq(int, ports_get(&p, ATA_COUNT), 0x55));
	cr_expect(eq(int, ports_alternate(&p), 0));
	cr_expect(eq(int, ports_get(&p, ATA_STATUS), 0));
	ports_put(&p, ATA_COMMAND, 0xec);
	cr_expect(eq(int, ports_alternate(&p), 0), "it takes no command");
	ports_put(&p, ATA_DEVICE, 0xe0);
	cr_expect(eq(int, ports_alternate(&p), READY));
	p.command = 2; /* the secondary channel */
	for (unsigned int reg = 0; reg < 8; reg++)
		cr_expect(eq(int, ports_get(&p, reg), 0x7f), "nobody is there");
	ports_put(&p, ATA_COMMAND, 0xec);
	cr_expect(eq(int, ports_alternate(&p), 0x7f));
	ports_close(&p);
}

/* IDENTIFY DEVICE, read by accesses of a width. */
static void identify(uint16_t words[256], unsigned int width)
{
	uint64_t value = 0;

	cr_assert(eq(int, ports_command(&p, 0xec, 0, 0), READY | DRQ));
	for (unsigned int i = 0; i < 512; i += width) {
		cr_assert(eq(int, uldf_region_read(p.o.device, 0, 0, width, &value), 0));
		value = htole64(value);
		memcpy((char *)words + i, &value, width);
	}
	cr_expect(eq(int, ports_get(&p, ATA_STATUS), READY));
}

Test(ide_registers, identify_tells_what_is_set)
{
	uint16_t words[256], again[256];
	uint8_t sum = 0;

	ports_open(&p, "model:ide?size=160G");
	identify(words, 2);
	identify(again, 4);
	cr_expect(eq(int, memcmp(words, again, sizeof(words)), 0), "by halves or whole");
	for (unsigned int i = 0; i < sizeof(words); i++)
		sum += ((uint8_t *)words)[i];
	cr_expect(eq(int, sum, 0), "the checksum");
	cr_expect(eq(int, words[60], 0xffff), "as far as 28 bits reach");
	cr_expect(eq(int, words[61], 0x0fff));
	cr_expect(eq(int, words[100], 0));
	cr_expect(eq(int, words[101], 160 * 32));
	cr_expect(eq(int, words[59], 0));
	cr_expect(eq(int, words[63], 0x0407));
	cr_expect(eq(int, words[85] & 0x20, 0x20));
	cr_expect(eq(int, ports_command(&p, 0xc6, 0, 8), READY));
	cr_expect(eq(int, ports_features(&p, 0x03, 0x21), READY));
	cr_expect(eq(int, ports_features(&p, 0x82, 0), READY));
	identify(words, 2);
	cr_expect(eq(int, words[59], 0x0108));
	cr_expect(eq(int, words[63], 0x0207));
	cr_expect(eq(int, words[85] & 0x20, 0));
	ports_soft_reset(&p);
	identify(again, 2);
	cr_expect(eq(int, memcmp(words, again, sizeof(words)), 0), "a soft reset keeps that");
	cr_expect(eq(int, ports_features(&p, 0xcc, 0), READY));
	ports_soft_reset(&p);
	identify(words, 2);
	cr_expect(eq(int, words[63], 0x0407), "or not");
	cr_expect(eq(int, words[85] & 0x20, 0x20));
	ports_close(&p);
}

Test(ide_registers, bad_commands_are_aborted)
{
	static const struct {
		const char *what;
		uint8_t command;
		uint8_t features;
		uint8_t count;
	} cases[] = {
		{"NOP", 0x00, 0, 0},
		{"DEVICE RESET", 0x08, 0, 0},
		{"IDENTIFY PACKET DEVICE", 0xa1, 0, 0},
		{"READ MULTIPLE before SET MULTIPLE", 0xc4, 0, 1},
		{"WRITE MULTIPLE before SET MULTIPLE", 0xc5, 0, 1},
		{"3 sectors at once", 0xc6, 0, 3},
		{"32 sectors at once", 0xc6, 0, 32},
		{"an unknown feature", 0xef, 0x99, 0},
		{"PIO mode 5", 0xef, 0x03, 0x0d},
		{"multiword DMA mode 3", 0xef, 0x03, 0x23},
		{"an Ultra DMA mode", 0xef, 0x03, 0x40},
		{"an unknown transfer mode", 0xef, 0x03, 0xff},
	};

	ports_open(&p, "model:ide");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ports_put(&p, ATA_FEATURES, cases[i].features);
		cr_expect(eq(int, ports_command(&p, cases[i].command, 0, cases[i].count),
			     READY | ERR),
			  "%s", cases[i].what);
		cr_expect(eq(int, ports_get(&p, ATA_ERROR), ABRT), "%s", cases[i].what);
	}
	ports_put(&p, ATA_DEVICE, 0xa0);
	ports_put(&p, ATA_COMMAND, 0x20);
	cr_expect(eq(int, ports_wait(&p), READY | ERR), "an address by cylinders");
	ports_close(&p);
}

static void expect_not_found(uint8_t command, uint64_t block, uint8_t count, uint64_t where)
{
	cr_expect(eq(int, ports_command(&p, command, block, count), READY | ERR));
	cr_expect(eq(int, ports_get(&p, ATA_ERROR), IDNF));
	cr_expect(eq(u64, ports_block(&p), where), "the registers tell the sector");
}

Test(ide_registers, commands_stay_within_the_disk)
{
	ports_open(&p, "model:ide?size=1M&size2=160G");
	cr_expect(eq(int, ports_command(&p, 0x40, 2047, 1), READY), "READ VERIFY of the last");
	expect_not_found(0x40, 2048, 1, 2048);
	expect_not_found(0x20, 2047, 2, 2048);
	expect_not_found(0x30, 2000, 0, 2048); /* 256 sectors */
	expect_not_found(0xc8, 0x0fffffff, 1, 0x0fffffff);
	cr_expect(eq(int, ports_command(&p, 0x40, 2048 - 256, 0), READY));
	ports_put(&p, ATA_DEVICE, 0xf0);
	p.device = 0x10;
	cr_expect(eq(int, ports_command(&p, 0x40, 0x0ffffffe, 1), READY));
	expect_not_found(0x40, 0x0ffffffe, 2, 0x0fffffff);
	cr_expect(eq(int, ports_command_ext(&p, 0x42, 0x0fffffff, 512), READY));
	cr_expect(eq(int, ports_command_ext(&p, 0x42, (160 << 21) - 1, 2), READY | ERR));
	cr_expect(eq(int, ports_get(&p, ATA_ERROR), IDNF));
	ports_control(&p, 0x80);
	cr_expect(eq(u64, ports_block(&p) & 0xffffff, 160 << 21 >> 24));
	ports_close(&p);
}

/* ---- data by the processor, and interrupts */

static void put_words(unsigned int count, uint16_t seed)
{
	for (unsigned int i = 0; i < count; i++)
		cr_assert(eq(int, uldf_region_write(p.o.device, 0, 0, 2, (uint16_t)(seed + i)), 0));
}

static void expect_words(unsigned int count, uint16_t seed)
{
	unsigned int bad = 0;
	uint64_t value;

	for (unsigned int i = 0; i < count; i++) {
		cr_assert(eq(int, uldf_region_read(p.o.device, 0, 0, 2, &value), 0));
		bad += value != (uint16_t)(seed + i);
	}
	cr_expect(eq(uint, bad, 0));
}

/* Each data block but the first that is written interrupts; so does the end of what is written. */
static void check_blocks(uint8_t write, uint8_t read, unsigned int sectors, unsigned int blocks)
{
	const unsigned int words = sectors * 256 / blocks;

	cr_assert(eq(int, ports_command(&p, write, 7, (uint8_t)sectors), READY | DRQ));
	cr_expect(eq(u64, ports_fired(&p), 0), "the first block is expected");
	for (unsigned int i = 0; i < blocks; i++) {
		put_words(words, (uint16_t)(write + i * words));
		cr_expect(eq(int, ports_wait(&p), i + 1 < blocks ? READY | DRQ : READY));
		cr_expect(eq(u64, ports_fired(&p), 1));
		ports_get(&p, ATA_STATUS);
	}
	cr_assert(eq(int, ports_command(&p, read, 7, (uint8_t)sectors), READY | DRQ));
	for (unsigned int i = 0; i < blocks; i++) {
		cr_expect(eq(int, ports_wait(&p), READY | DRQ));
		cr_expect(eq(u64, ports_fired(&p), 1));
		ports_get(&p, ATA_STATUS);
		expect_words(words, (uint16_t)(write + i * words));
	}
	cr_expect(eq(int, ports_wait(&p), READY));
	cr_expect(eq(u64, ports_fired(&p), 0), "the last word ends it");
}

Test(ide_registers, each_block_of_data_interrupts)
{
	ports_open(&p, "model:ide");
	ports_listen(&p);
	check_blocks(0x30, 0x20, 4, 4);
	cr_expect(eq(int, ports_command(&p, 0xc6, 0, 16), READY));
	cr_expect(eq(u64, ports_fired(&p), 1));
	check_blocks(0xc5, 0xc4, 48, 3);
	ports_close(&p);
}

Test(ide_registers, interrupts_follow_the_selected_device)
{
	ports_open(&p, "model:ide?size2=1M");
	ports_listen(&p);
	cr_expect(eq(int, ports_command(&p, 0xe5, 0, 0), READY));
	cr_expect(eq(int, ports_get(&p, ATA_COUNT), 0xff), "active");
	cr_expect(eq(u64, ports_fired(&p), 1));
	cr_expect(eq(int, ports_master(&p, 2) & 4, 4), "the bus master saw it, too");
	cr_expect(eq(int, ports_alternate(&p), READY), "that takes nothing back");
	ports_put(&p, ATA_DEVICE, 0xf0);
	ports_get(&p, ATA_STATUS);
	ports_put(&p, ATA_DEVICE, 0xe0);
	cr_expect(eq(u64, ports_fired(&p), 1), "it is still pending");
	ports_get(&p, ATA_STATUS);
	ports_put(&p, ATA_DEVICE, 0xf0);
	ports_put(&p, ATA_DEVICE, 0xe0);
	cr_expect(eq(u64, ports_fired(&p), 0), "and now no more");
	ports_control(&p, 2);
	cr_expect(eq(int, ports_command(&p, 0xe2, 0, 0), READY));
	cr_expect(eq(u64, ports_fired(&p), 0), "nIEN holds it back");
	ports_control(&p, 0);
	cr_expect(eq(u64, ports_fired(&p), 1), "until it is cleared");
	cr_expect(eq(int, ports_command(&p, 0xe5, 0, 0), READY));
	cr_expect(eq(int, ports_get(&p, ATA_COUNT), 0), "standby");
	ports_close(&p);
}

Test(ide_registers, a_disk_that_sleeps_is_woken_by_a_reset)
{
	ports_open(&p, "model:ide");
	cr_expect(eq(int, ports_command(&p, 0xe6, 0, 0), READY));
	cr_expect(eq(int, ports_command(&p, 0xff, 0, 0), READY), "it hears no command");
	ports_soft_reset(&p);
	cr_expect(eq(int, ports_command(&p, 0xff, 0, 0), READY | ERR));
	ports_close(&p);
}

Test(ide_registers, a_reset_ends_a_command_in_the_middle)
{
	ports_open(&p, "model:ide");
	cr_assert(eq(int, ports_command(&p, 0x30, 0, 2), READY | DRQ));
	put_words(256, 1);
	cr_expect(eq(int, ports_wait(&p), READY | DRQ));
	put_words(100, 2);
	ports_soft_reset(&p);
	cr_expect(eq(int, ports_wait(&p), READY));
	cr_assert(eq(int, ports_command(&p, 0x20, 0, 2), READY | DRQ));
	expect_words(256, 1);
	cr_expect(eq(int, ports_wait(&p), READY | DRQ));
	ports_put(&p, ATA_COUNT, 77);
	cr_expect(eq(int, ports_get(&p, ATA_COUNT), 2), "registers keep their values meanwhile");
	cr_assert(eq(int, uldf_device_reset(p.o.device, NULL), 0));
	cr_expect(eq(int, ports_wait(&p), READY), "so does a reset of the function");
	check_signature();
	ports_close(&p);
}

/* IDETIM, as firmware leaves it and drivers write it. */
Test(ide_registers, are_not_there_while_the_channel_is_not_decoded)
{
	uint32_t timing;

	ports_open(&p, "model:ide");
	cr_assert(eq(int, uldf_config_read(p.o.device, 0x40, 2, &timing), 0));
	cr_expect(eq(u32, timing, 0x8000));
	cr_assert(eq(int, uldf_config_write(p.o.device, 0x40, 2, 0), 0));
	cr_expect(eq(int, ports_alternate(&p), 0xff));
	cr_expect(eq(int, ports_get(&p, ATA_STATUS), 0xff));
	ports_put(&p, ATA_COUNT, 9);
	cr_assert(eq(int, uldf_config_write(p.o.device, 0x40, 2, timing), 0));
	cr_expect(eq(int, ports_get(&p, ATA_COUNT), 1), "writes went nowhere");
	ports_close(&p);
}
