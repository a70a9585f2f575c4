/* SPDX-License-Identifier: MIT */
/* The ports of an open IDE model, a byte at a time. */
#ifndef TESTS_UNIT_MODEL_IDE_PORTS_H
#define TESTS_UNIT_MODEL_IDE_PORTS_H

#include "ide.h"
#include "opened.h"

#define READY 0x50 /* what an idle disk has in its status */
#define ERR   ATA_STATUS_ERR
#define DRQ   ATA_STATUS_DRQ
#define ABRT  0x04 /* in the error register */
#define IDNF  0x10

struct ports {
	struct opened o;
	unsigned int
		command; /* region of the channel's command block; its control block is the next */
	uint8_t device;	 /* bits to add in the device register */
	int fd;		 /* of the channel's interrupts, or -1 */
};

void ports_open(struct ports *p, const char *address);
void ports_close(struct ports *p);

uint8_t ports_get(struct ports *p, unsigned int reg);
void ports_put(struct ports *p, unsigned int reg, uint8_t value);
uint8_t ports_alternate(struct ports *p);
void ports_control(struct ports *p, uint8_t value);
/* The channel's bus master. */
uint8_t ports_master(struct ports *p, unsigned int reg);
void ports_set_master(struct ports *p, unsigned int reg, unsigned int width, uint32_t value);

/* Waits until the disk is not busy; answers the alternate status. */
uint8_t ports_wait(struct ports *p);
/* Issues a command for @count sectors from @block on, and waits. */
uint8_t ports_command(struct ports *p, uint8_t command, uint64_t block, uint8_t count);
uint8_t ports_command_ext(struct ports *p, uint8_t command, uint64_t block, uint16_t count);
uint8_t ports_features(struct ports *p, uint8_t feature, uint8_t count);
void ports_soft_reset(struct ports *p);
/* The sector that the address registers tell, 28 bits. */
uint64_t ports_block(struct ports *p);

/* Counts interrupts from now on. */
void ports_listen(struct ports *p);
/* How many there were since this was asked last. */
uint64_t ports_fired(struct ports *p);

#endif
