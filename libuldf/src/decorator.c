// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "decorator.h"

int decorator_parse(struct uldf_ctx *ctx, const char *rest, char **value, const char **address)
{
	const char *from = rest + 1;
	char *text, *to;

	if (*rest == ':') {
		*value = NULL;
		*address = rest + 1;
		return 0;
	}
	text = to = malloc(strlen(rest));
	if (!text)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	while (*from && *from != ':') {
		if (*from == '\\' && (from[1] == ':' || from[1] == '\\'))
			from++;
		*to++ = *from++;
	}
	*to = '\0';
	if (*from != ':' || !*text) {
		ctx_fail(ctx, -EINVAL,
			 "%s: a decorator's value is followed by a colon and the address of a "
			 "device; a colon in it is written \\:",
			 rest);
		free(text);
		return -EINVAL;
	}
	*value = text;
	*address = from + 1;
	return 0;
}

void decorator_init(struct decorator *decorator, struct uldf_device *outer,
		    struct uldf_device *inner, bool areas)
{
	decorator->inner = inner;
	outer->priv = decorator;
	outer->info = inner->info;
	memcpy(outer->regions, inner->regions, sizeof(outer->regions));
	for (unsigned int i = 0; !areas && i < ULDF_REGION_COUNT; i++)
		outer->regions[i].areas = 0;
}

void decorator_fini(struct decorator *decorator)
{
	uldf_device_close(decorator->inner);
}

struct uldf_device *decorator_find(struct uldf_device *device,
				   void (*close)(struct uldf_device *device))
{
	while (device->ops->close != close) {
		if (!device->ops->decorates)
			return NULL;
		device = ((struct decorator *)device->priv)->inner;
	}
	return device;
}

static struct uldf_device *inside(const struct uldf_device *device)
{
	return ((const struct decorator *)device->priv)->inner;
}

int decorator_reset(struct uldf_device *device, enum uldf_reset *how)
{
	return uldf_device_reset(inside(device), how);
}

int decorator_attach(struct uldf_device *device, struct uldf_space *space)
{
	const struct decorator_space *decorated = space->priv;

	return uldf_device_attach(inside(device), decorated->inner);
}

int decorator_move(struct uldf_device *device, struct uldf_space *space)
{
	const struct decorator_space *decorated = space->priv;

	return uldf_device_move(inside(device), decorated->inner);
}

int decorator_detach(struct uldf_device *device)
{
	return uldf_device_detach(inside(device));
}

int decorator_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			  unsigned int width, uint64_t *out)
{
	return uldf_region_read(inside(device), index, offset, width, out);
}

int decorator_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			   unsigned int width, uint64_t value)
{
	return uldf_region_write(inside(device), index, offset, width, value);
}

int decorator_region_map(struct uldf_device *device, unsigned int index, uint64_t offset,
			 size_t size, void **out)
{
	return uldf_region_map(inside(device), index, offset, size, out);
}

void decorator_region_unmap(struct uldf_device *device, void *address, size_t size)
{
	uldf_region_unmap(inside(device), address, size);
}

int decorator_irq_reserve(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	return uldf_irq_reserve(inside(device), type, count);
}

int decorator_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	return uldf_irq_enable(inside(device), type, count);
}

int decorator_irq_disable(struct uldf_device *device)
{
	return uldf_irq_disable(inside(device));
}

int decorator_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		       const int *fds)
{
	return uldf_irq_bind(inside(device), first, count, fds);
}

int decorator_irq_bind_unmask(struct uldf_device *device, int fd)
{
	return uldf_irq_bind_unmask(inside(device), fd);
}

int decorator_irq_mask(struct uldf_device *device)
{
	return uldf_irq_mask(inside(device));
}

int decorator_irq_unmask(struct uldf_device *device)
{
	return uldf_irq_unmask(inside(device));
}

int decorator_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	return uldf_io_batch(inside(device), list, count, done);
}

int decorator_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out)
{
	return uldf_irq_counts(inside(device), out);
}

int decorator_event_bind(struct uldf_device *device, int fd)
{
	return uldf_event_bind(inside(device), fd);
}

int decorator_event_read(struct uldf_device *device, unsigned int *events)
{
	return uldf_event_read(inside(device), events);
}

int decorator_power(struct uldf_device *device, unsigned int state)
{
	return uldf_device_power(inside(device), state);
}

int decorator_set_guest(struct uldf_device *device, int vm)
{
	return uldf_device_set_guest(inside(device), vm);
}

int decorator_functions(struct uldf_device *device, unsigned int count)
{
	return uldf_device_functions(inside(device), count);
}

int decorator_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset,
			size_t size, bool writable, int *out)
{
	return uldf_region_fd(inside(device), index, offset, size, writable, out);
}

int decorator_no_region_map(struct uldf_device *device, unsigned int index, uint64_t offset,
			    size_t size, void **out)
{
	return uldf_device_fail(device, -ENOTSUP, "accesses by a mapping would pass %s by",
				device->ops->name);
}

/* Nothing was mapped. */
void decorator_no_region_unmap(struct uldf_device *device, void *address, size_t size)
{
}

int decorator_no_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset,
			   size_t size, bool writable, int *out)
{
	return uldf_device_fail(device, -ENOTSUP, "accesses by a descriptor would pass %s by",
				device->ops->name);
}

int decorator_no_memory_region(struct uldf_space *space, struct uldf_memory *memory,
			       struct uldf_device *device, unsigned int index, uint64_t offset)
{
	return uldf_device_fail(device, -ENOTSUP, "accesses by other devices would pass %s by",
				device->ops->name);
}
