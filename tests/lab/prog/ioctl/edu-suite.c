// SPDX-License-Identifier: MIT
/* The whole of it on one device: edu's MSI, INTx and DMA. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define BOTH	     (ULDF_MAP_READ | ULDF_MAP_WRITE)
#define MASTER	     4
#define INTX_DISABLE 0x400

static void master(int fd, bool on)
{
	uint32_t command = config_read(fd, 4, 2) & ~MASTER;

	config_write(fd, 4, 2, on ? command | MASTER : command);
}

static void messages_arrive(int fd)
{
	int event = event_create();

	master(fd, true);
	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSI, 0, 1), "enable MSI");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_MSI, 0, 1, &event), "bind it");
	check(!event_wait(event, 50), "nothing comes unasked");
	for (int i = 0; i < 3; i++) {
		edu_raise(fd, 1);
		check(event_wait(event, PATIENCE), "message %d", i);
		edu_ack(fd, 1);
	}
	check_equal(-EINVAL, bind_fds(fd, ULDF_BIND_UNMASK, ULDF_VECTOR_MSI, 0, 1, &event),
		    "MSI has no unmasking");
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSI, 0, 0), "disable");
	check(config_read(fd, 4, 2) & INTX_DISABLE, "INTx stays off without MSI");
	edu_raise(fd, 1);
	check(!event_wait(event, 100), "a disabled vector is quiet");
	edu_ack(fd, 1);
	master(fd, false);
	close(event);
}

static void intx_is_masked_when_delivered(int fd)
{
	int event = event_create();

	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1), "enable INTx");
	check(!(config_read(fd, 4, 2) & INTX_DISABLE), "it is delivered at first");
	edu_raise(fd, 1);
	usleep(50000);
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &event), "bind it");
	check(event_wait(event, PATIENCE), "one that came before is not lost");
	check(config_read(fd, 4, 2) & INTX_DISABLE, "it is masked");
	check_equal(0, vectors(fd, ULDF_VECTORS_UNMASK, ULDF_VECTOR_INTX, 0, 1), "unmask");
	check(event_wait(event, PATIENCE), "it comes again, as nobody acknowledged");
	edu_ack(fd, 1);
	check_equal(0, vectors(fd, ULDF_VECTORS_UNMASK, ULDF_VECTOR_INTX, 0, 1), "unmask");
	check(!event_wait(event, 100), "not after the acknowledgement");
	check(!(config_read(fd, 4, 2) & INTX_DISABLE), "it is unmasked");
	check_equal(0, vectors(fd, ULDF_VECTORS_MASK, ULDF_VECTOR_INTX, 0, 1), "mask");
	check_equal(0, vectors(fd, ULDF_VECTORS_MASK, ULDF_VECTOR_INTX, 0, 1), "mask twice");
	edu_raise(fd, 2);
	check(!event_wait(event, 100), "masked, nothing comes");
	check_equal(0, vectors(fd, ULDF_VECTORS_UNMASK, ULDF_VECTOR_INTX, 0, 1), "unmask");
	check(event_wait(event, PATIENCE), "then it comes");
	edu_ack(fd, 2);
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_INTX, 0, 0), "disable");
	check(config_read(fd, 4, 2) & INTX_DISABLE, "INTx is off");
	close(event);
}

static void an_eventfd_unmasks(int fd)
{
	int event = event_create(), unmask = event_create(), none = -1;

	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1), "enable INTx");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &event), "bind it");
	check_equal(0, bind_fds(fd, ULDF_BIND_UNMASK, ULDF_VECTOR_INTX, 0, 1, &unmask),
		    "bind an unmasking eventfd");
	edu_raise(fd, 1);
	check(event_wait(event, PATIENCE), "it fires");
	eventfd_write(unmask, 1);
	check(event_wait(event, PATIENCE), "unmasked while pending it fires again");
	edu_ack(fd, 1);
	eventfd_write(unmask, 1);
	check(!event_wait(event, 100), "unmasked and quiet");
	check(!event_wait(unmask, 0), "the eventfd is left empty");
	for (int i = 0; i < 20; i++) {
		edu_raise(fd, 1);
		if (!event_wait(event, PATIENCE)) {
			check(false, "round %d", i);
			break;
		}
		edu_ack(fd, 1);
		eventfd_write(unmask, 1);
	}
	check(true, "20 rounds");

	edu_raise(fd, 1);
	need(event_wait(event, PATIENCE), "fire");
	edu_ack(fd, 1);
	check_equal(0, bind_fds(fd, ULDF_BIND_UNMASK, ULDF_VECTOR_INTX, 0, 1, &none), "unbind it");
	eventfd_write(unmask, 1);
	check(config_read(fd, 4, 2) & INTX_DISABLE, "unbound it unmasks no more");
	check_equal(0, bind_fds(fd, ULDF_BIND_UNMASK, ULDF_VECTOR_INTX, 0, 1, &unmask),
		    "bind it while it is signalled");
	check(!(config_read(fd, 4, 2) & INTX_DISABLE), "that unmasks at once");
	close(unmask);
	edu_raise(fd, 1);
	check(event_wait(event, PATIENCE), "it fires without the unmasking descriptor");
	edu_ack(fd, 1);
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_INTX, 0, 0), "disable");
	close(event);
}

/* One eventfd for both ends would unmask what it delivers. */
static void an_eventfd_does_not_feed_itself(int fd)
{
	int event = event_create(), copy = dup(event), none = -1;

	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1), "enable INTx");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &event), "bind it");
	check_equal(-EINVAL, bind_fds(fd, ULDF_BIND_UNMASK, ULDF_VECTOR_INTX, 0, 1, &copy),
		    "bind the same to unmask");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &none), "unbind it");
	check_equal(0, bind_fds(fd, ULDF_BIND_UNMASK, ULDF_VECTOR_INTX, 0, 1, &copy),
		    "then it may unmask");
	check_equal(-EINVAL, bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &event),
		    "but not be signalled");
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_INTX, 0, 0), "disable");
	close(event);
	close(copy);
}

