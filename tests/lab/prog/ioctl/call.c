// SPDX-License-Identifier: MIT
/* The system calls, one function each. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ioctl.h"

#define UNANSWERED 99 /* no reset method */

int call(int fd, unsigned long command, void *arg)
{
	int ret = ioctl(fd, command, arg);

	return ret < 0 ? -errno : ret;
}

int control_open(void)
{
	int fd = open("/dev/uldf/control", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void address_parse(const char *text, struct address *address)
{
	unsigned int bus, slot, function;

	need(sscanf(text, "%x:%x:%x.%x", &address->segment, &bus, &slot, &function) == 4, text);
	snprintf(address->text, sizeof(address->text), "%s", text);
	address->bus = bus;
	address->devfn = slot << 3 | function;
}

static int claim_arg(const struct address *address, uint32_t flags, struct uldf_ioc_claim *arg)
{
	int control = control_open(), ret;

	*arg = (struct uldf_ioc_claim){
		.argsz = sizeof(*arg),
		.flags = flags,
		.segment = address->segment,
		.bus = address->bus,
		.devfn = address->devfn,
		.reset = UNANSWERED,
	};
	ret = call(control, ULDF_CLAIM, arg);
	close(control);
	return ret;
}

static int claim_flags(const struct address *address, uint32_t flags, char reason[96])
{
	struct uldf_ioc_claim arg;
	int ret = claim_arg(address, flags, &arg);

	if (reason)
		memcpy(reason, arg.reason, sizeof(arg.reason));
	return ret;
}

int claim_reset(const struct address *address, uint32_t *reset)
{
	struct uldf_ioc_claim arg;
	int ret = claim_arg(address, 0, &arg);

	*reset = arg.reset;
	return ret;
}

int claim(const struct address *address, char reason[96])
{
	return claim_flags(address, 0, reason);
}

int claim_group(const struct address *address, char reason[96])
{
	return claim_flags(address, ULDF_CLAIM_GROUP, reason);
}

int release(const struct address *address, uint32_t flags, uint32_t *reset)
{
	struct uldf_ioc_release arg = {
		.argsz = sizeof(arg),
		.flags = flags,
		.segment = address->segment,
		.bus = address->bus,
		.devfn = address->devfn,
	};
	int control = control_open(), ret = call(control, ULDF_RELEASE, &arg);

	close(control);
	if (reset)
		*reset = arg.reset;
	return ret;
}

uint32_t reset_expected(const struct address *address)
{
	static const struct {
		const char *name;
		uint32_t method;
	} methods[] = {
		{"flr", ULDF_RESET_FLR},
		{"af_flr", ULDF_RESET_AF},
		{"pm", ULDF_RESET_PM},
		{"bus", ULDF_RESET_BUS},
	};
	char path[96], first[32];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset_method", address->text);
	file = fopen(path, "r");
	if (!file)
		return ULDF_RESET_NONE;
	need(fscanf(file, "%31s", first) == 1, path);
	fclose(file);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (!strcmp(first, methods[i].name))
			return methods[i].method;
	return ULDF_RESET_FUNCTION;
}

int device_open(const struct address *address)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/uldf/%s", address->text);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int device_take(const struct address *address)
{
	int fd;

	need(!claim(address, NULL), "claim");
	fd = device_open(address);
	need(fd >= 0, "open the device");
	return fd;
}

int region_read(int fd, unsigned int region, uint64_t offset, unsigned int width, uint64_t *value)
{
	ssize_t ret = pread(fd, value, width, ((uint64_t)region << 40) + offset);

	return ret < 0 ? -errno : ret == (ssize_t)width ? 0 : -EIO;
}

int region_write(int fd, unsigned int region, uint64_t offset, unsigned int width, uint64_t value)
{
	ssize_t ret = pwrite(fd, &value, width, ((uint64_t)region << 40) + offset);

	return ret < 0 ? -errno : ret == (ssize_t)width ? 0 : -EIO;
}

uint32_t config_read(int fd, uint64_t offset, unsigned int width)
{
	uint64_t value = 0;

	need(!region_read(fd, ULDF_REGION_CONFIG, offset, width, &value), "read configuration");
	return value;
}

void config_write(int fd, uint64_t offset, unsigned int width, uint32_t value)
{
	need(!region_write(fd, ULDF_REGION_CONFIG, offset, width, value), "write configuration");
}

int vectors(int fd, unsigned long command, uint32_t type, uint32_t first, uint32_t count)
{
	struct uldf_ioc_vectors arg = {
		.argsz = sizeof(arg),
		.type = type,
		.first = first,
		.count = count,
	};

	return call(fd, command, &arg);
}

int bind_fds(int fd, uint32_t flags, uint32_t type, uint32_t first, uint32_t count, const int *fds)
{
	struct uldf_ioc_vectors_bind arg = {
		.argsz = sizeof(arg),
		.flags = flags,
		.type = type,
		.first = first,
		.count = count,
		.fds = (uintptr_t)fds,
	};

	return call(fd, ULDF_VECTORS_BIND, &arg);
}

int space_create(int device)
{
	struct uldf_ioc_device_space arg = {.argsz = sizeof(arg)};
	int ret = call(device, ULDF_DEVICE_SPACE, &arg);

	return ret ?: arg.fd;
}

int attach(int device, int space)
{
	struct uldf_ioc_device_attach arg = {.argsz = sizeof(arg), .space = space};

	return call(device, ULDF_DEVICE_ATTACH, &arg);
}

int detach(int device)
{
	struct uldf_ioc_device_attach arg = {.argsz = sizeof(arg), .space = -1};

	return call(device, ULDF_DEVICE_DETACH, &arg);
}

int memory_register(int space, void *address, uint64_t size, uint32_t flags, uint32_t *id)
{
	struct uldf_ioc_memory arg = {
		.argsz = sizeof(arg),
		.flags = flags,
		.address = (uintptr_t)address,
		.size = size,
	};
	int ret = call(space, ULDF_MEMORY_REGISTER, &arg);

	if (!ret)
		*id = arg.id;
	return ret;
}

int memory_unregister(int space, uint32_t id)
{
	struct uldf_ioc_memory arg = {.argsz = sizeof(arg), .id = id};

	return call(space, ULDF_MEMORY_UNREGISTER, &arg);
}

int batch(int space, unsigned long command, struct uldf_ioc_mapping *pieces, uint32_t count,
	  uint32_t *done)
{
	struct uldf_ioc_map arg = {
		.argsz = sizeof(arg),
		.count = count,
		.done = 0xdead,
		.mappings = (uintptr_t)pieces,
	};
	int ret = call(space, command, &arg);

	if (done)
		*done = arg.done;
	return ret;
}

int map(int space, uint32_t id, uint64_t offset, uint64_t address, uint64_t size, uint32_t flags)
{
	struct uldf_ioc_mapping piece = {
		.address = address,
		.size = size,
		.offset = offset,
		.memory = id,
		.flags = flags,
	};

	return batch(space, ULDF_SPACE_MAP, &piece, 1, NULL);
}

int unmap(int space, uint64_t address, uint64_t size)
{
	struct uldf_ioc_mapping piece = {.address = address, .size = size};

	return batch(space, ULDF_SPACE_UNMAP, &piece, 1, NULL);
}

int region_fd(int fd, uint32_t index, uint64_t offset, uint64_t size, uint32_t flags)
{
	struct uldf_ioc_region_fd arg = {
		.argsz = sizeof(arg),
		.flags = flags,
		.index = index,
		.offset = offset,
		.size = size,
	};
	int ret = call(fd, ULDF_REGION_FD, &arg);

	return ret ?: arg.fd;
}

int functions(int fd, uint32_t count)
{
	struct uldf_ioc_device_functions arg = {.argsz = sizeof(arg), .count = count};

	return call(fd, ULDF_DEVICE_FUNCTIONS, &arg);
}

int event_create(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	need(fd >= 0, "eventfd");
	return fd;
}

bool event_wait(int fd, int milliseconds)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	uint64_t count;

	return poll(&wait, 1, milliseconds) == 1 && read(fd, &count, sizeof(count)) > 0;
}

uint64_t pinned_bytes(void)
{
	unsigned long long bytes = ~0ULL;
	FILE *file = fopen("/sys/class/uldf/pinned_bytes", "r");

	need(file && fscanf(file, "%llu", &bytes) == 1, "read pinned_bytes");
	fclose(file);
	return bytes;
}

bool pinned_becomes(uint64_t wanted)
{
	for (int i = 0; i < PATIENCE / 10; i++) {
		if (pinned_bytes() == wanted)
			return true;
		usleep(10000);
	}
	return false;
}

uint64_t pinned_by(uint32_t uid)
{
	FILE *file = fopen("/sys/class/uldf/pinned_by_user", "r");
	unsigned long long bytes, found = 0;
	uint32_t user;

	if (!file)
		return ~0ULL;
	while (fscanf(file, "%u %llu\n", &user, &bytes) == 2) {
		need(bytes, "every user in pinned_by_user has pinned something");
		need(user != uid || !found, "and has one line");
		if (user == uid)
			found = bytes;
	}
	need(feof(file), "pinned_by_user has nothing but lines of a user and bytes");
	fclose(file);
	return found;
}
