// SPDX-License-Identifier: MIT
#include "reset.h"

#include "stop.h"

#define RESET_CPU	  (1u << 2) /* Intel ICH9 data sheet, §13.7.5: RST_CNT */
#define I8042_PULSE_RESET 0xfe

static uint32_t read_zero(void *device, uint16_t offset, unsigned int width)
{
	/* As i8042 status: no input pending, ready for a command. Software waits for this. */
	return 0;
}

static void write_reset(void *device, uint16_t offset, unsigned int width, uint32_t value)
{
	if (value & RESET_CPU)
		vmm_stop_request(device, VMM_RESET);
}

static void write_i8042(void *device, uint16_t offset, unsigned int width, uint32_t value)
{
	if (value == I8042_PULSE_RESET)
		vmm_stop_request(device, VMM_RESET);
}

const struct vmm_port_ops vmm_reset_port_ops = {
	.width = 1,
	.read = read_zero,
	.write = write_reset,
};

const struct vmm_port_ops vmm_i8042_port_ops = {
	.width = 1,
	.read = read_zero,
	.write = write_i8042,
};
