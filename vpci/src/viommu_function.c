// SPDX-License-Identifier: MIT
/* The virtio-iommu device in a slot: its queues, its configuration, and what the VMM calls. */
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_iommu.h>
#include <stdlib.h>
#include <string.h>
#include "bus_state.h"
#include "little_endian.h"
#include "viommu.h"
#include "viommu_faults.h"
#include "viommu_report.h"
#include "virtio_pci.h"

#define FUNCTION_REQUESTS 0
#define FUNCTION_EVENTS	  1

/* A request takes two descriptors at least, so this is room for as many as a doorbell serves. */
#define FUNCTION_REQUESTS_MOST (2 * VPCI_VIOMMU_BATCH)
#define FUNCTION_EVENTS_MOST   64

#define FUNCTION_FEATURES                                                         \
	(1ull << VIRTIO_F_VERSION_1 | 1ull << VIRTIO_IOMMU_F_INPUT_RANGE |        \
	 1ull << VIRTIO_IOMMU_F_DOMAIN_RANGE | 1ull << VIRTIO_IOMMU_F_MAP_UNMAP | \
	 1ull << VIRTIO_IOMMU_F_PROBE | 1ull << VIRTIO_IOMMU_F_MMIO |             \
	 1ull << VIRTIO_IOMMU_F_BYPASS_CONFIG)

/**
 * struct function_answer - the answer to a request
 * @head: its buffer
 * @request: the request; its type may be what the guest wrote instead
 * @written: bytes written into the buffer
 * @status: where its status goes; NULL for a request that goes back unwritten
 * @result: 0 or a negative errno
 */
struct function_answer {
	uint16_t head;
	struct vpci_viommu_request request;
	uint32_t written;
	uint8_t *status;
	int result;
};

/* Protected by the lock of @virtio, but for @faults and the counters of @viommu. */
struct function {
	struct vpci_virtio virtio;
	struct vpci_viommu viommu;
	struct vpci_viommu_faults faults;
	struct vpci_viommu_reporter reporter;
	struct vpci_virtio_chain chain; /* the buffer that is served now */
	struct function_answer answers[VPCI_VIOMMU_BATCH];
};

static struct function *function_from(struct vpci_virtio *virtio)
{
	return (struct function *)((char *)virtio - offsetof(struct function, virtio));
}

static struct function *function_of(struct vpci_function *function)
{
	return function_from(vpci_virtio_from(function));
}

static bool function_accepted(const struct function *function, unsigned int feature)
{
	return function->virtio.accepted >> feature & 1;
}

/* Refuses requests and flags of features that the driver did not accept. */
static int function_check(const struct function *function,
			  const struct vpci_viommu_request *request)
{
	switch (request->type) {
	case VIRTIO_IOMMU_T_MAP:
	case VIRTIO_IOMMU_T_UNMAP:
		if (!function_accepted(function, VIRTIO_IOMMU_F_MAP_UNMAP))
			return -ENOTSUP;
		return (request->flags & VIRTIO_IOMMU_MAP_F_MMIO) &&
				       !function_accepted(function, VIRTIO_IOMMU_F_MMIO)
			       ? -EINVAL
			       : 0;
	case VIRTIO_IOMMU_T_ATTACH:
		return request->flags && !function_accepted(function, VIRTIO_IOMMU_F_BYPASS_CONFIG)
			       ? -EINVAL
			       : 0;
	}
	return 0;
}

static int function_probe(struct function *function, uint32_t number)
{
	const struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(&function->viommu, number);
	uint8_t bytes[VPCI_VIOMMU_PROBE_SIZE];

	vpci_viommu_encode_properties(endpoint ? endpoint->reserved : NULL,
				      endpoint ? endpoint->count : 0, bytes);
	vpci_virtio_chain_write(&function->chain, 0, bytes, sizeof(bytes));
	return endpoint ? 0 : -ENOENT;
}

/*
 * Finds the place of the status, and clears the rest of the tail. Returns false for a buffer that
 * has no room for a tail. A PROBE with less room than the properties take has its tail at the end,
 * and fails (virtio 1.2 section 5.13.6.7.2).
 */
