// SPDX-License-Identifier: MIT
/* What the conformance suite does not ask of edu, register by register; and its refused accesses. */
#include <stdio.h>
#include <string.h>
#include "opened.h"

TestSuite(edu, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

enum {
	ID = 0x00,
	LIVENESS = 0x04,
	FACTORIAL = 0x08,
	STATUS = 0x20,
	CAUSE = 0x24,
	RAISE = 0x60,
	ACK = 0x64,
	DMA_FROM = 0x80,
	DMA_TO = 0x88,
	DMA_COUNT = 0x90,
	DMA_COMMAND = 0x98,
};

#define BUFFER 0x40000
#define PAGE   4096

static uint32_t factorial(struct opened *o, uint32_t number)
{
	opened_write(o, FACTORIAL, 4, number);
	opened_wait(o, STATUS, 1, 0);
	return (uint32_t)opened_read(o, FACTORIAL, 4);
}

Test(edu, registers_answer_as_the_specification_says)
{
	struct opened o;

	opened_init(&o, "model:edu");
	cr_expect(eq(u64, opened_read(&o, ID, 4), 0x010000ed));
	opened_write(&o, ID, 4, 0);
	cr_expect(eq(u64, opened_read(&o, ID, 4), 0x010000ed));
	opened_write(&o, LIVENESS, 4, 0x12345678);
	cr_expect(eq(u64, opened_read(&o, LIVENESS, 4), 0xedcba987));
	cr_expect(eq(u32, factorial(&o, 0), 1));
	cr_expect(eq(u32, factorial(&o, 12), 479001600));
	cr_expect(eq(u32, factorial(&o, 13), 1932053504), "modulo 2^32");
	cr_expect(eq(u32, factorial(&o, 33), 0x80000000));
	cr_expect(eq(u32, factorial(&o, 34), 0));
	cr_expect(eq(u32, factorial(&o, UINT32_MAX), 0));
	opened_write(&o, STATUS, 4, 0xffffffff);
	cr_expect(eq(u64, opened_read(&o, STATUS, 4), 0x80), "only bit 7 is the driver's");
	opened_fini(&o);
}

Test(edu, accesses_of_other_widths_find_no_register)
{
	struct opened o;

	opened_init(&o, "model:edu");
	cr_expect(eq(u64, opened_read(&o, ID, 1), 0xff));
	cr_expect(eq(u64, opened_read(&o, ID, 2), 0xffff));
	cr_expect(eq(u64, opened_read(&o, ID, 8), UINT64_MAX));
	cr_expect(eq(u64, opened_read(&o, 0x0c, 4), 0xffffffff));
	cr_expect(eq(u64, opened_read(&o, 0xffffc, 4), 0xffffffff));
	opened_write(&o, LIVENESS, 2, 0);
	cr_expect(eq(u64, opened_read(&o, LIVENESS, 4), 0));
	opened_write(&o, DMA_FROM, 8, 0x123456789abcdef0);
	cr_expect(eq(u64, opened_read(&o, DMA_FROM, 8), 0x123456789abcdef0));
	cr_expect(eq(u64, opened_read(&o, DMA_FROM, 4), 0x9abcdef0));
	opened_write(&o, DMA_FROM, 4, 0x55);
	cr_expect(eq(u64, opened_read(&o, DMA_FROM, 8), 0x55));
	opened_fini(&o);
}

Test(edu, a_cause_stays_until_it_is_acknowledged)
{
	struct opened o;

	opened_init(&o, "model:edu");
	opened_write(&o, RAISE, 4, 0x5);
	cr_expect(eq(u64, opened_read(&o, CAUSE, 4), 0x5));
	opened_write(&o, STATUS, 4, 0x80);
	factorial(&o, 3);
	opened_wait(&o, CAUSE, 0xffffffff, 0x5);
	opened_write(&o, ACK, 4, 0x4);
	cr_expect(eq(u64, opened_read(&o, CAUSE, 4), 0x1));
	opened_write(&o, ACK, 4, 0x1);
	cr_expect(eq(u64, opened_read(&o, CAUSE, 4), 0));
	opened_fini(&o);
}

static void copy(struct opened *o, uint64_t from, uint64_t to, uint64_t count, uint64_t command)
{
	opened_write(o, DMA_FROM, 8, from);
	opened_write(o, DMA_TO, 8, to);
	opened_write(o, DMA_COUNT, 8, count);
	opened_write(o, DMA_COMMAND, 8, command);
	opened_wait(o, DMA_COMMAND, 1, 0);
}

/* Two pages at a bus address, and what a transfer is to leave in them. */
static unsigned char *map_pages(struct opened *o, uint64_t bus, struct uldf_memory **memory)
{
	static unsigned char pages[2 * PAGE] __attribute__((aligned(PAGE)));
	struct uldf_mapping piece = {NULL, 0, bus, PAGE, ULDF_DMA_BOTH};

	cr_assert(eq(int,
		     uldf_memory_register(o->space, pages, sizeof(pages), ULDF_DMA_BOTH, memory),
		     0));
	piece.memory = *memory;
	cr_assert(eq(int, uldf_space_map(o->space, &piece, 1), 0));
	return pages;
}

Test(edu, transfers_fill_its_memory_and_stay_within)
{
	struct uldf_memory *memory;
	unsigned char *pages;
	struct opened o;

	opened_init(&o, "model:edu");
	pages = map_pages(&o, 0x100000, &memory);
	memset(pages, 0x5a, PAGE);
	copy(&o, 0x100000, BUFFER, PAGE, 1);
	memset(pages, 0, PAGE);
	copy(&o, BUFFER, 0x100000, PAGE, 1 | 2);
	cr_expect(eq(int, pages[0], 0x5a));
	cr_expect(eq(int, pages[PAGE - 1], 0x5a), "all of its memory");
	memset(pages, 0, PAGE);
	copy(&o, BUFFER + 1, 0x100000, PAGE, 1 | 2);
	copy(&o, BUFFER - 1, 0x100000, 2, 1 | 2);
	copy(&o, BUFFER + PAGE, 0x100000, 1, 1 | 2);
	copy(&o, 0, 0x100000, 1, 1 | 2);
	copy(&o, BUFFER, 0x100000, UINT64_MAX, 1 | 2);
	cr_expect(eq(int, pages[0], 0), "what is not all in its memory is not done");
	copy(&o, BUFFER, 0xf00000100000, 1, 1 | 2);
	cr_expect(eq(int, pages[0], 0x5a), "it has 28 bits of an address");
	opened_fini(&o);
}

Test(edu, a_transfer_at_its_end_interrupts_if_it_is_to)
{
	struct uldf_memory *memory;
	struct opened o;

	opened_init(&o, "model:edu");
	map_pages(&o, 0x100000, &memory);
	copy(&o, 0x100000, BUFFER, 4, 1);
	cr_expect(eq(u64, opened_read(&o, CAUSE, 4), 0));
	copy(&o, 0x100000, BUFFER, 4, 1 | 4);
	opened_wait(&o, CAUSE, 0xffffffff, 0x100);
	opened_fini(&o);
}

Test(edu, an_access_that_is_not_mapped_is_told_and_changes_nothing)
{
	struct uldf_dma_fault fault = {.address = 77};
	struct uldf_memory *memory;
	unsigned char *pages;
	struct opened o;

	opened_init(&o, "model:edu");
	pages = map_pages(&o, 0x100000, &memory);
	memset(pages, 0x11, 2 * PAGE);
	cr_expect(eq(int, uldf_model_fault(o.device, &fault), 0));
	cr_expect(eq(u64, fault.address, 77));
	copy(&o, 0x100ff0, BUFFER, 0x20, 1);
	cr_assert(eq(int, uldf_model_fault(o.device, &fault), 1));
	cr_expect(eq(u64, fault.address, 0x101000));
	cr_expect(eq(int, fault.write, false));
	copy(&o, BUFFER, 0xffff8, 0x20, 1 | 2);
	cr_assert(eq(int, uldf_model_fault(o.device, &fault), 1));
	cr_expect(eq(u64, fault.address, 0xffff8));
	cr_expect(fault.write);
	cr_expect(eq(int, uldf_model_fault(o.device, &fault), 0), "one for each transfer");
	cr_expect(eq(int, pages[0x7], 0x11), "what is mapped of it is done");
	cr_expect(eq(int, pages[0x8], 0xff), "and what was not mapped reads as ones");
	cr_expect(eq(int, pages[0x17], 0xff));
	cr_expect(eq(int, pages[0x18], 0x11));
	cr_expect(eq(int, pages[PAGE], 0x11), "the second page was not mapped");
	opened_fini(&o);
}

Test(edu, the_first_refused_accesses_are_kept)
{
	struct uldf_dma_fault fault;
	struct opened o;

	opened_init(&o, "model:edu");
	for (unsigned int i = 0; i < 20; i++)
		copy(&o, 0x100000 + i * PAGE, BUFFER, 4, 1);
	for (unsigned int i = 0; i < 16; i++) {
		cr_assert(eq(int, uldf_model_fault(o.device, &fault), 1));
		cr_expect(eq(u64, fault.address, 0x100000 + i * PAGE));
	}
	cr_expect(eq(int, uldf_model_fault(o.device, &fault), 0));
	opened_fini(&o);
}

Test(edu, a_read_of_memory_that_is_to_be_written_is_refused)
{
	static unsigned char page[PAGE] __attribute__((aligned(PAGE)));
	struct uldf_mapping piece = {NULL, 0, 0x100000, PAGE, ULDF_DMA_WRITE};
	struct uldf_dma_fault fault;
	struct uldf_memory *memory;
	struct opened o;

	opened_init(&o, "model:edu");
	cr_assert(eq(int, uldf_memory_register(o.space, page, PAGE, ULDF_DMA_BOTH, &memory), 0));
	piece.memory = memory;
	cr_assert(eq(int, uldf_space_map(o.space, &piece, 1), 0));
	copy(&o, BUFFER, 0x100000, 4, 1 | 2);
	cr_expect(eq(int, uldf_model_fault(o.device, &fault), 0));
	copy(&o, 0x100000, BUFFER, 4, 1);
	cr_expect(eq(int, uldf_model_fault(o.device, &fault), 1));
	opened_fini(&o);
}

Test(edu, nothing_is_transferred_while_it_masters_no_bus)
{
	struct uldf_dma_fault fault;
	struct uldf_memory *memory;
	unsigned char *pages;
	struct opened o;

	opened_init(&o, "model:edu");
	pages = map_pages(&o, 0x100000, &memory);
	memset(pages, 0x11, PAGE);
	cr_assert(eq(int, uldf_config_write(o.device, PCI_COMMAND, 2, PCI_COMMAND_MEMORY), 0));
	copy(&o, BUFFER, 0x100000, 4, 1 | 2);
	cr_expect(eq(int, pages[0], 0x11));
	cr_expect(eq(int, uldf_model_fault(o.device, &fault), 0));
	opened_fini(&o);
}

/* What "check" found last. */
static struct {
	enum uldf_check_kind kind;
	char text[256];
} found;

static void note(const struct uldf_check_finding *finding, void *arg)
{
	found.kind = finding->kind;
	snprintf(found.text, sizeof(found.text), "%s", finding->text);
}

Test(edu, check_names_the_mapping_that_a_refused_access_missed)
{
	const struct uldf_mapping ended = {.address = 0x100000, .size = PAGE};
	struct uldf_memory *memory;
	struct opened o;

	opened_init(&o, "check:record=/dev/null:model:edu");
	cr_assert(eq(int, uldf_check_report(o.device, note, NULL), 0));
	map_pages(&o, 0x100000, &memory);
	cr_assert(eq(int, uldf_space_unmap(o.space, &ended, 1), 0));
	copy(&o, 0x100010, BUFFER, 4, 1);
	cr_assert(eq(int, uldf_memory_unregister(memory), 0));
	cr_expect(eq(int, (int)found.kind, ULDF_CHECK_FAULT_ENDED), "%s", found.text);
	cr_expect(strstr(found.text, "read of bus address 0x100010") != NULL, "%s", found.text);
	opened_fini(&o);
}

Test(edu, a_reset_takes_back_what_was_written)
{
	enum uldf_reset how;
	struct opened o;
	uint32_t command;

	opened_init(&o, "model:edu");
	opened_write(&o, LIVENESS, 4, 1);
	opened_write(&o, DMA_FROM, 8, 1);
	opened_write(&o, RAISE, 4, 1);
	cr_assert(eq(int, uldf_config_read(o.device, PCI_STATUS, 2, &command), 0));
	cr_expect(ne(u32, command & PCI_STATUS_INTERRUPT, 0));
	cr_assert(eq(int, uldf_device_reset(o.device, &how), 0));
	cr_expect(eq(int, (int)how, ULDF_RESET_BY_FUNCTION));
	cr_expect(eq(u64, opened_read(&o, LIVENESS, 4), 0));
	cr_expect(eq(u64, opened_read(&o, DMA_FROM, 8), 0));
	cr_expect(eq(u64, opened_read(&o, CAUSE, 4), 0));
	cr_assert(eq(int, uldf_config_read(o.device, PCI_STATUS, 2, &command), 0));
	cr_expect(eq(u32, command & PCI_STATUS_INTERRUPT, 0), "the pin is deasserted");
	cr_assert(eq(int, uldf_config_read(o.device, PCI_COMMAND, 2, &command), 0));
	cr_expect(eq(u32, command & PCI_COMMAND_MASTER, 0));
	cr_assert(eq(int, uldf_config_write(o.device, PCI_COMMAND, 2, command | 4), 0));
	cr_assert(eq(int, uldf_config_read(o.device, PCI_COMMAND, 2, &command), 0));
	cr_expect(ne(u32, command & PCI_COMMAND_MASTER, 0),
		  "attached, it can be switched on again");
	opened_fini(&o);
}
