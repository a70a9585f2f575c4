// SPDX-License-Identifier: MIT
/*
 * A libFuzzer target: requests to virtio-iommu, whole or damaged, with a VMM that refuses some of
 * them. The VMM's side aborts when it is asked for what it need not do; both sides must count the
 * same. "viommu --seed FILE" makes an input to begin with.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "input.h"
#include "iommu.h"
#include "little_endian.h"
#include "viommu.h"

#define RESULTS	   (4 * VPCI_VIOMMU_BATCH)
#define POISON	   0x5a5a5a5a
#define MAPPINGS   64
#define PAGE	   0x1000ull
#define REQUEST	   80
#define FIRST	   8 /* endpoints */
#define SECOND	   16
#define BAD_TARGET (13 * PAGE)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step {
	STEP_SHORT, /* a request that makes some sense, of few bytes */
	STEP_RAW,   /* any bytes as a request */
	STEP_FLUSH,
	STEP_BYPASS,
	STEP_RESET,
	STEP_PLUG,
	STEP_ERRORS,
	STEP_RETRY,
	STEPS,
};

static struct vpci_viommu viommu;
static struct iommu iommu;
static int results[RESULTS];
static unsigned int next_result;

/* What an endpoint may reach, as the engine sees it. */
static enum iommu_reach expected_reach(const struct vpci_viommu_endpoint *endpoint)
{
	const struct vpci_viommu_domain *domain = endpoint ? endpoint->domain : NULL;

	if (!endpoint || endpoint->state != VPCI_VIOMMU_SETTLED)
		return IOMMU_NOTHING;
	if (!domain)
		return viommu.config.bypass ? IOMMU_ALL : IOMMU_NOTHING;
	if (domain->bypass)
		return IOMMU_ALL;
	return domain->dead ? IOMMU_NOTHING : IOMMU_DOMAIN;
}

static void check_reach(void)
{
	for (uint32_t i = 0; i < IOMMU_ENDPOINTS; i++) {
		const struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(&viommu, i);
		enum iommu_reach reach = expected_reach(endpoint);

		if (iommu.endpoints[i].reach != reach ||
		    (reach == IOMMU_DOMAIN &&
		     iommu.endpoints[i].domain != endpoint->domain->handle))
			abort();
	}
}

static void check_domain(const struct vpci_viommu_domain *domain)
{
	const struct iommu_domain *own = domain->handle;

	if (domain->mappings != (domain->bypass || domain->dead ? 0 : own->count))
		abort();
}

/* Both sides must agree when nothing waits. */
static void check(void)
{
	uint64_t mappings = iommu_mapping_count(&iommu);

	if (mappings != viommu.counters.mappings || mappings > MAPPINGS)
		abort();
	for (uint32_t i = 0; i <= viommu.config.last_domain; i++)
		if (vpci_viommu_domain(&viommu, i))
			check_domain(vpci_viommu_domain(&viommu, i));
	check_reach();
}

/* A result is 0 or a negative errno once nothing waits. */
static void flush(void)
{
	vpci_viommu_flush(&viommu);
	for (unsigned int i = 0; i < RESULTS; i++)
		if (results[i] > 0 || results[i] < -4095)
			abort();
	check();
}

static void probe(uint32_t number)
{
	const struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(&viommu, number);
	uint8_t bytes[VPCI_VIOMMU_PROBE_SIZE];

	if (endpoint)
		vpci_viommu_encode_properties(endpoint->reserved, endpoint->count, bytes);
}

/* From memory of exactly its size, so that reading beyond is seen. */
static void submit(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct vpci_viommu_request request;
	int *result = &results[next_result++ % RESULTS];
	int err;

	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	err = vpci_viommu_decode(copy, size, &request);
	free(copy);
	if (err)
		return;
	if (vpci_viommu_tail_offset(request.type)) {
		probe(request.endpoint);
		return;
	}
	*result = POISON;
	vpci_viommu_submit(&viommu, &request, result);
	vpci_viommu_status(*result);
}

