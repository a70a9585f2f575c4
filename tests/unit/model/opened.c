// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "opened.h"

void opened_init(struct opened *o, const char *address)
{
	opened_init_masked(o, address, UINT64_MAX);
}

void opened_init_masked(struct opened *o, const char *address, uint64_t mask)
{
	uint32_t command;

	*o = (struct opened){};
	cr_assert(eq(int, uldf_ctx_create(&o->ctx), 0));
	cr_assert(eq(int, uldf_device_open(o->ctx, address, &o->device), 0));
	cr_assert(eq(int, uldf_space_create_masked(o->device, mask, &o->space), 0));
	cr_assert(eq(int, uldf_device_attach(o->device, o->space), 0));
	cr_assert(eq(int, uldf_config_read(o->device, PCI_COMMAND, 2, &command), 0));
	cr_assert(eq(int,
		     uldf_config_write(o->device, PCI_COMMAND, 2, command | PCI_COMMAND_MASTER),
		     0));
}

void opened_fini(struct opened *o)
{
	uldf_device_close(o->device);
	uldf_space_destroy(o->space);
	uldf_ctx_destroy(o->ctx);
}

uint64_t opened_read(struct opened *o, unsigned int offset, unsigned int width)
{
	uint64_t value = 0x55;

	cr_assert(eq(int, uldf_region_read(o->device, ULDF_BAR0, offset, width, &value), 0));
	return value;
}

void opened_write(struct opened *o, unsigned int offset, unsigned int width, uint64_t value)
{
	cr_assert(eq(int, uldf_region_write(o->device, ULDF_BAR0, offset, width, value), 0));
}

void opened_wait(struct opened *o, unsigned int offset, uint32_t mask, uint32_t value)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	unsigned int i;

	for (i = 0; i < 30000 && (opened_read(o, offset, 4) & mask) != value; i++)
		nanosleep(&pause, NULL);
	cr_assert(lt(uint, i, 30000), "register 0x%x never becomes 0x%x", offset, value);
}

void opened_expect_refusal(const char *address, int err, const char *text)
{
	struct uldf_device *device = NULL;
	struct uldf_ctx *ctx;
	char reason[256];

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_expect(eq(int, uldf_device_open(ctx, address, &device), err), "%s", address);
	cr_expect(eq(ptr, device, NULL));
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(strstr(reason, text) != NULL, "%s: the reason is '%s', expected in it '%s'",
		  address, reason, text);
	uldf_ctx_destroy(ctx);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

void opened_check_leaks(void)
{
	if (__lsan_do_recoverable_leak_check())
		abort();
}
#else
void opened_check_leaks(void)
{
}
#endif
