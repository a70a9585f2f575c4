// SPDX-License-Identifier: MIT
/*
 * A holder of an RTL8139 leaves its receiver and its interrupts on. Nothing resets the card, so that it
 * pulls its line at the next frame, whoever has it then: release leaves INTx disabled. The caller
 * sees to it that no frame comes before the end of this suite (RTL8139C+ data sheet, section 6).
 */
#include <unistd.h>

#include "ioctl.h"

#define RECEIVE_BUFFER 0x30
#define CHIP_COMMAND   0x37
#define CHIP_RESET     0x10
#define CHIP_RECEIVE   0x08
#define INTERRUPT_MASK 0x3c
#define INTERRUPTS     0x3e
#define RECEIVE_CONFIG 0x44
#define RECEIVE_ALL    0x180f /* all addresses, broadcasts, into a ring of 64 KiB */
#define BUFFER_AT      0x100000

static uint64_t card_read(int fd, unsigned int at, unsigned int width)
{
	uint64_t value = 0;

	need(!region_read(fd, 0, at, width, &value), "read a register");
	return value;
}

static void card_write(int fd, unsigned int at, unsigned int width, uint64_t value)
{
	need(!region_write(fd, 0, at, width, value), "write a register");
}

static void card_receive(int fd)
{
	card_write(fd, CHIP_COMMAND, 1, CHIP_RESET);
	for (int i = 0; i < PATIENCE && card_read(fd, CHIP_COMMAND, 1) & CHIP_RESET; i++)
		usleep(1000);
	card_write(fd, RECEIVE_BUFFER, 4, BUFFER_AT);
	card_write(fd, CHIP_COMMAND, 1, CHIP_RECEIVE);
	card_write(fd, RECEIVE_CONFIG, 4, RECEIVE_ALL);
	card_write(fd, INTERRUPT_MASK, 2, 0xffff);
	check(card_read(fd, CHIP_COMMAND, 1) & CHIP_RECEIVE, "the receiver is on");
	check(card_read(fd, INTERRUPT_MASK, 2), "interrupts are on");
	check_equal(0, card_read(fd, INTERRUPTS, 2), "none is pending");
}

void suite_leave(const struct address *device)
{
	uint32_t reset = ~0U;
	int fd;

	/* as the firmware leaves it */
	host_write(device, COMMAND, 2, host_read(device, COMMAND, 2) & ~COMMAND_INTX_DISABLE);
	fd = device_take(device);
	card_receive(fd);
	close(fd);
	check_equal(0, release(device, 0, &reset), "release");
	check(reset < ULDF_RESET_FUNCTION, "nothing resets it: %u", reset);
	check_equal(COMMAND_INTX_DISABLE, host_read(device, COMMAND, 2) & COMMAND_INTX_DISABLE,
		    "INTx disable, after the release of what was not reset");
}
