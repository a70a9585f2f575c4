// SPDX-License-Identifier: MIT
/*
 * A space that two devices share: LAB_EDU and LAB_EDU_HOTPLUG, both edu. What is mapped both can reach;
 * when one is detached the other goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define AT     0x200000
#define AMOUNT 1024

static void other_device(struct address *out)
{
	const char *text = getenv("LAB_EDU_HOTPLUG");
	unsigned int bus, slot, function;

	need(text && sscanf(text, "%x:%x:%x.%x", &out->segment, &bus, &slot, &function) == 4,
	     "a second device");
	snprintf(out->text, sizeof(out->text), "%s", text);
	out->bus = bus;
	out->devfn = slot << 3 | function;
}

static void copies(int device, uint8_t *memory, const char *who)
{
	for (size_t i = 0; i < AMOUNT; i++)
		memory[i] = (uint8_t)(i * 13 + who[0]);
	memset(memory + PAGE, 0, PAGE);
	config_write(device, 4, 2, 6);
	check(edu_dma(device, AT, AMOUNT, false), "%s device reads", who);
	check(edu_dma(device, AT + PAGE, AMOUNT, true), "%s device writes", who);
	check(!memcmp(memory, memory + PAGE, AMOUNT), "what it read comes back");
}

void suite_shared_space(const struct address *address)
{
	uint8_t *memory =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int first = device_take(address), second, space = space_create(first);
	struct address other;
	uint32_t id;

	need(memory != MAP_FAILED, "memory");
	other_device(&other);
	second = device_take(&other);
	check_equal(0, attach(first, space), "attach the first");
	need(!memory_register(space, memory, 2 * PAGE, 0, &id), "register");
	check_equal(0, map(space, id, 0, AT, 2 * PAGE, ULDF_MAP_READ | ULDF_MAP_WRITE), "map");
	check_equal(0, attach(second, space), "attach the second");
	copies(first, memory, "first");
	copies(second, memory, "second");
	check_equal(0, detach(first), "detach the first");
	check(!(config_read(first, 4, 2) & 4), "it masters no bus");
	copies(second, memory, "second, alone,");
	check_equal(0, attach(first, space), "attach the first again");
	copies(first, memory, "first, again,");
	check_equal(0, release(&other, ULDF_RELEASE_FORCE, NULL), "release the second");
	copies(first, memory, "first, alone,");
	check_equal(-ENODEV, attach(second, space), "the second is gone");
	close(space);
	copies(first, memory, "first, its space closed,");
	close(first);
	close(second);
	check(pinned_becomes(0), "nothing is pinned at the end");
	check_equal(0, release(address, 0, NULL), "release");
}