static bool function_find_tail(struct function *function, struct function_answer *answer,
			       uint8_t type)
{
	static const uint8_t zeros[VPCI_VIOMMU_PROBE_SIZE];
	size_t offset = vpci_viommu_tail_offset(type);
	uint64_t room;

	/* Most tails are in one piece. */
	answer->status = vpci_virtio_chain_at(&function->chain, offset, VPCI_VIOMMU_TAIL);
	if (answer->status) {
		memset(answer->status + 1, 0, VPCI_VIOMMU_TAIL - 1);
		answer->written = (uint32_t)offset + VPCI_VIOMMU_TAIL;
		return true;
	}
	room = vpci_virtio_chain_room(&function->chain);
	if (room < VPCI_VIOMMU_TAIL)
		return false;
	if (room < offset + VPCI_VIOMMU_TAIL) {
		offset = room - VPCI_VIOMMU_TAIL;
		vpci_virtio_chain_write(&function->chain, 0, zeros, offset);
		answer->result = -EINVAL;
	}
	vpci_virtio_chain_write(&function->chain, offset + 1, zeros, VPCI_VIOMMU_TAIL - 1);
	answer->status = vpci_virtio_chain_at(&function->chain, offset, 1);
	answer->written = (uint32_t)offset + VPCI_VIOMMU_TAIL;
	return true;
}

/* Carries out the request in the chain, or adds it to the engine's batch. */
static void function_serve(struct function *function, struct function_answer *answer)
{
	uint8_t bytes[VPCI_VIOMMU_REQUEST_MOST];
	size_t size = vpci_virtio_chain_read(&function->chain, bytes, sizeof(bytes));
	struct vpci_viommu_request *request = &answer->request;
	int err;

	*answer = (struct function_answer){.head = function->chain.head,
					   .request.type = size ? bytes[0] : 0};
	err = vpci_viommu_decode(bytes, size, request);
	vpci_viommu_add(&function->viommu.counters.requests, 1);
	if (!err)
		err = function_check(function, request);
	answer->result = err;
	/* A request of an unknown type goes back unwritten (virtio 1.2 section 5.13.6.2). */
	if (err == -ENOTSUP)
		return;
	if (!function_find_tail(function, answer, request->type))
		answer->result = -EINVAL;
	if (answer->result)
		return;
	if (request->type == VIRTIO_IOMMU_T_PROBE)
		answer->result = function_probe(function, request->endpoint);
	else
		vpci_viommu_submit(&function->viommu, request, &answer->result);
}

static struct vpci_viommu_reporter *function_reporter(struct function *function)
{
	function->reporter.host = function->virtio.host;
	function->reporter.devfn = function->virtio.messages.requester;
	return &function->reporter;
}

/* Leaves a full quota to function_catch_up(), which says more. */
static void function_note_refusal(struct function *function, const struct function_answer *answer)
{
	vpci_viommu_add(&function->viommu.counters.refused, 1);
	if (answer->result != -ENOSPC || !function->viommu.troubles[VPCI_VIOMMU_CAUSE_QUOTA].seen)
		vpci_viommu_report_refusal(function_reporter(function), &answer->request,
					   answer->result);
}

static void function_publish(struct function *function, unsigned int count)
{
	struct vpci_virtio_queue *queue = &function->virtio.queues[FUNCTION_REQUESTS];

	for (unsigned int i = 0; i < count; i++) {
		const struct function_answer *answer = &function->answers[i];

		if (answer->result)
			function_note_refusal(function, answer);
		if (answer->status)
			*answer->status = vpci_viommu_status(answer->result);
		vpci_virtio_queue_put(queue, answer->head, answer->written);
	}
	if (count && vpci_virtio_queue_publish(queue))
		vpci_virtio_interrupt(&function->virtio, FUNCTION_REQUESTS);
}

/* A driver is at work: the domains of the one before it end. */
static void function_begin(struct function *function)
{
	if (function->viommu.lingers)
		vpci_viommu_reset(&function->viommu);
}

/*
 * Returns true when it served as many requests as a doorbell may, so that some may be left. The
 * guest rings again for what it adds during a run: the device never suppresses doorbells.
 */
static bool function_run(struct function *function)
{
	struct vpci_virtio_queue *queue = &function->virtio.queues[FUNCTION_REQUESTS];
	unsigned int count = 0;
	int taken = 0;

	function_begin(function);
	vpci_viommu_retry(&function->viommu);
	while (count < VPCI_VIOMMU_BATCH) {
		taken = vpci_virtio_queue_take(queue, &function->chain);
		if (taken != 1)
			break;
		function_serve(function, &function->answers[count++]);
	}
	vpci_viommu_flush(&function->viommu);
	vpci_viommu_add(&function->viommu.counters.doorbells, count != 0);
	function_publish(function, count);
	if (taken < 0)
		vpci_virtio_break(&function->virtio);
	return count == VPCI_VIOMMU_BATCH;
}

/* The function takes buffers for events when it reports a fault. */
static bool function_notify(struct vpci_virtio *virtio, unsigned int queue)
{
	return queue == FUNCTION_REQUESTS && function_run(function_from(virtio));
}

