// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "check/checker.h"

static const char *const region_names[ULDF_REGION_COUNT] = {"BAR 0", "BAR 1", "BAR 2", "BAR 3",
							    "BAR 4", "BAR 5", "ROM",   "config"};

int check_wrap(struct uldf_device *outer, struct uldf_device *inner, const char *path)
{
	struct checker *checker = calloc(1, sizeof(*checker));
	int err = -ENOMEM;

	if (!checker)
		return ctx_fail(outer->ctx, err, "out of memory");
	checker->ctx = outer->ctx;
	checker->references = 1;
	checker->fd = -1;
	snprintf(checker->address, sizeof(checker->address), "%s", inner->info.address);
	for (unsigned int i = 0; i < ULDF_IRQ_TYPES; i++)
		if (checker->vectors < inner->info.vectors[i])
			checker->vectors = inner->info.vectors[i];
	checker->binding = calloc(checker->vectors + 1, sizeof(*checker->binding));
	if (!checker->binding) {
		ctx_fail(outer->ctx, err, "out of memory");
		goto err_free;
	}
	if (path)
		checker->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (path && checker->fd < 0) {
		err = ctx_fail(outer->ctx, -errno, "cannot write findings to %s: %s", path,
			       ctx_strerror(-errno));
		goto err_binding;
	}
	pthread_mutex_init(&checker->lock, NULL);
	LIST_INIT(&checker->mappings);
	LIST_INIT(&checker->memories);
	LIST_INIT(&checker->regions);
	checker->watched = inner->info.vectors[ULDF_IRQ_MSI] || inner->info.vectors[ULDF_IRQ_MSIX];
	err = checker->watched ? checker_watch(checker) : 0;
	if (err) {
		ctx_fail(outer->ctx, err, "no thread to watch: %s", ctx_strerror(err));
		goto err_fd;
	}
	checker_open_faults(checker, inner);
	checker->source = source_open();
	decorator_init(&checker->decorator, outer, inner, true);
	return 0;
err_fd:
	pthread_mutex_destroy(&checker->lock);
	if (checker->fd >= 0)
		close(checker->fd);
err_binding:
	free(checker->binding);
err_free:
	free(checker);
	return err;
}

static int check_open(struct uldf_device *device, const char *rest)
{
	struct uldf_device *inner;
	const char *address;
	char *path;
	int err = decorator_parse(device->ctx, rest, &path, &address);

	if (err)
		return err;
	err = uldf_device_open(device->ctx, address, &inner);
	if (err)
		goto out_path;
	err = check_wrap(device, inner, path);
	if (err)
		uldf_device_close(inner);
out_path:
	free(path);
	return err;
}

void checker_put(struct checker *checker)
{
	struct check_region *region;
	bool last;

	pthread_mutex_lock(&checker->lock);
	last = !--checker->references;
	pthread_mutex_unlock(&checker->lock);
	if (!last)
		return;
	while ((region = LIST_FIRST(&checker->regions))) {
		LIST_REMOVE(region, entry);
		free(region);
	}
	if (checker->fd >= 0)
		close(checker->fd);
	uldf_dma_faults_close(checker->faults);
	source_close(checker->source);
	pthread_mutex_destroy(&checker->lock);
	free(checker->binding);
	free(checker);
}

static void leaks_at_close(struct checker *checker, unsigned int events)
{
	struct check_region *region;

	LIST_FOREACH(region, &checker->regions, entry)
		checker_find(checker, ULDF_CHECK_LEAK_REGION, &region->trace,
			     "%s: 0x%zx bytes of it are mapped at close",
			     region_names[region->index], region->size);
	for (unsigned int i = 0; i < checker->vectors && events; i++) {
		if (!checker->binding[i].bound)
			continue;
		checker_find(checker, ULDF_CHECK_LEAK_EVENT, &checker->binding[i].trace,
			     "the event of vector %u is not freed at close", i);
		events--;
	}
	if (checker->attached)
		checker_leaks_mapping(checker, checker->attached, false,
				      "when the device that is attached is closed");
}

