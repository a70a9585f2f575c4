// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "capability.h"
#include "config-file.h"
#include "output.h"

static int file_hidden(const struct access *access, size_t size)
{
	output_error("device %s: Linux shows only root what follows the first %zu bytes of "
		     "config: be root",
		     access->device, size);
	return OUTPUT_PERMISSION;
}

static int file_find(const struct access *access, const uint8_t *bytes, size_t size, uint64_t *out)
{
	const struct place *place = &access->place;
	unsigned int at = 0;
	bool found = true;

	if (place->base == PLACE_STANDARD)
		found = capability_find(bytes, size, (uint8_t)place->id, &at);
	else if (place->base == PLACE_EXTENDED)
		found = capability_find_extended(bytes, size, place->id, &at);
	*out = at + place->offset;
	if (found)
		return OUTPUT_DONE;
	if (size < PCI_CFG_SPACE_SIZE)
		return file_hidden(access, size);
	output_error("device %s: no %s capability 0x%02x", access->device,
		     place->base == PLACE_STANDARD ? "standard" : "extended", place->id);
	return OUTPUT_FAILED;
}

static int file_check(const struct access *access, uint64_t offset, size_t size, size_t whole)
{
	uint64_t end;

	if (offset & (access->width - 1)) {
		output_error("device %s: config: offset 0x%" PRIx64
			     " is no multiple of the width %u",
			     access->device, offset, access->width);
		return OUTPUT_FAILED;
	}
	if (__builtin_add_overflow(offset, access->count * access->width, &end) || end > whole) {
		output_error("device %s: config: offset 0x%" PRIx64 " is beyond its 0x%zx bytes",
			     access->device, offset, whole);
		return OUTPUT_FAILED;
	}
	return end <= size ? OUTPUT_DONE : file_hidden(access, size);
}

/* Little-endian, as all of configuration space is. */
static uint64_t file_value(const uint8_t *bytes, unsigned int width)
{
	uint64_t value = 0;

	while (width--)
		value = value << 8 | bytes[width];
	return value;
}

int config_file_read(const char *sysfs, const struct uldf_address *address,
		     const struct access *access, uint64_t *offset, uint64_t *values)
{
	uint8_t bytes[CAPABILITY_BYTES];
	char text[ULDF_ADDRESS_TEXT], path[512];
	off_t whole;
	ssize_t size;
	int fd, status;

	uldf_address_format(address, text);
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/config", sysfs, text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : pread(fd, bytes, sizeof(bytes), 0);
	if (size < 0) {
		status = errno == ENOENT ? OUTPUT_NO_DEVICE : output_status(-errno);
		output_error("device %s: %s: %s", text, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return status;
	}
	whole = lseek(fd, 0, SEEK_END);
	close(fd);
	status = file_find(access, bytes, (size_t)size, offset);
	if (!status)
		status = file_check(access, *offset, (size_t)size,
				    whole < size ? (size_t)size : (size_t)whole);
	for (uint64_t i = 0; !status && i < access->count; i++)
		values[i] = file_value(bytes + *offset + i * access->width, access->width);
	return status;
}
