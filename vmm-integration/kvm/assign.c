// SPDX-License-Identifier: MIT
#include "assign.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <uldf/event.h>
#include <unistd.h>
#include <vpci/assigned.h>

/* A device that had an error may be busy for as long as the host recovers it. */
#define ATTEMPTS       30
#define ATTEMPT_MILLIS 1000

/* Errors of a device, each so soon after the one before, that are taken to be its guest's doing. */
#define ERRORS	     5
#define ERROR_MILLIS 60000

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

static int create_space(struct vmm_assign *assign, struct uldf_device *device, const char *address,
			struct vmm_reason *reason)
{
	char text[256] = "";
	int error;

	if (assign->dma != VMM_DMA_IDENTITY) {
		error = uldf_space_create(device, &assign->space);
		uldf_reason(assign->ctx, text, sizeof(text));
		if (error == -ENOTSUP)
			return vmm_fail(reason, error,
					"%s; for a host without an IOMMU there is --dma identity",
					text);
	} else {
		/* A guest's driver knows how many bits its device masters, and bounces what lies beyond them. */
		error = uldf_space_create_bare(device, UINT64_MAX, &assign->space);
		if (error == -ENOTSUP)
			return vmm_fail(reason, error,
					"device %s: --dma identity is for devices of uldf.ko that "
					"stand behind no IOMMU",
					address);
	}
	if (!error && assign->dma == VMM_DMA_VIOMMU)
		error = uldf_space_create(device, &assign->nothing);
	return error ? fail(assign, reason, error, "a space for", address) : 0;
}

struct vmm_assigned *vmm_assign_find(struct vmm_assign *assign, uint32_t devfn)
{
	for (size_t i = 0; i < assign->count; i++)
		if (assign->devices[i].devfn == devfn)
			return &assign->devices[i];
	return NULL;
}

int vmm_assign_move(struct vmm_assigned *assigned, struct uldf_device *device,
		    struct uldf_space *space)
{
	int error;

	if (assigned->space == space)
		return 0;
	error = uldf_device_move(device, space);
	if (!error)
		assigned->space = space;
	else if (error == -EIO)
		assigned->space = NULL;
	return error;
}

/* A device behind the guest's IOMMU reaches nothing until that says where it belongs. */
static int isolate(struct vmm_assign *assign, struct vmm_assigned *assigned,
		   struct vmm_reason *reason)
{
	const char *address = assigned->option->address;
	int error = vmm_assign_move(assigned, assigned->device, assign->nothing);

	if (error == -EBUSY)
		return vmm_fail(reason, error,
				"device %s: another one is in its IOMMU group, and --dma viommu "
				"cannot keep the two apart: give only one of them",
				address);
	return error ? fail(assign, reason, error, "isolating", address) : 0;
}

static int open_device(struct vmm_assign *assign, struct vmm_assigned *assigned,
		       struct vmm_reason *reason)
{
	const char *address = assigned->option->address;
	struct uldf_device *device;
	int error;

	error = uldf_device_open(assign->ctx, address, &device);
	if (error)
		return fail(assign, reason, error, "device", address);
	if (!assign->space) {
		error = create_space(assign, device, address, reason);
		if (error)
			goto err_close;
	}
	assigned->space = NULL;
	error = vmm_assign_move(assigned, device, assign->viommu ? assign->nothing : assign->space);
	if (error) {
		fail(assign, reason, error, "attaching", address);
		goto err_close;
	}
	/* most kernels' KVM need not be told */
	error = uldf_device_set_guest(device, assign->vm->fd);
	if (error && error != -ENOTSUP) {
		fail(assign, reason, error, "telling KVM of", address);
		goto err_close;
	}
	/* by some backends the guest's next access has to find out */
	error = uldf_event_bind(device, assign->events);
	if (error && error != -ENOTSUP) {
		fail(assign, reason, error, "watching", address);
		goto err_close;
	}
	/* models have another kind of address, and no IOMMU */
	uldf_address_parse(uldf_device_info(device)->address, &assigned->where);
	assigned->device = device;
	return 0;

err_close:
	uldf_device_close(device);
	return error;
}

int vmm_assign_open(struct vmm_assign *assign, const struct vmm_options *options,
		    const struct vmm_vm *vm, struct vmm_reason *reason)
{
	int error;

	*assign = (struct vmm_assign){.vm = vm, .dma = options->dma, .events = -1};
	error = uldf_ctx_create(&assign->ctx);
	if (error)
		return vmm_fail(reason, error, "libuldf: %s", strerror(-error));
	assign->events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (assign->events < 0) {
		error = vmm_fail(reason, -errno, "an eventfd: %s", strerror(errno));
		goto err_close;
	}
	for (; assign->count < options->n_devices; assign->count++) {
		struct vmm_assigned *assigned = &assign->devices[assign->count];

		assigned->option = &options->devices[assign->count];
		error = open_device(assign, assigned, reason);
		if (error)
			goto err_close;
	}
	return 0;

err_close:
	vmm_assign_close(assign);
	return error;
}