static void check_close(struct uldf_device *device)
{
	struct checker *checker = device->priv;

	if (checker->watched)
		checker_unwatch(checker);
	pthread_mutex_lock(&checker->lock);
	checker_look(checker);
	leaks_at_close(checker, __atomic_load_n(&device->irq_events, __ATOMIC_RELAXED));
	checker->attached = NULL;
	checker->teller = NULL;
	pthread_mutex_unlock(&checker->lock);
	decorator_fini(&checker->decorator);
	checker_put(checker);
}

int uldf_check_report(struct uldf_device *device,
		      void (*fn)(const struct uldf_check_finding *finding, void *arg), void *arg)
{
	struct uldf_device *checked = decorator_find(device, check_close);
	struct checker *checker;

	if (!checked)
		return uldf_device_fail(device, -ENOTSUP, "nothing checks it: open it as check:%s",
					device->info.address);
	checker = checked->priv;
	pthread_mutex_lock(&checker->lock);
	checker->fn = fn;
	checker->arg = arg;
	pthread_mutex_unlock(&checker->lock);
	return 0;
}

int uldf_check_count(struct uldf_device *device, uint64_t *out)
{
	struct uldf_device *checked = decorator_find(device, check_close);
	struct checker *checker;

	if (!checked)
		return uldf_device_fail(device, -ENOTSUP, "nothing checks it: open it as check:%s",
					device->info.address);
	checker = checked->priv;
	pthread_mutex_lock(&checker->lock);
	*out = checker->found;
	pthread_mutex_unlock(&checker->lock);
	return 0;
}

static int check_attach(struct uldf_device *device, struct uldf_space *space)
{
	struct checker *checker = device->priv;
	int err = decorator_attach(device, space);

	if (err)
		return err;
	pthread_mutex_lock(&checker->lock);
	checker->attached = space;
	checker_masters(checker, false);
	pthread_mutex_unlock(&checker->lock);
	return 0;
}

static int check_reset(struct uldf_device *device, enum uldf_reset *how)
{
	struct checker *checker = device->priv;
	int err = decorator_reset(device, how);

	checker_called(checker);
	pthread_mutex_lock(&checker->lock);
	if (!err)
		checker_masters(checker, false);
	pthread_mutex_unlock(&checker->lock);
	return err;
}

static int check_move(struct uldf_device *device, struct uldf_space *space)
{
	struct checker *checker = device->priv;
	int err = decorator_move(device, space);

	/* After -EIO the device is attached to no space. */
	if (err && err != -EIO)
		return err;
	pthread_mutex_lock(&checker->lock);
	checker->attached = err ? NULL : space;
	checker->masters = checker->masters && !err;
	pthread_mutex_unlock(&checker->lock);
	return err;
}

static int check_detach(struct uldf_device *device)
{
	struct checker *checker = device->priv;
	int err = decorator_detach(device);

	/* After -EIO and -ENODEV the device is attached to no space, either. */
	if (err && err != -EIO && err != -ENODEV)
		return err;
	pthread_mutex_lock(&checker->lock);
	checker->attached = NULL;
	checker->masters = false;
	pthread_mutex_unlock(&checker->lock);
	return err;
}

static int check_region_map(struct uldf_device *device, unsigned int index, uint64_t offset,
			    size_t size, void **out)
{
	struct checker *checker = device->priv;
	struct check_region *region = calloc(1, sizeof(*region));
	int err;

	if (!region)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	err = decorator_region_map(device, index, offset, size, out);
	if (err) {
		free(region);
		return err;
	}
	region->index = index;
	region->address = *out;
	region->size = size;
	check_trace_take(&region->trace);
	pthread_mutex_lock(&checker->lock);
	LIST_INSERT_HEAD(&checker->regions, region, entry);
	pthread_mutex_unlock(&checker->lock);
	return 0;
}

