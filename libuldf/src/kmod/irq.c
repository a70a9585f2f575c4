// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include "kmod/abi.h"

int kmod_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	struct uldf_ioc_vectors vectors = {
		.argsz = sizeof(vectors),
		.type = type,
		.count = count,
	};

	return kmod_device_call(device, ULDF_VECTORS_ENABLE, &vectors, "enable its interrupts");
}

int kmod_irq_reserve(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	struct uldf_ioc_vectors vectors = {
		.argsz = sizeof(vectors),
		.flags = ULDF_VECTORS_LAZY,
		.type = type,
		.count = count,
	};

	return kmod_device_call(device, ULDF_VECTORS_ENABLE, &vectors, "reserve its interrupts");
}

int kmod_irq_disable(struct uldf_device *device)
{
	struct uldf_ioc_vectors vectors = {.argsz = sizeof(vectors), .type = device->irq_type};

	return kmod_device_call(device, ULDF_VECTORS_DISABLE, &vectors, "disable its interrupts");
}

static int irq_bind(struct uldf_device *device, struct uldf_ioc_vectors_bind *bind)
{
	int err = kmod_device_call(device, ULDF_VECTORS_BIND, bind, "bind eventfds to its vectors");

	/* To the caller a descriptor that is none is as wrong as one that is no eventfd. */
	return err == -EBADF ? -EINVAL : err;
}

int kmod_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		  const int *fds)
{
	struct uldf_ioc_vectors_bind bind = {
		.argsz = sizeof(bind),
		.type = device->irq_type,
		.first = first,
		.count = count,
		.fds = (uintptr_t)fds,
	};

	return irq_bind(device, &bind);
}

int kmod_irq_bind_unmask(struct uldf_device *device, int fd)
{
	struct uldf_ioc_vectors_bind bind = {
		.argsz = sizeof(bind),
		.flags = ULDF_BIND_UNMASK,
		.type = ULDF_VECTOR_INTX,
		.count = 1,
		.fds = (uintptr_t)&fd,
	};

	return irq_bind(device, &bind);
}

int kmod_irq_mask(struct uldf_device *device)
{
	struct uldf_ioc_vectors vectors = {
		.argsz = sizeof(vectors),
		.type = ULDF_VECTOR_INTX,
		.count = 1,
	};

	return kmod_device_call(device, ULDF_VECTORS_MASK, &vectors, "mask INTx");
}

int kmod_irq_unmask(struct uldf_device *device)
{
	struct uldf_ioc_vectors vectors = {
		.argsz = sizeof(vectors),
		.type = ULDF_VECTOR_INTX,
		.count = 1,
	};

	return kmod_device_call(device, ULDF_VECTORS_UNMASK, &vectors, "unmask INTx");
}

_Static_assert(sizeof(struct uldf_irq_count) == sizeof(struct uldf_ioc_vector_count) &&
		       offsetof(struct uldf_irq_count, tsc) ==
			       offsetof(struct uldf_ioc_vector_count, tsc),
	       "counts have the ABI's form");

int kmod_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out)
{
	struct kmod_device *kmod = device->priv;
	void *pages;
	int err;

	if (!kmod->shared_size)
		return uldf_device_fail(device, -ENOTSUP, "it has no interrupts to count");
	if (!kmod->counts) {
		pages = mmap(NULL, kmod->shared_size, PROT_READ, MAP_SHARED, kmod->fd,
			     (off_t)kmod->shared);
		err = -errno;
		if (pages == MAP_FAILED)
			return uldf_device_fail(device, err, "cannot map its counts: %s",
						ctx_strerror(err));
		kmod->counts = pages;
	}
	*out = kmod->counts;
	return 0;
}