void vmm_assign_close(struct vmm_assign *assign)
{
	for (size_t i = 0; i < assign->count; i++)
		uldf_device_close(assign->devices[i].device);
	assign->count = 0;
	vmm_assign_unpin(&assign->kept);
	assign->kept = (struct vmm_assign_pinned){.memory = NULL};
	uldf_space_destroy(assign->nothing);
	uldf_space_destroy(assign->space);
	assign->space = assign->nothing = NULL;
	uldf_ctx_destroy(assign->ctx);
	assign->ctx = NULL;
	if (assign->events >= 0)
		close(assign->events);
	assign->events = -1;
}

void vmm_assign_bars(const struct vmm_assign *assign, struct vmm_bars *out)
{
	*out = (struct vmm_bars){.narrow = 0};
	for (size_t i = 0; i < assign->count; i++)
		for (unsigned int bar = ULDF_BAR0; bar <= ULDF_BAR5; bar++) {
			const struct uldf_region *region =
				uldf_region_get(assign->devices[i].device, bar);

			if (!region->size || region->ports)
				continue;
			*(region->is64 ? &out->wide : &out->narrow) += region->size;
			if (region->size <= out->size)
				continue;
			out->largest = assign->devices[i].option->address;
			out->bar = bar;
			out->size = region->size;
		}
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
	error = uldf_memory_register(assign->space, memory->base, memory->size, ULDF_DMA_BOTH,
				     &registered);
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
	assign->ram = registered; /* the space frees it */
	return 0;
}

int vmm_assign_pin(struct vmm_assign *assign, void *address, uint64_t size,
		   struct vmm_assign_pinned *out, struct vmm_reason *reason)
{
	struct vmm_assign_pinned pinned;
	int error;

	error = uldf_memory_register(assign->space, address, size, ULDF_DMA_BOTH, &pinned.memory);
	if (error)
		return fail(assign, reason, error, "pinning", "the guest's RAM");
	error = uldf_dma_map(pinned.memory, 0, size, ULDF_DMA_BOTH, &pinned.dma);
	if (error) {
		fail(assign, reason, error, "locating", "the guest's RAM");
		uldf_memory_unregister(pinned.memory);
		return error;
	}
	*out = pinned;
	return 0;
}

void vmm_assign_unpin(const struct vmm_assign_pinned *pinned)
{
	uldf_dma_unmap(pinned->dma);
	uldf_memory_unregister(pinned->memory);
}

void vmm_assign_keep(struct vmm_assign *assign, const struct vmm_assign_pinned *pinned)
{
	assign->kept = *pinned;
}

/* Lets the guest's IOMMU have a device that reaches nothing; on failure the device is off the bus, and closed. */
static int put_behind(struct vmm_assign *assign, const struct vmm_assigned *assigned,
		      struct vpci_bus *bus, struct vmm_reason *reason)
{
	int error = vpci_viommu_add_endpoint(assign->viommu, assigned->devfn, assign->reserved,
					     assign->n_reserved);

	if (!error)
		return 0;
	vpci_bus_remove(bus, assigned->devfn);
	return vmm_fail(reason, error, "device %s does not go behind the virtio-iommu: %s",
			assigned->option->address, strerror(-error));
}

/* Of a device that is on no bus yet. Few devices are told to reach registers, so a guest does without. */
static void register_bars(struct vmm_assign *assign, struct vmm_assigned *assigned)
{
	char text[256];
	int error;

	assigned->unreached = 0;
	if (assign->dma == VMM_DMA_IDENTITY)
		return;
	error = vmm_peer_register(&assigned->peer, assign->space, assigned->device);
	if (!error)
		return;
	uldf_reason(assign->ctx, text, sizeof(text));
	vmm_warn("device %s: devices reach the guest's RAM, but not this one's BARs: %s",
		 assigned->option->address, text[0] ? text : strerror(-error));
}

static const char *why_unmapped(int error)
{
	if (error == -ERANGE)
		return "the host's IOMMU does not have that address, or reserves it";
	if (error == -ENOSPC)
		return "the IOMMU's tables would be too large: raise uldf.ko's parameter "
		       "tables_max";
	return strerror(-error);
}

void vmm_assign_show(struct vmm_assign *assign, const struct vpci_host_window *window)
{
	struct vmm_assigned *assigned = vmm_assign_find(assign, window->devfn);
	int error;

	if (!assigned || !assigned->peer.space)
		return;
	error = vmm_peer_map(&assigned->peer, window);
	/* a device that is gone is told of elsewhere */
	if (!error || error == -ENODEV || assigned->unreached & 1U << window->bar)
		return;
	assigned->unreached |= 1U << window->bar;
	vmm_warn("device %s: BAR %u: devices do not reach it at its guest address 0x%llx: %s",
		 assigned->option->address, window->bar, window->guest + 0ULL, why_unmapped(error));
}

int vmm_assign_hide(struct vmm_assign *assign, const struct vpci_host_window *window)
{
	const struct vmm_assigned *assigned = vmm_assign_find(assign, window->devfn);

	return assigned && assigned->peer.space ? vmm_peer_unmap(&assigned->peer, window) : 0;
}

