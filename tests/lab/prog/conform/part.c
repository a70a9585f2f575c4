// SPDX-License-Identifier: MIT
/* A descriptor that can map one part of one region, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "conform.h"

static void *part_map(int fd, int protection, size_t size, off_t offset)
{
	void *address = mmap(NULL, size, protection, MAP_SHARED, fd, offset);

	return address == MAP_FAILED ? NULL : address;
}

static void check_refusals(struct conform *c, const struct uldf_region *bar)
{
	const uint64_t at = bar->area[0].offset;
	int fd = 77;

	expect(c, "half a page", uldf_region_fd(c->device, ULDF_BAR0, at, PAGE / 2, false, &fd),
	       -EINVAL);
	expect(c, "nothing", uldf_region_fd(c->device, ULDF_BAR0, at, 0, false, &fd), -EINVAL);
	expect(c, "no region", uldf_region_fd(c->device, ULDF_REGION_COUNT, 0, PAGE, false, &fd),
	       -EINVAL);
	expect(c, "past the region",
	       uldf_region_fd(c->device, ULDF_BAR0, bar->size, PAGE, false, &fd), -ERANGE);
	expect(c, "so much that it wraps",
	       uldf_region_fd(c->device, ULDF_BAR0, at, (size_t)-PAGE, false, &fd), -ERANGE);
	expect(c, "of the configuration space",
	       uldf_region_fd(c->device, ULDF_CONFIG, 0, PAGE, false, &fd), -ENOTSUP);
	require("which leave out alone", fd == 77);
}

/* Nothing but one mapping can be had of it. */
static void check_confined(struct conform *c, int fd)
{
	char byte;

	require("it is closed on exec", fcntl(fd, F_GETFD) & FD_CLOEXEC);
	require("not past its part", !part_map(fd, PROT_READ, 2 * PAGE, 0));
	require("not behind its part", !part_map(fd, PROT_READ, PAGE, PAGE));
	require("it cannot be mapped for writing", !part_map(fd, PROT_READ | PROT_WRITE, PAGE, 0));
	require("nor read or written", read(fd, &byte, 1) < 0 && write(fd, "", 1) < 0);
	require("nor called", ioctl(fd, 0, NULL) < 0);
}

static void check_mapping(struct conform *c, const volatile uint32_t *reader, uint32_t *writer)
{
	const unsigned int at = (c->model->scratch % PAGE) / 4;
	const uint32_t bits = c->model->scratch_bits;

	reg_write(c, c->model->scratch, 4, 0);
	((volatile uint32_t *)writer)[at] = 0x5a5a5a50 & bits;
	require("a write arrives",
		(reg_read(c, c->model->scratch, 4) & bits) == (0x5a5a5a50 & bits));
	require("and is read", (reader[at] & bits) == (0x5a5a5a50 & bits));
	reg_write(c, c->model->scratch, 4, 0);
	require("the mapping for reading cannot be made writable",
		mprotect((void *)reader, PAGE, PROT_READ | PROT_WRITE) < 0);
	config_command(c, 0, PCI_COMMAND_MEMORY);
	require("it is shut while memory is not decoded", touch_faults((void *)reader));
	config_command(c, PCI_COMMAND_MEMORY, 0);
	require("and open again", !touch_faults((void *)reader));
}

void check_part(struct conform *c)
{
	const struct uldf_region *bar = uldf_region_get(c->device, ULDF_BAR0);
	uint64_t at = c->model->scratch / PAGE * PAGE;
	void *reader, *writer;
	int fd = 77, writable;

	printf("== descriptors of parts of regions\n");
	config_command(c, PCI_COMMAND_MEMORY, 0);
	if (!c->able->parts) {
		expect(c, "a descriptor",
		       uldf_region_fd(c->device, ULDF_BAR0, at, PAGE, false, &fd), -ENOTSUP);
		require("which leaves out alone", fd == 77);
		return;
	}
	check_refusals(c, bar);
	expect(c, "a descriptor", uldf_region_fd(c->device, ULDF_BAR0, at, PAGE, false, &fd), 0);
	expect(c, "one for writing",
	       uldf_region_fd(c->device, ULDF_BAR0, at, PAGE, true, &writable), 0);
	check_confined(c, fd);
	reader = part_map(fd, PROT_READ, PAGE, 0);
	writer = part_map(writable, PROT_READ | PROT_WRITE, PAGE, 0);
	require("mappings", reader && writer);
	close(writable);
	check_mapping(c, reader, writer);
	conform_close(c);
	require("mappings die with the device's close",
		touch_faults(reader) && touch_faults(writer));
	conform_open(c, c->name);
	config_command(c, PCI_COMMAND_MEMORY, 0);
	require("and stay so when it is opened anew", touch_faults(reader));
	require("as does the descriptor", !part_map(fd, PROT_READ, PAGE, 0));
	close(fd);
	munmap(reader, PAGE);
	munmap(writer, PAGE);
}
