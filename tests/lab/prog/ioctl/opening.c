// SPDX-License-Identifier: MIT
/*
 * Who may open the node of a device, given that the node's mode lets everybody: where an IOMMU confines
 * its DMA and its messages, everybody; else whoever has CAP_SYS_RAWIO on the host, and only while the
 * module's parameter allows it. Registers may switch bus mastering on, so that being asked when a space
 * is made or attached would be too late.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <linux/capability.h>
#include <unistd.h>

#include "ioctl.h"

#define ALLOW_BARE	  "allow_bare"
#define UNSAFE_INTERRUPTS "unsafe_interrupts"

static void stay_root(void)
{
}

static void drop_rawio(void)
{
	capability_drop(CAP_SYS_RAWIO);
}

static void become_nobody(void)
{
	user_become(NOBODY);
}

static void keep_rawio(void)
{
	user_keep(NOBODY, CAP_SYS_RAWIO);
}

/* All capabilities, but not the host's. */
static void become_root_of_a_namespace(void)
{
	user_become(NOBODY);
	need(!unshare(CLONE_NEWUSER), "make a user namespace");
}

static const struct opener {
	const char *name;
	void (*become)(void);
	bool rawio;
} openers[] = {
	{"root", stay_root, true},
	{"root without CAP_SYS_RAWIO", drop_rawio, false},
	{"nobody", become_nobody, false},
	{"nobody with CAP_SYS_RAWIO", keep_rawio, true},
	{"root of a user namespace", become_root_of_a_namespace, false},
};

struct opening {
	const struct opener *opener;
	const struct address *device;
};

static int open_as(void *arg)
{
	const struct opening *opening = arg;
	int fd;

	opening->opener->become();
	fd = device_open(opening->device);
	return fd < 0 ? fd : 0;
}

/* @all: all of them may, else those with the capability, if it is @allowed. */
static void openings_are_judged(const struct address *device, bool all, bool allowed,
				const char *where)
{
	for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
		struct opening opening = {&openers[i], device};
		int wanted = all || (allowed && openers[i].rawio) ? 0 : -EPERM;

		check_equal(wanted, in_child(open_as, &opening), "%s, %s opens the device", where,
			    openers[i].name);
	}
}

static FILE *parameter_open(const char *name, const char *mode)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/uldf/parameters/%s", name);
	file = fopen(path, mode);
	need(file, path);
	return file;
}

static bool parameter(const char *name)
{
	FILE *file = parameter_open(name, "r");
	int value = fgetc(file);

	fclose(file);
	return value == 'Y';
}

static void parameter_set(const char *name, bool value)
{
	FILE *file = parameter_open(name, "w");

	need(fputs(value ? "Y" : "N", file) >= 0 && !fclose(file), "set a parameter");
}

static void claim_for_all(const struct address *device)
{
	char path[64];

	need(!claim(device, NULL), "claim");
	snprintf(path, sizeof(path), "/dev/uldf/%s", device->text);
	need(!chmod(path, 0666), "let everybody open the node");
}

void suite_opening(const struct address *device)
{
	claim_for_all(device);
	openings_are_judged(device, true, false, "confined");
	check_equal(0, release(device, 0, NULL), "release");
}

static int nobody_reads(void *arg)
{
	uint64_t value = 0;
	int ret;

	user_become(NOBODY);
	ret = region_read(*(int *)arg, 0, EDU_IDENT, 4, &value);
	return ret ? ret : value == EDU_IDENT_VALUE ? 0 : -EIO;
}

/* What was opened while it was allowed. */
static void an_open_file_works(const struct address *device)
{
	volatile uint32_t *at;
	uint64_t value = 0;
	int fd, event = event_create();

	parameter_set(ALLOW_BARE, true);
	fd = device_open(device);
	need(fd >= 0, "open while it is allowed");
	parameter_set(ALLOW_BARE, false);
	check_equal(0, region_read(fd, 0, EDU_IDENT, 4, &value), "an open file reads a register");
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	check(at != MAP_FAILED && *at == EDU_IDENT_VALUE, "maps them");
	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1), "enables INTx");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &event), "binds an eventfd");
	edu_raise(fd, 1);
	check(event_wait(event, PATIENCE), "is interrupted");
	edu_ack(fd, 1);
	check_equal(0, in_child(nobody_reads, &fd), "and serves whom it was handed to");
	munmap((void *)at, PAGE);
	close(fd);
	close(event);
	fd = device_open(device);
	check_equal(-EPERM, fd < 0 ? fd : 0, "closed, it is not opened again");
}

/* On a host without an IOMMU; the parameter ends as it was. */
void suite_opening_bare(const struct address *device)
{
	bool before = parameter(ALLOW_BARE);

	claim_for_all(device);
	parameter_set(ALLOW_BARE, false);
	openings_are_judged(device, false, false, "bare, allow_bare off");
	parameter_set(ALLOW_BARE, true);
	openings_are_judged(device, false, true, "bare, allow_bare on");
	an_open_file_works(device);
	parameter_set(ALLOW_BARE, before);
	check_equal(0, release(device, 0, NULL), "release");
}

/* On a host without an IOMMU whose kernel is locked down (kernel_lockdown(7)), which nothing undoes. */
void suite_opening_locked(const struct address *device)
{
	claim_for_all(device);
	parameter_set(ALLOW_BARE, true);
	openings_are_judged(device, false, false, "bare, allow_bare on, locked down");
	check_equal(0, release(device, 0, NULL), "release");
}

static void dma_works(const struct address *device)
{
	uint32_t *memory =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = device_open(device), space = space_create(fd);
	uint32_t id = 0;

	need(fd >= 0 && space >= 0 && memory != MAP_FAILED, "open it, and create a space");
	check_equal(0, attach(fd, space), "attach");
	need(!memory_register(space, memory, PAGE, 0, &id) &&
		     !map(space, id, 0, 0x10000, PAGE, ULDF_MAP_READ | ULDF_MAP_WRITE),
	     "map memory");
	config_write(fd, COMMAND, 2, config_read(fd, COMMAND, 2) | COMMAND_MASTER);
	memory[0] = 0x600df00d;
	check(edu_dma(fd, 0x10000, 64, false), "the device reads memory");
	memory[0] = 0;
	check(edu_dma(fd, 0x10000, 64, true), "and writes it");
	check(memory[0] == 0x600df00d, "what it had read");
	close(space);
	close(fd);
	munmap(memory, PAGE);
}

/* Behind an IOMMU that does not isolate messages; the parameter is given when the module is loaded. */
void suite_opening_unsafe(const struct address *device)
{
	bool allowed = parameter(UNSAFE_INTERRUPTS);

	claim_for_all(device);
	openings_are_judged(device, false, allowed,
			    allowed ? "unsafe, unsafe_interrupts on"
				    : "unsafe, unsafe_interrupts off");
	if (allowed)
		dma_works(device);
	check_equal(0, release(device, 0, NULL), "release");
}
