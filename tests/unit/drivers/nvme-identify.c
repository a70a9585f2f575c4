// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include "nvme-identify.h"

static uint8_t data[NVME_IDENTIFY_SIZE];

static void controller(void)
{
	memset(data, 0, sizeof(data));
	memcpy(data + 4, "S1                  ", 20);
	memcpy(data + 24, "A DISK                                  ", 40);
	data[77] = 7;
	data[512] = 0x66;
	data[513] = 0x44;
	data[516] = 3;
	data[525] = 1;
}

/* The second of two formats: 4096-byte blocks, no metadata. */
static void namespace(void)
{
	memset(data, 0, sizeof(data));
	data[1] = 1;
	data[5] = 1;
	data[26] = 1;
	data[128 + 2] = 9;
	data[132 + 2] = 12;
}

TestSuite(nvme_controller, .init = controller);
TestSuite(nvme_namespace, .init = namespace);

Test(nvme_controller, tells_all_of_itself)
{
	struct nvme_controller id;

	cr_assert(eq(int, nvme_identify_controller(data, &id), 0));
	cr_expect(eq(str, id.model, "A DISK"));
	cr_expect(eq(str, id.serial, "S1"));
	cr_expect(eq(u32, id.namespaces, 3));
	cr_expect(eq(u64, id.most_bytes, 512 * 1024));
	cr_expect(id.cached);
}

Test(nvme_controller, without_a_limit_has_none)
{
	struct nvme_controller id;

	data[77] = 0;
	cr_assert(eq(int, nvme_identify_controller(data, &id), 0));
	cr_expect(eq(u64, id.most_bytes, 0));
	data[77] = 255;
	cr_assert(eq(int, nvme_identify_controller(data, &id), 0));
	cr_expect(eq(u64, id.most_bytes, 0));
}

Test(nvme_controller, with_other_queue_entries_is_refused)
{
	struct nvme_controller id = {.namespaces = 77};

	data[512] = 0x77;
	cr_expect(eq(int, nvme_identify_controller(data, &id), -ENOTSUP));
	controller();
	data[513] = 0x33;
	cr_expect(eq(int, nvme_identify_controller(data, &id), -ENOTSUP));
	cr_expect(eq(u32, id.namespaces, 77));
}

Test(nvme_namespace, is_as_its_format_says)
{
	struct nvme_namespace ns;

	cr_assert(eq(int, nvme_identify_namespace(data, &ns), 0));
	cr_expect(eq(u64, ns.blocks, UINT64_C(0x10000000100)));
	cr_expect(eq(u32, ns.block_size, 4096));
}

Test(nvme_namespace, that_cannot_be_driven_is_refused)
{
	struct nvme_namespace ns = {.blocks = 77};

	data[132] = 8;
	cr_expect(eq(int, nvme_identify_namespace(data, &ns), -ENOTSUP), "metadata");
	namespace();
	data[134] = 8;
	cr_expect(eq(int, nvme_identify_namespace(data, &ns), -EPROTO), "small blocks");
	data[134] = 255;
	cr_expect(eq(int, nvme_identify_namespace(data, &ns), -EPROTO), "huge blocks");
	namespace();
	data[7] = 0xff;
	cr_expect(eq(int, nvme_identify_namespace(data, &ns), -EPROTO), "beyond 64 bits");
	namespace();
	data[1] = data[5] = 0;
	cr_expect(eq(int, nvme_identify_namespace(data, &ns), -ENXIO), "inactive");
	cr_expect(eq(u64, ns.blocks, 77));
}
