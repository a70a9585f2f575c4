// SPDX-License-Identifier: MIT
/* The conformance suite of all backends (tests/lab/prog/conform), on models: what fails exits. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <time.h>
#include "conform.h"
#include "opened.h"

TestSuite(conform, .timeout = OPENED_TIMEOUT);

static void conform_all(const char *name, const char *second)
{
	struct conform c = {.iommu = true};

	require("a context", !uldf_ctx_create(&c.ctx));
	conform_open(&c, name);
	check_all(&c, second);
	conform_close(&c);
	conform_open(&c, name);
	check_device(&c);
	conform_close(&c);
	uldf_ctx_destroy(c.ctx);
}

Test(conform, edu)
{
	conform_all("model:edu", "model:edu");
}

static void *unplug_later(void *device)
{
	const struct timespec soon = {.tv_nsec = 50000000};

	nanosleep(&soon, NULL);
	require("a model can be unplugged", !uldf_model_unplug(device));
	return NULL;
}

Test(conform, edu_unplugged)
{
	struct conform c = {.iommu = true};
	pthread_t hand;

	require("a context", !uldf_ctx_create(&c.ctx));
	conform_open_any(&c, "model:edu");
	require("a thread", !pthread_create(&hand, NULL, unplug_later, c.device));
	check_lost(&c, ULDF_EVENT_REMOVED);
	pthread_join(hand, NULL);
	uldf_ctx_destroy(c.ctx);
}

Test(conform, nvme)
{
	conform_all("model:nvme?serial=lab-nvme", "model:edu");
}

Test(conform, ide)
{
	conform_all("model:ide", "model:edu");
}

/*
 * A card sends nothing unless there is a link: another card is at the far end of the cable. What opens the
 * device twice comes before that, as a cable has two ends.
 */
Test(conform, e1000e)
{
	struct conform c = {.iommu = true};
	struct uldf_device *far;
	struct uldf_ctx *ctx;

	require("contexts", !uldf_ctx_create(&c.ctx) && !uldf_ctx_create(&ctx));
	conform_open(&c, "model:e1000e?peer=far");
	check_errors(&c);
	require("another card", !uldf_device_open(ctx, "model:e1000e?peer=far", &far));
	check_opened(&c, "model:edu");
	conform_close(&c);
	conform_open(&c, "model:e1000e?peer=far");
	check_device(&c);
	conform_close(&c);
	uldf_device_close(far);
	uldf_ctx_destroy(ctx);
	uldf_ctx_destroy(c.ctx);
}
