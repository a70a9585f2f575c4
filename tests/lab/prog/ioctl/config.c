// SPDX-License-Identifier: MIT
/* Configuration space: what a holder may write, and what the kernel keeps for itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ioctl.h"

#define CAPABILITY_PM	   1
#define CAPABILITY_MSI	   5
#define CAPABILITY_EXPRESS 0x10
#define CAPABILITY_MSIX	   0x11

static uint64_t size_of(int fd, unsigned int index)
{
	struct uldf_ioc_region_info info = {.argsz = sizeof(info), .index = index};

	need(!call(fd, ULDF_REGION_INFO, &info), "region info");
	return info.size;
}

static unsigned int capability(int fd, unsigned int id)
{
	unsigned int at = config_read(fd, 0x34, 1);

	for (int i = 0; at && i < 48; i++, at = config_read(fd, at + 1, 1))
		if (config_read(fd, at, 1) == id)
			return at;
	return 0;
}

/* Writes every bit of a range both ways, in each width; is it as before afterwards? */
static void is_kept(int fd, unsigned int at, unsigned int size, const char *what)
{
	bool same = true;

	for (unsigned int i = at; i < at + size; i += 4) {
		uint32_t before = config_read(fd, i, 4);

		config_write(fd, i, 4, ~0U);
		config_write(fd, i, 4, 0);
		config_write(fd, i + 2, 2, 0xffff);
		config_write(fd, i, 1, 0xff);
		config_write(fd, i, 2, ~before);
		same &= config_read(fd, i, 4) == before;
	}
	check(same, "the kernel keeps %s", what);
}

static void widths_are_judged(int fd)
{
	uint64_t size = size_of(fd, ULDF_REGION_CONFIG), value;

	check(size == 256 || size == 4096, "there are %u bytes", (unsigned int)size);
	check_equal(-EINVAL, region_read(fd, ULDF_REGION_CONFIG, 0, 8, &value), "8 bytes");
	check_equal(-EINVAL, region_write(fd, ULDF_REGION_CONFIG, 0, 8, 0), "8 bytes written");
	check_equal(-EINVAL, region_read(fd, ULDF_REGION_CONFIG, 2, 4, &value), "crooked");
	check_equal(-ERANGE, region_read(fd, ULDF_REGION_CONFIG, size, 1, &value),
		    "behind the end");
	check_equal(0, region_read(fd, ULDF_REGION_CONFIG, size - 4, 4, &value),
		    "the last 4 bytes");
	check(config_read(fd, 0, 4) == (config_read(fd, 0, 2) | config_read(fd, 2, 2) << 16),
	      "widths agree");
}

static void the_header_is_kept(int fd)
{
	is_kept(fd, 0x00, 4, "the identification");
	is_kept(fd, 0x08, 4, "class and revision");
	is_kept(fd, 0x10, 0x18, "the BARs");
	is_kept(fd, 0x28, 0x0c, "subsystem and ROM BAR");
	is_kept(fd, 0x34, 8, "the capability pointer");
	is_kept(fd, 0x3c, 4, "interrupt line and pin");
	if (size_of(fd, ULDF_REGION_CONFIG) > 256)
		is_kept(fd, 0x100, 0xf00, "every extended capability");
}

static void capabilities_are_kept(int fd)
{
	unsigned int at;

	at = capability(fd, CAPABILITY_PM);
	if (at)
		is_kept(fd, at, 8, "the power state");
	at = capability(fd, CAPABILITY_MSI);
	if (at)
		is_kept(fd, at, 12, "MSI");
	at = capability(fd, CAPABILITY_MSIX);
	if (at)
		is_kept(fd, at, 12, "MSI-X");
	at = capability(fd, CAPABILITY_EXPRESS);
	if (at) {
		uint32_t control = config_read(fd, at + 8, 2);
		bool second = (config_read(fd, at + 2, 2) & 0xf) >= 2;

		is_kept(fd, at, 8, "the PCI Express capabilities");
		is_kept(fd, at + 0x0c, second ? 0x30 : 8, "the link");
		config_write(fd, at + 8, 2, 0xffff);
		check(!((config_read(fd, at + 8, 2) ^ control) & ~0x1f),
		      "device control is, but for error reporting and ordering");
		config_write(fd, at + 8, 2, control);
	}
}

