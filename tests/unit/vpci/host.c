// SPDX-License-Identifier: MIT
#include <stdlib.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif
#include "host.h"

static int host_msi_send(void *arg, const struct vpci_msi *msi)
{
	struct host *host = arg;

	if (host->send_error)
		return host->send_error;
	host->sent++;
	host->last_sent = *msi;
	return 0;
}

static int host_msi_route_add(void *arg, int fd, const struct vpci_msi *msi, unsigned int *route)
{
	struct host *host = arg;

	for (unsigned int i = 0; i < host->most_routes; i++) {
		if (host->routes[i].used)
			continue;
		host->routes[i] = (struct host_route){.used = true, .fd = fd, .msi = *msi};
		*route = i;
		return 0;
	}
	return -ENOSPC;
}

static int host_msi_route_update(void *arg, unsigned int route, const struct vpci_msi *msi)
{
	struct host *host = arg;

	cr_assert(route < HOST_ROUTES && host->routes[route].used);
	if (host->update_error)
		return host->update_error;
	host->routes[route].msi = *msi;
	host->updates++;
	return 0;
}

static void host_msi_route_mask(void *arg, unsigned int route)
{
	struct host *host = arg;

	cr_assert(route < HOST_ROUTES && host->routes[route].used && !host->routes[route].masked);
	host->routes[route].masked = true;
}

static int host_msi_route_unmask(void *arg, unsigned int route)
{
	struct host *host = arg;

	cr_assert(route < HOST_ROUTES && host->routes[route].used && host->routes[route].masked);
	if (host->unmask_error)
		return host->unmask_error;
	host->routes[route].masked = false;
	return 0;
}

static void host_msi_route_remove(void *arg, unsigned int route)
{
	struct host *host = arg;

	cr_assert(route < HOST_ROUTES && host->routes[route].used);
	host->routes[route].used = false;
}

static void host_gsi_set(void *arg, unsigned int gsi, bool level)
{
	struct host *host = arg;

	cr_assert_lt(gsi, 32);
	cr_assert_neq(host->levels[gsi], level, "GSI %u was set to what it was", gsi);
	host->levels[gsi] = level;
	host->level_changes++;
}

static int host_gsi_wire(void *arg, unsigned int gsi, int fd, int resample)
{
	struct host *host = arg;

	if (host->wire_error)
		return host->wire_error;
	for (unsigned int i = 0; i < HOST_WIRES; i++) {
		if (host->wires[i].used)
			continue;
		host->wires[i] = (struct host_wire){true, gsi, fd, resample};
		return 0;
	}
	return -ENOSPC;
}

static void host_gsi_unwire(void *arg, unsigned int gsi, int fd)
{
	struct host *host = arg;

	for (unsigned int i = 0; i < HOST_WIRES; i++) {
		if (!host->wires[i].used || host->wires[i].gsi != gsi || host->wires[i].fd != fd)
			continue;
		host->wires[i].used = false;
		return;
	}
	cr_assert_fail("unwired what was never wired");
}

static bool is_same(const struct vpci_host_window *a, const struct vpci_host_window *b)
{
	return a->guest == b->guest && a->address == b->address && a->size == b->size &&
	       a->devfn == b->devfn && a->bar == b->bar && a->offset == b->offset;
}

static int host_window_add(void *arg, const struct vpci_host_window *window, unsigned int *number)
{
	struct host *host = arg;

	cr_assert_eq((window->guest | (uintptr_t)window->address | window->size | window->offset) &
			     0xfff,
		     0);
	host->window_changes++;
	if (host->window_error)
		return host->window_error;
	for (unsigned int i = 0; i < HOST_WINDOWS; i++) {
		if (host->windows[i].used)
			continue;
		host->windows[i] = (struct host_window){.used = true, .shown = *window};
		*number = i;
		return 0;
	}
	return -ENOSPC;
}

static void host_window_remove(void *arg, unsigned int number,
			       const struct vpci_host_window *window)
{
	struct host *host = arg;

	cr_assert(number < HOST_WINDOWS && host->windows[number].used);
	cr_assert(is_same(window, &host->windows[number].shown));
	host->windows[number].used = false;
	host->window_changes++;
}

