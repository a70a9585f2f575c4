// SPDX-License-Identifier: MIT
#include "fake.h"

TestSuite(device, .fini = fixture_check_leaks);

Test(device, open_gives_the_backend_the_rest_and_close_closes)
{
	struct fixture f;

	fixture_init(&f);
	cr_expect(fake.opened);
	cr_expect(eq(str, fake.rest, "rest"));
	cr_expect(eq(str, (char *)uldf_device_info(f.device)->address, "fake"));
	fixture_fini(&f);
	cr_expect(fake.closed);
}

Test(device, open_that_fails_leaves_out_alone)
{
	struct uldf_device *device = (void *)0x1234;
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	fake.answer = -EBUSY;
	cr_expect(eq(int, device_open_backend(ctx, &fake_ops, "x", &device), -EBUSY));
	cr_expect(eq(ptr, device, (void *)0x1234));
	fixture_expect_reason(ctx, "device x: told to fail");
	uldf_ctx_destroy(ctx);
}

Test(device, open_of_a_malformed_address_is_einval)
{
	static const char *const cases[] = {"",	     "nonsense",	"none:0000:00:06.0",
					    "kmod:", "kmod:../control", "0000:00:06.9"};
	struct uldf_device *device = (void *)0x1234;
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int, uldf_device_open(ctx, cases[i], &device), -EINVAL), "'%s'",
			  cases[i]);
		fixture_expect_reason(ctx, "not an address such as");
	}
	cr_expect(eq(int, uldf_device_open(ctx, NULL, &device), -EINVAL));
	cr_expect(eq(ptr, device, (void *)0x1234));
	uldf_ctx_destroy(ctx);
}

Test(device, open_of_an_unclaimed_device_is_enodev_and_says_what_to_do)
{
	struct uldf_device *device = (void *)0x1234;
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	/* A segment that no machine has. */
	cr_expect(eq(int, uldf_device_open(ctx, "kmod:fffffffe:00:00.0", &device), -ENODEV));
	cr_expect(eq(ptr, device, (void *)0x1234));
	fixture_expect_reason(ctx, "device fffffffe:00:00.0: ");
	fixture_expect_reason(ctx, "ul");
	uldf_ctx_destroy(ctx);
}

Test(device, close_takes_null)
{
	uldf_device_close(NULL);
}

Test(device, reset_tells_how_unless_nobody_asks)
{
	enum uldf_reset how = ULDF_RESET_BY_NOTHING;
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_device_reset(f.device, &how), 0));
	cr_expect(eq(int, how, ULDF_RESET_BY_FUNCTION));
	cr_expect(eq(int, uldf_device_reset(f.device, NULL), 0));
	fixture_fini(&f);
}

Test(device, reset_that_fails_leaves_out_alone)
{
	enum uldf_reset how = ULDF_RESET_BY_QUIESCE;
	struct fixture f;

	fixture_init(&f);
	fake.answer = -ENOTSUP;
	cr_expect(eq(int, uldf_device_reset(f.device, &how), -ENOTSUP));
	cr_expect(eq(int, how, ULDF_RESET_BY_QUIESCE));
	fixture_fini(&f);
}

Test(device, attach_to_a_space_of_another_backend_is_enotsup)
{
	struct uldf_device *other;
	struct uldf_space *space;
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, device_open_backend(f.ctx, &fake_other_ops, "", &other), 0));
	cr_assert(eq(int, uldf_space_create(other, &space), 0));
	fake.calls = 0;
	cr_expect(eq(int, uldf_device_attach(f.device, space), -ENOTSUP));
	cr_expect(eq(int, uldf_device_attach(f.device, NULL), -EINVAL));
	cr_expect(eq(uint, fake.calls, 0));
	cr_expect(eq(int, uldf_device_attach(other, space), 0));
	cr_expect(eq(int, uldf_device_detach(other), 0));
	uldf_space_destroy(space);
	uldf_device_close(other);
	fixture_fini(&f);
}

Test(device, move_to_a_space_of_another_backend_is_enotsup)
{
	struct uldf_device *other;
	struct uldf_space *space;
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, device_open_backend(f.ctx, &fake_other_ops, "", &other), 0));
	cr_assert(eq(int, uldf_space_create(other, &space), 0));
	fake.calls = 0;
	cr_expect(eq(int, uldf_device_move(f.device, space), -ENOTSUP));
	fixture_expect_reason(f.ctx, "the space is of another backend (other)");
	cr_expect(eq(int, uldf_device_move(f.device, NULL), -EINVAL));
	cr_expect(eq(uint, fake.calls, 0));
	cr_expect(eq(int, uldf_device_move(other, space), 0));
	cr_expect(eq(ptr, (void *)fake.moved, space));
	fake.answer = -EIO;
	cr_expect(eq(int, uldf_device_move(other, space), -EIO));
	fake.answer = 0;
	uldf_space_destroy(space);
	uldf_device_close(other);
	fixture_fini(&f);
}

Test(device, functions_are_enotsup_where_the_backend_makes_none)
{
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_device_functions(f.device, 1), -ENOTSUP));
	fixture_expect_reason(f.ctx, "makes no virtual functions");
	fixture_fini(&f);
}

static unsigned int functions;

static int functions_make(struct uldf_device *device, unsigned int count)
{
	functions = count;
	return 0;
}

Test(device, functions_are_made_by_the_backend)
{
	struct uldf_backend_ops ops = fake_ops;
	struct fixture f;

	ops.functions = functions_make;
	fixture_init(&f);
	f.device->ops = &ops;
	cr_expect(eq(int, uldf_device_functions(f.device, 3), 0));
	cr_expect(eq(uint, functions, 3));
	fixture_fini(&f);
}

Test(device, is_not_moved_by_a_backend_that_cannot)
{
	struct uldf_backend_ops ops = fake_ops;
	struct spacious s;

	spacious_init(&s);
	ops.move = NULL;
	s.f.device->ops = s.space->ops = &ops;
	cr_expect(eq(int, uldf_device_move(s.f.device, s.space), -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "backend fake moves no devices");
	spacious_fini(&s);
}
