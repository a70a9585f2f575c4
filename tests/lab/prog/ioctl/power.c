// SPDX-License-Identifier: MIT
/* Power states of an 82574 (e1000e). */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define COMMAND 4
#define MASTER	4
#define PMCSR	4 /* in the capability: PCI PM 1.2 section 3.2.4 */
#define ICR	0xc0
#define ICS	0xc8
#define IMS	0xd0
#define IVAR	0xe4
#define RXQ0	(1 << 20)

int power(int fd, uint32_t state)
{
	struct uldf_ioc_device_power arg = {.argsz = sizeof(arg), .state = state};

	return call(fd, ULDF_DEVICE_POWER, &arg);
}

static unsigned int pm_capability(int fd)
{
	unsigned int at = config_read(fd, 0x34, 1);

	while (at && config_read(fd, at, 1) != 1)
		at = config_read(fd, at + 1, 1);
	need(at, "a power management capability");
	return at;
}

static void asleep_nothing_answers(int fd, unsigned int pm)
{
	uint64_t value;

	check_equal(0, power(fd, 3), "to sleep");
	check((config_read(fd, pm + PMCSR, 2) & 3) == 3, "it is in D3hot");
	check_equal(0, power(fd, 3), "to sleep again");
	check(!(config_read(fd, COMMAND, 2) & MASTER), "bus mastering is off");
	check_equal(-EIO, region_read(fd, 0, 8, 4, &value), "read a register");
	check_equal(-EIO, region_write(fd, 0, 8, 4, 0), "write a register");
	check_equal(-EIO, region_write(fd, ULDF_REGION_CONFIG, COMMAND, 2, 7),
		    "write configuration");
	check_equal(-EIO, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSIX, 0, 0),
		    "disable vectors");
	check_equal(-EIO, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSI, 0, 1),
		    "enable vectors");
}

static void fire(int fd, int event, const char *when)
{
	need(!region_write(fd, 0, IVAR, 4, 8) && !region_write(fd, 0, IMS, 4, RXQ0) &&
		     !region_write(fd, 0, ICS, 4, RXQ0) && !region_write(fd, 0, ICR, 4, RXQ0),
	     "fire a vector");
	check(event_wait(event, PATIENCE), "a vector fires %s", when);
}

static void awake_all_is_as_before(int fd, unsigned int pm, int event)
{
	uint32_t command = config_read(fd, COMMAND, 2), bar = config_read(fd, 0x10, 4);

	fire(fd, event, "before");
	asleep_nothing_answers(fd, pm);
	check_equal(0, power(fd, 0), "awake");
	check_equal(0, power(fd, 0), "awake again");
	check((config_read(fd, pm + PMCSR, 2) & 3) == 0, "it is in D0");
	check(config_read(fd, COMMAND, 2) == command && config_read(fd, 0x10, 4) == bar,
	      "configuration is as before");
	fire(fd, event, "after it has slept");
}

static void sleep_can_end_otherwise(int fd, unsigned int pm, int space, int event)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};

	check_equal(0, power(fd, 3), "to sleep");
	check_equal(0, detach(fd), "detach asleep");
	check_equal(0, power(fd, 0), "awake");
	check(!(config_read(fd, COMMAND, 2) & MASTER), "bus mastering is off without a space");
	need(!attach(fd, space), "attach");
	config_write(fd, COMMAND, 2, config_read(fd, COMMAND, 2) | MASTER);
	check_equal(0, power(fd, 3), "to sleep");
	need(!detach(fd) && !attach(fd, space), "detach and attach asleep");
	check_equal(0, power(fd, 0), "awake");
	check(!(config_read(fd, COMMAND, 2) & MASTER), "nobody asked for bus mastering since");
	config_write(fd, COMMAND, 2, config_read(fd, COMMAND, 2) | MASTER);
	fire(fd, event, "in a space again");
	check_equal(0, power(fd, 3), "to sleep");
	check_equal(0, call(fd, ULDF_DEVICE_RESET, &reset), "reset asleep");
	check((config_read(fd, pm + PMCSR, 2) & 3) == 0, "it is in D0");
	config_write(fd, COMMAND, 2, config_read(fd, COMMAND, 2) | MASTER);
	fire(fd, event, "after the reset");
	check_equal(0, power(fd, 3), "to sleep, to be closed asleep");
}