static void *host_memory(void *arg, uint64_t address, uint64_t size)
{
	struct host *host = arg;
	uint64_t offset = address - host->ram_base;

	cr_assert_neq(size, 0);
	if (address < host->ram_base || offset > host->ram_size || size > host->ram_size - offset)
		return NULL;
	return host->ram + offset;
}

static void host_report(void *arg, const char *text)
{
	struct host *host = arg;

	host->reports++;
	snprintf(host->last_report, sizeof(host->last_report), "%s", text);
}

const struct vpci_host_ops host_ops = {
	.msi_send = host_msi_send,
	.msi_route_add = host_msi_route_add,
	.msi_route_update = host_msi_route_update,
	.msi_route_mask = host_msi_route_mask,
	.msi_route_unmask = host_msi_route_unmask,
	.msi_route_remove = host_msi_route_remove,
	.gsi_set = host_gsi_set,
	.gsi_wire = host_gsi_wire,
	.gsi_unwire = host_gsi_unwire,
	.window_add = host_window_add,
	.window_remove = host_window_remove,
	.memory = host_memory,
	.report = host_report,
};

void host_init(struct host *host)
{
	memset(host, 0, sizeof(*host));
	host->most_routes = HOST_ROUTES;
}

unsigned int host_route_count(const struct host *host)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < HOST_ROUTES; i++)
		count += host->routes[i].used && !host->routes[i].masked;
	return count;
}

unsigned int host_route_total(const struct host *host)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < HOST_ROUTES; i++)
		count += host->routes[i].used;
	return count;
}

unsigned int host_wire_count(const struct host *host)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < HOST_WIRES; i++)
		count += host->wires[i].used;
	return count;
}

unsigned int host_window_count(const struct host *host)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < HOST_WINDOWS; i++)
		count += host->windows[i].used;
	return count;
}

const struct host_route *host_route_of(const struct host *host, int fd)
{
	for (unsigned int i = 0; i < HOST_ROUTES; i++)
		if (host->routes[i].used && !host->routes[i].masked && host->routes[i].fd == fd)
			return &host->routes[i];
	return NULL;
}

const struct vpci_host_window *host_window_at(const struct host *host, uint64_t guest)
{
	for (unsigned int i = 0; i < HOST_WINDOWS; i++)
		if (host->windows[i].used && host->windows[i].shown.guest == guest)
			return &host->windows[i].shown;
	return NULL;
}

struct vpci_layout host_layout(void)
{
	return (struct vpci_layout){
		.ecam = {HOST_ECAM, 0x200000},
		.ports = {HOST_PORTS, 0x1000},
		.mem32 = {HOST_MEM32, 0x1000000},
		.mem64 = {HOST_MEM64, 0x100000000},
		.config_ports = true,
		.gsis = {16, 17, 18, 19},
	};
}

struct vpci_bus *host_bus(struct host *host)
{
	struct vpci_layout layout = host_layout();
	struct vpci_bus *bus;

	host_init(host);
	cr_assert_eq(vpci_bus_create(&layout, &host_ops, host, &bus), 0);
	return bus;
}

uint32_t host_config_read(struct vpci_bus *bus, unsigned int devfn, unsigned int offset,
			  unsigned int width)
{
	return (uint32_t)host_memory_read(bus, HOST_ECAM + (devfn << 12) + offset, width);
}

void host_config_write(struct vpci_bus *bus, unsigned int devfn, unsigned int offset,
		       unsigned int width, uint32_t value)
{
	host_memory_write(bus, HOST_ECAM + (devfn << 12) + offset, width, value);
}

uint64_t host_memory_read(struct vpci_bus *bus, uint64_t address, unsigned int width)
{
	uint64_t value = 0;

	cr_assert(vpci_bus_memory_read(bus, address, width, &value), "nothing at 0x%llx",
		  (unsigned long long)address);
	return value;
}

void host_memory_write(struct vpci_bus *bus, uint64_t address, unsigned int width, uint64_t value)
{
	cr_assert(vpci_bus_memory_write(bus, address, width, value), "nothing at 0x%llx",
		  (unsigned long long)address);
}

void host_check_leaks(void)
{
#ifdef __SANITIZE_ADDRESS__
	if (__lsan_do_recoverable_leak_check())
		abort();
#endif
}
