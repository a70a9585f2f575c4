// SPDX-License-Identifier: MIT
/*
 * lab-cost IDE-ADDRESS EDU-ADDRESS: what paths of the library and the module cost, in ticks of the
 * time stamp counter, which are instructions on a host that counts them. Prints "NAME TICKS" lines.
 */
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uldf.h>
#include <x86intrin.h>

#define ROUNDS		     200
#define EDU_RAISE	     0x60
#define EDU_ACK		     0x64
#define IDE_CHECK_POWER_MODE 0xe5
#define IDE_DEVICE	     0xa0
#define IDE_BUSY	     0x80

static struct uldf_ctx *ctx;

static void require(const char *what, int err)
{
	char reason[256];

	if (!err)
		return;
	uldf_reason(ctx, reason, sizeof(reason));
	printf("FAIL %s: %d: %s\n", what, err, reason);
	exit(1);
}

static uint64_t spent(uint64_t since)
{
	return __rdtsc() - since;
}

/* The least of many rounds is the path alone: no timer, no fault, nothing made on demand. */
#define COST(name, ...)                                               \
	do {                                                          \
		uint64_t least = UINT64_MAX, begin, ticks;            \
		for (unsigned int i = 0; i < ROUNDS; i++) {           \
			begin = __rdtsc();                            \
			__VA_ARGS__;                                  \
			ticks = spent(begin);                         \
			least = ticks < least ? ticks : least;        \
		}                                                     \
		printf("%s %llu\n", name, (unsigned long long)least); \
	} while (0)

/* The system call alone, on the device's own file. */
static void cost_pread(const char *address)
{
	char path[64];
	uint16_t word;
	int fd;

	snprintf(path, sizeof(path), "/dev/uldf/%s", address);
	fd = open(path, O_RDWR | O_CLOEXEC);
	require(path, fd < 0 ? -1 : 0);
	COST("nothing", );
	COST("getpid", syscall(SYS_getpid));
	COST("config-pread", pread(fd, &word, sizeof(word), (off_t)ULDF_CONFIG << 40));
	close(fd);
}

static void cost_ide(const char *address)
{
	static const uint8_t values[7] = {0, 1, 0, 0, 0, IDE_DEVICE, IDE_CHECK_POWER_MODE};
	struct uldf_io list[8], batch[8];
	struct uldf_device *device;
	uint32_t word;
	uint64_t value;

	require("open", uldf_device_open(ctx, address, &device));
	for (unsigned int i = 0; i < 7; i++)
		list[i] = (struct uldf_io){
			.kind = ULDF_IO_WRITE, .width = 1, .offset = i + 1, .value = values[i]};
	list[7] = (struct uldf_io){.kind = ULDF_IO_READ, .width = 1, .region = 1};
	memcpy(batch, list, sizeof(batch));
	require("batch", uldf_io_batch(device, batch, 8, NULL));

	COST("config-read", uldf_config_read(device, PCI_VENDOR_ID, 2, &word));
	COST("ide-status", uldf_region_read(device, 1, 0, 1, &value));
	COST("ide-issue",
	     for (unsigned int r = 1; r < 8; r++) uldf_region_write(device, 0, r, 1, values[r - 1]);
	     uldf_region_read(device, 1, 0, 1, &value));
	COST("ide-issue-batch", uldf_io_batch(device, batch, 8, NULL));
	uldf_device_close(device);
}

static void command_set(struct uldf_device *device, uint32_t bits)
{
	uint32_t command = 0;

	require("read command", uldf_config_read(device, PCI_COMMAND, 2, &command));
	require("write command", uldf_config_write(device, PCI_COMMAND, 2, command | bits));
}

static void cost_interrupt(const char *address)
{
	const volatile struct uldf_irq_count *counts;
	volatile uint32_t *registers;
	struct uldf_device *device;
	struct uldf_space *space;
	uint64_t value;
	void *mapped;
	int event;

	require("open", uldf_device_open(ctx, address, &device));
	require("space", uldf_space_create(device, &space));
	require("attach", uldf_device_attach(device, space));
	command_set(device, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
	require("map", uldf_region_map(device, ULDF_BAR0, 0, 4096, &mapped));
	registers = mapped;
	require("enable", uldf_irq_enable(device, ULDF_IRQ_MSI, 1));
	event = eventfd(0, EFD_CLOEXEC);
	require("bind", uldf_irq_bind(device, 0, 1, &event));
	COST("raise-eventfd", registers[EDU_RAISE / 4] = 1;
	     if (read(event, &value, sizeof(value)) != sizeof(value)) exit(1);
	     registers[EDU_ACK / 4] = 1);
	if (!uldf_irq_counts(device, &counts)) {
		COST("raise-shared", uint64_t before = counts[0].count;
		     registers[EDU_RAISE / 4] = 1; while (counts[0].count == before) continue);
		registers[EDU_ACK / 4] = 1;
	}
	uldf_region_unmap(device, mapped, 4096);
	uldf_device_close(device);
	uldf_space_destroy(space);
	close(event);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: lab-cost IDE-ADDRESS EDU-ADDRESS\n");
		return 2;
	}
	if (uldf_ctx_create(&ctx))
		return 1;
	cost_pread(argv[1]);
	cost_ide(argv[1]);
	cost_interrupt(argv[2]);
	uldf_ctx_destroy(ctx);
	return 0;
}
