// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "checked.h"
#include "dma_fault.h"
#include "fake.h"

TestSuite(dma_fault, .fini = fixture_check_leaks);

#define INTEL_6_1                                                                          \
	"3,812,43609987,-;DMAR: [DMA Write NO_PASID] Request device [00:07.0] fault addr " \
	"0x842a000 [fault reason 0x05] PTE Write access is not set\n"
#define INTEL_7_2                                                                         \
	"3,812,43609987,-;DMAR: [DMA Read NO_PASID] Request device [0001:3b:1f.7] fault " \
	"addr 0xfffffffffffff000 [fault reason 0x06] PTE Read access is not set\n"
#define INTEL_PASID                                                                         \
	"3,812,4360,-;DMAR: [DMA Read PASID 0x1f] Request device [00:08.0] fault addr 0x0 " \
	"[fault reason 0x06] PTE Read access is not set\n"
#define AMD_DRIVER                                                                      \
	"3,9,1,-;ahci 0000:28:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0035 " \
	"address=0x7fffff00300 flags=0x0020]\n SUBSYSTEM=pci\n DEVICE=+pci:0000:28:00.0\n"
#define AMD_UNKNOWN                                                                      \
	"3,9,1,-;AMD-Vi: Event logged [IO_PAGE_FAULT device=0002:c1:00.3 domain=0x0000 " \
	"address=0x1000 flags=0x0050]\n"

static void expect_fault(const char *record, const char *device, bool any_segment, bool write,
			 uint64_t address)
{
	struct uldf_dma_fault fault;
	char text[ULDF_ADDRESS_TEXT];

	cr_assert(dma_fault_parse(record, &fault), "%s", record);
	uldf_address_format(&fault.device, text);
	cr_expect(eq(str, text, (char *)device));
	cr_expect(eq(int, fault.any_segment, any_segment));
	cr_expect(eq(int, fault.write, write));
	cr_expect(eq(u64, fault.address, address));
}

Test(dma_fault, what_the_kernels_write_is_read)
{
	expect_fault(INTEL_6_1, "0000:00:07.0", true, true, 0x842a000);
	expect_fault(INTEL_7_2, "0001:3b:1f.7", false, false, 0xfffffffffffff000);
	expect_fault(INTEL_PASID, "0000:00:08.0", true, false, 0);
	expect_fault(AMD_DRIVER, "0000:28:00.0", false, true, 0x7fffff00300);
	expect_fault(AMD_UNKNOWN, "0002:c1:00.3", false, false, 0x1000);
}

Test(dma_fault, all_else_is_none)
{
	static const char *const records[] = {
		"",
		";",
		"3,1,1,-",
		"3,1,1,-;",
		"6,1,1,-;DMAR: DRHD: handling fault status reg 2\n",
		"3,1,1,-;DMAR: [INTR-REMAP] Request device [ff:1f.7] fault index 0x2c80 [fault "
		"reason "
		"0x22] Present field in the IRTE entry is clear\n",
		/* a process wrote these */
		"11,1,1,-;DMAR: [DMA Write NO_PASID] Request device [00:07.0] fault addr 0x1000\n",
		"14,1,1,-;ahci 0000:28:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0035 "
		"address=0x1000 flags=0x0020]\n",
		/* damaged ones */
		"3,1,1,-;DMAR: [DMA Write NO_PASID] Request device [00:07.0] fault addr \n",
		"3,1,1,-;DMAR: [DMA Write NO_PASID] Request device [00:27.0] fault addr 0x1000\n",
		"3,1,1,-;DMAR: [DMA Write NO_PASID] Request device [00000000:00:07.0] fault addr "
		"0x1\n",
		"3,1,1,-;DMAR: [DMA Wrote NO_PASID] Request device [00:07.0] fault addr 0x1000\n",
		"3,1,1,-;: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x35 address=0x1 "
		"flags=0x0]\n",
		"3,1,1,-;x AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x35 address=0x1 "
		"flags=0x0]\n",
		"3,1,1,-;a name-much-too-long-for-a-device: AMD-Vi: Event logged [IO_PAGE_FAULT "
		"domain=0x35 address=0x1 flags=0x0]\n",
		/* an interrupt, not an access to memory */
		"3,1,1,-;AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:c1:00.3 domain=0x0055 "
		"address=0xfffffffdf8000000 flags=0x0008]\n",
	};
	struct uldf_dma_fault fault = {.address = 77};

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		cr_expect(not(dma_fault_parse(records[i], &fault)), "%s", records[i]);
	cr_expect(eq(u64, fault.address, 77));
}