#define ITR    0xc4
#define SLOWLY 0xffff /* no two interrupts within 16 ms */
#define LINK   (1 << 2)

/* Pulls the line; returns whether that is delivered at once. */
static bool pull(int fd, int event, int milliseconds)
{
	uint64_t causes;
	bool delivered;

	need(!region_write(fd, 0, ICS, 4, LINK), "set a cause");
	delivered = event_wait(event, milliseconds);
	if (delivered)
		need(!region_read(fd, 0, ICR, 4, &causes) &&
			     !vectors(fd, ULDF_VECTORS_UNMASK, ULDF_VECTOR_INTX, 0, 1),
		     "end it");
	return delivered;
}

/* Pulls the line and puts the card to sleep; wakes it again where the interrupt came before it slept. */
static bool is_held_back_asleep(int fd, int event)
{
	uint64_t causes;

	if (pull(fd, event, 0))
		return false;
	need(!power(fd, 3), "to sleep");
	if (!event_wait(event, 0))
		return true;
	need(!power(fd, 0) && !region_read(fd, 0, ICR, 4, &causes) &&
		     !vectors(fd, ULDF_VECTORS_UNMASK, ULDF_VECTOR_INTX, 0, 1),
	     "wake it, and end it");
	return false;
}

/* The card holds an interrupt back by a timer, which runs on asleep, when nobody would answer. */
static void a_line_is_not_pulled_asleep(int fd)
{
	int event = event_create(), tries = 20;
	uint64_t causes;

	need(!vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1) &&
		     !bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &event) &&
		     !region_write(fd, 0, IMS, 4, LINK) && !region_write(fd, 0, ITR, 4, SLOWLY),
	     "enable the line");
	check(pull(fd, event, PATIENCE), "it is delivered");
	while (!is_held_back_asleep(fd, event) && --tries)
		;
	check(tries, "then one is held back until the card sleeps");
	usleep(100000);
	check(!event_wait(event, 0), "it is not delivered");
	check_equal(0, power(fd, 0), "awake");
	need(!region_write(fd, 0, ITR, 4, 0) && !region_read(fd, 0, ICR, 4, &causes), "end it");
	usleep(100000);
	event_wait(event, 0);
	vectors(fd, ULDF_VECTORS_UNMASK, ULDF_VECTOR_INTX, 0, 1);
	check(pull(fd, event, PATIENCE), "the line still works");
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_INTX, 0, 0), "disable it");
	close(event);
}

void suite_power(const struct address *device)
{
	int fd = device_take(device), space = space_create(fd), event = event_create();
	unsigned int pm = pm_capability(fd);
	uint64_t value;

	need(space >= 0 && !attach(fd, space), "attach to a space");
	config_write(fd, COMMAND, 2, config_read(fd, COMMAND, 2) | MASTER);
	need(!vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, 1) &&
		     !bind_fds(fd, 0, ULDF_VECTOR_MSIX, 0, 1, &event),
	     "enable a vector");
	check_equal(-EINVAL, power(fd, 1), "D1");
	check_equal(-EINVAL, power(fd, 4), "no state");
	awake_all_is_as_before(fd, pm, event);
	sleep_can_end_otherwise(fd, pm, space, event);
	close(fd);
	fd = device_open(device);
	need(fd >= 0, "open it again");
	check_equal(0, region_read(fd, 0, 8, 4, &value), "it answers");
	a_line_is_not_pulled_asleep(fd);
	check_equal(0, power(fd, 3), "to sleep, to be released asleep");
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL), "release");
	check_equal(-ENODEV, power(fd, 0), "awake");
	close(fd);
	close(space);
	close(event);
}