/* Fills the next buffer for events, or gives it back empty if it is too small. */
static int function_send_event(struct function *function, const uint8_t *bytes)
{
	struct vpci_virtio_queue *queue = &function->virtio.queues[FUNCTION_EVENTS];
	bool fits;
	int taken;

	if (!vpci_virtio_ready(&function->virtio))
		return -ENOSPC;
	taken = vpci_virtio_queue_take(queue, &function->chain);
	if (taken < 0)
		vpci_virtio_break(&function->virtio);
	if (taken != 1)
		return -ENOSPC;
	fits = vpci_virtio_chain_room(&function->chain) >= VPCI_VIOMMU_FAULT_SIZE;
	if (fits)
		vpci_virtio_chain_write(&function->chain, 0, bytes, VPCI_VIOMMU_FAULT_SIZE);
	vpci_virtio_queue_put(queue, function->chain.head, fits ? VPCI_VIOMMU_FAULT_SIZE : 0);
	if (vpci_virtio_queue_publish(queue))
		vpci_virtio_interrupt(&function->virtio, FUNCTION_EVENTS);
	return fits ? 0 : -ENOSPC;
}

static int function_report(struct function *function, const struct vpci_viommu_fault *fault)
{
	const struct vpci_viommu_endpoint *endpoint =
		vpci_viommu_find(&function->viommu, fault->endpoint);
	struct vpci_viommu_counters *counters = &function->viommu.counters;
	uint8_t bytes[VPCI_VIOMMU_FAULT_SIZE];
	int err;

	if (!endpoint)
		return -ENOENT;
	vpci_viommu_encode_fault(fault, endpoint->domain != NULL, bytes);
	err = function_send_event(function, bytes);
	vpci_viommu_add(err ? &counters->faults_dropped : &counters->faults, 1);
	return err;
}

/* Reports the faults of other threads to the guest, and what went wrong to the VMM. */
static void function_catch_up(struct vpci_virtio *virtio)
{
	struct function *function = function_from(virtio);
	struct vpci_viommu_fault fault;

	while (vpci_viommu_faults_take(&function->faults, &fault))
		function_report(function, &fault);
	if (virtio->host)
		vpci_viommu_report_troubles(function_reporter(function), &function->viommu);
}

static bool function_waiting(struct vpci_virtio *virtio)
{
	return vpci_viommu_faults_waiting(&function_from(virtio)->faults);
}

/* The bus's number is 0, so that an endpoint's number is its slot. */
static bool function_masters(void *slot, uint32_t number)
{
	return vpci_bus_masters(((struct vpci_function *)slot)->bus, number);
}

static void function_restart(struct vpci_virtio *virtio)
{
	vpci_viommu_leave_driver(&function_from(virtio)->viommu, function_masters,
				 &virtio->function);
}

static uint64_t function_config_read(struct vpci_virtio *virtio, unsigned int offset,
				     unsigned int width)
{
	uint8_t bytes[VPCI_VIOMMU_CONFIG_SIZE];

	vpci_viommu_encode_config(&function_from(virtio)->viommu.config, bytes);
	return vpci_le_load(bytes + offset, width);
}

/* A driver writes the bypass byte alone, with 0 or 1 (virtio 1.2 section 5.13.4.1). */
static void function_config_write(struct vpci_virtio *virtio, unsigned int offset,
				  unsigned int width, uint64_t value)
{
	struct function *function = function_from(virtio);

	if (offset == VPCI_VIOMMU_CONFIG_BYPASS && width == 1 && value <= 1 &&
	    function_accepted(function, VIRTIO_IOMMU_F_BYPASS_CONFIG)) {
		function_begin(function);
		vpci_viommu_set_bypass(&function->viommu, value);
	}
}

static void function_quiet(struct vpci_function *slot, uint8_t devfn)
{
	struct function *function = function_of(slot);

	vpci_virtio_lock(&function->virtio);
	vpci_viommu_quiet(&function->viommu, devfn);
	vpci_virtio_unlock(&function->virtio);
}

static void function_detach(struct vpci_function *slot)
{
	struct function *function = function_of(slot);

	pthread_mutex_lock(&function->virtio.lock);
	vpci_viommu_close(&function->viommu);
	vpci_virtio_unlock(&function->virtio);
	vpci_virtio_detach(slot);
}

/*
 * A reset of the bus restores the bypass byte, a reset by the driver does not (virtio 1.2 section
 * 5.13.4.2). It does so first, so that no endpoint goes to where the driver's byte says.
 */
static int function_reset(struct vpci_function *slot)
{
	struct function *function = function_of(slot);

	pthread_mutex_lock(&function->virtio.lock);
	vpci_viommu_set_bypass(&function->viommu, function->viommu.boot_bypass);
	vpci_virtio_restart(&function->virtio);
	vpci_viommu_reset(&function->viommu);
	vpci_messages_reset(&function->virtio.messages);
	vpci_virtio_unlock(&function->virtio);
	return 0;
}

