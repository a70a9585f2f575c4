// SPDX-License-Identifier: MIT
#include <limits.h>
#include "fake.h"

TestSuite(event, .fini = fixture_check_leaks);

Test(event, without_the_ops_all_is_enotsup)
{
	const volatile struct uldf_irq_count *counts = NULL;
	unsigned int events = 77;
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_event_bind(f.device, -1), -ENOTSUP));
	fixture_expect_reason(f.ctx, "backend fake tells of no events");
	cr_expect(eq(int, uldf_event_read(f.device, &events), -ENOTSUP));
	cr_expect(eq(uint, events, 77));
	cr_expect(eq(int, uldf_irq_counts(f.device, &counts), -ENOTSUP));
	cr_expect(eq(ptr, (void *)counts, NULL));
	cr_expect(eq(int, uldf_device_power(f.device, 3), -ENOTSUP));
	cr_expect(eq(int, uldf_device_set_guest(f.device, 5), -ENOTSUP));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

static int bound = 77;

static int event_bind(struct uldf_device *device, int fd)
{
	bound = fd;
	return 0;
}

static int event_read(struct uldf_device *device, unsigned int *events)
{
	*events = ULDF_EVENT_REMOVED;
	return 0;
}

static unsigned int powered = 77;

static int power(struct uldf_device *device, unsigned int state)
{
	powered = state;
	return 0;
}

Test(event, the_ops_are_asked)
{
	struct uldf_backend_ops ops = fake_ops;
	unsigned int events = 0;
	struct fixture f;

	fixture_init(&f);
	ops.event_bind = event_bind;
	ops.event_read = event_read;
	f.device->ops = &ops;
	cr_expect(eq(int, uldf_event_bind(f.device, -1), 0));
	cr_expect(eq(int, bound, -1));
	cr_expect(eq(int, uldf_event_read(f.device, &events), 0));
	cr_expect(eq(uint, events, ULDF_EVENT_REMOVED));
	fixture_fini(&f);
}

Test(event, power_states_that_are_none_are_refused)
{
	static const unsigned int none[] = {1, 2, 4, UINT32_MAX};
	struct uldf_backend_ops ops = fake_ops;
	struct fixture f;

	fixture_init(&f);
	ops.power = power;
	f.device->ops = &ops;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		cr_expect(eq(int, uldf_device_power(f.device, none[i]), -EINVAL));
	cr_expect(eq(uint, powered, 77));
	cr_expect(eq(int, uldf_device_power(f.device, 3), 0));
	cr_expect(eq(uint, powered, 3));
	fixture_fini(&f);
}

static int guest = 77;

static int set_guest(struct uldf_device *device, int vm)
{
	guest = vm;
	return 0;
}

Test(event, descriptors_that_are_none_are_no_guests)
{
	struct uldf_backend_ops ops = fake_ops;
	struct fixture f;

	fixture_init(&f);
	ops.set_guest = set_guest;
	f.device->ops = &ops;
	cr_expect(eq(int, uldf_device_set_guest(f.device, -2), -EINVAL));
	cr_expect(eq(int, uldf_device_set_guest(f.device, INT_MIN), -EINVAL));
	cr_expect(eq(int, guest, 77));
	cr_expect(eq(int, uldf_device_set_guest(f.device, 5), 0));
	cr_expect(eq(int, guest, 5));
	cr_expect(eq(int, uldf_device_set_guest(f.device, -1), 0));
	cr_expect(eq(int, guest, -1));
	fixture_fini(&f);
}
