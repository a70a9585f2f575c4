// SPDX-License-Identifier: MIT
#include <sys/eventfd.h>
#include <unistd.h>
#include "ide-ports.h"

void ports_open(struct ports *p, const char *address)
{
	*p = (struct ports){.fd = -1};
	opened_init_masked(&p->o, address, UINT32_MAX);
}

void ports_close(struct ports *p)
{
	if (p->fd >= 0)
		close(p->fd);
	opened_fini(&p->o);
}

static uint8_t port_read(struct ports *p, unsigned int region, unsigned int offset)
{
	uint64_t value = 0;

	cr_assert(eq(int, uldf_region_read(p->o.device, region, offset, 1, &value), 0));
	return (uint8_t)value;
}

static void port_write(struct ports *p, unsigned int region, unsigned int offset, uint8_t value)
{
	cr_assert(eq(int, uldf_region_write(p->o.device, region, offset, 1, value), 0));
}

uint8_t ports_get(struct ports *p, unsigned int reg)
{
	return port_read(p, p->command, reg);
}

void ports_put(struct ports *p, unsigned int reg, uint8_t value)
{
	port_write(p, p->command, reg, value);
}

uint8_t ports_alternate(struct ports *p)
{
	return port_read(p, p->command + 1, 0);
}

void ports_control(struct ports *p, uint8_t value)
{
	port_write(p, p->command + 1, 0, value);
}

uint8_t ports_master(struct ports *p, unsigned int reg)
{
	return port_read(p, BM_REGION, p->command / 2 * BM_CHANNEL + reg);
}

void ports_set_master(struct ports *p, unsigned int reg, unsigned int width, uint32_t value)
{
	cr_assert(eq(int,
		     uldf_region_write(p->o.device, BM_REGION, p->command / 2 * BM_CHANNEL + reg,
				       width, value),
		     0));
}

uint8_t ports_wait(struct ports *p)
{
	unsigned int i;

	for (i = 0; i < 300000 && ports_alternate(p) & ATA_STATUS_BSY; i++)
		usleep(100);
	cr_assert(lt(uint, i, 300000), "the disk stays busy");
	return ports_alternate(p);
}

static void put_address(struct ports *p, uint64_t block, uint8_t count)
{
	ports_put(p, ATA_COUNT, count);
	for (unsigned int i = 0; i < 3; i++)
		ports_put(p, ATA_LBA_LOW + i, (uint8_t)(block >> 8 * i));
}

uint8_t ports_command(struct ports *p, uint8_t command, uint64_t block, uint8_t count)
{
	ports_put(p, ATA_DEVICE, (uint8_t)(0xe0 | p->device | (block >> 24 & 0xf)));
	put_address(p, block, count);
	ports_put(p, ATA_COMMAND, command);
	return ports_wait(p);
}

uint8_t ports_command_ext(struct ports *p, uint8_t command, uint64_t block, uint16_t count)
{
	ports_put(p, ATA_DEVICE, 0xe0 | p->device);
	put_address(p, block >> 24, (uint8_t)(count >> 8));
	put_address(p, block, (uint8_t)count);
	ports_put(p, ATA_COMMAND, command);
	return ports_wait(p);
}

uint8_t ports_features(struct ports *p, uint8_t feature, uint8_t count)
{
	ports_put(p, ATA_FEATURES, feature);
	return ports_command(p, ATA_SET_FEATURES, 0, count);
}

void ports_soft_reset(struct ports *p)
{
	ports_control(p, ATA_CONTROL_SRST);
	ports_control(p, 0);
	ports_wait(p);
}

uint64_t ports_block(struct ports *p)
{
	uint64_t block = (uint64_t)(ports_get(p, ATA_DEVICE) & 0xf) << 24;

	for (unsigned int i = 0; i < 3; i++)
		block |= (uint64_t)ports_get(p, ATA_LBA_LOW + i) << 8 * i;
	return block;
}

void ports_listen(struct ports *p)
{
	p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	cr_assert(ge(int, p->fd, 0));
	cr_assert(eq(int, uldf_irq_enable(p->o.device, ULDF_IRQ_ISA, 2), 0));
	cr_assert(eq(int, uldf_irq_bind(p->o.device, p->command / 2, 1, &p->fd), 0));
}

/* The model raises its line in the moment that the registers tell of the cause. */
uint64_t ports_fired(struct ports *p)
{
	eventfd_t count = 0;

	return eventfd_read(p->fd, &count) ? 0 : count;
}
