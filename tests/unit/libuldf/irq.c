// SPDX-License-Identifier: MIT
#include "fake.h"

TestSuite(irq, .fini = fixture_check_leaks);

Test(irq, enable_refuses_what_the_device_lacks)
{
	static const struct {
		enum uldf_irq_type type;
		unsigned int count;
		int err;
	} cases[] = {
		{ULDF_IRQ_MSI, 1, -ENOTSUP},  {ULDF_IRQ_ISA, 2, -ENOTSUP},
		{ULDF_IRQ_TYPES, 1, -EINVAL}, {(enum uldf_irq_type) - 1, 1, -EINVAL},
		{ULDF_IRQ_MSIX, 0, -EINVAL},  {ULDF_IRQ_MSIX, 9, -EINVAL},
		{ULDF_IRQ_INTX, 2, -EINVAL},  {ULDF_IRQ_INTX, UINT32_MAX, -EINVAL},
	};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int, uldf_irq_enable(f.device, cases[i].type, cases[i].count),
			     cases[i].err),
			  "case %zu", i);
		cr_expect(eq(int, uldf_irq_reserve(f.device, cases[i].type, cases[i].count),
			     cases[i].err),
			  "case %zu", i);
	}
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

Test(irq, bind_takes_a_range_of_the_enabled_vectors)
{
	int fds[8] = {10, 11, 12, 13, 14, 15, 16, 17};
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), 0));
	cr_expect(eq(int, uldf_irq_bind(f.device, 2, 2, fds), 0));
	cr_expect(eq(int, fake.fds[2], 10));
	cr_expect(eq(int, fake.fds[3], 11));
	cr_expect(eq(int, fake.fds[0], 0));
	fixture_fini(&f);
}

Test(irq, bind_of_anything_else_is_einval)
{
	static const struct {
		unsigned int first;
		unsigned int count;
	} cases[] = {{0, 0}, {0, 5}, {4, 1}, {3, 2}, {UINT32_MAX, 1}, {1, UINT32_MAX}};
	int fds[8] = {0};
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_irq_bind(f.device, 0, 1, fds), -EINVAL)); /* none enabled */
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), 0));
	fake.calls = 0;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(eq(int, uldf_irq_bind(f.device, cases[i].first, cases[i].count, fds),
			     -EINVAL),
			  "case %zu", i);
	cr_expect(eq(int, uldf_irq_bind(f.device, 0, 1, NULL), -EINVAL));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

Test(irq, disable_without_vectors_is_no_failure)
{
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_irq_disable(f.device), 0));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

Test(irq, vectors_that_could_not_be_enabled_or_were_disabled_cannot_be_bound)
{
	int fd = 10;
	struct fixture f;

	fixture_init(&f);
	fake.answer = -ENOSPC;
	cr_expect(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), -ENOSPC));
	fake.answer = 0;
	cr_expect(eq(int, uldf_irq_bind(f.device, 0, 1, &fd), -EINVAL));
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), 0));
	cr_expect(eq(int, uldf_irq_disable(f.device), 0));
	cr_expect(eq(int, uldf_irq_bind(f.device, 0, 1, &fd), -EINVAL));
	fixture_fini(&f);
}

Test(irq, a_refused_second_enable_leaves_the_first)
{
	int fd = 10;
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), 0));
	fake.answer = -EBUSY;
	cr_expect(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_INTX, 1), -EBUSY));
	fake.answer = 0;
	cr_expect(eq(int, uldf_irq_bind(f.device, 3, 1, &fd), 0));
	cr_expect(eq(int, uldf_irq_mask(f.device), -EINVAL));
	fixture_fini(&f);
}

Test(irq, masking_needs_intx)
{
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_irq_mask(f.device), -EINVAL));
	cr_expect(eq(int, uldf_irq_unmask(f.device), -EINVAL));
	cr_expect(eq(int, uldf_irq_bind_unmask(f.device, 5), -EINVAL));
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), 0));
	fake.calls = 0;
	cr_expect(eq(int, uldf_irq_mask(f.device), -EINVAL));
	cr_expect(eq(int, uldf_irq_unmask(f.device), -EINVAL));
	cr_expect(eq(int, uldf_irq_bind_unmask(f.device, 5), -EINVAL));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_expect_reason(f.ctx, "INTx is not enabled");
	fixture_fini(&f);
}

Test(irq, intx_is_masked_unmasked_and_resampled)
{
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_INTX, 1), 0));
	cr_expect(eq(int, uldf_irq_mask(f.device), 0));
	cr_expect(fake.masked);
	cr_expect(eq(int, uldf_irq_unmask(f.device), 0));
	cr_expect(not(fake.masked));
	cr_expect(eq(int, uldf_irq_bind_unmask(f.device, 5), 0));
	cr_expect(eq(int, fake.unmask_fd, 5));
	fixture_fini(&f);
}

static unsigned int reserved;

static int irq_reserve(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	reserved = count;
	return 0;
}

Test(irq, a_backend_that_cannot_reserve_vectors_enables_them)
{
	int fd = 10;
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, uldf_irq_reserve(f.device, ULDF_IRQ_MSIX, 4), 0));
	cr_expect(eq(uint, fake.calls, 1));
	cr_expect(eq(int, uldf_irq_bind(f.device, 3, 1, &fd), 0));
	cr_expect(eq(int, uldf_irq_bind(f.device, 4, 1, &fd), -EINVAL));
	fixture_fini(&f);
}

Test(irq, reserved_vectors_are_bound_and_disabled_like_others)
{
	struct uldf_backend_ops ops = fake_ops;
	int fd = 10;
	struct fixture f;

	fixture_init(&f);
	ops.irq_reserve = irq_reserve;
	f.device->ops = &ops;
	cr_assert(eq(int, uldf_irq_reserve(f.device, ULDF_IRQ_MSIX, 4), 0));
	cr_expect(eq(uint, reserved, 4));
	cr_expect(eq(uint, fake.calls, 0));
	cr_expect(eq(int, uldf_irq_bind(f.device, 3, 1, &fd), 0));
	cr_expect(eq(int, uldf_irq_disable(f.device), 0));
	cr_expect(eq(int, uldf_irq_bind(f.device, 3, 1, &fd), -EINVAL));
	fixture_fini(&f);
}
