// SPDX-License-Identifier: MIT
#include "machine-requests.h"

static json_t *stats(void *host)
{
	struct vmm_reason reason;
	struct vmm_stats counted;

	if (vmm_machine_count(host, &counted, &reason))
		return NULL;
	return vmm_stats_json(&counted);
}

static json_t *device(const struct vmm_assigned *assigned)
{
	static const char *const names[] = {
		[VMM_DEVICE_WORKS] = "works",
		[VMM_DEVICE_SHUT] = "shut off",
		[VMM_DEVICE_GONE] = "gone",
	};

	return json_pack("{s:s, s:i, s:s}", "address", assigned->option->address, "slot",
			 assigned->devfn >> 3, "state", names[atomic_load(&assigned->state)]);
}

static json_t *devices(void *host)
{
	const struct vmm_assign *assign = &((const struct vmm_machine *)host)->assign;
	json_t *list = json_array();

	for (size_t i = 0; list && i < assign->count; i++)
		if (json_array_append_new(list, device(&assign->devices[i]))) {
			json_decref(list);
			list = NULL;
		}
	return list;
}

static void power(void *host)
{
	struct vmm_machine *machine = host;

	vmm_pm_press(&machine->pm);
}

static void stop(void *host)
{
	struct vmm_machine *machine = host;

	vmm_stop_request(&machine->stop, VMM_STOPPED);
}

const struct vmm_request_ops vmm_machine_requests = {
	.stats = stats,
	.devices = devices,
	.power = power,
	.stop = stop,
};
