// SPDX-License-Identifier: MIT
/* The NVM: words that drivers read, kept as long as the model. */
#include <string.h>
#include "model/e1000e/e1000e.h"

enum {
	WORD_ADDRESS = 0x00, /* 3 of them */
	WORD_SUBDEVICE = 0x0b,
	WORD_SUBVENDOR = 0x0c,
	WORD_DEVICE = 0x0d,
	WORD_VENDOR = 0x0e,
	WORD_ALTERNATE = 0x37, /* where another address is: nowhere */
	WORD_CHECKSUM = 0x3f,
};

#define CHECKSUM 0xbaba /* of all words up to that of the checksum */

void model_e1000e_nvm_init(struct e1000e_model *nic, const uint8_t mac[6])
{
	uint16_t sum = 0;

	memset(nic->nvm, 0, sizeof(nic->nvm));
	for (unsigned int i = 0; i < 3; i++)
		nic->nvm[WORD_ADDRESS + i] = (uint16_t)(mac[2 * i] | mac[2 * i + 1] << 8);
	nic->nvm[WORD_SUBVENDOR] = 0x8086;
	nic->nvm[WORD_DEVICE] = 0x10d3;
	nic->nvm[WORD_VENDOR] = 0x8086;
	nic->nvm[WORD_ALTERNATE] = 0xffff;
	for (unsigned int i = 0; i < WORD_CHECKSUM; i++)
		sum = (uint16_t)(sum + nic->nvm[i]);
	nic->nvm[WORD_CHECKSUM] = (uint16_t)(CHECKSUM - sum);
}

void model_e1000e_nvm_load(struct e1000e_model *nic)
{
	const uint16_t *words = &nic->nvm[WORD_ADDRESS];

	*e1000e_register(nic, REG_RAL) = words[0] | (uint32_t)words[1] << 16;
	*e1000e_register(nic, REG_RAH) = words[2] | RAH_VALID;
}

/* EERD: an address in bits 2 to 15 asks for a word, which is there at once. */
void model_e1000e_eerd_write(struct e1000e_model *nic, uint32_t value)
{
	uint32_t address = value >> 2 & 0x3fff;

	value &= 0xfffc;
	if (address < NVM_WORDS)
		value |= (uint32_t)nic->nvm[address] << 16;
	*e1000e_register(nic, REG_EERD) = value | EERD_DONE;
}

/* EEWR; the words beyond are not there. */
void model_e1000e_eewr_write(struct e1000e_model *nic, uint32_t value)
{
	uint32_t address = value >> 2 & 0x3fff;

	if (value & EERD_START && address < NVM_WORDS)
		nic->nvm[address] = (uint16_t)(value >> 16);
	*e1000e_register(nic, REG_EEWR) = (value & ~EERD_START) | EERD_DONE;
}
