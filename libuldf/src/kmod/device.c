// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kmod/abi.h"

int kmod_device_call(struct uldf_device *device, unsigned long request, void *arg,
		     const char *doing)
{
	const struct kmod_device *kmod = device->priv;
	int err;

	if (!ioctl(kmod->fd, request, arg))
		return 0;
	err = -errno;
	if (err == -ENODEV)
		return uldf_device_fail(device, err, "gone: it was released or unplugged");
	return uldf_device_fail(device, err, "cannot %s: %s", doing, ctx_strerror(err));
}

/* What stands in the way when the device's node cannot be opened. */
static int device_open_fail(struct uldf_device *device, const struct uldf_address *where, int err)
{
	const char *address = device->info.address;
	struct uldf_host_device host;

	switch (err) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		if (uldf_discover_one(device->ctx, where, &host) == -ENODEV)
			return -ENODEV;
		if (access(KMOD_CONTROL, F_OK))
			return uldf_device_fail(device, -ENODEV,
						"uldf.ko is not loaded: modprobe uldf");
		return uldf_device_fail(device, -ENODEV, "not claimed: uldfctl claim %s", address);
	case -EBUSY:
		return uldf_device_fail(device, err, "open already: one process drives a device");
	case -EPERM:
		if (!uldf_discover_one(device->ctx, where, &host) && host.group < 0)
			return uldf_device_fail(
				device, err,
				"behind no IOMMU, so nothing confines it: opening it takes "
				"CAP_SYS_RAWIO and allow_bare=1 of uldf.ko");
		return uldf_device_fail(
			device, err,
			"nothing keeps it from forging interrupts: opening it takes "
			"CAP_SYS_RAWIO and unsafe_interrupts=1 of uldf.ko");
	case -EACCES:
		return uldf_device_fail(device, err, "no permission to open /dev/uldf/%s: be root",
					address);
	default:
		return uldf_device_fail(device, err, "cannot open /dev/uldf/%s: %s", address,
					ctx_strerror(err));
	}
}

static int device_read_info(struct uldf_device *device)
{
	struct kmod_device *kmod = device->priv;
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	int err = kmod_device_call(device, ULDF_DEVICE_INFO, &info, "read what it is");

	if (err)
		return err;
	_Static_assert((int)ULDF_IRQ_INTX == (int)ULDF_VECTOR_INTX &&
			       (int)ULDF_IRQ_MSI == (int)ULDF_VECTOR_MSI &&
			       (int)ULDF_IRQ_MSIX == (int)ULDF_VECTOR_MSIX &&
			       (int)ULDF_IRQ_ISA == (int)ULDF_VECTOR_ISA &&
			       (int)ULDF_IRQ_TYPES == (int)ULDF_VECTOR_TYPES,
		       "interrupt types have the ABI's numbers");
	for (unsigned int i = 0; i < ULDF_IRQ_TYPES; i++)
		device->info.vectors[i] = info.vectors[i];
	kmod->shared = info.shared;
	kmod->shared_size = info.shared_size;
	device->info.resets = info.flags & ULDF_DEVICE_RESETS;
	device->info.translated = info.flags & ULDF_DEVICE_TRANSLATED;
	return 0;
}

static int device_read_region(struct uldf_device *device, unsigned int index)
{
	struct uldf_region *region = &device->regions[index];
	struct kmod_device *kmod = device->priv;
	struct uldf_ioc_region_info info = {.argsz = sizeof(info), .index = index};
	int err = kmod_device_call(device, ULDF_REGION_INFO, &info, "read its regions");

	if (err)
		return err;
	_Static_assert((int)ULDF_REGION_COUNT == (int)ULDF_REGIONS &&
			       (int)ULDF_ROM == (int)ULDF_REGION_ROM &&
			       (int)ULDF_CONFIG == (int)ULDF_REGION_CONFIG &&
			       ULDF_AREAS == ULDF_REGION_AREAS,
		       "regions have the ABI's numbers");
	kmod->offset[index] = info.offset;
	*region = (struct uldf_region){
		.size = info.size,
		.address = info.address,
		.ports = info.flags & ULDF_REGION_PORTS,
		.prefetchable = info.flags & ULDF_REGION_PREFETCH,
		.is64 = info.flags & ULDF_REGION_64BIT,
		.fixed = info.flags & ULDF_REGION_FIXED,
		.writable = info.flags & ULDF_REGION_WRITE,
		.areas = info.areas > ULDF_AREAS ? ULDF_AREAS : info.areas,
	};
	for (unsigned int i = 0; i < region->areas; i++)
		region->area[i] = (struct uldf_area){
			.offset = info.area[i].offset,
			.size = info.area[i].size,
		};
	return 0;
}

