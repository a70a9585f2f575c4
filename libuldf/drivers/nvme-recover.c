// SPDX-License-Identifier: MIT
/*
 * From a controller in whatever state to one with its I/O queues: at once when it is opened, and step by
 * step, in the calls of uldf_disk_expire(), after a request that takes too long.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include "nvme.h"

#define STEP_MS 20 /* that a call waits for the controller: many are reset in less */

static void queues_init(struct nvme *nvme)
{
	uint16_t size = (uint16_t)(nvme->disk.info.depth + 1);

	nvme_queue_init(&nvme->admin, nvme, nvme->admin_memory, 0, NVME_ADMIN_SIZE, 0);
	nvme_queue_init(&nvme->io, nvme, nvme->io_memory, 0, size, 1);
}

static int enable(struct nvme *nvme)
{
	queues_init(nvme);
	return nvme_enable_begin(nvme);
}

/* An end that answers -ETIMEDOUT can be called again. */
static const struct {
	const char *name;
	int (*begin)(struct nvme *nvme);
	int (*end)(struct nvme *nvme, unsigned int milliseconds);
} steps[NVME_RECOVERIES] = {
	[NVME_DISABLING] = {"stop", nvme_disable_begin, nvme_disable_end},
	[NVME_ENABLING] = {"become ready", enable, nvme_enable_end},
	[NVME_CREATING_CQ] = {"create a completion queue", nvme_admin_create_cq, nvme_admin_end},
	[NVME_CREATING_SQ] = {"create a submission queue", nvme_admin_create_sq, nvme_admin_end},
};

/* Seconds that a step may take. */
static unsigned int patience(const struct nvme *nvme, enum nvme_recovery step)
{
	return step < NVME_CREATING_CQ ? nvme->ready : NVME_ADMIN_SECONDS;
}

static int fail_step(const struct nvme *nvme, enum nvme_recovery step, int err)
{
	struct uldf_device *device = nvme->disk.device;

	if (err == -ETIMEDOUT)
		return uldf_device_fail(device, err, "the controller does not %s within %u s",
					steps[step].name, patience(nvme, step));
	return uldf_device_fail(device, err, "the controller does not %s: %s", steps[step].name,
				strerror(-err));
}

int nvme_start(struct nvme *nvme)
{
	for (enum nvme_recovery step = NVME_DISABLING; step < NVME_RECOVERIES; step++) {
		int err = steps[step].begin(nvme);

		if (!err)
			err = steps[step].end(nvme, patience(nvme, step) * 1000);
		if (err)
			return fail_step(nvme, step, err);
	}
	return 0;
}

/* What was in flight was not at fault, but for one request perhaps: that one is in flight at the next reset, too. */
static int issue_again(struct nvme *nvme)
{
	for (unsigned int id = 0; id < nvme->disk.info.depth; id++) {
		struct nvme_slot *slot = &nvme->slots[id];

		if (slot->state == NVME_AGAIN) {
			slot->state = NVME_LOST;
			nvme->lost = nvme->why;
		}
		if (slot->state != NVME_ISSUED)
			continue;
		slot->state = NVME_AGAIN;
		slot->age = nvme->age;
		*nvme_queue_next(&nvme->io) = slot->command;
	}
	return nvme_ring(nvme, nvme->io.sq_bell, nvme->io.sq_offset, nvme->io.tail);
}

static int begin(struct nvme *nvme, enum nvme_recovery step)
{
	nvme->recovery = step;
	nvme->since = nvme->age;
	return steps[step].begin(nvme);
}

/* Goes on as far as the controller has got. */
static int go_on(struct nvme *nvme)
{
	int err;

	for (;;) {
		err = steps[nvme->recovery].end(nvme, STEP_MS);
		if (err == -ETIMEDOUT && nvme->age - nvme->since <= patience(nvme, nvme->recovery))
			return 0;
		if (err)
			return err;
		if (nvme->recovery == NVME_CREATING_SQ)
			break;
		err = begin(nvme, nvme->recovery + 1);
		if (err)
			return err;
	}
	nvme->recovery = NVME_WORKS;
	return issue_again(nvme);
}

/* Ends a step: what was lost is to be collected. */
static int stepped(struct nvme *nvme, int err)
{
	if (err)
		nvme_give_up(nvme, err == -ENODEV ? err : -EIO);
	if (nvme->lost && nvme->disk.fd >= 0)
		eventfd_write(nvme->disk.fd, 1);
	return nvme->dead;
}

static int recover(struct nvme *nvme, int why)
{
	int err = begin(nvme, NVME_DISABLING);

	nvme->why = why;
	return stepped(nvme, err ? err : go_on(nvme));
}

static bool overdue(const struct nvme *nvme, unsigned int age)
{
	for (unsigned int id = 0; id < nvme->disk.info.depth; id++) {
		const struct nvme_slot *slot = &nvme->slots[id];

		if (nvme_slot_issued(slot) && nvme->age - slot->age > age)
			return true;
	}
	return false;
}

int nvme_expire(struct uldf_disk *disk, unsigned int age)
{
	struct nvme *nvme = (struct nvme *)disk;
	uint32_t status;
	int err;

	nvme->age++;
	if (nvme->dead)
		return nvme->dead;
	if (nvme->recovery)
		return stepped(nvme, go_on(nvme));
	if (!nvme_pending(disk))
		return 0;
	err = nvme_read(nvme, NVME_CSTS, &status);
	if (err)
		return recover(nvme, err);
	if (status & NVME_CSTS_CFS)
		return recover(nvme, -EIO);
	return overdue(nvme, age) ? recover(nvme, -ETIMEDOUT) : 0;
}