/* The kind of decoding that the device has a BAR for. */
static uint32_t decoding_of(int fd)
{
	struct uldf_ioc_region_info info = {.argsz = sizeof(info)};

	for (; info.index < ULDF_REGION_ROM; info.index++, info.flags = 0) {
		need(!call(fd, ULDF_REGION_INFO, &info), "region info");
		if (info.size && !(info.flags & ULDF_REGION_PORTS))
			return COMMAND_MEMORY;
	}
	return COMMAND_IO;
}

/* A write that would switch them changes what else it names. */
static void errors_are_the_kernels(int fd, uint32_t before)
{
	const uint32_t errors = COMMAND_SERR | COMMAND_PARITY, decoding = decoding_of(fd);

	config_write(fd, COMMAND, 2, before ^ errors);
	check_equal(before, config_read(fd, COMMAND, 2), "SERR and parity are the kernel's");
	config_write(fd, COMMAND, 4, before ^ errors ^ decoding);
	check_equal(before ^ decoding, config_read(fd, COMMAND, 2),
		    "of a write with them decoding passes");
	config_write(fd, COMMAND + 1, 1, (before ^ errors) >> 8);
	config_write(fd, COMMAND, 1, (before ^ errors) & 0xff);
	check_equal(before, config_read(fd, COMMAND, 2), "by bytes as well");
	config_write(fd, COMMAND, 2, before);
}

static void the_command_register_is_shared(int fd)
{
	uint32_t before = config_read(fd, COMMAND, 2);
	int space;

	config_write(fd, COMMAND, 2, before ^ COMMAND_INTX_DISABLE);
	check(config_read(fd, COMMAND, 2) == before, "INTx disable is the kernel's");
	errors_are_the_kernels(fd, before);
	config_write(fd, COMMAND, 4, before | COMMAND_MASTER);
	check(config_read(fd, COMMAND, 2) == before, "bus mastering stays off without a space");

	space = space_create(fd);
	need(space >= 0 && !attach(fd, space), "attach to a space");
	check(config_read(fd, COMMAND, 2) == before, "attaching does not switch it on");
	config_write(fd, COMMAND, 1, before | COMMAND_MASTER);
	check(config_read(fd, COMMAND, 2) == (before | COMMAND_MASTER), "the holder does");
	need(!detach(fd), "detach");
	check(config_read(fd, COMMAND, 2) == before, "detaching switches it off");
	close(space);
}

static void the_vendors_area_passes(int fd, const struct address *device)
{
	uint32_t before = config_read(fd, 0x40, 4);

	config_write(fd, 0x40, 4, 0x8000a307);
	check(config_read(fd, 0x40, 4) == 0x8000a307, "the vendor's area can be written");
	config_write(fd, 0x42, 2, 0);
	check(config_read(fd, 0x40, 4) == 0xa307, "in part");
	config_write(fd, 0x40, 4, before);
	is_kept(fd, 0x34, 4, "the pointer of a device without capabilities");
	(void)device;
}

/* Base system peripherals, signal processing, memory and SMBus controllers: parts of the chipset. */
static bool is_chipset(uint32_t class)
{
	return class >> 16 == 0x08 || class >> 16 == 0x11 || class >> 16 == 0x05 ||
	       class >> 8 == 0x0c05;
}

/* @device has no capability above 0x80. */
void suite_vendor_area(const struct address *device)
{
	int fd = device_take(device);
	uint32_t class = config_read(fd, 8, 4) >> 8, before = config_read(fd, 0x80, 4);

	if (is_chipset(class)) {
		is_kept(fd, 0x80, 0x80, "what a function of the chipset has for its vendor");
	} else {
		config_write(fd, 0x80, 4, ~before);
		check_equal(~before, config_read(fd, 0x80, 4), "the vendor's area, written");
		config_write(fd, 0x80, 4, before);
	}
	check_equal(before, host_read(device, 0x80, 4), "which the host finds as it was");
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}

