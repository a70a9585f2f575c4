// SPDX-License-Identifier: MIT
/* The counters in /sys/class/uldf/<address>/, each against what was done. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

static void counter(const struct address *device, const char *name, long wanted)
{
	char path[96];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/uldf/%s/%s", device->text, name);
	file = fopen(path, "r");
	need(file && fscanf(file, "%ld", &value) == 1, path);
	fclose(file);
	check_equal(wanted, value, "%s", name);
}

static void space_is_counted(int fd, const struct address *device)
{
	void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int space = space_create(fd);
	uint32_t id = 0;

	need(space >= 0 && !attach(fd, space) && !memory_register(space, memory, PAGE, 0, &id),
	     "attach and register memory");
	for (uint64_t i = 1; i <= 3; i++)
		need(!map(space, id, 0, i * 0x10000, PAGE, ULDF_MAP_READ), "map");
	check(map(space, id, 0, 0x10000, PAGE, ULDF_MAP_READ), "a mapping is refused");
	need(!unmap(space, 0x10000, PAGE), "unmap");
	counter(device, "space_mappings", 2);
	counter(device, "space_mapped", 3);
	counter(device, "space_unmapped", 1);
	need(!detach(fd), "detach");
	counter(device, "space_mappings", 0);
	close(space);
	munmap(memory, PAGE);
}

static void interrupts_are_counted(int fd, const struct address *device)
{
	int event = event_create(), space = space_create(fd);

	/* a message is a write of a bus master */
	need(space >= 0 && !attach(fd, space), "attach");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	need(!vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSI, 0, 1) &&
		     !bind_fds(fd, 0, ULDF_VECTOR_MSI, 0, 1, &event),
	     "enable a vector");
	for (int i = 1; i <= 3; i++) {
		edu_raise(fd, 1);
		need(event_wait(event, PATIENCE), "an interrupt");
		edu_ack(fd, 1);
	}
	counter(device, "interrupts", 3);
	need(!vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSI, 0, 0), "disable it");
	counter(device, "interrupts", 3);
	need(!detach(fd), "detach");
	close(space);
	close(event);
}

void suite_stats(const struct address *device)
{
	int fd = device_take(device);

	counter(device, "opens", 1);
	counter(device, "functions", 0);
	counter(device, "resets", 0);
	counter(device, "interrupts", 0);
	interrupts_are_counted(fd, device);
	space_is_counted(fd, device);
	close(fd);
	fd = device_open(device);
	need(fd >= 0, "open it again");
	counter(device, "opens", 2);
	counter(device, "interrupts", 3);
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}
