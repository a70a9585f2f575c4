// SPDX-License-Identifier: MIT
#include "ports.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>

/* A model that records its accesses and answers with their offsets. */
struct fake {
	unsigned int count;
	uint16_t offset[8];
	unsigned int width[8];
	uint32_t value[8];
};

static void record(struct fake *fake, uint16_t offset, unsigned int width, uint32_t value)
{
	fake->offset[fake->count] = offset;
	fake->width[fake->count] = width;
	fake->value[fake->count++] = value;
}

static uint32_t fake_read(void *device, uint16_t offset, unsigned int width)
{
	record(device, offset, width, 0);
	return 0xffffff00 | (0xa0 + offset);
}

static void fake_write(void *device, uint16_t offset, unsigned int width, uint32_t value)
{
	record(device, offset, width, value);
}

static const struct vmm_port_ops narrow = {.width = 1, .read = fake_read, .write = fake_write};
static const struct vmm_port_ops wide = {.width = 4, .read = fake_read, .write = fake_write};

Test(ports, an_access_goes_to_its_model)
{
	struct vmm_ports ports = {.count = 0};
	struct fake one = {0}, two = {0};
	uint32_t value;

	cr_assert(zero(int, vmm_ports_add(&ports, 0x3f8, 8, &narrow, &one)));
	cr_assert(zero(int, vmm_ports_add(&ports, 0x70, 2, &narrow, &two)));
	cr_assert(vmm_ports_read(&ports, 0x3fd, 1, &value));
	cr_assert(eq(u32, value, 0xa5));
	cr_assert(vmm_ports_write(&ports, 0x71, 1, 0x1ff));
	cr_assert(eq(uint, one.count, 1));
	cr_assert(eq(u16, two.offset[0], 1));
	cr_assert(eq(u32, two.value[0], 0xff));
}

Test(ports, nobody_answers_elsewhere)
{
	struct vmm_ports ports = {.count = 0};
	struct fake fake = {0};
	uint32_t value = 42;

	cr_assert(zero(int, vmm_ports_add(&ports, 0x3f8, 8, &narrow, &fake)));
	cr_assert(not(vmm_ports_read(&ports, 0x3f7, 1, &value)));
	cr_assert(not(vmm_ports_read(&ports, 0x400, 1, &value)));
	cr_assert(not(vmm_ports_write(&ports, 0, 4, 0)));
	cr_assert(eq(u32, value, 42));
	cr_assert(zero(uint, fake.count));
}

Test(ports, an_access_across_the_edge_is_nobodys)
{
	struct vmm_ports ports = {.count = 0};
	struct fake fake = {0};
	uint32_t value;

	cr_assert(zero(int, vmm_ports_add(&ports, 0xcf9, 1, &narrow, &fake)));
	cr_assert(not(vmm_ports_write(&ports, 0xcf8, 4, 0x80000000)));
	cr_assert(not(vmm_ports_write(&ports, 0xcf9, 2, 0)));
	cr_assert(not(vmm_ports_read(&ports, 0xcf8, 2, &value)));
	cr_assert(vmm_ports_write(&ports, 0xcf9, 1, 6));
	cr_assert(eq(uint, fake.count, 1));
}

Test(ports, a_wide_access_reaches_a_narrow_model_in_bytes)
{
	struct vmm_ports ports = {.count = 0};
	struct fake fake = {0};
	uint32_t value;

	cr_assert(zero(int, vmm_ports_add(&ports, 0x100, 4, &narrow, &fake)));
	cr_assert(vmm_ports_read(&ports, 0x100, 4, &value));
	cr_assert(eq(u32, value, 0xa3a2a1a0));
	cr_assert(vmm_ports_write(&ports, 0x102, 2, 0x1234));
	cr_assert(eq(uint, fake.count, 6));
	cr_assert(eq(u16, fake.offset[4], 2));
	cr_assert(eq(u32, fake.value[4], 0x34));
	cr_assert(eq(u32, fake.value[5], 0x12));
}

