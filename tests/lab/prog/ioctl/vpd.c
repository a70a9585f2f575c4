// SPDX-License-Identifier: MIT
/*
 * Vital product data, of a device that the module lab_config gives some, and the size of read requests: what
 * of configuration space a holder has by way of the kernel.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ioctl.h"

#define VPD	0x58 /* the capability, see tests/lab/kmod/lab_config.c */
#define ADDRESS (VPD + 2)
#define DATA	(VPD + 4)
#define FLAG	0x8000
#define STRING	"uldf lab"
#define SIZE	47
#define ROOM	20 /* in the part that may be written */

#define READ_REQUEST 0x7000 /* of device control */

/* The vital product data as the host reads it. */
static ssize_t host_vpd(const struct address *device, void *to, size_t size)
{
	char path[96];
	ssize_t ret;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vpd", device->text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	need(fd >= 0, path);
	ret = pread(fd, to, size, 0);
	close(fd);
	return ret;
}

static bool vpd_read(int fd, unsigned int at, uint32_t *value)
{
	config_write(fd, ADDRESS, 2, at);
	*value = config_read(fd, DATA, 4);
	return config_read(fd, ADDRESS, 2) == (at | FLAG);
}

static void it_is_read(int fd, const struct address *device)
{
	uint8_t host[64] = {}, ours[64] = {};
	bool done = true;
	uint32_t word;

	check_equal(SIZE, host_vpd(device, host, sizeof(host)), "bytes that the host has");
	for (unsigned int at = 0; at < SIZE; at += 4) {
		done &= vpd_read(fd, at, &word);
		memcpy(ours + at, &word, 4);
	}
	check(done, "each read is done when its write returns");
	check(!memcmp(ours, host, sizeof(host)), "the holder reads what the host does");
	check(!memcmp(ours + 3, STRING, strlen(STRING)), "which is the device's name");
	check(!vpd_read(fd, 0x200, &word), "what is not there is never done");
	config_write(fd, ADDRESS + 1, 1, 0);
	config_write(fd, ADDRESS, 1, 4);
	memcpy(&word, host, 4);
	check_equal(FLAG | 4, config_read(fd, ADDRESS, 2),
		    "the low byte of the address is written");
	check_equal(word, config_read(fd, DATA, 4), "alone it starts nothing");
	config_write(fd, ADDRESS + 1, 1, 0);
	check_equal(FLAG | 4, config_read(fd, ADDRESS, 2), "the high byte does");
	memcpy(&word, host + 4, 4);
	check_equal(word, config_read(fd, DATA, 4), "from the address that both make");
	config_write(fd, VPD, 4, 8 << 16);
	check_equal(FLAG | 8, config_read(fd, VPD, 4) >> 16, "so does a write of all four bytes");
	check_equal(3, config_read(fd, VPD, 1), "whose id is kept");
	check_equal(config_read(fd, DATA, 4) & 0xff, config_read(fd, DATA, 1), "widths agree");
	check_equal(config_read(fd, DATA, 4) >> 16, config_read(fd, DATA + 2, 2), "in every place");
}

static void it_is_written(int fd, const struct address *device)
{
	uint8_t host[64] = {};
	uint32_t word = 0;

	config_write(fd, DATA, 4, 0x64636261);
	config_write(fd, ADDRESS, 2, FLAG | ROOM);
	check_equal(ROOM, config_read(fd, ADDRESS, 2), "a write is done when it returns");
	host_vpd(device, host, sizeof(host));
	check(!memcmp(host + ROOM, "abcd", 4), "the host reads what the holder wrote");
	check(vpd_read(fd, ROOM, &word) && word == 0x64636261, "and so does the holder");
	config_write(fd, DATA, 4, 0);
	config_write(fd, ADDRESS, 2, FLAG | 0x200);
	check_equal(FLAG | 0x200, config_read(fd, ADDRESS, 2), "behind the end nothing is written");
}

/* The registers are the holder's own: nobody else sees an address that it left there. */
static void nobody_else_sees_it(int *fd, const struct address *device)
{
	uint8_t first[64] = {}, second[64] = {};

	config_write(*fd, DATA, 4, 0xffffffff);
	host_vpd(device, first, sizeof(first));
	config_write(*fd, ADDRESS, 1, 0x0c);
	host_vpd(device, second, sizeof(second));
	check(!memcmp(first, second, sizeof(first)), "the host is not disturbed");
	close(*fd);
	*fd = device_open(device);
	need(*fd >= 0, "open again");
	check_equal(0, config_read(*fd, DATA, 4), "the next holder finds no data");
	check_equal(0, config_read(*fd, ADDRESS, 2), "and no address");
}

void suite_vpd(const struct address *device)
{
	int fd = device_take(device);

	it_is_read(fd, device);
	it_is_written(fd, device);
	nobody_else_sees_it(&fd, device);
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}

static unsigned int express(int fd)
{
	unsigned int at = config_read(fd, 0x34, 1);

	for (int i = 0; at && i < 48; i++, at = config_read(fd, at + 1, 1))
		if (config_read(fd, at, 1) == 0x10)
			return at;
	need(false, "a PCI Express capability");
	return 0;
}

/* Sizes are 128 << bits 14..12, up to 5. */
void suite_requests(const struct address *device)
{
	int fd = device_take(device);
	unsigned int at = express(fd) + 8;
	uint32_t before = config_read(fd, at, 2);
	bool good = true;

	for (unsigned int size = 0; size <= 5; size++) {
		uint32_t wanted = (before & ~READ_REQUEST) | size << 12;

		config_write(fd, at, 2, wanted);
		good &= config_read(fd, at, 2) == wanted;
	}
	check(good, "each size can be set, and nothing else changes");
	config_write(fd, at, 2, before | READ_REQUEST);
	check_equal((before & ~READ_REQUEST) | 5 << 12, config_read(fd, at, 2), "not above 4096");
	config_write(fd, at + 1, 1, 3 << 4);
	check_equal((before & ~READ_REQUEST) | 3 << 12, config_read(fd, at, 2), "by its byte");
	config_write(fd, at, 1, 0xff);
	check_equal(3 << 12, config_read(fd, at, 2) & READ_REQUEST,
		    "the other byte is no part of it");
	close(fd);
	fd = device_open(device);
	need(fd >= 0, "open again");
	check_equal(before, config_read(fd, at, 2), "the next holder finds it as it was");
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}