Test(dma_fault, other_records_are_passed_over)
{
	struct uldf_dma_fault fault = {.address = 77};
	int ends[2];

	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0));
	cr_expect(eq(int, dma_fault_next(ends[0], &fault), 0));
	cr_expect(eq(u64, fault.address, 77));
	cr_assert(gt(long, send(ends[1], "6,1,1,-;eth0: up\n", 17, 0), 0));
	cr_assert(gt(long, send(ends[1], INTEL_6_1, strlen(INTEL_6_1), 0), 0));
	cr_assert(gt(long, send(ends[1], AMD_DRIVER, strlen(AMD_DRIVER), 0), 0));
	cr_expect(eq(int, dma_fault_next(ends[0], &fault), 1));
	cr_expect(eq(u64, fault.address, 0x842a000));
	cr_expect(eq(int, dma_fault_next(ends[0], &fault), 1));
	cr_expect(eq(u64, fault.address, 0x7fffff00300));
	cr_expect(eq(int, dma_fault_next(ends[0], &fault), 0));
	close(ends[0]);
	cr_expect(eq(int, dma_fault_next(ends[0], &fault), -EBADF));
	close(ends[1]);
}

Test(dma_fault, a_record_of_the_longest_size_is_whole)
{
	static char record[DMA_FAULT_RECORD];
	struct uldf_dma_fault fault;
	int ends[2];

	memset(record, 'x', sizeof(record));
	memcpy(record, INTEL_6_1, strlen(INTEL_6_1));
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0));
	cr_assert(eq(long, send(ends[1], record, sizeof(record), 0), DMA_FAULT_RECORD));
	cr_expect(eq(int, dma_fault_next(ends[0], &fault), 1));
	close(ends[0]);
	close(ends[1]);
}

Test(dma_fault, a_segment_that_is_not_told_may_be_any)
{
	const struct uldf_address here = {.bus = 0, .device = 7},
				  there = {.segment = 1, .device = 7};
	const struct uldf_address other = {.device = 7, .function = 1};
	struct uldf_dma_fault fault = {.device = here, .any_segment = true};

	cr_expect(uldf_dma_fault_is_of(&fault, &here));
	cr_expect(uldf_dma_fault_is_of(&fault, &there));
	cr_expect(not(uldf_dma_fault_is_of(&fault, &other)));
	fault.any_segment = false;
	cr_expect(uldf_dma_fault_is_of(&fault, &here));
	cr_expect(not(uldf_dma_fault_is_of(&fault, &there)));
}

static void refuse(struct checked *c, bool write, uint64_t address)
{
	const struct uldf_dma_fault fault = {.write = write, .address = address};
	struct checker *checker = c->w.device->priv;

	c->found = 0;
	pthread_mutex_lock(&checker->lock);
	checker_find_fault(checker, &fault);
	pthread_mutex_unlock(&checker->lock);
}

Test(dma_fault, a_driver_is_told_which_mapping_was_missed)
{
	struct uldf_mapping piece = {.address = 0x300000, .size = PAGE, .access = ULDF_DMA_READ};
	struct checked c;

	checked_init(&c);
	piece.memory = c.memory;
	cr_assert(eq(int, uldf_space_map(c.space, &piece, 1), 0));
	cr_assert(eq(int, checked_map(&c, 0x100000, 2 * PAGE), 0));
	cr_assert(eq(int, checked_unmap(&c, 0x100000, 2 * PAGE), 0));
	refuse(&c, true, 0x101ff0);
	checked_expect(&c, ULDF_CHECK_FAULT_ENDED,
		       "refused its write to bus address 0x101ff0: 0x2000 bytes at 0x100000 were "
		       "unmapped before");
	cr_expect(gt(uint, c.made_depth, 0));
	refuse(&c, true, 0x300004);
	checked_expect(&c, ULDF_CHECK_FAULT_DIRECTION,
		       "refused its write to bus address 0x300004: 0x1000 bytes at 0x300000 are "
		       "mapped for it to read only");
	cr_expect(gt(uint, c.made_depth, 0));
	refuse(&c, false, 0x102000);
	checked_expect(&c, ULDF_CHECK_FAULT_NOTHING,
		       "refused its read of bus address 0x102000: nothing was mapped there");
	cr_expect(eq(uint, c.made_depth, 0));
	cr_expect(eq(int, checked_unmap(&c, 0x300000, PAGE), 0));
	checked_fini(&c);
}
