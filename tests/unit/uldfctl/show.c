// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include "show.h"

TestSuite(show);

static const struct uldf_finding holder = {
	.verdict = ULDF_USED,
	.detector = "process",
	.what = "/dev/uldf/0000:00:06.0 open in d (process 8, started 2023-11-14 23:14:21 UTC)",
	.opener = {.pid = 8, .program = "d", .user = 0, .started = 1700003661}};
static const struct uldf_finding blind = {.verdict = ULDF_UNKNOWN, .detector = "process"};

static struct uldf_host_device mates[] = {
	{.address = {.device = 7}, .driver = "e1000e"},
	{.address = {.device = 8}, .bridge = true},
};

/* A claimed device with everything. */
static struct shown full(void)
{
	return (struct shown){
		.seen = {.address = {.device = 6},
			 .vendor = 0x8086,
			 .device = 0x10d3,
			 .subvendor = 0x8086,
			 .class_code = 0x020000,
			 .revision = 1,
			 .driver = "uldf",
			 .group = 5,
			 .claimed = true},
		.names = {"Ethernet controller", "Intel", "82574L"},
		.standing = STANDING_CLAIMED,
		.facts = {.resets = "flr bus",
			  .override = "uldf",
			  .power = "D0",
			  .numa = 1,
			  .bars = {{.size = 131072, .address = 0xfeb80000},
				   {.size = 0},
				   {.size = 32, .address = 0xc040, .ports = true},
				   {.size = 16384,
				    .address = 0xfebd0000,
				    .wide = true,
				    .prefetchable = true},
				   {.size = 8, .address = 0x1f0, .ports = true, .fixed = true}},
			  .rom = {.size = 65536, .address = 0xfeb00000},
			  .config = 4096,
			  .vectors = {.known = true, .pin = 'A', .msi = 1, .msix = 5},
			  .functions = 2,
			  .functions_most = 8,
			  .physical = "0000:03:00.0"},
		.counters = {.known = true, .values = {1, 2, 3, 4, 5, 6}},
		.mates = mates,
		.mate_count = 2,
		.findings = &holder,
		.finding_count = 1,
		.pinned = 8192,
		.pinned_known = true,
	};
}

static void expect_print(const struct shown *shown, const char *wanted)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	cr_assert(ne(ptr, to, NULL));
	show_print(shown, to);
	fclose(to);
	cr_expect(eq(str, text, (char *)wanted));
	free(text);
}

Test(show, prints_all_that_is_known)
{
	struct shown shown = full();

	expect_print(&shown,
		     "0000:00:06.0  Ethernet controller: Intel 82574L\n"
		     "  8086:10d3, subsystem 8086:0000, class 020000, revision 01\n"
		     "  claimed\n"
		     "  driver: uldf, by driver_override only uldf\n"
		     "  IOMMU group: 5, with 0000:00:07.0 (e1000e), 0000:00:08.0 (bridge, no "
		     "driver)\n"
		     "  NUMA node: 1\n"
		     "  BAR0: 128 KiB of memory at 0xfeb80000\n"
		     "  BAR2: 32 bytes of ports at 0xc040\n"
		     "  BAR3: 16 KiB of memory at 0xfebd0000, 64-bit, prefetchable\n"
		     "  BAR4: 8 bytes of ports at 0x1f0, fixed there\n"
		     "  ROM: 64 KiB of memory at 0xfeb00000\n"
		     "  config: 4096 bytes\n"
		     "  vectors: INTA, MSI 1, MSI-X 5\n"
		     "  reset: flr bus\n"
		     "  SR-IOV: 2 of 8 virtual functions\n"
		     "  virtual function of 0000:03:00.0\n"
		     "  power: D0\n"
		     "  /dev/uldf/0000:00:06.0 open in d (process 8, started 2023-11-14 23:14:21 "
		     "UTC)\n"
		     "  pinned by that user, for all devices: 8 KiB\n"
		     "  since the claim: opened 1, reset 2 times; 3 interrupts; 4 mappings now, 5 "
		     "made and 6 ended in its space\n");
}

static struct shown bare(void)
{
	return (struct shown){
		.seen = {.address = {.device = 6}, .driver = "ata_piix", .group = -1},
		.names = {"IDE interface", "Intel", "PIIX3"},
		.standing = STANDING_HELD,
		.use = "/dev/sda mounted on /",
		.facts = {.numa = -1},
		.findings = &blind,
		.finding_count = 1,
	};
}

