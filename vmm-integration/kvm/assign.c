// SPDX-License-Identifier: MIT
#include "assign.h"

#include <errno.h>
#include <string.h>
#include <vpci/assigned.h>

/* The library's reason names the thing and says what to do; where it has none, errno must do. */
static int fail(struct vmm_assign *assign, struct vmm_reason *reason, int error, const char *what,
		const char *name)
{
	char text[256];

	uldf_reason(assign->ctx, text, sizeof(text));
	if (text[0])
		return vmm_fail(reason, error, "%s", text);
	return vmm_fail(reason, error, "%s %s: %s", what, name, strerror(-error));
}

static int open_device(struct vmm_assign *assign, const char *address, const struct vmm_vm *vm,
		       struct vmm_reason *reason)
{
	struct uldf_device *device;
	int error;

	error = uldf_device_open(assign->ctx, address, &device);
	if (error)
		return fail(assign, reason, error, "device", address);
	if (!assign->space) {
		error = uldf_space_create(device, &assign->space);
		if (error) {
			fail(assign, reason, error, "a space for", address);
			goto err_close;
		}
	}
	error = uldf_device_attach(device, assign->space);
	if (error) {
		fail(assign, reason, error, "attaching", address);
		goto err_close;
	}
	/* most kernels' KVM need not be told */
	error = uldf_device_set_guest(device, vm->fd);
	if (error && error != -ENOTSUP) {
		fail(assign, reason, error, "telling KVM of", address);
		goto err_close;
	}
	assign->devices[assign->count++] = device;
	return 0;

err_close:
	uldf_device_close(device);
	return error;
}

int vmm_assign_open(struct vmm_assign *assign, const struct vmm_options *options,
		    const struct vmm_vm *vm, struct vmm_reason *reason)
{
	int error;

	*assign = (struct vmm_assign){.count = 0};
	error = uldf_ctx_create(&assign->ctx);
	if (error)
		return vmm_fail(reason, error, "libuldf: %s", strerror(-error));
	for (size_t i = 0; i < options->n_devices; i++) {
		error = open_device(assign, options->devices[i].address, vm, reason);
		if (error) {
			vmm_assign_close(assign);
			return error;
		}
	}
	return 0;
}

void vmm_assign_close(struct vmm_assign *assign)
{
	for (size_t i = 0; i < assign->count; i++)
		uldf_device_close(assign->devices[i]);
	assign->count = 0;
	uldf_space_destroy(assign->space);
	assign->space = NULL;
	uldf_ctx_destroy(assign->ctx);
	assign->ctx = NULL;
}

int vmm_assign_reserved(struct vmm_assign *assign, struct vmm_range *list, size_t room,
			size_t *count, struct vmm_reason *reason)
{
	struct uldf_range ranges[VMM_E820_MAX];
	size_t found = 0;
	int error;

	if (assign->space) {
		error = uldf_space_reserved(assign->space, ranges, VMM_E820_MAX, &found);
		if (error)
			return fail(assign, reason, error, "reserved addresses of", "the space");
	}
	if (found > VMM_E820_MAX || found > room)
		return vmm_fail(reason, -E2BIG, "the host's IOMMU reserves %zu ranges: too many",
				found);
	for (size_t i = 0; i < found; i++)
		list[i] = (struct vmm_range){.first = ranges[i].first, .last = ranges[i].last};
	*count = found;
	return 0;
}

int vmm_assign_map(struct vmm_assign *assign, const struct vmm_memory *memory,
		   const struct vmm_memory_map *map, struct vmm_reason *reason)
{
	struct uldf_mapping pieces[VMM_E820_MAX];
	struct uldf_memory *registered;
	size_t count = 0;
	int error;

	if (!assign->space)
		return 0;
	error = uldf_memory_register(assign->space, memory->base, memory->low + memory->high,
				     ULDF_DMA_BOTH, &registered);
	if (error)
		return fail(assign, reason, error, "pinning", "the guest's RAM");

	for (size_t i = 0; i < map->count; i++) {
		const struct vmm_e820 *entry = &map->entries[i];
		const uint8_t *at;

		if (entry->type != VMM_E820_RAM)
			continue;
		at = vmm_memory_at(memory, entry->address, entry->size);
		pieces[count++] = (struct uldf_mapping){
			.memory = registered,
			.offset = (uint64_t)(at - memory->base),
			.address = entry->address,
			.size = entry->size,
			.access = ULDF_DMA_BOTH,
		};
	}
	error = uldf_space_map(assign->space, pieces, count);
	if (error == -ERANGE)
		return vmm_fail(reason, error,
				"the guest's RAM exceeds what the host's IOMMU can address: give "
				"--memory less");
	if (error)
		return fail(assign, reason, error, "mapping", "the guest's RAM");
	return 0; /* the space frees the memory */
}

static int plug(struct vmm_assign *assign, size_t index, const struct vmm_device_option *option,
		struct vpci_bus *bus, struct vmm_reason *reason)
{
	struct vpci_function *function;
	char text[256] = "";
	int devfn, error;

	error = vpci_assigned_create(assign->devices[index], text, sizeof(text), &function);
	if (error)
		return text[0] ? vmm_fail(reason, error, "%s", text)
			       : vmm_fail(reason, error, "device %s: %s", option->address,
					  strerror(-error));
	assign->devices[index] = NULL; /* the function's from here on */

	devfn = vpci_bus_add(bus, option->slot < 0 ? -1 : option->slot << 3, function);
	if (devfn >= 0)
		return 0;
	if (devfn == -EEXIST)
		vmm_fail(reason, devfn, "device %s: slot %d of the guest's bus is taken",
			 option->address, option->slot);
	else if (devfn == -ENOSPC || devfn == -ENOMEM)
		vmm_fail(reason, devfn, "device %s does not go on the guest's bus: %s",
			 option->address, strerror(-devfn));
	else
		fail(assign, reason, devfn, "device", option->address);
	vpci_function_destroy(function);
	return devfn;
}

int vmm_assign_plug(struct vmm_assign *assign, const struct vmm_options *options,
		    struct vpci_bus *bus, struct vmm_reason *reason)
{
	/* Wanted slots first, so that a device without a wish takes none of them. */
	for (int wish = 1; wish >= 0; wish--)
		for (size_t i = 0; i < assign->count; i++) {
			int error;

			if ((options->devices[i].slot >= 0) != wish)
				continue;
			error = plug(assign, i, &options->devices[i], bus, reason);
			if (error)
				return error;
		}
	return 0;
}
