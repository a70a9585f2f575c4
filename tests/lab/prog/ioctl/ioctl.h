/* SPDX-License-Identifier: MIT */
/*
 * Tests of uldf.ko through bare system calls, without libuldf. A suite is a function that makes
 * checks; each check prints one line, "ok NAME" or "not ok NAME".
 */
#ifndef LAB_IOCTL_H
#define LAB_IOCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/uldf.h>

#include "../slow.h"

#define PAGE	  4096UL
#define CONFIG_AT ((uint64_t)ULDF_REGION_CONFIG << 40)

/* ---- check.c ------------------------------------------------------------------------------- */

/* Prints the check's result; counts failures. Returns @good. */
bool check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Is @found, 0 or a negative errno, @wanted? */
bool check_equal(long wanted, long found, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
unsigned int check_failures(void);
/* Ends the program: nothing that follows could be tested. */
void need(bool good, const char *what);

/* ---- call.c -------------------------------------------------------------------------------- */

struct address {
	char text[32];
	uint32_t segment;
	uint16_t bus;
	uint8_t devfn;
};

/* All calls return their result or a negative errno. */
int call(int fd, unsigned long command, void *arg);
int control_open(void);
void address_parse(const char *text, struct address *address); /* or ends the program */
int claim(const struct address *address, char reason[96]);
int claim_group(const struct address *address, char reason[96]);
int claim_reset(const struct address *address, uint32_t *reset); /* tells how it was reset */
int release(const struct address *address, uint32_t flags, uint32_t *reset);
uint32_t reset_expected(const struct address *address); /* by what sysfs says of it */
int device_open(const struct address *address);
int device_take(const struct address *address); /* claims and opens, or ends the program */
int region_read(int fd, unsigned int region, uint64_t offset, unsigned int width, uint64_t *value);
int region_write(int fd, unsigned int region, uint64_t offset, unsigned int width, uint64_t value);
uint32_t config_read(int fd, uint64_t offset, unsigned int width);
void config_write(int fd, uint64_t offset, unsigned int width, uint32_t value);
int vectors(int fd, unsigned long command, uint32_t type, uint32_t first, uint32_t count);
int bind_fds(int fd, uint32_t flags, uint32_t type, uint32_t first, uint32_t count, const int *fds);
int space_create(int device);
int attach(int device, int space);
int detach(int device);
int memory_register(int space, void *address, uint64_t size, uint32_t flags, uint32_t *id);
int memory_unregister(int space, uint32_t id);
int map(int space, uint32_t id, uint64_t offset, uint64_t address, uint64_t size, uint32_t flags);
int unmap(int space, uint64_t address, uint64_t size);
int batch(int space, unsigned long command, struct uldf_ioc_mapping *pieces, uint32_t count,
	  uint32_t *done);
int region_fd(int fd, uint32_t index, uint64_t offset, uint64_t size, uint32_t flags);
int functions(int fd, uint32_t count);
int power(int fd, uint32_t state);
bool is_gone(volatile uint32_t *at); /* does reading there raise SIGBUS? */
int event_create(void);
bool event_wait(int fd, int milliseconds); /* and reads it */
int io_batch(int fd, struct uldf_ioc_io *ios, uint32_t count, uint32_t *done);
int events_bind(int fd, int event);
uint32_t events_read(int fd);
uint64_t pinned_bytes(void);
bool pinned_becomes(uint64_t wanted);
uint64_t pinned_by(uint32_t uid); /* ~0 where the host does not tell */

/* ---- host.c -------------------------------------------------------------------------------- */

#define COMMAND		     4
#define COMMAND_IO	     0x1
#define COMMAND_MEMORY	     0x2
#define COMMAND_MASTER	     0x4
#define COMMAND_PARITY	     0x40
#define COMMAND_SERR	     0x100
#define COMMAND_INTX_DISABLE 0x400

/* Files in the device's folder in sysfs, as one line of text. */
const char *attribute(const struct address *device, const char *name);
void attribute_set(const struct address *device, const char *name, const char *value);
void driver_write(const char *name, const char *value); /* of the PCI driver uldf */
/* Configuration space, also while nobody has claimed the device. */
uint32_t host_read(const struct address *device, unsigned int at, unsigned int width);
void host_write(const struct address *device, unsigned int at, unsigned int width, uint32_t value);
/* A BAR of a device that nobody has claimed: ports by pread and pwrite, memory mapped. */
int host_ports(const struct address *device, unsigned int bar);
volatile void *host_memory(const struct address *device, unsigned int bar, size_t *size);

/* ---- user.c: what a process may do, for children that are to be judged ------------------------- */

#define NOBODY 65534

void user_become(uint32_t uid);		/* which ends all capabilities */
void user_keep(uint32_t uid, int keep); /* but this one */
void capability_drop(int drop);
void memlock_limit(uint64_t bytes);
/* Runs @run in a child, and returns what it returns when the child has ended. */
int in_child(int (*run)(void *arg), void *arg);

/* ---- edu.c: QEMU's edu device ---------------------------------------------------------------- */

#define EDU_IDENT	0x00
#define EDU_IDENT_VALUE 0x010000edU
#define EDU_LIVENESS	0x04
#define EDU_RAISE	0x60
#define EDU_ACK		0x64

void edu_raise(int fd, uint32_t value);
void edu_ack(int fd, uint32_t value);
/* Copies between bus address and the device's buffer; returns when the device says it is done. */
bool edu_dma(int fd, uint64_t address, uint32_t count, bool to_memory);
void edu_dma_start(int fd, uint64_t address, uint32_t count, bool to_memory);

/* ---- functions.c: virtual functions --------------------------------------------------------------- */

/* Finds virtual function @index; returns whether it is there. */
bool function_find(const struct address *device, unsigned int index, struct address *out);

/* ---- nvme.c: an NVMe controller ---------------------------------------------------------------- */

#define NVME_QUEUES 4
#define NVME_MEMORY (NVME_QUEUES * 2 * PAGE)

struct nvme {
	int fd;
	unsigned int stride; /* bytes between doorbells */
	uint8_t *memory;     /* NVME_MEMORY bytes, which the controller has at @address */
	uint64_t address;
	unsigned int at[NVME_QUEUES]; /* commands submitted */
};

/* Starts the controller anew, with its admin queue, which signals vector 0. MSI-X is enabled. */
void nvme_start(struct nvme *nvme, int fd, uint8_t *memory, uint64_t address);
void nvme_queue(struct nvme *nvme, unsigned int queue, unsigned int vector);
void nvme_fire(struct nvme *nvme, unsigned int queue);

/* ---- suites ---------------------------------------------------------------------------------- */

void suite_arguments(const struct address *device);
void suite_claim(const struct address *device);
void suite_first(const struct address *device);
void suite_opening(const struct address *device);
void suite_opening_bare(const struct address *device);
void suite_answer(const struct address *device);
void suite_opening_locked(const struct address *device);
void suite_opening_unsafe(const struct address *device);
void suite_leave(const struct address *device);
void suite_line(const struct address *device);
void suite_charge(const struct address *device);
void suite_charge_bare(const struct address *device);
void suite_group(const struct address *device);
void suite_region(const struct address *device);
void suite_areas(const struct address *device);
void suite_bigbar(const struct address *device);
void suite_vpd(const struct address *device);
void suite_requests(const struct address *device);
void suite_stats(const struct address *device);
void suite_hand(const struct address *device);
void suite_functions(const struct address *device);
void suite_going(const struct address *device);
void suite_config(const struct address *device);
void suite_vendor_area(const struct address *device);
void suite_vector(const struct address *device);
void suite_receive(const struct address *device);
void suite_space(const struct address *device);
void suite_rows(const struct address *device);
void suite_bare(const struct address *device);
void suite_bare_heir(const struct address *device);
void suite_bare_refused(const struct address *device);
void suite_bounds(const struct address *device);
void suite_range(const struct address *device);
void suite_move(const struct address *device);
void suite_peer(const struct address *device);
void suite_share(const struct address *device);
void suite_shared_space(const struct address *device);
void suite_memory(const struct address *device);
void suite_edu(const struct address *device);
void suite_fault(const struct address *device);
void suite_kill(const struct address *device);
void suite_unplug(const struct address *device);
void suite_io(const struct address *device);
void suite_guest(const struct address *device);
void suite_messages(const struct address *device);
void suite_shared(const struct address *device);
void suite_power(const struct address *device);
void suite_events(const struct address *device);
void suite_error(const struct address *device);
void suite_error_mild(const struct address *device);
void suite_error_functions(const struct address *device);
void suite_error_anew(const struct address *device);
void suite_error_lost(const struct address *device);
void suite_error_none(const struct address *device);

#endif
