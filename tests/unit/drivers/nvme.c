// SPDX-License-Identifier: MIT
/* The driver over a controller made of memory: it answers at its doorbells, unless it is told not to. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include "backend.h"
#include "nvme.h"

#define BLOCKS 1000
#define DEPTH  8
#define AGE    3

static struct {
	uint32_t registers[NVME_DOORBELLS / 4];
	uint32_t command; /* of the configuration space */
	struct {
		struct nvme_command *sq;
		struct nvme_completion *cq;
		uint16_t size, head, tail, phase;
	} queue[2];
	unsigned int vectors;	    /* of MSI-X that the host has left */
	unsigned int enabled;	    /* of them */
	unsigned int bound;	    /* the last one that got an eventfd */
	int fd;			    /* of the device */
	uint8_t protected;	    /* NSATTR */
	uint8_t metadata;	    /* bytes with each block */
	unsigned int stuck;	    /* commands for block 0 that are not answered, from now on */
	unsigned int issued[DEPTH]; /* commands for each of the first blocks */
	unsigned int resets;
	bool hangs; /* it is not disabled when it is told to */
	bool dies;  /* it is not ready when it is enabled */
	bool mute;  /* it answers no admin command, but keeps the last one */
	struct nvme_command kept;
} fake;

static void complete(unsigned int id, const struct nvme_command *command)
{
	struct nvme_completion *entry = &fake.queue[id].cq[fake.queue[id].tail];

	entry->id = command->id;
	__atomic_store_n(&entry->status, fake.queue[id].phase, __ATOMIC_RELEASE);
	if (++fake.queue[id].tail == fake.queue[id].size) {
		fake.queue[id].tail = 0;
		fake.queue[id].phase ^= NVME_PHASE;
	}
	if (id && fake.fd >= 0)
		eventfd_write(fake.fd, 1);
}

static void identify(const struct nvme_command *command)
{
	uint8_t *data = (void *)(uintptr_t)command->prp[0];

	if (command->dword[0] == 1) {
		data[512] = 0x66;
		data[513] = 0x44;
		data[516] = 1;
	} else {
		data[0] = BLOCKS & 0xff;
		data[1] = BLOCKS >> 8;
		data[99] = fake.protected;
		data[128] = fake.metadata;
		data[130] = 9;
	}
}

static void do_admin(const struct nvme_command *command)
{
	void *memory = (void *)(uintptr_t)command->prp[0];

	if (fake.mute) {
		fake.kept = *command;
		return;
	}
	if (command->opcode == NVME_ADMIN_IDENTIFY)
		identify(command);
	if (command->opcode == NVME_ADMIN_CREATE_CQ) {
		fake.queue[1].cq = memory;
		fake.queue[1].size = (uint16_t)((command->dword[0] >> 16) + 1);
		fake.queue[1].head = fake.queue[1].tail = 0;
		fake.queue[1].phase = NVME_PHASE;
	}
	if (command->opcode == NVME_ADMIN_CREATE_SQ)
		fake.queue[1].sq = memory;
	complete(0, command);
}

static void do_io(const struct nvme_command *command)
{
	uint32_t block = command->dword[0];

	if (block < DEPTH)
		fake.issued[block]++;
	if (!block && fake.stuck) {
		fake.stuck--;
		return;
	}
	complete(1, command);
}

static void ring(unsigned int id, uint16_t tail)
{
	while (fake.queue[id].head != tail) {
		const struct nvme_command *command = &fake.queue[id].sq[fake.queue[id].head];

		if (++fake.queue[id].head == fake.queue[id].size)
			fake.queue[id].head = 0;
		if (id)
			do_io(command);
		else
			do_admin(command);
	}
}

static void configure(uint32_t value)
{
	uint32_t *status = &fake.registers[NVME_CSTS / 4];

	if (!(value & 1)) {
		if (*status)
			fake.resets++;
		if (!fake.hangs)
			*status = 0;
		return;
	}
	fake.queue[0].sq = (void *)(uintptr_t)(fake.registers[NVME_ASQ / 4] |
					       (uint64_t)fake.registers[NVME_ASQ / 4 + 1] << 32);
	fake.queue[0].cq = (void *)(uintptr_t)(fake.registers[NVME_ACQ / 4] |
					       (uint64_t)fake.registers[NVME_ACQ / 4 + 1] << 32);
	fake.queue[0].size = (uint16_t)((fake.registers[NVME_AQA / 4] & 0xfff) + 1);
	fake.queue[0].head = fake.queue[0].tail = 0;
	fake.queue[0].phase = NVME_PHASE;
	if (value & 0xc000) /* a shutdown is done at once */
		*status |= NVME_CSTS_SHST_DONE;
	else
		*status = fake.dies ? 0 : NVME_CSTS_RDY;
}

