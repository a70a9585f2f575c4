// SPDX-License-Identifier: MIT
/*
 * An 82574 (e1000e) that receives when its holder dies must not go on into the memory of the next, who
 * switches bus mastering on before it touches the card. The caller sees to it that frames keep coming.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define CTRL	     0x0000
#define CTRL_LINK_UP 0x40
#define RCTL	     0x0100
#define RCTL_ALL     0x801a /* enabled, unicast and multicast promiscuous, broadcast */
#define RING	     0x2800 /* base low, base high, length */
#define RING_HEAD    0x2810
#define RING_TAIL    0x2818
#define SLOTS	     128
#define AT	     0x400000
#define BUFFERS	     (AT + PAGE)
#define SIZE	     (PAGE + SLOTS * 2048)

/* Opens the card with fresh memory at the bus address it always has. */
static int take(const struct address *device, void *memory, int *space)
{
	int fd = device_open(device);
	uint32_t id;

	need(fd >= 0, "open the card");
	*space = space_create(fd);
	need(*space >= 0 && !attach(fd, *space) && !memory_register(*space, memory, SIZE, 0, &id) &&
		     !map(*space, id, 0, AT, SIZE, ULDF_MAP_READ | ULDF_MAP_WRITE),
	     "give it memory");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	return fd;
}

static void receive(int fd, uint64_t *ring)
{
	const struct {
		uint32_t at, value;
	} writes[] = {
		{RING, AT},	  {RING + 4, 0},	{RING + 8, PAGE}, {RING_HEAD, 0},
		{RING_TAIL, 127}, {CTRL, CTRL_LINK_UP}, {RCTL, RCTL_ALL},
	};

	for (int i = 0; i < SLOTS; i++)
		ring[2 * i] = BUFFERS + i * 2048;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		need(!region_write(fd, 0, writes[i].at, 4, writes[i].value), "program the card");
}

static bool changes(const uint8_t *memory, size_t size, int milliseconds)
{
	for (; milliseconds > 0; milliseconds -= 10) {
		usleep(10000);
		for (size_t i = 0; i < size; i++)
			if (memory[i])
				return true;
	}
	return false;
}

void suite_receive(const struct address *device)
{
	uint8_t *memory =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd, space;

	need(memory != MAP_FAILED && !claim(device, NULL), "claim");
	fd = take(device, memory, &space);
	receive(fd, (uint64_t *)memory);
	check(changes(memory + PAGE, SIZE - PAGE, 5000), "frames are received");
	close(fd);
	close(space);
	check(pinned_becomes(0), "the holder is gone");

	memset(memory, 0, SIZE);
	fd = take(device, memory, &space);
	check(!changes(memory, SIZE, 500), "the next holder's memory is not written");
	receive(fd, (uint64_t *)memory);
	check(changes(memory + PAGE, SIZE - PAGE, 5000), "until it asks for frames");
	close(fd);
	close(space);
	check_equal(0, release(device, 0, NULL), "release");
}
