// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include "model.h"

static struct model *model_from(struct vpci_function *function)
{
	return (struct model *)function;
}

static void model_work(struct model *model, enum model_slow op)
{
	if (model->slow != op)
		return;
	sem_post(model->begun);
	sem_wait(model->go);
}

static int model_attach(struct vpci_function *function)
{
	model_work(model_from(function), MODEL_SLOW_ATTACH);
	return model_from(function)->attach_error;
}

static void model_detach(struct vpci_function *function)
{
	model_work(model_from(function), MODEL_SLOW_DETACH);
	model_from(function)->detaches++;
}

static void model_destroy(struct vpci_function *function)
{
	model_work(model_from(function), MODEL_SLOW_DESTROY);
	if (model_from(function)->destroyed)
		*model_from(function)->destroyed = true;
	free(function);
}

static int model_reset(struct vpci_function *function)
{
	struct model *model = model_from(function);

	model->resets++;
	if (model->host)
		model->windows_at_reset = host_window_count(model->host);
	model_work(model, MODEL_SLOW_RESET);
	return model->reset_error;
}

static void model_config_write(struct vpci_function *function, unsigned int offset,
			       unsigned int width, uint32_t value)
{
	model_from(function)->config_writes++;
}

static void model_check(struct vpci_function *function)
{
	model_from(function)->checks++;
	if (model_from(function)->vanished)
		vpci_function_vanish(function);
}

static void model_note(struct vpci_function *function, struct model_access access)
{
	struct model *model = model_from(function);

	cr_assert_lt(model->access_count, MODEL_ACCESSES);
	model->accesses[model->access_count++] = access;
}

/* Each byte reads as its offset. */
static uint64_t model_bar_read(struct vpci_function *function, unsigned int bar, uint64_t offset,
			       unsigned int width)
{
	uint64_t value = 0;

	model_work(model_from(function), MODEL_SLOW_BAR);
	for (unsigned int i = 0; i < width; i++)
		value |= ((offset + i) & 0xff) << (8 * i);
	model_note(function, (struct model_access){false, bar, offset, width, value});
	return value;
}

static void model_bar_write(struct vpci_function *function, unsigned int bar, uint64_t offset,
			    unsigned int width, uint64_t value)
{
	model_note(function, (struct model_access){true, bar, offset, width, value});
}

struct model *model_create(unsigned int size)
{
	static const struct vpci_function_ops ops = {
		.attach = model_attach,
		.detach = model_detach,
		.destroy = model_destroy,
		.reset = model_reset,
		.config_write = model_config_write,
		.check = model_check,
		.bar_read = model_bar_read,
		.bar_write = model_bar_write,
	};
	static const struct vpci_identity identity = {
		.vendor = 0x1234,
		.device = 0x5678,
		.subvendor = 0x9abc,
		.subdevice = 0xdef0,
		.class_code = 0x020000,
		.revision = 3,
		.pin = 1,
	};
	struct model *model = calloc(1, sizeof(*model));

	cr_assert(model);
	model->function.ops = &ops;
	vpci_config_init(&model->function.config, size, &identity);
	return model;
}

void model_bar(struct model *model, unsigned int index, enum vpci_bar_type type, uint64_t size,
	       uint64_t base)
{
	struct vpci_bar bar = {.type = type, .size = size};

	if (base != MODEL_NOT_FIXED) {
		bar.fixed = true;
		bar.base = base;
	}
	cr_assert_eq(vpci_config_set_bar(&model->function.config, index, &bar), 0);
}

void model_window(struct model *model, unsigned int bar, uint64_t offset, uint64_t size,
		  void *address)
{
	model->function.windows[model->function.window_count++] = (struct vpci_window){
		.bar = bar, .offset = offset, .size = size, .address = address};
}

void model_add(struct model *model, struct vpci_bus *bus, int devfn)
{
	cr_assert_eq(vpci_bus_add(bus, devfn, &model->function), devfn);
}