static void check_region_unmap(struct uldf_device *device, void *address, size_t size)
{
	struct checker *checker = device->priv;
	struct check_region *region;

	pthread_mutex_lock(&checker->lock);
	LIST_FOREACH(region, &checker->regions, entry)
		if (region->address == address)
			break;
	if (!region)
		checker_find(checker, ULDF_CHECK_REGION_OTHER, NULL,
			     "no region is mapped at %p to be unmapped", address);
	else if (region->size != size)
		checker_find(checker, ULDF_CHECK_REGION_OTHER, &region->trace,
			     "%s: 0x%zx bytes of it are mapped at %p, 0x%zx are to be unmapped",
			     region_names[region->index], region->size, address, size);
	if (region) {
		size = region->size;
		LIST_REMOVE(region, entry);
		free(region);
	}
	pthread_mutex_unlock(&checker->lock);
	/* Anything may lie at an address where no region is mapped. */
	if (region)
		decorator_region_unmap(device, address, size);
}

static void binding_set(struct checker *checker, unsigned int first, unsigned int count,
			const int *fds)
{
	pthread_mutex_lock(&checker->lock);
	for (unsigned int i = 0; i < count; i++) {
		checker->binding[first + i].bound = fds && fds[i] >= 0;
		check_trace_take(&checker->binding[first + i].trace);
	}
	if (checker->watched)
		pthread_cond_signal(&checker->wake);
	pthread_mutex_unlock(&checker->lock);
}

static void vectors_set(struct checker *checker, enum uldf_irq_type type)
{
	pthread_mutex_lock(&checker->lock);
	checker_vectors(checker, type);
	pthread_mutex_unlock(&checker->lock);
}

static int check_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	int err = decorator_irq_enable(device, type, count);

	if (!err)
		vectors_set(device->priv, type);
	return err;
}

static int check_irq_reserve(struct uldf_device *device, enum uldf_irq_type type,
			     unsigned int count)
{
	int err = decorator_irq_reserve(device, type, count);

	if (!err)
		vectors_set(device->priv, type);
	return err;
}

static int check_irq_disable(struct uldf_device *device)
{
	struct checker *checker = device->priv;
	int err = decorator_irq_disable(device);

	if (!err) {
		vectors_set(checker, ULDF_IRQ_TYPES);
		binding_set(checker, 0, checker->vectors, NULL);
	}
	return err;
}

static int check_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			  const int *fds)
{
	int err = decorator_irq_bind(device, first, count, fds);

	checker_called(device->priv);
	if (!err)
		binding_set(device->priv, first, count, fds);
	return err;
}

const struct uldf_backend_ops check_backend = {
	.name = "check",
	.decorates = true,
	.open = check_open,
	.close = check_close,
	.reset = check_reset,
	.attach = check_attach,
	.move = check_move,
	.detach = check_detach,
	.region_read = check_region_read,
	.region_write = check_region_write,
	.region_map = check_region_map,
	.region_unmap = check_region_unmap,
	.irq_enable = check_irq_enable,
	.irq_reserve = check_irq_reserve,
	.irq_disable = check_irq_disable,
	.irq_bind = check_irq_bind,
	.irq_bind_unmask = decorator_irq_bind_unmask,
	.irq_mask = decorator_irq_mask,
	.irq_unmask = decorator_irq_unmask,
	.io_batch = check_io_batch,
	.irq_counts = decorator_irq_counts,
	.event_bind = decorator_event_bind,
	.event_read = decorator_event_read,
	.power = decorator_power,
	.set_guest = decorator_set_guest,
	.functions = decorator_functions,
	.region_fd = decorator_region_fd,
	.space_create = check_space_create,
	.space_destroy = check_space_destroy,
	.space_reserved = decorator_space_reserved,
	.memory_register = check_memory_register,
	.memory_region = check_memory_region,
	.memory_share = check_memory_share,
	.memory_unregister = check_memory_unregister,
	.map = check_map,
	.map_anywhere = check_map_anywhere,
	.unmap = check_unmap,
	.unmap_range = check_unmap_range,
	.revoke = check_revoke,
	.segments_map = check_segments_map,
	.segments_unmap = check_segments_unmap,
	.coherent_alloc = check_coherent_alloc,
	.coherent_free = check_coherent_free,
};
