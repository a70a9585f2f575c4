// SPDX-License-Identifier: MIT
/*
 * Two devices share an interrupt line. One has an interrupt pending that nothing takes back, masked in its command
 * register, and is claimed and released all the time; a claim has the PCI core clear the mask for a moment. The
 * holder of the other one, LAB_EDU_HOTPLUG, goes through vectors meanwhile, each time with a handler on a line that
 * had none. The caller counts the interrupts that nobody handled.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ioctl.h"

#define SECONDS 15

static atomic_bool over;
static unsigned int enabled, claimed;

static void *go_through_vectors(void *arg)
{
	int fd = *(int *)arg;

	while (!over) {
		need(!vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1), "enable INTx");
		need(!vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_INTX, 0, 0), "disable it");
		enabled++;
	}
	return NULL;
}

static unsigned int line_of(const struct address *device)
{
	char path[80];
	unsigned int line = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%04x:%02x:%02x.%x/irq", device->segment,
		 device->bus, device->devfn >> 3, device->devfn & 7);
	file = fopen(path, "re");
	need(file && fscanf(file, "%u", &line) == 1, path);
	fclose(file);
	return line;
}

/* Interrupts that came on a line, while a device has it. */
static unsigned long interrupts_of(unsigned int line)
{
	unsigned long all = 0, one;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/irq/%u/per_cpu_count", line);
	file = fopen(path, "re");
	need(file, path);
	while (fscanf(file, "%lu%*[,\n]", &one) == 1)
		all += one;
	fclose(file);
	return all;
}

void suite_line(const struct address *device)
{
	const char *text = getenv("LAB_EDU_HOTPLUG");
	struct address other = {};
	pthread_t thread;
	unsigned int line;
	uint32_t reset;
	time_t until;
	int fd, neighbour;

	need(text, "LAB_EDU_HOTPLUG");
	address_parse(text, &other);
	fd = device_take(device);
	edu_raise(fd, 1);
	close(fd);
	line = line_of(device);
	need(!release(device, 0, &reset), "release");
	check(host_read(device, COMMAND, 2) & COMMAND_INTX_DISABLE, "its interrupt is masked");
	neighbour = device_take(&other);
	check_equal(line, line_of(&other), "the line of the other device");

	pthread_create(&thread, NULL, go_through_vectors, &neighbour);
	for (until = time(NULL) + SECONDS; time(NULL) < until; claimed++) {
		fd = device_take(device);
		close(fd);
		need(!release(device, 0, &reset), "release");
	}
	over = true;
	pthread_join(thread, NULL);
	printf("line %u: %u claims, vectors enabled %u times, %lu interrupts\n", line, claimed,
	       enabled, interrupts_of(line));
	close(neighbour);
	need(!release(&other, 0, &reset), "release");
}
