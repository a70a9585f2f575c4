// SPDX-License-Identifier: MIT
/* A driver that waits for messages that cannot leave its device. */
#include <linux/pci_regs.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <uldf/io.h>
#include "checked.h"
#include "fake.h"

TestSuite(check_master, .fini = fixture_check_leaks);

/* Longer than a driver may be silent. */
#define SILENCE_US 1300000

#define STEP_US 100000
#define LIMIT	300 /* steps until something is found, or until a machine has kept time */

static int fd;

static void start(struct checked *c)
{
	checked_init(c);
	fd = eventfd(0, EFD_CLOEXEC);
	cr_assert(eq(int, uldf_irq_enable(c->w.device, ULDF_IRQ_MSI, 1), 0));
	cr_assert(eq(int, uldf_irq_bind(c->w.device, 0, 1, &fd), 0));
}

static void end(struct checked *c)
{
	cr_expect(eq(int, uldf_irq_disable(c->w.device), 0));
	checked_fini(c);
	close(fd);
}

/* The thread that finds it is the library's; it has told what it counts. */
static void expect_found(struct checked *c)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < LIMIT && !count; i++) {
		usleep(STEP_US);
		cr_assert(eq(int, uldf_check_count(c->w.device, &count), 0));
	}
	checked_expect(c, ULDF_CHECK_NO_MASTER, "vector 0 is bound, but bus mastering is off");
	cr_expect(gt(uint, c->made_depth, 0));
	cr_expect(eq(int, strncmp(c->made_at, "start() at ", 11), 0), "'%s'", c->made_at);
	engine_expect_reason(c->w.ctx, "set bit 2 of PCI_COMMAND");
}

Test(check_master, finds_a_driver_that_waits_for_messages_with_bus_mastering_off_once)
{
	struct checked c;

	start(&c);
	expect_found(&c);
	usleep(SILENCE_US);
	end(&c);
	cr_expect(eq(uint, c.found, 1));
}

Test(check_master, bus_mastering_that_comes_after_the_vectors_is_correct)
{
	struct uldf_io batch = {.kind = ULDF_IO_WRITE,
				.region = ULDF_CONFIG,
				.offset = PCI_COMMAND,
				.width = 1,
				.value = PCI_COMMAND_MASTER};
	struct checked c;

	start(&c);
	cr_expect(eq(int, uldf_io_batch(c.w.device, &batch, 1, NULL), 0));
	usleep(SILENCE_US);
	end(&c);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}

Test(check_master, a_driver_that_switches_it_off_again_knows_why)
{
	struct checked c;

	start(&c);
	cr_expect(eq(int, uldf_config_write(c.w.device, PCI_COMMAND, 2, PCI_COMMAND_MASTER), 0));
	cr_expect(eq(int, uldf_config_write(c.w.device, PCI_COMMAND, 2, 0), 0));
	usleep(SILENCE_US);
	end(&c);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}

Test(check_master, finds_that_a_reset_has_switched_it_off)
{
	struct checked c;

	start(&c);
	cr_expect(eq(int, uldf_config_write(c.w.device, PCI_COMMAND, 2, PCI_COMMAND_MASTER), 0));
	cr_expect(eq(int, uldf_device_reset(c.w.device, NULL), 0));
	expect_found(&c);
	end(&c);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Calls for longer than a driver may be silent. Returns the longest time between two calls. */
static uint64_t call_often(struct checked *c)
{
	uint64_t value, last = now_us(), until = last + SILENCE_US, longest = 0, now;

	do {
		usleep(STEP_US);
		cr_expect(eq(int, uldf_region_read(c->w.device, 0, ENGINE_COUNT, 8, &value), 0));
		now = now_us();
		longest = now - last > longest ? now - last : longest;
		last = now;
	} while (now < until);
	return longest;
}

/* A machine that is busy may keep the calls apart: then the next round counts. */
Test(check_master, a_driver_that_calls_does_not_wait)
{
	uint64_t longest = UINT64_MAX;
	struct checked c;

	for (unsigned int i = 0; i < 20 && longest > 800000; i++) {
		start(&c);
		c.found = 0;
		longest = call_often(&c);
		end(&c);
	}
	cr_assert(le(u64, longest, 800000));
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}

Test(check_master, vectors_that_nobody_waits_for_are_correct)
{
	struct checked c;
	int none = -1;

	start(&c);
	cr_expect(eq(int, uldf_irq_bind(c.w.device, 0, 1, &none), 0));
	usleep(SILENCE_US);
	end(&c);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}