Test(show, says_what_is_not_there_or_not_known)
{
	struct shown shown = bare();

	expect_print(&shown, "0000:00:06.0  IDE interface: Intel PIIX3\n"
			     "  0000:0000, subsystem 0000:0000, class 000000, revision 00\n"
			     "  held by ata_piix (/dev/sda mounted on /)\n"
			     "  driver: ata_piix\n"
			     "  no IOMMU: nothing confines its DMA\n"
			     "  vectors: no INTx; of MSI and MSI-X root is told\n"
			     "  reset: none\n"
			     "  who has it open is not known: root sees all processes\n");
	shown.finding_count = 0;
	shown.seen.group = 3;
	shown.standing = STANDING_FREE;
	shown.seen.driver[0] = '\0';
	shown.facts.vectors.known = true;
	expect_print(&shown, "0000:00:06.0  IDE interface: Intel PIIX3\n"
			     "  0000:0000, subsystem 0000:0000, class 000000, revision 00\n"
			     "  free: claimable\n"
			     "  driver: none\n"
			     "  IOMMU group: 3, alone\n"
			     "  vectors: no INTx, MSI 0, MSI-X 0\n"
			     "  reset: none\n"
			     "  open in no process that can be seen\n");
}

static void expect_json(const struct shown *shown, const char *wanted)
{
	json_t *object = show_json(shown), *expected = json_loads(wanted, 0, NULL);
	char *text;

	cr_assert(ne(ptr, expected, NULL));
	text = json_dumps(object, JSON_COMPACT);
	cr_expect(json_equal(object, expected), "%s", text);
	free(text);
	json_decref(object);
	json_decref(expected);
}

Test(show, tells_the_same_in_json)
{
	struct shown shown = full();

	expect_json(
		&shown,
		"{\"address\":\"0000:00:06.0\",\"class\":{\"code\":\"020000\",\"name\":\"Ethernet "
		"controller\"},\"vendor\":{\"id\":\"8086\",\"name\":\"Intel\"},\"device\":{\"id\":"
		"\"10d3\",\"name\":\"82574L\"},\"subvendor\":\"8086\",\"subdevice\":\"0000\","
		"\"revision\":\"01\",\"driver\":\"uldf\",\"iommu_group\":5,\"standing\":"
		"\"claimed\",\"usage\":null,\"group_holder\":null,\"holders\":[{\"pid\":8,"
		"\"program\":\"d\",\"user\":0,\"started\":\"2023-11-14T23:14:21Z\",\"what\":"
		"\"/dev/uldf/0000:00:06.0 open in d (process 8, started 2023-11-14 23:14:21 "
		"UTC)\"}],\"pinned\":8192,\"counters\":{\"opens\":1,\"resets\":2,\"interrupts\":3,"
		"\"space_mappings\":4,\"space_mapped\":5,\"space_unmapped\":6},\"mates\":["
		"{\"address\":\"0000:00:07.0\",\"driver\":\"e1000e\",\"bridge\":false},"
		"{\"address\":\"0000:00:08.0\",\"driver\":null,\"bridge\":true}],"
		"\"driver_override\":\"uldf\",\"numa_node\":1,\"regions\":["
		"{\"name\":\"bar0\",\"kind\":\"memory\",\"size\":131072,\"address\":\"feb80000\","
		"\"prefetchable\":false,\"wide\":false,\"fixed\":false},"
		"{\"name\":\"bar2\",\"kind\":\"ports\",\"size\":32,\"address\":\"c040\","
		"\"prefetchable\":false,\"wide\":false,\"fixed\":false},"
		"{\"name\":\"bar3\",\"kind\":\"memory\",\"size\":16384,\"address\":\"febd0000\","
		"\"prefetchable\":true,\"wide\":true,\"fixed\":false},"
		"{\"name\":\"bar4\",\"kind\":\"ports\",\"size\":8,\"address\":\"1f0\","
		"\"prefetchable\":false,\"wide\":false,\"fixed\":true},"
		"{\"name\":\"rom\",\"kind\":\"memory\",\"size\":65536,\"address\":\"feb00000\","
		"\"prefetchable\":false,\"wide\":false,\"fixed\":false},"
		"{\"name\":\"config\",\"kind\":\"config\",\"size\":4096,\"address\":null,"
		"\"prefetchable\":false,\"wide\":false,\"fixed\":false}],"
		"\"vectors\":{\"intx\":\"A\",\"msi\":1,\"msix\":5},\"resets\":\"flr bus\","
		"\"sriov\":{\"functions\":2,\"most\":8},\"physical_function\":\"0000:03:00.0\","
		"\"power\":\"D0\"}");
	shown = bare();
	expect_json(
		&shown,
		"{\"address\":\"0000:00:06.0\",\"class\":{\"code\":\"000000\",\"name\":\"IDE "
		"interface\"},\"vendor\":{\"id\":\"0000\",\"name\":\"Intel\"},\"device\":{\"id\":"
		"\"0000\",\"name\":\"PIIX3\"},\"subvendor\":\"0000\",\"subdevice\":\"0000\","
		"\"revision\":\"00\",\"driver\":\"ata_piix\",\"iommu_group\":null,\"standing\":"
		"\"held\",\"usage\":\"/dev/sda mounted on /\",\"group_holder\":null,\"holders\":"
		"null,\"pinned\":null,\"counters\":null,\"mates\":[],\"driver_override\":null,"
		"\"numa_node\":null,\"regions\":[],\"vectors\":{\"intx\":null,\"msi\":null,"
		"\"msix\":null},\"resets\":null,\"sriov\":null,\"physical_function\":null,"
		"\"power\":null}");
}