/* An eventfd's unmasking of what is pending is left to a worker, which must not outlast a mask. */
static void a_mask_is_the_last_word(int fd)
{
	int event = event_create(), unmask = event_create(), round;

	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1), "enable INTx");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_INTX, 0, 1, &event), "bind it");
	check_equal(0, bind_fds(fd, ULDF_BIND_UNMASK, ULDF_VECTOR_INTX, 0, 1, &unmask),
		    "bind an unmasking eventfd");
	for (round = 0; round < 100; round++) {
		edu_raise(fd, 1);
		if (!event_wait(event, PATIENCE))
			break;
		eventfd_write(unmask, 1);
		if (vectors(fd, ULDF_VECTORS_MASK, ULDF_VECTOR_INTX, 0, 1))
			break;
		edu_ack(fd, 1);
		usleep(1000);
		if (!(config_read(fd, 4, 2) & INTX_DISABLE))
			break;
		event_wait(event, 0);
		if (vectors(fd, ULDF_VECTORS_UNMASK, ULDF_VECTOR_INTX, 0, 1))
			break;
	}
	check(round == 100, "masked it stays, in round %d", round);
	edu_ack(fd, 1);
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_INTX, 0, 0), "disable");
	close(event);
	close(unmask);
}

static void memory_is_reached(int fd, int space)
{
	uint8_t *memory =
		mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const uint64_t at = 0x3000000;
	uint32_t id;

	need(memory != MAP_FAILED && !memory_register(space, memory, 4 * PAGE, 0, &id), "memory");
	check_equal(0, map(space, id, PAGE, at, 2 * PAGE, BOTH), "map two pages");
	for (unsigned int i = 0; i < 4 * PAGE; i++)
		memory[i] = i * 7 + (i >> 8);
	master(fd, true);
	check(edu_dma(fd, at + 0x100, 2048, false), "the device reads memory");
	memset(memory + 2 * PAGE, 0, PAGE);
	check(edu_dma(fd, at + PAGE + 0x200, 2048, true), "and writes it");
	check(!memcmp(memory + 2 * PAGE + 0x200, memory + PAGE + 0x100, 2048), "it is the same");
	check(!memory[2 * PAGE + 0x1ff] && !memory[2 * PAGE + 0xa00], "and nothing else");

	master(fd, false);
	memset(memory, 0x11, 4 * PAGE);
	edu_dma(fd, at, 64, true);
	check(memory[PAGE] == 0x11, "with bus mastering off it reaches nothing");
	check_equal(0, unmap(space, at, 2 * PAGE), "unmap");
	check_equal(0, memory_unregister(space, id), "unregister");
	munmap(memory, 4 * PAGE);
}

/* Each of these makes the IOMMU report a fault. */
static void what_is_not_mapped_is_not_reached(int fd, int space)
{
	uint8_t *memory =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const uint64_t at = 0x3000000;
	uint32_t id;

	need(memory != MAP_FAILED && !memory_register(space, memory, PAGE, 0, &id), "memory");
	master(fd, true);
	memset(memory, 0x22, PAGE);
	check_equal(0, map(space, id, 0, at, PAGE, ULDF_MAP_READ), "map to read");
	edu_dma(fd, at, 64, true);
	check(memory[0] == 0x22, "the device cannot write it");
	check_equal(0, unmap(space, at, PAGE), "unmap");
	check_equal(0, map(space, id, 0, at, PAGE, BOTH), "map");
	check(edu_dma(fd, at, 64, true) && memory[0] != 0x22, "the device writes it");
	check_equal(0, unmap(space, at, PAGE), "unmap");
	memset(memory, 0x33, PAGE);
	edu_dma(fd, at, 64, true);
	check(memory[0] == 0x33, "unmapped it writes no more");
	check_equal(0, memory_unregister(space, id), "unregister");
	munmap(memory, PAGE);
}

/* QEMU's edu has no reset; one that had would be tested by the others. */
static void a_refused_reset_changes_nothing(int fd)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};

	need(!call(fd, ULDF_DEVICE_INFO, &info), "info");
	if (info.flags & ULDF_DEVICE_RESETS)
		return;
	master(fd, true);
	check_equal(-EOPNOTSUPP, call(fd, ULDF_DEVICE_RESET, &reset), "nothing resets it");
	check(config_read(fd, 4, 2) & MASTER, "bus mastering stays on");
	master(fd, false);
}

void suite_edu(const struct address *device)
{
	int fd = device_take(device), space = space_create(fd);

	need(space >= 0 && !attach(fd, space), "attach to a space");
	messages_arrive(fd);
	intx_is_masked_when_delivered(fd);
	an_eventfd_unmasks(fd);
	an_eventfd_does_not_feed_itself(fd);
	a_mask_is_the_last_word(fd);
	a_refused_reset_changes_nothing(fd);
	memory_is_reached(fd, space);
	close(fd);
	close(space);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(device, 0, NULL), "release");
}

void suite_fault(const struct address *device)
{
	int fd = device_take(device), space = space_create(fd);

	need(space >= 0 && !attach(fd, space), "attach to a space");
	what_is_not_mapped_is_not_reached(fd, space);
	close(fd);
	close(space);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(device, 0, NULL), "release");
}