static int kmod_open(struct uldf_device *device, const char *rest)
{
	struct uldf_address address;
	struct kmod_device *kmod;
	char path[32];
	int err;

	err = uldf_address_parse(rest, &address);
	if (err)
		return ctx_fail(device->ctx, err, "%s: not an address such as 0000:00:06.0", rest);
	uldf_address_format(&address, device->info.address);
	kmod = calloc(1, sizeof(*kmod));
	if (!kmod)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "/dev/uldf/%.20s", device->info.address);
	kmod->fd = open(path, O_RDWR | O_CLOEXEC);
	if (kmod->fd < 0) {
		err = device_open_fail(device, &address, -errno);
		goto err_free;
	}
	device->priv = kmod;
	err = device_read_info(device);
	for (unsigned int i = 0; !err && i < ULDF_REGION_COUNT; i++)
		err = device_read_region(device, i);
	if (err)
		goto err_close;
	return 0;
err_close:
	close(kmod->fd);
err_free:
	free(kmod);
	return err;
}

static void kmod_close(struct uldf_device *device)
{
	struct kmod_device *kmod = device->priv;

	if (kmod->counts)
		munmap(kmod->counts, kmod->shared_size);
	close(kmod->fd);
	free(kmod);
}

static int kmod_reset(struct uldf_device *device, enum uldf_reset *how)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	int err = kmod_device_call(device, ULDF_DEVICE_RESET, &reset, "reset it alone");

	if (err)
		return err;
	if (kmod_reset_read(reset.method, how))
		return uldf_device_fail(
			device, -EPROTO,
			"reset, but uldf.ko is newer than libuldf and tells of a reset "
			"(%u) unknown to it",
			(unsigned int)reset.method);
	return 0;
}

static int kmod_functions(struct uldf_device *device, unsigned int count)
{
	struct uldf_ioc_device_functions functions = {.argsz = sizeof(functions), .count = count};
	int err = kmod_device_call(device, ULDF_DEVICE_FUNCTIONS, &functions,
				   "change its virtual functions");

	switch (err) {
	case -ENOTSUP:
		return uldf_device_fail(device, err, "it has no SR-IOV");
	case -EINVAL:
		return uldf_device_fail(device, err, "it cannot have %u virtual functions", count);
	case -EBUSY:
		return uldf_device_fail(device, err, "one of its virtual functions is claimed");
	default:
		return err;
	}
}

static int kmod_power(struct uldf_device *device, unsigned int state)
{
	struct uldf_ioc_device_power power = {.argsz = sizeof(power), .state = state};

	return kmod_device_call(device, ULDF_DEVICE_POWER, &power, "change its power state");
}

static int kmod_set_guest(struct uldf_device *device, int vm)
{
	struct uldf_ioc_device_guest guest = {.argsz = sizeof(guest), .vm = vm};
	int err = kmod_device_call(device, ULDF_DEVICE_GUEST, &guest, "tell KVM of its guest");

	switch (err) {
	case -ENOTTY: /* uldf.ko is older than the library */
		err = -ENOTSUP;
		break;
	case -EBADF:
		err = -EINVAL;
		break;
	}
	return err;
}

const struct uldf_backend_ops kmod_backend = {
	.name = "kmod",
	.open = kmod_open,
	.close = kmod_close,
	.reset = kmod_reset,
	.attach = kmod_attach,
	.move = kmod_move,
	.detach = kmod_detach,
	.region_read = kmod_region_read,
	.region_write = kmod_region_write,
	.region_map = kmod_region_map,
	.region_unmap = kmod_region_unmap,
	.region_fd = kmod_region_fd,
	.functions = kmod_functions,
	.io_batch = kmod_io_batch,
	.io_judges = true,
	.irq_enable = kmod_irq_enable,
	.irq_reserve = kmod_irq_reserve,
	.irq_disable = kmod_irq_disable,
	.irq_bind = kmod_irq_bind,
	.irq_bind_unmask = kmod_irq_bind_unmask,
	.irq_mask = kmod_irq_mask,
	.irq_unmask = kmod_irq_unmask,
	.irq_counts = kmod_irq_counts,
	.event_bind = kmod_event_bind,
	.event_read = kmod_event_read,
	.power = kmod_power,
	.set_guest = kmod_set_guest,
	.space_create = kmod_space_create,
	.space_destroy = kmod_space_destroy,
	.space_reserved = kmod_space_reserved,
	.memory_register = kmod_memory_register,
	.memory_region = kmod_memory_region,
	.memory_share = kmod_memory_share,
	.memory_unregister = kmod_memory_unregister,
	.map = kmod_map,
	.map_anywhere = kmod_map_anywhere,
	.unmap = kmod_unmap,
	.unmap_range = kmod_unmap_range,
	.unmap_ranges = kmod_unmap_ranges,
	.revoke = kmod_revoke,
	.segments_map = kmod_segments_map,
	.segments_unmap = kmod_segments_unmap,
	.coherent_alloc = kmod_coherent_alloc,
	.coherent_free = kmod_coherent_free,
};