/* Into a slot, or for -1 a free one. */
static int plug(struct vmm_assign *assign, struct vmm_assigned *assigned, int wanted,
		struct vpci_bus *bus, struct vmm_reason *reason)
{
	const struct vmm_device_option *option = assigned->option;
	struct vpci_function *function;
	char text[256] = "";
	int devfn, error;

	if (assign->viommu) {
		error = isolate(assign, assigned, reason);
		if (error)
			return error;
	}
	register_bars(assign, assigned);
	error = vpci_assigned_create(assigned->device, text, sizeof(text), &function);
	if (error)
		return text[0] ? vmm_fail(reason, error, "%s", text)
			       : vmm_fail(reason, error, "device %s: %s", option->address,
					  strerror(-error));
	assigned->device = NULL; /* the function's from here on */

	devfn = vpci_bus_add(bus, wanted, function);
	if (devfn >= 0) {
		if (assigned->devfn != devfn) /* the processors read it meanwhile */
			assigned->devfn = (uint8_t)devfn;
		return assign->viommu ? put_behind(assign, assigned, bus, reason) : 0;
	}
	if (devfn == -EEXIST)
		vmm_fail(reason, devfn, "device %s: slot %d of the guest's bus is taken",
			 option->address, wanted >> 3);
	else if (devfn == -ENOSPC || devfn == -ENOMEM)
		vmm_fail(reason, devfn, "device %s does not go on the guest's bus: %s",
			 option->address, strerror(-devfn));
	else
		fail(assign, reason, devfn, "device", option->address);
	vpci_function_destroy(function);
	return devfn;
}

int vmm_assign_plug(struct vmm_assign *assign, struct vpci_bus *bus, struct vmm_reason *reason)
{
	/* Wanted slots first, so that a device without a wish takes none of them. */
	for (int wish = 1; wish >= 0; wish--)
		for (size_t i = 0; i < assign->count; i++) {
			int slot = assign->devices[i].option->slot, error;

			if ((slot >= 0) != wish)
				continue;
			error = plug(assign, &assign->devices[i], wish ? slot << 3 : -1, bus,
				     reason);
			if (error)
				return error;
		}
	return 0;
}

static uint64_t now_millis(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* It had an error: opened anew, it has another one soon, if the guest wants it to. */
static void count_error(struct vmm_assigned *assigned)
{
	uint64_t now = now_millis();

	if (now - assigned->had > ERROR_MILLIS)
		assigned->errors = 0;
	assigned->had = assigned->due = now;
	if (++assigned->errors < ERRORS)
		assigned->attempts = ATTEMPTS;
	else
		vmm_warn("device %s: stays shut off after %u errors in a row",
			 assigned->option->address, assigned->errors);
}

/* Takes a device out of its slot that is not to be used any more. Return: whether to look again. */
static bool unplug(struct vmm_assign *assign, struct vmm_assigned *assigned, struct vpci_bus *bus)
{
	enum vpci_presence presence = vpci_bus_presence(bus, assigned->devfn);

	if (presence == VPCI_BROKEN || presence == VPCI_GONE) {
		if (assign->viommu)
			vpci_viommu_remove_endpoint(assign->viommu, assigned->devfn);
		vpci_bus_remove(bus, assigned->devfn);
		vmm_peer_unregister(&assigned->peer);
	}
	if (presence == VPCI_GONE)
		atomic_store(&assigned->state, VMM_DEVICE_GONE);
	if (presence == VPCI_BROKEN) {
		atomic_store(&assigned->state, VMM_DEVICE_SHUT);
		count_error(assigned);
	}
	return presence == VPCI_AWAY;
}

static void plug_again(struct vmm_assign *assign, struct vmm_assigned *assigned,
		       struct vpci_bus *bus)
{
	const char *address = assigned->option->address;
	struct vmm_reason reason = {.text = ""};
	int error = open_device(assign, assigned, &reason);

	if (!error)
		error = plug(assign, assigned, assigned->devfn, bus, &reason);
	if (!error) {
		atomic_store(&assigned->state, VMM_DEVICE_WORKS);
		assigned->attempts = 0;
		assigned->had = now_millis();
		vmm_warn("device %s: works again, as after a reset: have the guest remove and "
			 "rescan it",
			 address);
		return;
	}
	uldf_device_close(assigned->device);
	assigned->device = NULL;
	vmm_peer_unregister(&assigned->peer);
	assigned->due = now_millis() + ATTEMPT_MILLIS;
	assigned->attempts--;
	if (!assigned->attempts)
		vmm_warn("device %s: stays shut off: %s", address, reason.text);
}

int vmm_assign_check(struct vmm_assign *assign, struct vpci_bus *bus, const atomic_bool *stop)
{
	eventfd_t count;
	bool again = false;

	eventfd_read(assign->events, &count);
	for (size_t i = 0; i < assign->count && !atomic_load(stop); i++) {
		struct vmm_assigned *assigned = &assign->devices[i];

		if (!assigned->attempts)
			again |= unplug(assign, assigned, bus);
		if (assigned->attempts && now_millis() >= assigned->due)
			plug_again(assign, assigned, bus);
		again |= assigned->attempts > 0;
	}
	return again ? ATTEMPT_MILLIS : -1;
}