static int fake_open(struct uldf_device *device, const char *rest)
{
	device->info.vectors[ULDF_IRQ_MSIX] = 4;
	device->regions[ULDF_BAR0] = (struct uldf_region){.size = 0x4000, .writable = true};
	device->regions[ULDF_CONFIG] = (struct uldf_region){.size = 4096, .writable = true};
	memset(&fake, 0, sizeof(fake));
	fake.registers[NVME_CAP / 4] = 2u << 24 | 63; /* ready within a second */
	fake.registers[NVME_CAP_HIGH / 4] = 1 << 5;
	fake.vectors = 4;
	fake.fd = -1;
	return 0;
}

static void fake_close(struct uldf_device *device)
{
}

static int fake_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out)
{
	*out = index == ULDF_CONFIG ? fake.command : fake.registers[offset / 4];
	return 0;
}

static int fake_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value)
{
	if (index == ULDF_CONFIG) {
		fake.command = (uint32_t)value;
		return 0;
	}
	/* Doorbells of submission queues; those of completion queues tell it nothing. */
	if (offset >= NVME_DOORBELLS) {
		if (offset % 8 == 0)
			ring((unsigned int)(offset - NVME_DOORBELLS) / 8, (uint16_t)value);
		return 0;
	}
	fake.registers[offset / 4] = (uint32_t)value;
	if (offset == NVME_CC)
		configure((uint32_t)value);
	return 0;
}

static int fake_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	if (count > fake.vectors)
		return -ENOSPC;
	fake.enabled = count;
	return 0;
}

static int fake_irq_disable(struct uldf_device *device)
{
	fake.enabled = 0;
	return 0;
}

static int fake_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			 const int *fds)
{
	fake.bound = first;
	fake.fd = *fds;
	return 0;
}

static int fake_attach(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static int fake_space_create(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static void fake_space_destroy(struct uldf_space *space)
{
}

static int fake_register(struct uldf_space *space, struct uldf_memory *memory)
{
	return 0;
}

static int fake_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	return 0;
}

/* Bus addresses are those of the process, so that the test can play the controller's part. */
static int fake_map(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	list->address = (uintptr_t)list->memory->address + list->offset;
	return 0;
}

static int fake_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	return 0;
}

static const struct uldf_backend_ops fake_ops = {
	.name = "fake",
	.open = fake_open,
	.close = fake_close,
	.region_read = fake_read,
	.region_write = fake_write,
	.irq_enable = fake_irq_enable,
	.irq_disable = fake_irq_disable,
	.irq_bind = fake_irq_bind,
	.attach = fake_attach,
	.space_create = fake_space_create,
	.space_destroy = fake_space_destroy,
	.memory_register = fake_register,
	.memory_unregister = fake_unregister,
	.map_anywhere = fake_map,
	.unmap = fake_unmap,
};

static struct uldf_ctx *ctx;
static struct uldf_device *device;
static struct uldf_space *space;
static struct uldf_disk *disk;

static void init(void)
{
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_assert(eq(int, device_open_backend(ctx, &fake_ops, "", &device), 0));
	cr_assert(eq(int, uldf_space_create(device, &space), 0));
	cr_assert(eq(int, uldf_device_attach(device, space), 0));
}

static void fini(void)
{
	uldf_disk_close(disk);
	cr_expect(eq(uint, fake.command & PCI_COMMAND_MASTER, 0));
	cr_expect(eq(uint, fake.enabled, 0));
	uldf_space_destroy(space);
	uldf_device_close(device);
	uldf_ctx_destroy(ctx);
}

TestSuite(nvme, .init = init, .fini = fini, .timeout = 60);

static void open_disk(void)
{
	const struct uldf_disk_options options = {.depth = DEPTH};

	cr_assert(eq(int, uldf_nvme_open(device, space, &options, &disk), 0));
}

static struct uldf_disk_request request(enum uldf_disk_command command, uint64_t block)
{
	static const struct uldf_segment page = {0x1000, 512};

	return (struct uldf_disk_request){
		.tag = block,
		.command = command,
		.blocks = 1,
		.block = block,
		.list = &page,
		.count = 1,
	};
}