static void step_short(struct input *input)
{
	uint8_t bytes[REQUEST] = {(uint8_t)(input_take(input, 1) % 6)};
	uint64_t first, pages;

	vpci_le_store(bytes + 4, 4, input_take(input, 1) % 6);
	if (bytes[0] <= 2) {
		vpci_le_store(bytes + 8, 4, input_take(input, 1) % 4 * FIRST);
		vpci_le_store(bytes + 12, 4, bytes[0] == 1 ? input_take(input, 1) % 3 : 0);
	} else {
		first = input_take(input, 1) * PAGE;
		pages = input_take(input, 1) % 16;
		vpci_le_store(bytes + 8, 8, first);
		vpci_le_store(bytes + 16, 8, first + pages * PAGE - 1);
		vpci_le_store(bytes + 24, 8, bytes[0] == 3 ? first : 0);
		vpci_le_store(bytes + 32, 4, bytes[0] == 3 ? input_take(input, 1) % 5 : 0);
	}
	submit(bytes, sizeof(bytes));
}

static void step_raw(struct input *input)
{
	uint8_t bytes[REQUEST];
	size_t size = input_copy(input, bytes, input_take(input, 1) % (REQUEST + 1));

	submit(bytes, size);
}

static void step_plug(struct input *input)
{
	const struct vpci_viommu_reserved reserved = {16 * PAGE, 20 * PAGE - 1, true};
	uint32_t number = input_take(input, 1) & 1 ? FIRST : SECOND;

	flush();
	if (vpci_viommu_drop(&viommu, number))
		vpci_viommu_insert(&viommu, number, &reserved, input_take(input, 1) & 1);
}

static void step_errors(struct input *input)
{
	uint64_t bits = input_take(input, 1);

	iommu.create_error = bits & 1 ? -ENOMEM : 0;
	iommu.attach_error = bits & 2 ? -ENOTSUP : 0;
	iommu.detach_error = bits & 4 ? -EIO : 0;
	iommu.map_error = bits & 8 ? -ENOSPC : 0;
	iommu.unmap_error = bits & 16 ? -ENODEV : 0;
	iommu.bad_target = bits & 32 ? BAD_TARGET : 0;
}

static void step(struct input *input)
{
	switch (input_take(input, 1) % STEPS) {
	case STEP_SHORT:
		step_short(input);
		break;
	case STEP_RAW:
		step_raw(input);
		break;
	case STEP_FLUSH:
		flush();
		break;
	case STEP_BYPASS:
		flush();
		vpci_viommu_set_bypass(&viommu, input_take(input, 1) & 1);
		check();
		break;
	case STEP_RETRY:
		flush();
		vpci_viommu_retry(&viommu);
		check();
		break;
	case STEP_RESET:
		flush();
		vpci_viommu_reset(&viommu);
		check();
		break;
	case STEP_PLUG:
		step_plug(input);
		break;
	case STEP_ERRORS:
		step_errors(input);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vpci_viommu_options options = iommu_options();
	struct input input = {data, size};

	memset(&iommu, 0, sizeof(iommu));
	memset(results, 0, sizeof(results));
	options.mappings = MAPPINGS;
	if (vpci_viommu_init(&viommu, &options, &iommu_ops, &iommu) ||
	    vpci_viommu_insert(&viommu, FIRST, NULL, 0) ||
	    vpci_viommu_insert(&viommu, SECOND, NULL, 0))
		abort();
	while (input.left)
		step(&input);
	flush();
	vpci_viommu_fini(&viommu);
	if (iommu_domain_count(&iommu) || viommu.counters.mappings || viommu.counters.domains)
		abort();
	return 0;
}

/* Two domains, mappings in both, one unmapped, one reset. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint8_t seed[] = {
		STEP_SHORT, 1,		1, 1,	       0,	   STEP_SHORT,
		1,	    2,		2, 0,	       STEP_SHORT, 3,
		1,	    1,		4, 3,	       STEP_SHORT, 3,
		1,	    5,		1, 1,	       STEP_SHORT, 3,
		2,	    1,		4, 2,	       STEP_FLUSH, STEP_SHORT,
		4,	    1,		1, 4,	       STEP_FLUSH, STEP_ERRORS,
		32,	    STEP_SHORT, 3, 1,	       13,	   1,
		3,	    STEP_SHORT, 3, 1,	       14,	   1,
		3,	    STEP_SHORT, 2, 1,	       1,	   STEP_BYPASS,
		0,	    STEP_PLUG,	1, STEP_RESET,
	};

	if (*argc == 3 && !strcmp((*argv)[1], "--seed"))
		exit(input_write_seed((*argv)[2], seed, sizeof(seed)));
	return 0;
}
