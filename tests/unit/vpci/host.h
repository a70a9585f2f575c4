/* SPDX-License-Identifier: MIT */
/* A VMM that does nothing but remember what it was asked for, and a bus that it hosts. */
#ifndef UNIT_VPCI_HOST_H
#define UNIT_VPCI_HOST_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <criterion/criterion.h>
#include <vpci/bus.h>
#include <vpci/function.h>

#define HOST_ROUTES  64
#define HOST_WIRES   8
#define HOST_WINDOWS 64

/* Windows of the bus that host_bus() creates. */
#define HOST_ECAM  0xb0000000ull
#define HOST_PORTS 0x1000u
#define HOST_MEM32 0xc0000000ull
#define HOST_MEM64 0x800000000ull

struct host_route {
	bool used;
	bool masked;
	int fd;
	struct vpci_msi msi;
};

struct host_wire {
	bool used;
	unsigned int gsi;
	int fd;
	int resample;
};

struct host_window {
	bool used;
	struct vpci_host_window shown;
};

struct host {
	struct host_route routes[HOST_ROUTES];
	struct host_wire wires[HOST_WIRES];
	struct host_window windows[HOST_WINDOWS];
	unsigned int most_routes; /* what it has; further ones are -ENOSPC */
	unsigned int updates;	  /* how often a route was changed */
	unsigned int sent;	  /* how many messages were sent by msi_send */
	struct vpci_msi last_sent;
	int send_error; /* answer of msi_send */
	unsigned int level_changes;
	bool levels[32];
	int update_error; /* answer of msi_route_update */
	int unmask_error; /* answer of msi_route_unmask */
	unsigned int reports;
	char last_report[256];
	int wire_error;	  /* answer of gsi_wire */
	int window_error; /* answer of window_add */
	unsigned int window_changes;
	uint8_t *ram; /* guest RAM, at ram_base for the guest */
	uint64_t ram_base, ram_size;
};

extern const struct vpci_host_ops host_ops;

void host_init(struct host *host);
/* Routes that are not masked, and all. */
unsigned int host_route_count(const struct host *host);
unsigned int host_route_total(const struct host *host);
unsigned int host_wire_count(const struct host *host);
unsigned int host_window_count(const struct host *host);

/* The route of an eventfd, NULL for none that is not masked. */
const struct host_route *host_route_of(const struct host *host, int fd);

/* The window at a guest address, NULL for none. */
const struct vpci_host_window *host_window_at(const struct host *host, uint64_t guest);

/* What the bus of the tests looks like: 1 MiB ECAM, 0x1000..0x1fff, 16 MiB and 4 GiB of memory. */
struct vpci_layout host_layout(void);
struct vpci_bus *host_bus(struct host *host);

/* Configuration accesses through ECAM, of 1, 2 or 4 bytes. */
uint32_t host_config_read(struct vpci_bus *bus, unsigned int devfn, unsigned int offset,
			  unsigned int width);
void host_config_write(struct vpci_bus *bus, unsigned int devfn, unsigned int offset,
		       unsigned int width, uint32_t value);

/* Memory accesses that must hit. */
uint64_t host_memory_read(struct vpci_bus *bus, uint64_t address, unsigned int width);
void host_memory_write(struct vpci_bus *bus, uint64_t address, unsigned int width, uint64_t value);

/* Aborts when memory was lost, under LeakSanitizer: Criterion's workers never report it. */
void host_check_leaks(void);

#endif