/* Reads of blocks 0 to @count - 1, at once. */
static void submit(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct uldf_disk_request one = request(ULDF_DISK_READ, i);
		size_t done;

		cr_assert(eq(int, uldf_disk_submit(disk, &one, 1, &done), 0));
		cr_assert(eq(sz, done, 1));
	}
}

/* Collects what was done, @count requests with the same status. */
static void expect_done(unsigned int count, int status)
{
	struct uldf_disk_completion list[DEPTH];
	size_t found;

	cr_assert(eq(int, uldf_disk_poll(disk, list, DEPTH, &found), 0));
	cr_expect(eq(sz, found, count));
	for (size_t i = 0; i < found; i++)
		cr_expect(eq(int, list[i].status, status), "request %u", (unsigned int)list[i].tag);
}

/* Has a controller that is mute answer the admin command that it was given last. */
static void do_kept(void)
{
	bool mute = fake.mute;

	fake.mute = false;
	do_admin(&fake.kept);
	fake.mute = mute;
}

Test(nvme, reads_what_is_asked_for)
{
	open_disk();
	cr_expect(eq(u64, uldf_disk_info(disk)->blocks, BLOCKS));
	cr_expect(eq(u32, uldf_disk_info(disk)->block_size, 512));
	submit(DEPTH);
	expect_done(DEPTH, 0);
}

static void expect_refused(const struct uldf_disk_options *options, int err, const char *text)
{
	char reason[256];

	cr_expect(eq(int, uldf_nvme_open(device, space, options, &disk), err));
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(strstr(reason, text) != NULL, "%s", reason);
}

Test(nvme, what_cannot_be_driven_is_refused_in_words)
{
	expect_refused(&(struct uldf_disk_options){.depth = 5000}, -EINVAL, "depth 5000");
	expect_refused(&(struct uldf_disk_options){.unit = 4}, -ENXIO, "number 5 (unit 4)");
	fake.metadata = 8;
	expect_refused(NULL, -ENOTSUP, "metadata");
	fake.mute = true;
	expect_refused(NULL, -ETIMEDOUT, "create a completion queue within 10 s");
	fake.dies = true;
	expect_refused(NULL, -ETIMEDOUT, "become ready");
	fake.registers[NVME_CAP_HIGH / 4] = 0;
	expect_refused(NULL, -ENOTSUP, "NVM command set");
}

Test(nvme, has_a_vector_to_itself_where_there_are_two)
{
	open_disk();
	cr_expect(eq(uint, fake.enabled, 2));
	cr_expect(eq(uint, fake.bound, 1));
}

Test(nvme, shares_a_vector_where_two_cannot_be_had)
{
	fake.vectors = 1;
	open_disk();
	cr_expect(eq(uint, fake.enabled, 1));
	cr_expect(eq(uint, fake.bound, 0));
	submit(1);
	expect_done(1, 0);
}

Test(nvme, a_host_without_vectors_is_told_of)
{
	fake.vectors = 0;
	cr_expect(eq(int, uldf_nvme_open(device, space, NULL, &disk), -ENOSPC));
}

Test(nvme, a_namespace_that_is_write_protected_is_read_only)
{
	const struct uldf_disk_request write = request(ULDF_DISK_WRITE, 1);
	size_t done;

	fake.protected = 1;
	open_disk();
	cr_expect(uldf_disk_info(disk)->read_only);
	cr_expect(eq(int, uldf_disk_submit(disk, &write, 1, &done), -EROFS));
	cr_expect(eq(sz, done, 0));
	submit(1);
	expect_done(1, 0);
}

static void expect_expire(unsigned int calls)
{
	for (unsigned int i = 0; i < calls; i++)
		cr_expect(eq(int, uldf_disk_expire(disk, AGE), 0));
}

Test(nvme, what_was_in_flight_at_a_reset_is_issued_again)
{
	open_disk();
	fake.stuck = 1;
	submit(DEPTH);
	expect_done(DEPTH - 1, 0);
	expect_expire(AGE);
	cr_expect(eq(uint, fake.resets, 0));
	expect_done(0, 0);
	expect_expire(1);
	cr_expect(eq(uint, fake.resets, 1));
	expect_done(1, 0);
	cr_expect(eq(uint, fake.issued[0], 2));
	submit(DEPTH);
	expect_done(DEPTH, 0);
}

