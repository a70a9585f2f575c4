// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include <string.h>
#include "config_filter.h"
#include "fake.h"

TestSuite(config_filter, .fini = fixture_check_leaks);

/* PM at 0x40, a vendor's capability of 8 bytes at 0x48, PCI Express at 0x60. */
static void device_init(uint8_t config[CONFIG_FILTERED])
{
	memset(config, 0, CONFIG_FILTERED);
	config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	config[PCI_CAPABILITY_LIST] = 0x40;
	config[0x40] = PCI_CAP_ID_PM;
	config[0x41] = 0x48;
	config[0x48] = PCI_CAP_ID_VNDR;
	config[0x49] = 0x60;
	config[0x4a] = 8;
	config[0x60] = PCI_CAP_ID_EXP;
	config[0x62] = 2;
}

/* What a byte becomes of @old when @wanted is written; -1 when nothing is written. */
static int written(const struct config_filter *filter, unsigned int offset, uint8_t old,
		   uint8_t wanted)
{
	uint8_t value;

	return config_filter_byte(filter, offset, old, wanted, &value) ? value : -1;
}

Test(config_filter, what_is_the_hosts_is_not_written)
{
	static const unsigned int closed[] = {
		PCI_VENDOR_ID,
		PCI_CLASS_REVISION,
		PCI_BASE_ADDRESS_0,
		PCI_BASE_ADDRESS_5 + 3,
		PCI_ROM_ADDRESS,
		PCI_INTERRUPT_LINE,
		PCI_CAPABILITY_LIST,
		0x40,
		0x44 /* PMCSR */,
		0x48,
		0x4a,
		0x60,
		0x70 /* link control */,
		0x9b,
		CONFIG_FILTERED,
		4095,
	};
	uint8_t config[CONFIG_FILTERED];
	struct config_filter filter;

	device_init(config);
	config_filter_init(&filter, config);
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		cr_expect(eq(int, written(&filter, closed[i], 0, 0xff), -1), "0x%x", closed[i]);
}

Test(config_filter, what_is_the_holders_is)
{
	static const unsigned int open[] = {
		PCI_CACHE_LINE_SIZE, PCI_LATENCY_TIMER, 0x4b, 0x4f, 0x50, 0x5f, 0x9c, 0xff};
	uint8_t config[CONFIG_FILTERED];
	struct config_filter filter;

	device_init(config);
	config_filter_init(&filter, config);
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		cr_expect(eq(int, written(&filter, open[i], 0x0f, 0xa5), 0xa5), "0x%x", open[i]);
}

Test(config_filter, bus_mastering_is_open_only_when_it_is_opened)
{
	uint8_t config[CONFIG_FILTERED];
	struct config_filter filter;

	device_init(config);
	config_filter_init(&filter, config);
	cr_expect(eq(int, written(&filter, PCI_COMMAND, 0, 0xff), 0x13));
	config_filter_master(&filter, true);
	cr_expect(eq(int, written(&filter, PCI_COMMAND, 0, 0xff), 0x17));
	config_filter_master(&filter, false);
	cr_expect(eq(int, written(&filter, PCI_COMMAND, 4, 0), 4));
}

Test(config_filter, intx_disable_keeps_its_value_and_is_not_written_for_nothing)
{
	uint8_t config[CONFIG_FILTERED];
	struct config_filter filter;

	device_init(config);
	config_filter_init(&filter, config);
	cr_expect(eq(int, written(&filter, PCI_COMMAND + 1, 0x00, 0x04), -1));
	cr_expect(eq(int, written(&filter, PCI_COMMAND + 1, 0x04, 0x00), -1));
	cr_expect(eq(int, written(&filter, PCI_COMMAND + 1, 0x04, 0x01), -1));
}

Test(config_filter, what_is_cleared_by_1_is_written_only_where_asked)
{
	uint8_t config[CONFIG_FILTERED];
	struct config_filter filter;

	device_init(config);
	config_filter_init(&filter, config);
	cr_expect(eq(int, written(&filter, PCI_STATUS + 1, 0xff, 0x00), -1));
	cr_expect(eq(int, written(&filter, PCI_STATUS + 1, 0xff, 0x80), 0x86));
	cr_expect(eq(int, written(&filter, 0x60 + PCI_EXP_DEVSTA, 0x0f, 0x02), 0x02));
	/* Reserved, and auxiliary power, in the same byte: as they were. */
	cr_expect(eq(int, written(&filter, 0x60 + PCI_EXP_DEVSTA, 0x1f, 0x01), 0x11));
}

Test(config_filter, no_list_means_all_of_it_is_the_vendors)
{
	uint8_t config[CONFIG_FILTERED] = {};
	struct config_filter filter;

	config_filter_init(&filter, config);
	for (unsigned int i = PCI_STD_HEADER_SIZEOF; i < CONFIG_FILTERED; i++)
		cr_expect(eq(int, written(&filter, i, 0, 0x5a), 0x5a));
}

Test(config_filter, lists_that_loop_or_lie_end)
{
	uint8_t config[CONFIG_FILTERED];
	struct config_filter filter;

	device_init(config);
	config[0x61] = 0x48; /* a loop */
	config[0x4a] = 0xff; /* longer than the space */
	config_filter_init(&filter, config);
	/* Nothing of what may be in it is open, but for what is known of the one that follows. */
	for (unsigned int i = 0x48; i < CONFIG_FILTERED; i++)
		cr_expect(i - 0x60 == PCI_EXP_DEVCTL || i - 0x60 == PCI_EXP_DEVCTL + 1 ||
				  i - 0x60 == PCI_EXP_DEVSTA || i >= 0x60 + 60 ||
				  written(&filter, i, 0, 0xff) < 0,
			  "0x%x", i);
	config[0x41] = 0xfc;
	config[0xfc] = PCI_CAP_ID_MSI;
	config[0xfd] = 0x04; /* into the header */
	config_filter_init(&filter, config);
	cr_expect(eq(int, written(&filter, 0xff, 0, 0xff), -1));
	cr_expect(eq(int, written(&filter, 0xfb, 0, 0xff), 0xff));
}
