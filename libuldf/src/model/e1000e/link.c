// SPDX-License-Identifier: MIT
/*
 * The PHY behind MDIC (IEEE 802.3 clause 22), and the link. A wire is 1000BASE-T in full
 * duplex, and two ends agree on it at once: a PHY that is forced to another speed has no link.
 */
#include <string.h>
#include "model/e1000e/e1000e.h"

#define PHY_ADDRESS 1

enum {
	PHY_CONTROL = 0,
	PHY_STATUS = 1,
	PHY_ID1 = 2,
	PHY_ID2 = 3,
	PHY_ADVERTISED = 4,
	PHY_PARTNER = 5,
	PHY_EXPANSION = 6,
	PHY_GIGABIT_CONTROL = 9,
	PHY_GIGABIT_STATUS = 10,
	PHY_EXTENDED_STATUS = 15,
	PHY_PAGED = 16, /* from here on there are pages */
	PHY_SPECIFIC_STATUS = 17,
	PHY_PAGE = 22,
};

#define CONTROL_RESET	   0x8000
#define CONTROL_NEGOTIATES 0x1000
#define CONTROL_POWER_DOWN 0x0800
#define CONTROL_SPEED	   0x2040
#define CONTROL_GIGABIT	   0x0040
#define CONTROL_KEPT	   0x7d40 /* what does not clear itself */
#define STATUS_ABLE	   0x7949
#define STATUS_NEGOTIATED  0x0020
#define STATUS_LINK	   0x0004
#define PARTNER_ABLE	   0xcde1 /* all speeds, both kinds of pause, acknowledged */
#define EXPANSION_ABLE	   0x0005
#define GIGABIT_PARTNER	   0x3c00 /* both receivers work, and the partner does 1000BASE-T */
#define GIGABIT_ABLE	   0x3000
#define SPECIFIC_LINK	   0xac00 /* 1000 Mb/s, full duplex, resolved, link */

/* The register keeps a lost link until it is read. */
static uint16_t status_read(struct e1000e_model *nic)
{
	uint16_t link = nic->phy[PHY_STATUS] & STATUS_LINK;

	nic->phy[PHY_STATUS] = nic->phy_up ? STATUS_LINK : 0;
	return STATUS_ABLE | link |
	       (nic->phy_up && nic->phy[PHY_CONTROL] & CONTROL_NEGOTIATES ? STATUS_NEGOTIATED : 0);
}

static uint16_t phy_read(struct e1000e_model *nic, unsigned int index)
{
	const bool up = nic->phy_up;

	if (index >= PHY_PAGED && index != PHY_PAGE && nic->page)
		return 0;
	switch (index) {
	case PHY_STATUS:
		return status_read(nic);
	case PHY_ID1:
		return 0x0141;
	case PHY_ID2:
		return 0x0cb1;
	case PHY_PARTNER:
		return up ? PARTNER_ABLE : 0;
	case PHY_EXPANSION:
		return up ? EXPANSION_ABLE : 0;
	case PHY_GIGABIT_STATUS:
		return up ? GIGABIT_PARTNER : 0;
	case PHY_EXTENDED_STATUS:
		return GIGABIT_ABLE;
	case PHY_SPECIFIC_STATUS:
		return up ? SPECIFIC_LINK : 0;
	case PHY_PAGE:
		return nic->page;
	default:
		return nic->phy[index];
	}
}

static void phy_write(struct model *model, unsigned int index, uint16_t value)
{
	struct e1000e_model *nic = e1000e_of(model);

	switch (index) {
	case PHY_CONTROL:
		if (value & CONTROL_RESET) {
			model_e1000e_phy_reset(model);
			break;
		}
		nic->phy[index] = value & CONTROL_KEPT;
		model_e1000e_link_follow(model);
		break;
	case PHY_PAGE:
		nic->page = value;
		break;
	case PHY_STATUS:
	case PHY_ID1:
	case PHY_ID2:
	case PHY_PARTNER:
	case PHY_EXPANSION:
	case PHY_GIGABIT_STATUS:
	case PHY_EXTENDED_STATUS:
	case PHY_SPECIFIC_STATUS:
		break;
	default:
		if (index < PHY_PAGED || !nic->page)
			nic->phy[index] = value;
		break;
	}
}

void model_e1000e_mdic_write(struct model *model, uint32_t value)
{
	struct e1000e_model *nic = e1000e_of(model);
	const unsigned int index = value >> 16 & 31, address = value >> 21 & 31;
	uint32_t answer = (value & ~MDIC_ERROR) | MDIC_READY;

	if (address != PHY_ADDRESS)
		answer |= MDIC_ERROR;
	else if ((value & MDIC_OP) == MDIC_READ)
		answer = (answer & 0xffff0000) | phy_read(nic, index);
	else if ((value & MDIC_OP) == MDIC_WRITE)
		phy_write(model, index, (uint16_t)value);
	else
		answer |= MDIC_ERROR;
	*e1000e_register(nic, REG_MDIC) = answer;
	if (value & MDIC_INT)
		model_e1000e_cause(model, CAUSE_MDAC);
}

/* Does the PHY offer what the wire can do? */
static bool phy_offers(const struct e1000e_model *nic)
{
	uint16_t control = nic->phy[PHY_CONTROL];

	if (control & CONTROL_POWER_DOWN)
		return false;
	return control & CONTROL_NEGOTIATES || (control & CONTROL_SPEED) == CONTROL_GIGABIT;
}

void model_e1000e_link_follow(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);
	bool offers = nic->wire && phy_offers(nic), up;

	if (offers != nic->offers)
		nic->wire->ops->carrier(nic->wire, offers);
	nic->offers = offers;
	nic->phy_up = offers && nic->wire->ops->up(nic->wire);
	if (!nic->phy_up)
		nic->phy[PHY_STATUS] = 0;
	up = nic->phy_up && *e1000e_register(nic, REG_CTRL) & CTRL_SLU;
	if (up == nic->up)
		return;
	nic->up = up;
	model_e1000e_cause(model, CAUSE_LSC);
	model_wake(model);
}

/* The link goes, and comes back at once if the far end is there. */
void model_e1000e_phy_reset(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);
	bool up = nic->up;

	memset(nic->phy, 0, sizeof(nic->phy));
	nic->phy[PHY_CONTROL] = CONTROL_NEGOTIATES | CONTROL_GIGABIT | 0x0100;
	nic->phy[PHY_ADVERTISED] = 0x0de1;
	nic->phy[PHY_GIGABIT_CONTROL] = 0x0300;
	nic->page = 0;
	model_e1000e_link_follow(model);
	if (up && nic->up)
		model_e1000e_cause(model, CAUSE_LSC);
}
