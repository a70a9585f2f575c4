// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include "ata-identify.h"

static uint16_t words[ATA_IDENTIFY_WORDS];

static void put_text(unsigned int word, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((char *)&words[word])[i ^ 1] = i < strlen(text) ? text[i] : ' ';
}

/* A disk of 3 TiB and 512-byte sectors with all that the driver knows. */
static void good(void)
{
	memset(words, 0, sizeof(words));
	words[49] = 0x0300;
	words[60] = 0xffff;
	words[61] = 0x0fff;
	words[83] = 0x7400;
	words[85] = 0x0020;
	words[102] = 0x0001;
	words[101] = 0x8000;
	put_text(10, "S1", 20);
	put_text(27, "A DISK", 40);
}

TestSuite(ata_identify, .init = good);

static void expect(int err)
{
	struct ata_identity id = {.blocks = 77};

	cr_expect(eq(int, ata_identify(words, &id), err));
	if (err)
		cr_expect(eq(u64, id.blocks, 77));
}

Test(ata_identify, a_large_disk_tells_all_of_itself)
{
	struct ata_identity id;

	cr_assert(eq(int, ata_identify(words, &id), 0));
	cr_expect(eq(str, id.model, "A DISK"));
	cr_expect(eq(str, id.serial, "S1"));
	cr_expect(eq(u64, id.blocks, UINT64_C(0x180000000)));
	cr_expect(eq(u32, id.block_size, 512));
	cr_expect(id.lba48 && id.dma && id.cached && id.flush && id.flush_ext);
}

Test(ata_identify, an_old_disk_has_28_bits)
{
	struct ata_identity id;

	words[83] = 0;
	cr_assert(eq(int, ata_identify(words, &id), 0));
	cr_expect(eq(u64, id.blocks, 0x0fffffff));
	cr_expect(not(id.lba48));
	cr_expect(not(id.flush));
	cr_expect(not(id.flush_ext));
}

Test(ata_identify, words_that_are_not_marked_valid_hold_nothing)
{
	struct ata_identity id;

	words[83] = 0xffff;
	words[106] = 0xffff;
	cr_assert(eq(int, ata_identify(words, &id), 0));
	cr_expect(not(id.lba48));
	cr_expect(eq(u32, id.block_size, 512));
}

Test(ata_identify, sectors_may_be_long)
{
	struct ata_identity id;

	words[106] = 0x5000;
	words[117] = 2048;
	cr_assert(eq(int, ata_identify(words, &id), 0));
	cr_expect(eq(u32, id.block_size, 4096));
}

Test(ata_identify, text_that_does_not_print_is_marked)
{
	struct ata_identity id;

	put_text(27, "  bad\x1b[31m\xff name", 40);
	cr_assert(eq(int, ata_identify(words, &id), 0));
	cr_expect(eq(str, id.model, "bad?[31m? name"));
}

Test(ata_identify, what_is_no_disk_is_refused)
{
	words[0] = 0x8580;
	expect(-ENXIO);
	good();
	words[49] = 0x0100;
	expect(-ENOTSUP);
}

Test(ata_identify, sizes_that_cannot_be_are_refused)
{
	words[106] = 0x5000;
	expect(-EPROTO);
	words[117] = 300;
	expect(-EPROTO);
	words[118] = 0x8000;
	expect(-EPROTO);
	good();
	words[101] = words[102] = 0;
	expect(-EPROTO);
	words[103] = 0xffff;
	expect(-EPROTO);
	good();
	words[61] = 0x1000;
	expect(0);
	words[83] = 0;
	expect(-EPROTO);
}