Test(nvme, a_request_that_is_stuck_twice_ends_alone)
{
	const struct uldf_disk_request other = request(ULDF_DISK_READ, 1);
	struct uldf_disk_completion list[DEPTH];
	size_t found;

	open_disk();
	fake.stuck = 2;
	submit(1);
	expect_expire(AGE + 1);
	expect_expire(AGE);
	cr_expect(eq(uint, fake.resets, 1));
	expect_done(0, 0);
	cr_assert(eq(int, uldf_disk_submit(disk, &other, 1, &found), 0));
	expect_expire(1);
	cr_expect(eq(uint, fake.resets, 2));
	cr_expect(eq(uint, fake.issued[0], 2));
	cr_assert(eq(int, uldf_disk_poll(disk, list, DEPTH, &found), 0));
	cr_assert(eq(sz, found, 2));
	for (size_t i = 0; i < found; i++)
		cr_expect(eq(int, list[i].status, list[i].tag ? 0 : -ETIMEDOUT));
	submit(DEPTH);
	expect_done(DEPTH, 0);
}

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

Test(nvme, a_controller_that_takes_its_time_holds_nobody_up)
{
	const struct uldf_disk_request one = request(ULDF_DISK_READ, 1);
	uint64_t before;
	size_t done = 1;

	open_disk();
	fake.stuck = 1;
	submit(1);
	expect_expire(AGE);
	fake.hangs = true;
	before = milliseconds();
	expect_expire(2);
	cr_expect(lt(u64, milliseconds() - before, 900));
	cr_expect(eq(int, uldf_disk_submit(disk, &one, 1, &done), 0));
	cr_expect(eq(sz, done, 0), "nothing is taken meanwhile");
	expect_done(0, 0);
	fake.hangs = false;
	fake.registers[NVME_CSTS / 4] = 0;
	expect_expire(1);
	expect_done(1, 0);
	submit(1);
	expect_done(1, 0);
}

Test(nvme, a_controller_that_takes_its_time_for_admin_commands_holds_nobody_up)
{
	uint64_t before;

	open_disk();
	fake.stuck = 1;
	submit(1);
	expect_expire(AGE);
	fake.mute = true;
	before = milliseconds();
	expect_expire(3);
	cr_expect(lt(u64, milliseconds() - before, 900));
	expect_done(0, 0);
	/* the other queue takes its time, too */
	do_kept();
	expect_expire(2);
	expect_done(0, 0);
	fake.mute = false;
	do_kept();
	expect_expire(1);
	expect_done(1, 0);
	cr_expect(eq(uint, fake.resets, 1));
	submit(DEPTH);
	expect_done(DEPTH, 0);
}

Test(nvme, a_controller_that_answers_no_admin_command_is_given_up)
{
	struct uldf_disk_completion list[DEPTH];
	unsigned int calls = 0;
	uint64_t before;
	size_t found;
	int err = 0;

	open_disk();
	fake.stuck = 1;
	submit(1);
	fake.mute = true;
	before = milliseconds();
	for (; calls < AGE + 20 && !err; calls++)
		err = uldf_disk_expire(disk, AGE);
	cr_expect(eq(int, err, -EIO));
	cr_expect(ge(uint, calls, AGE + NVME_ADMIN_SECONDS));
	cr_expect(eq(int, uldf_disk_poll(disk, list, DEPTH, &found), 0));
	cr_assert(eq(sz, found, 1));
	cr_expect(eq(int, list[0].status, -EIO));
	uldf_disk_close(disk);
	disk = NULL;
	cr_expect(lt(u64, milliseconds() - before, 5000), "its end does not wait for it, either");
}

Test(nvme, a_controller_that_does_not_come_back_ends_everything_and_says_so)
{
	const struct uldf_disk_request one = request(ULDF_DISK_READ, 1);
	struct uldf_disk_completion list[DEPTH];
	int err = 0;
	size_t found;

	open_disk();
	fake.stuck = 1;
	submit(1);
	fake.dies = true;
	for (unsigned int i = 0; i < AGE + 10 && !err; i++)
		err = uldf_disk_expire(disk, AGE);
	cr_expect(eq(int, err, -EIO));
	cr_expect(eq(uint, fake.command & PCI_COMMAND_MASTER, 0));
	cr_expect(eq(int, uldf_disk_poll(disk, list, DEPTH, &found), 0));
	cr_assert(eq(sz, found, 1));
	cr_expect(eq(int, list[0].status, -EIO));
	cr_expect(eq(int, uldf_disk_poll(disk, list, DEPTH, &found), -EIO));
	cr_expect(eq(sz, found, 0));
	cr_expect(eq(int, uldf_disk_submit(disk, &one, 1, &found), -EIO));
}