Test(ports, a_wide_model_sees_accesses_whole)
{
	struct vmm_ports ports = {.count = 0};
	struct fake fake = {0};
	uint32_t value;

	cr_assert(zero(int, vmm_ports_add(&ports, 0x100, 4, &wide, &fake)));
	cr_assert(vmm_ports_read(&ports, 0x100, 4, &value));
	cr_assert(eq(u32, value, 0xffffffa0));
	cr_assert(vmm_ports_write(&ports, 0x102, 2, 0x1234));
	cr_assert(eq(uint, fake.width[1], 2));
}

Test(ports, a_wide_model_sees_unaligned_accesses_in_aligned_pieces)
{
	const struct {
		uint16_t port;
		unsigned int width;
		unsigned int count;
		uint16_t offset[3];
		unsigned int piece[3];
	} accesses[] = {
		{0x102, 4, 2, {2, 4}, {2, 2}},	     {0x101, 4, 3, {1, 2, 4}, {1, 2, 1}},
		{0x103, 4, 3, {3, 4, 6}, {1, 2, 1}}, {0x101, 2, 2, {1, 2}, {1, 1}},
		{0x103, 2, 2, {3, 4}, {1, 1}},
	};

	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
		struct vmm_ports ports = {.count = 0};
		struct fake fake = {0};
		uint32_t written = 0, value;

		cr_assert(zero(int, vmm_ports_add(&ports, 0x100, 8, &wide, &fake)));
		cr_assert(vmm_ports_write(&ports, accesses[i].port, accesses[i].width, 0x44332211));
		cr_assert(eq(uint, fake.count, accesses[i].count));
		for (unsigned int j = 0; j < fake.count; j++) {
			unsigned int shift = 8 * (fake.offset[j] + 0x100 - accesses[i].port);

			cr_assert(eq(u16, fake.offset[j], accesses[i].offset[j]));
			cr_assert(eq(uint, fake.width[j], accesses[i].piece[j]));
			written |= fake.value[j] << shift;
		}
		cr_assert(eq(u32, written, accesses[i].width == 4 ? 0x44332211 : 0x2211));
		cr_assert(vmm_ports_read(&ports, accesses[i].port, accesses[i].width, &value));
		cr_assert(eq(u8, value & 0xff, 0xa0 + accesses[i].offset[0]));
		cr_assert(eq(uint, fake.count, 2 * accesses[i].count));
	}
}

Test(ports, models_may_not_overlap)
{
	struct vmm_ports ports = {.count = 0};

	cr_assert(zero(int, vmm_ports_add(&ports, 0x100, 8, &narrow, NULL)));
	cr_assert(eq(int, vmm_ports_add(&ports, 0x107, 1, &narrow, NULL), -EBUSY));
	cr_assert(eq(int, vmm_ports_add(&ports, 0xf8, 9, &narrow, NULL), -EBUSY));
	cr_assert(zero(int, vmm_ports_add(&ports, 0x108, 1, &narrow, NULL)));
	cr_assert(eq(sz, ports.count, 2));
}

Test(ports, ports_end_at_0xffff)
{
	struct vmm_ports ports = {.count = 0};
	struct fake fake = {0};
	uint32_t value;

	cr_assert(eq(int, vmm_ports_add(&ports, 0xffff, 2, &narrow, NULL), -EINVAL));
	cr_assert(eq(int, vmm_ports_add(&ports, 0x100, 0, &narrow, NULL), -EINVAL));
	cr_assert(zero(int, vmm_ports_add(&ports, 0xfffe, 2, &narrow, &fake)));
	cr_assert(vmm_ports_read(&ports, 0xffff, 1, &value));
	cr_assert(not(vmm_ports_read(&ports, 0xffff, 2, &value)));
}

Test(ports, a_full_table_is_enospc)
{
	struct vmm_ports ports = {.count = 0};

	for (uint16_t i = 0; i < VMM_PORT_RANGES; i++)
		cr_assert(zero(int, vmm_ports_add(&ports, i, 1, &narrow, NULL)));
	cr_assert(eq(int, vmm_ports_add(&ports, 0x100, 1, &narrow, NULL), -ENOSPC));
}
