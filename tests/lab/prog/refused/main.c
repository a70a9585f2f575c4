// SPDX-License-Identifier: MIT
/*
 * lab-refused ADDRESS: makes an edu device write to a page that was unmapped, to one that it may only read, and to none,
 * and expects each refused access to be told, as an event and by "check:".
 */
#include <err.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <uldf.h>

#define PAGE 4096
/* edu masters 28 bits */
#define GONE	0x3000000
#define READ	0x4000000
#define NEVER	0x5000000
#define PATIENT 60000 /* milliseconds */

static struct uldf_ctx *ctx;
static unsigned int found;
static enum uldf_check_kind kind;
static unsigned int depth; /* of the call that the finding names */

static void must(const char *what, int error)
{
	char reason[256];

	if (!error)
		return;
	uldf_reason(ctx, reason, sizeof(reason));
	errx(1, "%s (%d): %s", what, error, reason);
}

static void on_finding(const struct uldf_check_finding *finding, void *arg)
{
	printf("%s\n", finding->text);
	found++;
	kind = finding->kind;
	depth = finding->made_depth;
}

/* By the registers of QEMU's edu device (docs/specs/edu.rst): a byte of its buffer, and no interrupt. */
static void write_by_dma(struct uldf_device *device, uint64_t address)
{
	must("from", uldf_region_write(device, ULDF_BAR0, 0x80, 8, 0x40000));
	must("to", uldf_region_write(device, ULDF_BAR0, 0x88, 8, address));
	must("count", uldf_region_write(device, ULDF_BAR0, 0x90, 8, 1));
	must("command", uldf_region_write(device, ULDF_BAR0, 0x98, 8, 1 | 2));
}

/* The next refused access, which is to be a write of the device there. */
static void expect_told(struct uldf_dma_faults *faults, const struct uldf_address *device,
			uint64_t address)
{
	struct pollfd log = {.fd = uldf_dma_faults_fd(faults), .events = POLLIN};
	struct uldf_dma_fault fault;
	int told;

	while (!(told = uldf_dma_faults_read(faults, &fault)))
		if (poll(&log, 1, PATIENT) < 1)
			errx(1, "no access was told to be refused");
	must("faults", told == 1 ? 0 : told);
	if (!uldf_dma_fault_is_of(&fault, device) || !fault.write || fault.address != address)
		errx(1, "told was a %s of bus address 0x%" PRIx64 " by %02x:%02x.%x",
		     fault.write ? "write" : "read", fault.address, fault.device.bus,
		     fault.device.device, fault.device.function);
	printf("told: a write to bus address 0x%" PRIx64 "\n", address);
}

/* What the last call found. */
static void expect_found(unsigned int count, enum uldf_check_kind expected, bool named)
{
	if (found != count || kind != expected || named != (depth > 0))
		errx(1, "%u findings, the last of kind %d with a call of depth %u", found, kind,
		     depth);
}

int main(int argc, char **argv)
{
	struct uldf_mapping piece = {.address = GONE, .size = PAGE, .access = ULDF_DMA_BOTH};
	const struct uldf_mapping gone = {.address = GONE, .size = PAGE};
	const struct uldf_mapping readable = {.address = READ, .size = PAGE};
	struct uldf_dma_faults *faults;
	struct uldf_device *device;
	struct uldf_address where;
	struct uldf_space *space;
	char address[64];
	void *page;

	if (argc != 2 || uldf_address_parse(argv[1], &where) || uldf_ctx_create(&ctx))
		return 2;
	snprintf(address, sizeof(address), "check:%s", argv[1]);
	must("open", uldf_device_open(ctx, address, &device));
	must("report", uldf_check_report(device, on_finding, NULL));
	must("faults", uldf_dma_faults_open(ctx, &faults));
	must("space", uldf_space_create(device, &space));
	must("attach", uldf_device_attach(device, space));
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must("memory", uldf_memory_register(space, page, PAGE, ULDF_DMA_BOTH, &piece.memory));
	must("command",
	     uldf_config_write(device, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER));

	must("map", uldf_space_map(space, &piece, 1));
	must("unmap", uldf_space_unmap(space, &gone, 1));
	write_by_dma(device, GONE);
	expect_told(faults, &where, GONE);
	piece.address = READ;
	piece.access = ULDF_DMA_READ;
	must("map", uldf_space_map(space, &piece, 1));
	expect_found(1, ULDF_CHECK_FAULT_ENDED, true);

	write_by_dma(device, READ);
	expect_told(faults, &where, READ);
	must("unmap", uldf_space_unmap(space, &readable, 1));
	expect_found(2, ULDF_CHECK_FAULT_DIRECTION, true);

	write_by_dma(device, NEVER);
	expect_told(faults, &where, NEVER);
	must("unregister", uldf_memory_unregister(piece.memory));
	expect_found(3, ULDF_CHECK_FAULT_NOTHING, false);

	uldf_device_close(device);
	uldf_space_destroy(space);
	uldf_dma_faults_close(faults);
	uldf_ctx_destroy(ctx);
	return 0;
}
