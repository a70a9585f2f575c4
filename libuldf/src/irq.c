// SPDX-License-Identifier: MIT
#include <errno.h>
#include "backend.h"

static const char *const irq_names[ULDF_IRQ_TYPES] = {"INTx", "MSI", "MSI-X", "ISA"};

static int irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count,
		      int (*enable)(struct uldf_device *device, enum uldf_irq_type type,
				    unsigned int count))
{
	int err;

	if ((unsigned int)type >= ULDF_IRQ_TYPES)
		return uldf_device_fail(device, -EINVAL, "no interrupt type has number %d",
					(int)type);
	if (!device->info.vectors[type])
		return uldf_device_fail(device, -ENOTSUP, "it has no %s interrupt",
					irq_names[type]);
	if (!count || count > device->info.vectors[type])
		return uldf_device_fail(device, -EINVAL, "%u %s vectors asked for, it has %u",
					count, irq_names[type], device->info.vectors[type]);
	err = enable(device, type, count);
	if (err)
		return err;
	__atomic_store_n(&device->irq_type, type, __ATOMIC_RELAXED);
	__atomic_store_n(&device->irq_count, count, __ATOMIC_RELEASE);
	device->irq_generation++;
	return 0;
}

int uldf_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	return irq_enable(device, type, count, device->ops->irq_enable);
}

int uldf_irq_reserve(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	const struct uldf_backend_ops *ops = device->ops;

	return irq_enable(device, type, count,
			  ops->irq_reserve ? ops->irq_reserve : ops->irq_enable);
}

int uldf_irq_disable(struct uldf_device *device)
{
	int err;

	if (!device->irq_count)
		return 0;
	err = device->ops->irq_disable(device);
	if (!err)
		__atomic_store_n(&device->irq_count, 0, __ATOMIC_RELAXED);
	return err;
}

int uldf_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		  const int *fds)
{
	unsigned int end;

	if (!device->irq_count)
		return uldf_device_fail(device, -EINVAL, "no vectors are enabled to bind");
	if (!count || __builtin_add_overflow(first, count, &end) || end > device->irq_count)
		return uldf_device_fail(device, -EINVAL,
					"%u vectors from %u to bind, but %u %s vectors are enabled",
					count, first, device->irq_count,
					irq_names[device->irq_type]);
	if (!fds)
		return uldf_device_fail(device, -EINVAL, "no eventfds to bind");
	return device->ops->irq_bind(device, first, count, fds);
}

/* Another thread may enable or disable vectors meanwhile: then the backend has the last word. */
static int irq_check_intx(const struct uldf_device *device)
{
	if (__atomic_load_n(&device->irq_count, __ATOMIC_ACQUIRE) &&
	    __atomic_load_n(&device->irq_type, __ATOMIC_RELAXED) == ULDF_IRQ_INTX)
		return 0;
	return uldf_device_fail(device, -EINVAL, "INTx is not enabled");
}

int uldf_irq_bind_unmask(struct uldf_device *device, int fd)
{
	int err = irq_check_intx(device);

	return err ? err : device->ops->irq_bind_unmask(device, fd);
}

int uldf_irq_mask(struct uldf_device *device)
{
	int err = irq_check_intx(device);

	return err ? err : device->ops->irq_mask(device);
}

int uldf_irq_unmask(struct uldf_device *device)
{
	int err = irq_check_intx(device);

	return err ? err : device->ops->irq_unmask(device);
}

int uldf_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out)
{
	if (!device->ops->irq_counts)
		return uldf_device_fail(device, -ENOTSUP, "backend %s counts no interrupts",
					device->ops->name);
	return device->ops->irq_counts(device, out);
}
