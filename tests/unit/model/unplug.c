// SPDX-License-Identifier: MIT
#include <sys/eventfd.h>
#include <unistd.h>
#include "opened.h"

TestSuite(unplug, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

Test(unplug, a_decorated_model_is_told_gone_by_every_call)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct uldf_space *space = NULL;
	unsigned int events = 0;
	eventfd_t count = 0;
	struct opened o;
	uint64_t value;

	opened_init(&o, "check:model:edu");
	cr_assert(eq(int, uldf_event_bind(o.device, fd), 0));
	cr_assert(eq(int, uldf_irq_enable(o.device, ULDF_IRQ_MSI, 1), 0));
	cr_expect(eq(int, uldf_model_unplug(o.device), 0));
	cr_expect(eq(int, uldf_model_unplug(o.device), 0), "once is enough");
	cr_expect(eq(int, eventfd_read(fd, &count), 0));
	cr_expect(eq(u64, count, 1));
	cr_expect(eq(int, uldf_event_read(o.device, &events), 0));
	cr_expect(eq(uint, events, ULDF_EVENT_REMOVED));
	cr_expect(eq(int, uldf_region_read(o.device, ULDF_BAR0, 0, 4, &value), -ENODEV));
	cr_expect(eq(int, uldf_region_write(o.device, ULDF_BAR0, 4, 4, 0), -ENODEV));
	cr_expect(eq(int, uldf_region_read(o.device, ULDF_CONFIG, 0, 4, &value), -ENODEV));
	cr_expect(eq(int, uldf_region_write(o.device, ULDF_CONFIG, 4, 2, 0), -ENODEV));
	cr_expect(eq(int, uldf_irq_bind(o.device, 0, 1, &fd), -ENODEV));
	cr_expect(eq(int, uldf_irq_disable(o.device), -ENODEV));
	cr_expect(eq(int, uldf_device_reset(o.device, NULL), -ENODEV));
	cr_expect(eq(int, uldf_event_bind(o.device, fd), -ENODEV));
	cr_expect(eq(int, uldf_space_create(o.device, &space), 0), "a space is no device's");
	uldf_space_destroy(space);
	cr_expect(eq(int, uldf_device_move(o.device, o.space), -ENODEV));
	cr_expect(eq(int, uldf_device_detach(o.device), -ENODEV));
	cr_expect(eq(int, uldf_device_detach(o.device), -EINVAL), "it is detached all the same");
	cr_expect(eq(int, uldf_device_attach(o.device, o.space), -ENODEV));
	opened_fini(&o);
	close(fd);
}
