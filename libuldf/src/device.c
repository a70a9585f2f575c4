// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "backend.h"

int uldf_device_fail(const struct uldf_device *device, int err, const char *fmt, ...)
{
	char text[CTX_REASON];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return ctx_fail(device->ctx, err, "device %s: %s", device->info.address, text);
}

int device_open_backend(struct uldf_ctx *ctx, const struct uldf_backend_ops *ops, const char *rest,
			struct uldf_device **out)
{
	struct uldf_device *device = calloc(1, sizeof(*device));
	int err;

	if (!device)
		return ctx_fail(ctx, -ENOMEM, "device %s: out of memory", rest);
	device->ctx = ctx;
	device->ops = ops;
	err = ops->open(device, rest);
	if (err)
		goto err_free;
	*out = device;
	return 0;
err_free:
	free(device);
	return err;
}

int uldf_device_open(struct uldf_ctx *ctx, const char *address, struct uldf_device **out)
{
	const struct uldf_backend_ops *ops;
	const char *rest;
	int err;

	if (!address)
		return ctx_fail(ctx, -EINVAL, "no device address given");
	err = backend_find(ctx, address, &rest, &ops);
	if (err)
		return err;
	return device_open_backend(ctx, ops, rest, out);
}

void uldf_device_close(struct uldf_device *device)
{
	if (!device)
		return;
	device->ops->close(device);
	free(device);
}

const struct uldf_device_info *uldf_device_info(const struct uldf_device *device)
{
	return &device->info;
}

int uldf_device_reset(struct uldf_device *device, enum uldf_reset *how)
{
	enum uldf_reset done;
	int err = device->ops->reset(device, &done);

	if (!err && how)
		*how = done;
	return err;
}

static int device_check_space(struct uldf_device *device, const struct uldf_space *space)
{
	if (!space)
		return uldf_device_fail(device, -EINVAL, "no space to attach it to");
	if (space->ops != device->ops)
		return uldf_device_fail(device, -ENOTSUP, "the space is of another backend (%s)",
					space->ops->name);
	return 0;
}

int uldf_device_attach(struct uldf_device *device, struct uldf_space *space)
{
	int err = device_check_space(device, space);

	if (err)
		return err;
	err = device->ops->attach(device, space);
	if (!err)
		device->attached = true;
	return err;
}

int uldf_device_move(struct uldf_device *device, struct uldf_space *space)
{
	int err = device_check_space(device, space);

	if (err)
		return err;
	if (!device->ops->move)
		return uldf_device_fail(device, -ENOTSUP, "backend %s moves no devices",
					device->ops->name);
	err = device->ops->move(device, space);
	if (!err || err == -EIO)
		device->attached = !err;
	return err;
}

int uldf_device_detach(struct uldf_device *device)
{
	int err = device->ops->detach(device);

	if (!err || err == -EIO || err == -ENODEV)
		device->attached = false;
	return err;
}

int uldf_device_power(struct uldf_device *device, unsigned int state)
{
	if (state != 0 && state != 3)
		return uldf_device_fail(device, -EINVAL, "no power state D%u: D0 or D3", state);
	if (!device->ops->power)
		return uldf_device_fail(device, -ENOTSUP, "backend %s changes no power states",
					device->ops->name);
	return device->ops->power(device, state);
}

int uldf_device_set_guest(struct uldf_device *device, int vm)
{
	if (vm < -1)
		return uldf_device_fail(device, -EINVAL, "%d is no virtual machine", vm);
	if (!device->ops->set_guest)
		return uldf_device_fail(device, -ENOTSUP, "backend %s tells KVM of no guest",
					device->ops->name);
	return device->ops->set_guest(device, vm);
}

int uldf_device_functions(struct uldf_device *device, unsigned int count)
{
	if (!device->ops->functions)
		return uldf_device_fail(device, -ENOTSUP, "backend %s makes no virtual functions",
					device->ops->name);
	return device->ops->functions(device, count);
}