static void function_destroy(struct vpci_function *slot)
{
	struct function *function = function_of(slot);

	vpci_viommu_fini(&function->viommu);
	vpci_viommu_faults_fini(&function->faults);
	vpci_virtio_fini(&function->virtio);
	free(function);
}

static const struct vpci_virtio_ops function_virtio_ops = {
	.reset = function_restart,
	.notify = function_notify,
	.catch_up = function_catch_up,
	.waiting = function_waiting,
	.config_read = function_config_read,
	.config_write = function_config_write,
};

static const struct vpci_virtio_kind function_kind = {
	.id = VIRTIO_ID_IOMMU,
	.class_code = 0x080600,
	.features = FUNCTION_FEATURES,
	.queue_count = 2,
	.queue_most = {FUNCTION_REQUESTS_MOST, FUNCTION_EVENTS_MOST},
	.config_size = VPCI_VIOMMU_CONFIG_SIZE,
	.ops = &function_virtio_ops,
};

static const struct vpci_function_ops function_ops = {
	.attach = vpci_virtio_attach,
	.detach = function_detach,
	.destroy = function_destroy,
	.reset = function_reset,
	.config_read = vpci_virtio_config_read,
	.config_write = vpci_virtio_config_write,
	.bar_read = vpci_virtio_bar_read,
	.bar_write = vpci_virtio_bar_write,
	.iommu = true,
	.quiet = function_quiet,
};

int vpci_viommu_create(const struct vpci_viommu_options *options, const struct vpci_viommu_ops *ops,
		       void *host, struct vpci_function **out)
{
	const uint8_t policy[] = {options->strict ? VPCI_VIOMMU_STRICT : 0, 0, 'u', 'l', 'd', 'f'};
	struct function *function = calloc(1, sizeof(*function));
	int err;

	if (!function)
		return -ENOMEM;
	function->virtio.function.ops = &function_ops;
	err = vpci_viommu_init(&function->viommu, options, ops, host);
	if (err)
		goto err_free;
	err = vpci_virtio_init(&function->virtio, &function_kind);
	if (err)
		goto err_fini_viommu;
	err = vpci_virtio_add_data(&function->virtio, policy, sizeof(policy));
	if (err)
		goto err_fini_virtio;
	vpci_viommu_faults_init(&function->faults);
	*out = &function->virtio.function;
	return 0;
err_fini_virtio:
	vpci_virtio_fini(&function->virtio);
err_fini_viommu:
	vpci_viommu_fini(&function->viommu);
err_free:
	free(function);
	return err;
}

int vpci_viommu_add_endpoint(struct vpci_function *slot, uint32_t endpoint,
			     const struct vpci_viommu_reserved *list, size_t count)
{
	struct function *function = function_of(slot);
	int err;

	vpci_virtio_lock(&function->virtio);
	err = vpci_viommu_insert(&function->viommu, endpoint, list, count);
	vpci_virtio_unlock(&function->virtio);
	return err;
}

int vpci_viommu_remove_endpoint(struct vpci_function *slot, uint32_t endpoint)
{
	struct function *function = function_of(slot);
	int err;

	vpci_virtio_lock(&function->virtio);
	err = vpci_viommu_drop(&function->viommu, endpoint);
	vpci_virtio_unlock(&function->virtio);
	return err;
}

/* Leaves a fault to the thread that has the lock. Reports it if that thread has unlocked meanwhile. */
static int function_defer(struct function *function, const struct vpci_viommu_fault *fault)
{
	int err = vpci_viommu_faults_put(&function->faults, fault);

	if (err) {
		vpci_viommu_add(&function->viommu.counters.faults_dropped, 1);
		return err;
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!pthread_mutex_trylock(&function->virtio.lock))
		vpci_virtio_unlock(&function->virtio);
	return 0;
}

int vpci_viommu_report_fault(struct vpci_function *slot, const struct vpci_viommu_fault *fault)
{
	struct function *function = function_of(slot);
	int err;

	if (pthread_mutex_trylock(&function->virtio.lock))
		return function_defer(function, fault);
	/* The faults that wait are older. */
	function_catch_up(&function->virtio);
	err = function_report(function, fault);
	vpci_virtio_unlock(&function->virtio);
	return err;
}

void vpci_viommu_count(struct vpci_function *slot, struct vpci_viommu_counters *out)
{
	const struct vpci_viommu_counters *counters = &function_of(slot)->viommu.counters;
	const uint64_t *from = (const uint64_t *)counters;
	uint64_t *to = (uint64_t *)out;

	for (size_t i = 0; i < sizeof(*out) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}
