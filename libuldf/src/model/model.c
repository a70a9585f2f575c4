// SPDX-License-Identifier: MIT
/* The life of a model: the table of those there are, open, reset, unplug, close. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uldf/model.h>
#include "decorator.h"
#include "model/model.h"

static const struct model_ops *const models[] = {&model_edu, &model_e1000e, &model_ide,
						 &model_nvme};

#define MODELS (sizeof(models) / sizeof(models[0]))

int model_fail_gone(const struct uldf_device *device)
{
	return uldf_device_fail(device, -ENODEV, "gone: it was unplugged");
}

static int find_ops(struct uldf_ctx *ctx, const char *name, const struct model_ops **out)
{
	char known[64] = "";

	for (size_t i = 0; i < MODELS; i++) {
		if (!strcmp(models[i]->name, name)) {
			*out = models[i];
			return 0;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 i ? ", " : "", models[i]->name);
	}
	return ctx_fail(ctx, -EINVAL, "model:%s: no such model: there are %s", name, known);
}

static int model_init(struct model *model, const struct model_options *options)
{
	struct uldf_device *device = model->device;
	int err = model_irq_init(model);

	if (err)
		return uldf_device_fail(device, err, "out of memory");
	model_config_init(model);
	device->info.resets = true;
	device->info.translated = true;
	err = model->ops->create(model, options);
	if (err)
		goto err_irq;
	err = model_engine_start(model);
	if (err) {
		uldf_device_fail(device, err, "cannot start its thread: %s", ctx_strerror(err));
		goto err_destroy;
	}
	return 0;
err_destroy:
	model->ops->destroy(model);
err_irq:
	model_irq_fini(model);
	return err;
}

/* Opens a model whose options were read. */
static int open_ops(struct uldf_device *device, const struct model_ops *ops,
		    const struct model_options *options)
{
	struct model *model = calloc(1, sizeof(*model));
	int err;

	if (!model)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	model->device = device;
	model->ops = ops;
	model->listener = -1;
	model->watched = model->kick = -1;
	pthread_mutex_init(&model->turn, NULL);
	pthread_mutex_init(&model->lock, NULL);
	pthread_cond_init(&model->wake, NULL);
	device->priv = model;
	err = model_init(model, options);
	if (err) {
		pthread_cond_destroy(&model->wake);
		pthread_mutex_destroy(&model->lock);
		pthread_mutex_destroy(&model->turn);
		free(model);
	}
	return err;
}

static int model_open(struct uldf_device *device, const char *rest)
{
	const struct model_ops *ops = NULL;
	struct model_options options;
	int err;

	snprintf(device->info.address, sizeof(device->info.address), "model:%s", rest);
	err = model_options_parse(device->ctx, rest, &options);
	if (err)
		return err;
	err = find_ops(device->ctx, options.model, &ops);
	if (!err)
		err = model_options_check(&options, ops->options);
	if (!err)
		err = open_ops(device, ops, &options);
	model_options_fini(&options);
	return err;
}

static void model_close(struct uldf_device *device)
{
	struct model *model = model_of(device);

	model_engine_stop(model);
	model->ops->destroy(model);
	model_irq_fini(model);
	if (model->listener >= 0)
		close(model->listener);
	pthread_cond_destroy(&model->wake);
	pthread_mutex_destroy(&model->lock);
	pthread_mutex_destroy(&model->turn);
	free(model);
}

static int model_reset(struct uldf_device *device, enum uldf_reset *how)
{
	struct model *model = model_of(device);
	bool gone;

	model_lock(model);
	gone = model->gone;
	if (!gone) {
		model_config_master(model, false);
		config_filter_master(&model->filter, model->space);
		model->work = false;
		model->ops->reset(model);
	}
	model_unlock(model);
	if (gone)
		return model_fail_gone(device);
	*how = model->ops->identity->express ? ULDF_RESET_BY_FLR : ULDF_RESET_BY_FUNCTION;
	return 0;
}

/* ---- what models have and others do not */

/* The model inside any number of decorators; NULL for another backend's device. */
static struct uldf_device *find_model(struct uldf_device *device)
{
	return decorator_find(device, model_close);
}

int uldf_model_unplug(struct uldf_device *device)
{
	struct uldf_device *inner = find_model(device);
	struct model *model;

	if (!inner)
		return uldf_device_fail(device, -ENOTSUP, "it is no model: unplug it by hand");
	model = model_of(inner);
	model_lock(model);
	if (!model->gone) {
		model->gone = true;
		model->work = false;
		if (model->ops->unplug)
			model->ops->unplug(model);
		model_event(model, ULDF_EVENT_REMOVED);
	}
	model_unlock(model);
	return 0;
}

int uldf_model_fault(struct uldf_device *device, struct uldf_dma_fault *out)
{
	struct uldf_device *inner = find_model(device);

	if (!inner)
		return uldf_device_fail(
			device, -ENOTSUP,
			"it is no model: read what its IOMMU refused in the kernel's log "
			"(uldf_dma_faults_open())");
	return model_dma_fault(inner, out);
}

const struct uldf_backend_ops model_backend = {
	.name = "model",
	.open = model_open,
	.close = model_close,
	.reset = model_reset,
	.attach = model_attach,
	.move = model_move,
	.detach = model_detach,
	.region_read = model_region_read,
	.region_write = model_region_write,
	.region_map = model_region_map,
	.region_unmap = model_region_unmap,
	.irq_enable = model_irq_enable,
	.irq_disable = model_irq_disable,
	.irq_bind = model_irq_bind,
	.irq_bind_unmask = model_irq_bind_unmask,
	.irq_mask = model_irq_mask,
	.irq_unmask = model_irq_unmask,
	.irq_counts = model_irq_counts,
	.event_bind = model_event_bind,
	.event_read = model_event_read,
	.dma_fault = model_dma_fault,
	.space_create = model_space_create,
	.space_destroy = model_space_destroy,
	.space_reserved = model_space_reserved,
	.memory_register = model_memory_register,
	.memory_share = model_memory_share,
	.memory_unregister = model_memory_unregister,
	.map = model_map,
	.map_anywhere = model_map_anywhere,
	.unmap = model_unmap,
	.unmap_range = model_unmap_range,
	.revoke = model_revoke,
};
