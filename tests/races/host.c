// SPDX-License-Identifier: MIT
/* A VMM whose ops take a lock of its own, as they come from several threads. */
#include <pthread.h>
#include <stdlib.h>
#include "races.h"

static pthread_mutex_t host_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int host_numbers, host_calls;

uint8_t races_ram[RACES_RAM_SIZE] __attribute__((aligned(4096)));

static void host_count(void)
{
	pthread_mutex_lock(&host_lock);
	host_calls++;
	pthread_mutex_unlock(&host_lock);
}

static unsigned int host_number(void)
{
	unsigned int number;

	pthread_mutex_lock(&host_lock);
	number = host_numbers++;
	pthread_mutex_unlock(&host_lock);
	return number;
}

static int host_msi_send(void *host, const struct vpci_msi *msi)
{
	host_count();
	return 0;
}

static int host_route_add(void *host, int fd, const struct vpci_msi *msi, unsigned int *route)
{
	*route = host_number();
	return 0;
}

static int host_route_update(void *host, unsigned int route, const struct vpci_msi *msi)
{
	host_count();
	return 0;
}

static int host_route_unmask(void *host, unsigned int route)
{
	host_count();
	return 0;
}

static void host_route_end(void *host, unsigned int route)
{
	host_count();
}

static void host_gsi_set(void *host, unsigned int gsi, bool level)
{
	host_count();
}

static int host_gsi_wire(void *host, unsigned int gsi, int fd, int resample)
{
	host_count();
	return 0;
}

static void host_gsi_unwire(void *host, unsigned int gsi, int fd)
{
	host_count();
}

static int host_window_add(void *host, const struct vpci_host_window *window, unsigned int *number)
{
	*number = host_number();
	return 0;
}

static void host_window_remove(void *host, unsigned int number,
			       const struct vpci_host_window *window)
{
	host_count();
}

static void *host_memory(void *host, uint64_t address, uint64_t size)
{
	uint64_t offset = address - RACES_RAM;

	if (address < RACES_RAM || offset > RACES_RAM_SIZE || size > RACES_RAM_SIZE - offset)
		return NULL;
	return races_ram + offset;
}

static void host_report(void *host, const char *text)
{
	host_count();
}

const struct vpci_host_ops races_host_ops = {
	.msi_send = host_msi_send,
	.msi_route_add = host_route_add,
	.msi_route_update = host_route_update,
	.msi_route_mask = host_route_end,
	.msi_route_unmask = host_route_unmask,
	.msi_route_remove = host_route_end,
	.gsi_set = host_gsi_set,
	.gsi_wire = host_gsi_wire,
	.gsi_unwire = host_gsi_unwire,
	.window_add = host_window_add,
	.window_remove = host_window_remove,
	.memory = host_memory,
	.report = host_report,
};