static void a_new_holder_finds_it_clean(int *fd, const struct address *device)
{
	uint32_t command = config_read(*fd, COMMAND, 2), timer = config_read(*fd, 0x0c, 2);
	int space = space_create(*fd);

	need(space >= 0 && !attach(*fd, space), "attach to a space");
	config_write(*fd, COMMAND, 2, COMMAND_MASTER);
	config_write(*fd, 0x0c, 2, timer ^ 0x10);
	close(*fd);
	close(space);
	*fd = device_open(device);
	need(*fd >= 0, "open again");
	check(config_read(*fd, COMMAND, 2) == command, "a new holder finds the command register");
	check(config_read(*fd, 0x0c, 2) == timer, "and the cache line size as they were");
}

/* The command register, and the device control register where there is one. */
static uint32_t host_controls(const struct address *device)
{
	uint32_t value = host_read(device, COMMAND, 2);
	unsigned int at = 0;

	if (host_read(device, 6, 2) & 0x10)
		at = host_read(device, 0x34, 1);
	for (int i = 0; at && i < 48; i++, at = host_read(device, at + 1, 1))
		if (host_read(device, at, 1) == CAPABILITY_EXPRESS)
			return value | host_read(device, at + 8, 2) << 16;
	return value;
}

/*
 * INTx is off after a release, because a device that was not reset may pull its line at any time, and the
 * next driver's pci_enable_device() switches it on. A device that was reset gets back what the claim
 * found, and so does one without a pin, whose bit pci_enable_device() leaves alone.
 */
static void intx_is_given_back(const struct address *device, uint32_t found)
{
	bool pin = host_read(device, 0x3d, 1);
	uint32_t command = host_read(device, COMMAND, 2) & ~COMMAND_INTX_DISABLE, reset = 0, wanted;

	host_write(device, COMMAND, 2, command | found);
	need(!claim(device, NULL) && !release(device, 0, &reset), "claim and release");
	wanted = pin && reset < ULDF_RESET_FUNCTION ? COMMAND_INTX_DISABLE : found;
	check_equal(wanted, host_read(device, COMMAND, 2) & COMMAND_INTX_DISABLE,
		    "INTx disable, found %s, reset method %u, %s pin, after release",
		    found ? "set" : "clear", reset, pin ? "a" : "no");
}

static void serr_is_the_hosts(const struct address *device, uint32_t serr)
{
	uint32_t command = host_read(device, COMMAND, 2) & ~COMMAND_SERR;
	int fd;

	host_write(device, COMMAND, 2, command | serr);
	fd = device_take(device);
	config_write(fd, COMMAND, 2, config_read(fd, COMMAND, 2) ^ COMMAND_SERR);
	check_equal(serr, config_read(fd, COMMAND, 2) & COMMAND_SERR,
		    "SERR, that the host had switched %s, after its holder wrote the contrary",
		    serr ? "on" : "off");
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
	check_equal(serr, host_read(device, COMMAND, 2) & COMMAND_SERR, "and after release");
}

void suite_config(const struct address *device)
{
	uint32_t before = host_controls(device);
	int fd = device_take(device);

	widths_are_judged(fd);
	the_header_is_kept(fd);
	capabilities_are_kept(fd);
	the_command_register_is_shared(fd);
	if (config_read(fd, 8, 4) >> 16 == 0x0101)
		the_vendors_area_passes(fd, device);
	a_new_holder_finds_it_clean(&fd, device);
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
	check(!((host_controls(device) ^ before) & 0xffff0000),
	      "device control is given back as it was");
	intx_is_given_back(device, 0);
	intx_is_given_back(device, COMMAND_INTX_DISABLE);
	serr_is_the_hosts(device, COMMAND_SERR);
	serr_is_the_hosts(device, 0);
}
