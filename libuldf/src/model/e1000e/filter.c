// SPDX-License-Identifier: MIT
#include "model/e1000e/e1000e.h"
#include "model/e1000e/packet.h"

#define ADDRESSES 16

static uint32_t get(const struct e1000e_model *nic, unsigned int offset)
{
	return nic->registers[offset / 4];
}

/* RAL and RAH (section 10.2.5.21). */
static bool is_exact(const struct e1000e_model *nic, const uint8_t *frame)
{
	const uint32_t low = frame[0] | (uint32_t)frame[1] << 8 | (uint32_t)frame[2] << 16 |
			     (uint32_t)frame[3] << 24;
	const uint32_t high = frame[4] | (uint32_t)frame[5] << 8 | RAH_VALID;

	for (unsigned int i = 0; i < ADDRESSES; i++)
		/* of the high half address, what it is compared with, and validity */
		if (get(nic, REG_RAL + 8 * i) == low &&
		    (get(nic, REG_RAH + 8 * i) & (RAH_VALID | 0x3ffff)) == high)
			return true;
	return false;
}

/* Twelve bits of the address choose one of the table's; RCTL.MO tells which twelve (section 7.1.1). */
static bool is_in_table(const struct e1000e_model *nic, const uint8_t *frame)
{
	static const unsigned int shifts[] = {4, 3, 2, 0};
	const uint32_t top = frame[4] | (uint32_t)frame[5] << 8;
	const uint32_t hash = top >> shifts[RCTL_MO(get(nic, REG_RCTL))] & 0xfff;

	return get(nic, REG_MTA + 4 * (hash / 32)) >> hash % 32 & 1;
}

/* With RCTL.VFE: of tagged frames those whose VLAN is in the table. */
static bool is_vlan_known(const struct e1000e_model *nic, const uint8_t *frame)
{
	uint16_t tag = packet_get16(frame + HEADER), id = tag & 0xfff;
	uint32_t control = get(nic, REG_RCTL);

	if (!(control & RCTL_VFE) ||
	    packet_get16(frame + ETHERTYPE_AT) != (get(nic, REG_VET) & 0xffff))
		return true;
	if (control & RCTL_CFIEN && !!(tag & 0x1000) != !!(control & RCTL_CFI))
		return false;
	return get(nic, REG_VFTA + 4 * (id / 32)) >> id % 32 & 1;
}

bool model_e1000e_filter(const struct e1000e_model *nic, const uint8_t *frame, bool *inexact)
{
	const uint32_t control = get(nic, REG_RCTL);
	bool group = frame[0] & 1, broadcast = true;

	*inexact = false;
	if (!is_vlan_known(nic, frame))
		return false;
	for (unsigned int i = 0; i < 6; i++)
		broadcast = broadcast && frame[i] == 0xff;
	if (is_exact(nic, frame) || control & (group ? RCTL_MPE : RCTL_UPE) ||
	    (broadcast && control & RCTL_BAM))
		return true;
	*inexact = group && is_in_table(nic, frame);
	return *inexact;
}
