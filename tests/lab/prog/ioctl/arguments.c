// SPDX-License-Identifier: MIT
/*
 * The structures: each call with a short and a huge argsz, bytes beyond what the kernel knows,
 * unknown flags, set padding, bad pointers, and bad values of each field. None of them may change
 * anything: at the end the good structure has the result it always has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

struct bad {
	const char *what;
	size_t offset;
	uint64_t value;
	int wanted; /* negative errno */
	uint8_t width;
};

struct form {
	const char *name;
	int fd;
	unsigned long command;
	const void *good;
	size_t size;
	int wanted; /* from the good one */
	const struct bad *bad;
	size_t least; /* size as first published; 0 where it has not grown */
};

#define BAD(type, field, value, error)                                                    \
	{                                                                                 \
#field " " #value, offsetof(struct uldf_ioc_##type, field), value, error, \
			sizeof(((struct uldf_ioc_##type *)0)->field)                      \
	}
#define FLAGS(type) BAD(type, flags, 1u << 31, -EINVAL)
#define PAD(type)   BAD(type, pad, 1, -EINVAL)
#define END \
	{   \
	}

static uint8_t *guarded; /* a page, and none after it */

static int call_copy(const struct form *form, const void *arg, size_t size)
{
	uint8_t *at = guarded + PAGE - size;

	memcpy(at, arg, size);
	return call(form->fd, form->command, at);
}

static void argsz_is_judged(const struct form *form)
{
	static const uint32_t sizes[] = {0, 4, 7};
	uint8_t copy[512] = {};
	uint32_t argsz;

	memcpy(copy, form->good, form->size);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memcpy(copy, &sizes[i], 4);
		check_equal(-EINVAL, call_copy(form, copy, form->size), "%s: argsz %u", form->name,
			    sizes[i]);
	}
	argsz = (form->least ? form->least : form->size) - 1;
	memcpy(copy, &argsz, 4);
	check_equal(-EINVAL, call_copy(form, copy, form->size), "%s: argsz one short", form->name);
	argsz = 0xffffffff;
	memcpy(copy, &argsz, 4);
	check_equal(-EINVAL, call_copy(form, copy, form->size), "%s: argsz huge", form->name);
	argsz = form->size + 8;
	memcpy(copy, &argsz, 4);
	check_equal(-EFAULT, call_copy(form, copy, form->size), "%s: argsz beyond the memory",
		    form->name);
	copy[form->size + 7] = 1;
	check_equal(-EINVAL, call_copy(form, copy, form->size + 8), "%s: unknown byte set",
		    form->name);
}

static void pointers_are_judged(const struct form *form)
{
	uint8_t *end = guarded + PAGE;

	check_equal(-EFAULT, call(form->fd, form->command, NULL), "%s: no structure", form->name);
	check_equal(-EFAULT, call(form->fd, form->command, end), "%s: unmapped structure",
		    form->name);
	check_equal(-EFAULT, call(form->fd, form->command, (void *)~7UL),
		    "%s: structure in the kernel", form->name);
	memcpy(end - 8, form->good, 8);
	check_equal(-EFAULT, call(form->fd, form->command, end - 8), "%s: structure half unmapped",
		    form->name);
	check_equal(-ENOTTY, call(form->fd, form->command + 0x80, end - 8), "%s: unknown command",
		    form->name);
}

static void fields_are_judged(const struct form *form)
{
	for (const struct bad *bad = form->bad; bad->what; bad++) {
		uint8_t copy[512];

		memcpy(copy, form->good, form->size);
		memcpy(copy + bad->offset, &bad->value, bad->width);
		check_equal(bad->wanted, call_copy(form, copy, form->size), "%s: %s", form->name,
			    bad->what);
	}
}

static void form_is_judged(const struct form *form)
{
	uint8_t copy[512] = {};
	uint32_t argsz = form->size + 8;

	argsz_is_judged(form);
	pointers_are_judged(form);
	fields_are_judged(form);
	memcpy(copy, form->good, form->size);
	memcpy(copy, &argsz, 4);
	check_equal(form->wanted, call_copy(form, copy, form->size + 8),
		    "%s: good, longer than known", form->name);
}

#define FORM(fd, command, good, wanted, bad) \
	form_is_judged(&(struct form){#command, fd, command, good, sizeof(*(good)), wanted, bad, 0})
/* The same, of a structure that ended with @last when it was published. */
#define FORM_GROWN(fd, command, good, wanted, bad, last)                                         \
	form_is_judged(&(struct form){#command, fd, command, good, sizeof(*(good)), wanted, bad, \
				      offsetof(typeof(*(good)), last) + sizeof((good)->last)})

static void control_forms(const struct address *device)
{
	static const struct bad claim_bad[] = {
		FLAGS(claim),
		BAD(claim, flags, 2, -EINVAL),
		PAD(claim),
		BAD(claim, pad2, 1, -EINVAL),
		BAD(claim, bus, 256, -EINVAL),
		BAD(claim, bus, 255, -ENODEV),
		BAD(claim, segment, 0xffffffff, -ENODEV),
		BAD(claim, segment, 7, -ENODEV),
		BAD(claim, devfn, 0xff, -ENODEV),
		END,
	};
	static const struct bad release_bad[] = {
		FLAGS(release),
		BAD(release, flags, 8, -EINVAL),
		PAD(release),
		BAD(release, pad2, 1, -EINVAL),
		BAD(release, bus, 256, -EINVAL),
		BAD(release, segment, 0xffffffff, -ENODEV),
		BAD(release, devfn, 0, -ENODEV),
		END,
	};
	struct uldf_ioc_claim claim = {
		.argsz = sizeof(claim),
		.segment = device->segment,
		.bus = device->bus,
		.devfn = device->devfn,
	};
	struct uldf_ioc_release release = {.argsz = sizeof(release), .devfn = 0xff};
	int control = control_open();

	need(control >= 0, "open the control node");
	FORM_GROWN(control, ULDF_CLAIM, &claim, -EBUSY, claim_bad, reason);
	FORM_GROWN(control, ULDF_RELEASE, &release, -ENODEV, release_bad, pad2);
	close(control);
}

static void device_forms(int fd)
{
	static const struct bad info_bad[] = {FLAGS(device_info), PAD(device_info), END};
	static const struct bad region_bad[] = {
		FLAGS(region_info),
		BAD(region_info, index, ULDF_REGIONS, -EINVAL),
		BAD(region_info, index, 0xffffffff, -EINVAL),
		END,
	};
	static const struct bad reset_bad[] = {FLAGS(device_reset), PAD(device_reset), END};
	static const struct bad part_bad[] = {
		FLAGS(region_fd),
		BAD(region_fd, flags, 2, -EINVAL),
		BAD(region_fd, index, 1, -EOPNOTSUPP),
		BAD(region_fd, index, ULDF_REGION_ROM, -EOPNOTSUPP),
		BAD(region_fd, index, ULDF_REGION_CONFIG, -EOPNOTSUPP),
		BAD(region_fd, index, ULDF_REGIONS, -EINVAL),
		BAD(region_fd, index, 0xffffffff, -EINVAL),
		BAD(region_fd, offset, 1, -EINVAL),
		BAD(region_fd, offset, 0x100000, -ERANGE),
		BAD(region_fd, offset, 1ULL << 40, -ERANGE),
		BAD(region_fd, offset, ~0ULL << 12, -ERANGE),
		BAD(region_fd, size, 0, -EINVAL),
		BAD(region_fd, size, PAGE - 1, -EINVAL),
		BAD(region_fd, size, 0x100000 + PAGE, -ERANGE),
		BAD(region_fd, size, ~0ULL << 12, -ERANGE),
		BAD(region_fd, areas, 1, -EINVAL),
		PAD(region_fd),
		BAD(region_fd, area, 1, -EINVAL),
		END,
	};
	static const struct bad functions_bad[] = {
		FLAGS(device_functions),
		PAD(device_functions),
		BAD(device_functions, count, 1, -EOPNOTSUPP),
		BAD(device_functions, count, 0xffffffff, -EOPNOTSUPP),
		END,
	};
	struct uldf_ioc_region_fd part = {.argsz = sizeof(part), .size = PAGE};
	struct uldf_ioc_device_functions none = {.argsz = sizeof(none)};
	static const struct bad batch_bad[] = {
		FLAGS(io_batch),
		BAD(io_batch, count, 0, -EINVAL),
		BAD(io_batch, count, ULDF_OP_BATCH + 1, -E2BIG),
		BAD(io_batch, count, 0xffffffff, -E2BIG),
		BAD(io_batch, ios, 0, -EFAULT),
		BAD(io_batch, ios, 1ULL << 63, -EFAULT),
		BAD(io_batch, ios, ~31ULL, -EFAULT),
		END,
	};
	static const struct bad bind_bad[] = {
		FLAGS(events_bind),
		PAD(events_bind),
		BAD(events_bind, fd, -2, -EINVAL),
		BAD(events_bind, fd, 1000000, -EBADF),
		END,
	};
	static const struct bad read_bad[] = {FLAGS(events_read), END};
	static const struct bad guest_bad[] = {
		FLAGS(device_guest),
		PAD(device_guest),
		BAD(device_guest, vm, -2, -EINVAL),
		BAD(device_guest, vm, 1000, -EBADF),
		END,
	};
	struct uldf_ioc_device_guest guest = {.argsz = sizeof(guest), .vm = -1};
	static const struct bad power_bad[] = {
		FLAGS(device_power),
		PAD(device_power),
		BAD(device_power, state, 1, -EINVAL),
		BAD(device_power, state, 2, -EINVAL),
		BAD(device_power, state, 4, -EINVAL),
		BAD(device_power, state, 0xffffffff, -EINVAL),
		END,
	};
	static struct uldf_ioc_io io = {.width = 4};
	struct uldf_ioc_io_batch batch = {
		.argsz = sizeof(batch), .count = 1, .ios = (uintptr_t)&io};
	struct uldf_ioc_events_bind bind = {.argsz = sizeof(bind), .fd = -1};
	struct uldf_ioc_events_read read = {.argsz = sizeof(read)};
	struct uldf_ioc_device_power power = {.argsz = sizeof(power)};
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	struct uldf_ioc_region_info region = {.argsz = sizeof(region)};
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};

	FORM_GROWN(fd, ULDF_DEVICE_INFO, &info, 0, info_bad, pad);
	FORM(fd, ULDF_REGION_INFO, &region, 0, region_bad);
	FORM_GROWN(fd, ULDF_REGION_FD, &part, 0, part_bad, size);
	FORM(fd, ULDF_DEVICE_FUNCTIONS, &none, -EOPNOTSUPP, functions_bad);
	FORM(fd, ULDF_IO_BATCH, &batch, 0, batch_bad);
	FORM(fd, ULDF_EVENTS_BIND, &bind, 0, bind_bad);
	FORM(fd, ULDF_EVENTS_READ, &read, 0, read_bad);
	/* edu has no power management */
	FORM(fd, ULDF_DEVICE_POWER, &power, -EOPNOTSUPP, power_bad);
	FORM(fd, ULDF_DEVICE_GUEST, &guest, 0, guest_bad);
	/* edu has no reset */
	FORM(fd, ULDF_DEVICE_RESET, &reset, -EOPNOTSUPP, reset_bad);
}

static void vector_forms(int fd)
{
	static const struct bad enable_bad[] = {
		FLAGS(vectors),
		BAD(vectors, flags, 2, -EINVAL),
		PAD(vectors),
		BAD(vectors, type, ULDF_VECTOR_TYPES, -EINVAL),
		BAD(vectors, type, 0xffffffff, -EINVAL),
		BAD(vectors, type, ULDF_VECTOR_MSIX, -EINVAL),
		BAD(vectors, type, ULDF_VECTOR_ISA, -EINVAL),
		BAD(vectors, first, 1, -EINVAL),
		BAD(vectors, count, 0, -EINVAL),
		BAD(vectors, count, 2, -EINVAL),
		BAD(vectors, count, 0xffffffff, -EINVAL),
		END,
	};
	static const struct bad disable_bad[] = {
		FLAGS(vectors),
		BAD(vectors, flags, ULDF_VECTORS_LAZY, -EINVAL),
		PAD(vectors),
		BAD(vectors, type, ULDF_VECTOR_TYPES, -EINVAL),
		BAD(vectors, type, ULDF_VECTOR_MSI, -EINVAL),
		BAD(vectors, first, 1, -EINVAL),
		END,
	};
	static const struct bad mask_bad[] = {
		FLAGS(vectors),
		BAD(vectors, flags, ULDF_VECTORS_LAZY, -EINVAL),
		PAD(vectors),
		BAD(vectors, type, ULDF_VECTOR_TYPES, -EINVAL),
		BAD(vectors, type, ULDF_VECTOR_MSI, -EOPNOTSUPP),
		BAD(vectors, type, ULDF_VECTOR_MSIX, -EOPNOTSUPP),
		BAD(vectors, first, 1, -EINVAL),
		BAD(vectors, count, 0, -EINVAL),
		BAD(vectors, count, 2, -EINVAL),
		END,
	};
	static const struct bad info_bad[] = {
		FLAGS(vectors_info),
		BAD(vectors_info, flags, ULDF_VECTOR_TAKEN, -EINVAL),
		PAD(vectors_info),
		BAD(vectors_info, type, ULDF_VECTOR_TYPES, -EINVAL),
		BAD(vectors_info, type, ULDF_VECTOR_MSI, -EINVAL),
		BAD(vectors_info, index, 1, -EINVAL),
		BAD(vectors_info, index, 0xffffffff, -EINVAL),
		END,
	};
	struct uldf_ioc_vectors_info info = {.argsz = sizeof(info), .type = ULDF_VECTOR_INTX};
	struct uldf_ioc_vectors one = {.argsz = sizeof(one), .type = ULDF_VECTOR_INTX, .count = 1};
	struct uldf_ioc_vectors none = {.argsz = sizeof(none), .type = ULDF_VECTOR_INTX};

	FORM(fd, ULDF_VECTORS_ENABLE, &one, 0, enable_bad);
	FORM(fd, ULDF_VECTORS_INFO, &info, 0, info_bad);
	FORM(fd, ULDF_VECTORS_MASK, &one, 0, mask_bad);
	FORM(fd, ULDF_VECTORS_UNMASK, &one, 0, mask_bad);
	FORM(fd, ULDF_VECTORS_DISABLE, &none, 0, disable_bad);
}

static void bind_forms(int fd)
{
	static int event[1], unmask[1], regular[1], closed[1];
	const struct bad bind_bad[] = {
		FLAGS(vectors_bind),
		BAD(vectors_bind, flags, 2, -EINVAL),
		PAD(vectors_bind),
		BAD(vectors_bind, type, ULDF_VECTOR_TYPES, -EINVAL),
		BAD(vectors_bind, type, ULDF_VECTOR_MSI, -EINVAL),
		BAD(vectors_bind, type, ULDF_VECTOR_MSIX, -EINVAL),
		BAD(vectors_bind, first, 1, -EINVAL),
		BAD(vectors_bind, first, 0xffffffff, -EINVAL),
		BAD(vectors_bind, count, 0, -EINVAL),
		BAD(vectors_bind, count, 2, -EINVAL),
		BAD(vectors_bind, count, 0xffffffff, -EINVAL),
		BAD(vectors_bind, fds, 0, -EFAULT),
		BAD(vectors_bind, fds, (uintptr_t)(guarded + PAGE), -EFAULT),
		BAD(vectors_bind, fds, (uintptr_t)(guarded + PAGE - 2), -EFAULT),
		BAD(vectors_bind, fds, (uintptr_t)regular, -EINVAL),
		BAD(vectors_bind, fds, (uintptr_t)closed, -EBADF),
		END,
	};
	struct uldf_ioc_vectors_bind bind = {
		.argsz = sizeof(bind),
		.type = ULDF_VECTOR_INTX,
		.count = 1,
		.fds = (uintptr_t)event,
	};

	need(!vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1), "enable INTx");
	event[0] = event_create();
	unmask[0] = event_create();
	regular[0] = open("/dev/null", O_RDWR);
	closed[0] = -2;
	FORM(fd, ULDF_VECTORS_BIND, &bind, 0, bind_bad);
	bind.flags = ULDF_BIND_UNMASK;
	bind.fds = (uintptr_t)unmask;
	FORM(fd, ULDF_VECTORS_BIND, &bind, 0, bind_bad);
	need(!vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_INTX, 0, 0), "disable INTx");
	check_equal(-EINVAL, call(fd, ULDF_VECTORS_BIND, &bind), "bind while nothing is enabled");
	close(regular[0]);
	close(unmask[0]);
	close(event[0]);
}

static void attach_forms(int fd, int space)
{
	int other = event_create();
	const struct bad create_bad[] = {FLAGS(device_space),
					 PAD(device_space),
					 BAD(device_space, flags, 2, -EINVAL),
					 BAD(device_space, flags, ULDF_SPACE_BARE, -EINVAL),
					 BAD(device_space, mask, 1, -EINVAL),
					 BAD(device_space, mask, ~0ULL, -EINVAL),
					 END};
	const struct bad attach_bad[] = {
		FLAGS(device_attach),
		PAD(device_attach),
		BAD(device_attach, space, -1, -EBADF),
		BAD(device_attach, space, 1000000, -EBADF),
		BAD(device_attach, space, other, -EINVAL),
		BAD(device_attach, space, fd, -EINVAL),
		END,
	};
	const struct bad detach_bad[] = {
		FLAGS(device_attach),
		PAD(device_attach),
		BAD(device_attach, space, space, -EINVAL),
		BAD(device_attach, space, -2, -EINVAL),
		END,
	};
	struct uldf_ioc_device_space create = {.argsz = sizeof(create)};
	struct uldf_ioc_device_attach attach = {.argsz = sizeof(attach), .space = space};
	struct uldf_ioc_device_attach detach = {.argsz = sizeof(detach), .space = -1};

	FORM_GROWN(fd, ULDF_DEVICE_SPACE, &create, 0, create_bad, pad);
	FORM(fd, ULDF_DEVICE_ATTACH, &attach, 0, attach_bad);
	check_equal(-EBUSY, call(fd, ULDF_DEVICE_ATTACH, &attach), "attach twice");
	FORM(fd, ULDF_DEVICE_DETACH, &detach, 0, detach_bad);
	check_equal(-EINVAL, call(fd, ULDF_DEVICE_DETACH, &detach), "detach twice");
	close(other);
}

static void space_forms(int space)
{
	const struct bad info_bad[] = {
		FLAGS(space_info),
		PAD(space_info),
		BAD(space_info, reserved, 0, -EFAULT),
		BAD(space_info, reserved, (uintptr_t)(guarded + PAGE), -EFAULT),
		END,
	};
	const struct bad register_bad[] = {
		FLAGS(memory),
		BAD(memory, flags, 2, -EINVAL),
		PAD(memory),
		BAD(memory, address, (uintptr_t)guarded + 1, -EINVAL),
		BAD(memory, address, ~0ULL << 12, -EINVAL),
		BAD(memory, address, 1ULL << 63, -EFAULT),
		BAD(memory, address, 0, -EFAULT),
		BAD(memory, size, 0, -EINVAL),
		BAD(memory, size, 1, -EINVAL),
		BAD(memory, size, PAGE + 1, -EINVAL),
		BAD(memory, size, ~0ULL << 12, -EINVAL),
		BAD(memory, size, 1ULL << 62, -EFAULT),
		END,
	};
	const struct bad unregister_bad[] = {
		FLAGS(memory),
		BAD(memory, flags, ULDF_MEMORY_READONLY, -EINVAL),
		PAD(memory),
		BAD(memory, id, 0, -ENOENT),
		BAD(memory, id, 2, -ENOENT),
		BAD(memory, id, 0xffffffff, -ENOENT),
		END,
	};
	struct uldf_ioc_space_range reserved[8];
	struct uldf_ioc_space_info info = {
		.argsz = sizeof(info), .count = 8, .reserved = (uintptr_t)reserved};
	struct uldf_ioc_memory two = {
		.argsz = sizeof(two), .address = (uintptr_t)guarded, .size = 2 * PAGE};
	struct uldf_ioc_memory unregister = {.argsz = sizeof(unregister)};
	uint32_t id;

	FORM(space, ULDF_SPACE_INFO, &info, 0, info_bad);
	/* the second page is not there */
	FORM(space, ULDF_MEMORY_REGISTER, &two, -EFAULT, register_bad);
	need(!memory_register(space, guarded, PAGE, 0, &id), "register memory");
	unregister.id = id;
	FORM(space, ULDF_MEMORY_UNREGISTER, &unregister, 0, unregister_bad);
}

static void map_forms(int space)
{
	static struct uldf_ioc_mapping piece = {.address = 0x10000, .size = PAGE};
	const struct bad batch_bad[] = {
		FLAGS(map),
		BAD(map, flags, 2, -EINVAL),
		BAD(map, limit, 0xfffff, -EINVAL),
		BAD(map, limit, ~0ULL, -EINVAL),
		BAD(map, count, 0, -EINVAL),
		BAD(map, count, ULDF_MAP_BATCH + 1, -E2BIG),
		BAD(map, count, 0xffffffff, -E2BIG),
		BAD(map, mappings, 0, -EFAULT),
		BAD(map, mappings, (uintptr_t)(guarded + PAGE), -EFAULT),
		BAD(map, mappings, (uintptr_t)(guarded + PAGE - 8), -EFAULT),
		BAD(map, mappings, 1ULL << 63, -EFAULT),
		END,
	};
	const struct bad unmap_bad[] = {
		BAD(map, flags, ULDF_MAP_ANYWHERE, -EINVAL),
		END,
	};
	struct uldf_ioc_map arg = {.argsz = sizeof(arg), .count = 1, .mappings = (uintptr_t)&piece};
	uint32_t id;

	need(!memory_register(space, guarded, PAGE, 0, &id), "register memory");
	piece.memory = id;
	piece.flags = ULDF_MAP_READ;
	FORM_GROWN(space, ULDF_SPACE_MAP, &arg, 0, batch_bad, mappings);
	piece.memory = piece.flags = 0;
	fields_are_judged(&(struct form){"ULDF_SPACE_UNMAP", space, ULDF_SPACE_UNMAP, &arg,
					 sizeof(arg), 0, unmap_bad, 0});
	FORM_GROWN(space, ULDF_SPACE_UNMAP, &arg, 0, batch_bad, mappings);
	need(!memory_unregister(space, id), "unregister memory");
}

static void range_forms(int space)
{
	const struct bad range_bad[] = {
		FLAGS(unmap_range),
		BAD(unmap_range, first, 1, -EINVAL),
		BAD(unmap_range, first, 2 * PAGE, -EINVAL),
		BAD(unmap_range, last, PAGE, -EINVAL),
		BAD(unmap_range, ranges, (uintptr_t)guarded, -EINVAL),
		BAD(unmap_range, count, 1, -EINVAL),
		BAD(unmap_range, count, 0xffffffff, -EINVAL),
		END,
	};
	struct uldf_ioc_unmap_range arg = {.argsz = sizeof(arg), .last = PAGE - 1};

	FORM_GROWN(space, ULDF_SPACE_UNMAP_RANGE, &arg, 0, range_bad, bytes);
}

void suite_arguments(const struct address *device)
{
	int fd = device_take(device), space;

	guarded = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(guarded != MAP_FAILED && !munmap(guarded + PAGE, PAGE), "memory");
	control_forms(device);
	device_forms(fd);
	vector_forms(fd);
	bind_forms(fd);
	space = space_create(fd);
	need(space >= 0, "create a space");
	attach_forms(fd, space);
	need(!attach(fd, space), "attach");
	space_forms(space);
	map_forms(space);
	range_forms(space);
	close(space);
	close(fd);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(device, 0, NULL), "release");
}
