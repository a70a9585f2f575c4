// SPDX-License-Identifier: MIT
/* Accesses to registers, in the thread of who makes them. */
#include <string.h>
#include "model/e1000e/e1000e.h"

/* Registers that keep what is written. */
struct kept {
	unsigned int first;
	unsigned int count;
	uint32_t mask;	/* bits that software may set */
	uint32_t reset; /* value after a reset */
};

static const struct kept kept[] = {
	{REG_CTRL, 1, UINT32_MAX & ~CTRL_RST, CTRL_FD | CTRL_SPEED_1000},
	{REG_CTRL_EXT, 1, UINT32_MAX & ~CTRL_EXT_PBA_CLR, 0},
	{REG_FCAL, 2, UINT32_MAX, 0},
	{REG_FCT, 1, 0xffff, 0},
	{REG_VET, 1, 0xffff, 0x8100},
	{REG_ITR, 1, 0xffff, 0},
	{REG_EIAC, 1, CAUSE_MSIX, 0},
	{REG_IAM, 1, UINT32_MAX, 0},
	{REG_IVAR, 1, 0x800fffff, 0},
	{REG_EITR, 5, 0xffff, 0},
	{REG_RCTL, 1, UINT32_MAX, 0},
	{REG_FCTTV, 1, 0xffff, 0},
	{REG_TCTL, 1, UINT32_MAX, TCTL_PSP},
	{REG_TIPG, 1, 0x3fffffff, 0x00602008},
	{REG_LEDCTL, 1, UINT32_MAX, 0x07068302},
	{REG_EXTCNF_CTRL, 1, UINT32_MAX, 0},
	{REG_PHY_CTRL, 1, UINT32_MAX, 0},
	{REG_PBA, 1, 0xffff, 0x00140014},
	{REG_FCRTL, 1, UINT32_MAX, 0},
	{REG_FCRTH, 1, UINT32_MAX, 0},
	{REG_PSRCTL, 1, UINT32_MAX, 0x00040402},
	{REG_RDBAL, 1, 0xfffffff0, 0},
	{REG_RDBAH, 1, UINT32_MAX, 0},
	{REG_RDLEN, 1, 0x000fff80, 0},
	{REG_RDH, 1, 0xffff, 0},
	{REG_RDT, 1, 0xffff, 0},
	{REG_RDTR, 1, 0xffff, 0},
	{REG_RXDCTL, 1, UINT32_MAX, 0x00010000},
	{REG_RADV, 1, 0xffff, 0},
	{REG_TDBAL, 1, 0xfffffff0, 0},
	{REG_TDBAH, 1, UINT32_MAX, 0},
	{REG_TDLEN, 1, 0x000fff80, 0},
	{REG_TDH, 1, 0xffff, 0},
	{REG_TDT, 1, 0xffff, 0},
	{REG_TIDV, 1, 0xffff, 0},
	{REG_TXDCTL, 1, UINT32_MAX, 0},
	{REG_TADV, 1, 0xffff, 0},
	{REG_TARC, 1, UINT32_MAX, 0x403},
	{REG_RXCSUM, 1, UINT32_MAX, 0},
	{REG_RFCTL, 1, UINT32_MAX, 0},
	{REG_MTA, 128, UINT32_MAX, 0},
	{REG_RAL, 32, UINT32_MAX, 0},
	{REG_VFTA, 128, UINT32_MAX, 0},
	{REG_WUC, 1, UINT32_MAX, 0},
	{REG_WUFC, 1, UINT32_MAX, 0},
	{REG_MRQC, 1, UINT32_MAX, 0},
	{REG_MANC, 1, UINT32_MAX, 0},
	{REG_GCR, 1, UINT32_MAX, 0},
	{REG_SWSM, 1, 0xf, 0},
	{REG_GCR2, 1, UINT32_MAX, 0},
	{REG_RETA, 32, UINT32_MAX, 0},
	{REG_RSSRK, 10, UINT32_MAX, 0},
};

#define KEPT (sizeof(kept) / sizeof(kept[0]))

static const struct kept *find_kept(unsigned int offset)
{
	for (size_t i = 0; i < KEPT; i++)
		if (offset >= kept[i].first && offset < kept[i].first + 4 * kept[i].count)
			return &kept[i];
	return NULL;
}

/* The PHY and its link stay as they are. */
void model_e1000e_registers_reset(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);

	memset(nic->registers, 0, sizeof(nic->registers));
	for (size_t i = 0; i < KEPT; i++)
		for (unsigned int j = 0; j < kept[i].count; j++)
			*e1000e_register(nic, kept[i].first + 4 * j) = kept[i].reset;
	*e1000e_register(nic, REG_EECD) = EECD_PRES | EECD_AUTO_RD | EECD_SPI;
	*e1000e_register(nic, REG_EERD) = EERD_DONE;
	*e1000e_register(nic, REG_EEWR) = EERD_DONE;
	*e1000e_register(nic, REG_EEMNGCTL) = EEMNGCTL_DONE;
	model_e1000e_nvm_load(nic);
	memset(nic->tx.contexts, 0, sizeof(nic->tx.contexts));
	nic->tx.size = nic->tx.sent = 0;
	nic->tx.begun = nic->tx.bad = nic->tx.whole = nic->tx.stopped = false;
	nic->rx.stopped = false;
	nic->up = false;
	nic->pending = 0;
	model_line(model, false);
}

/* ---- reads */

static uint32_t status_read(struct e1000e_model *nic)
{
	bool master = !(*e1000e_register(nic, REG_CTRL) & CTRL_MASTER_DISABLE);

	return *e1000e_register(nic, REG_STATUS) | STATUS_FD | STATUS_SPEED_1000 |
	       STATUS_LAN_INIT_DONE | (nic->up ? STATUS_LU : 0) | (master ? STATUS_MASTER : 0);
}

static uint32_t register_read(struct model *model, unsigned int offset)
{
	struct e1000e_model *nic = e1000e_of(model);
	uint32_t value = *e1000e_register(nic, offset);

	if (offset >= STATISTICS && offset < STATISTICS_END)
		return model_e1000e_statistics_read(nic, offset);
	switch (offset) {
	case REG_STATUS:
		return status_read(nic);
	case REG_ICR:
		return model_e1000e_icr_read(model);
	case REG_ICS:
		return *e1000e_register(nic, REG_ICR);
	case REG_IMC:
		return *e1000e_register(nic, REG_IMS);
	case REG_SWSM:
		/* Who reads the bit as 0 has taken the semaphore. */
		*e1000e_register(nic, offset) |= SWSM_SMBI;
		return value;
	default:
		return value;
	}
}

/* ---- writes */

static void ctrl_write(struct model *model, uint32_t value)
{
	struct e1000e_model *nic = e1000e_of(model);
	bool phy_reset = value & ~*e1000e_register(nic, REG_CTRL) & CTRL_PHY_RST;

	if (value & CTRL_RST) {
		model_e1000e_registers_reset(model);
		return;
	}
	*e1000e_register(nic, REG_CTRL) = value;
	if (phy_reset) {
		*e1000e_register(nic, REG_STATUS) |= STATUS_PHYRA;
		model_e1000e_phy_reset(model);
	}
	model_e1000e_link_follow(model);
	model_wake(model);
}

/* Software that asks for the bus of the NVM has it; by that bus nothing is read. */
static void eecd_write(struct e1000e_model *nic, uint32_t value)
{
	uint32_t *eecd = e1000e_register(nic, REG_EECD);

	*eecd &= ~(EECD_REQ | EECD_GNT);
	if (value & EECD_REQ)
		*eecd |= EECD_REQ | EECD_GNT;
}

static void kept_write(struct e1000e_model *nic, unsigned int offset, uint32_t value)
{
	const struct kept *found = find_kept(offset);

	if (found)
		*e1000e_register(nic, offset) = value & found->mask;
}

static void register_write(struct model *model, unsigned int offset, uint32_t value)
{
	struct e1000e_model *nic = e1000e_of(model);

	switch (offset) {
	case REG_CTRL:
		ctrl_write(model, value);
		break;
	case REG_STATUS:
		*e1000e_register(nic, offset) &= value & STATUS_PHYRA;
		break;
	case REG_EECD:
		eecd_write(nic, value);
		break;
	case REG_EERD:
		model_e1000e_eerd_write(nic, value);
		break;
	case REG_EEWR:
		model_e1000e_eewr_write(nic, value);
		break;
	case REG_MDIC:
		model_e1000e_mdic_write(model, value);
		break;
	case REG_ICR:
		model_e1000e_icr_write(model, value);
		break;
	case REG_ICS:
		model_e1000e_cause(model, value & CAUSE_ALL);
		break;
	case REG_IMS:
		*e1000e_register(nic, offset) |= value & CAUSE_ALL;
		model_e1000e_interrupt(model);
		break;
	case REG_IMC:
		*e1000e_register(nic, REG_IMS) &= ~value;
		model_e1000e_interrupt(model);
		break;
	case REG_TDT:
	case REG_TCTL:
		kept_write(nic, offset, value);
		model_wake(model);
		break;
	default:
		kept_write(nic, offset, value);
		break;
	}
}

/* ---- BAR 2: registers by an address and a datum, IOADDR and IODATA */

static uint64_t port_read(struct model *model, uint64_t offset, unsigned int width)
{
	uint32_t address = e1000e_of(model)->io_address;

	if (width != 4 || offset > 4)
		return 0;
	if (!offset)
		return address;
	return address < REGISTERS ? register_read(model, address) : 0;
}

static void port_write(struct model *model, uint64_t offset, unsigned int width, uint32_t value)
{
	struct e1000e_model *nic = e1000e_of(model);

	if (width != 4 || offset > 4)
		return;
	if (!offset)
		nic->io_address = value & ~3u;
	else if (nic->io_address < REGISTERS)
		register_write(model, nic->io_address, value);
}

/* ---- */

/* Reading a part of a register reads the register. */
uint64_t model_e1000e_read(struct model *model, unsigned int bar, uint64_t offset,
			   unsigned int width)
{
	unsigned int at = (unsigned int)offset & ~3u;
	uint64_t value;

	if (bar == PORTS_BAR)
		return port_read(model, offset, width);
	if (bar != ULDF_BAR0)
		return 0;
	value = register_read(model, at);
	if (width == 8)
		value |= (uint64_t)register_read(model, at + 4) << 32;
	return value >> 8 * (offset & 3);
}

/* Registers are written whole; other writes are dropped. */
void model_e1000e_write(struct model *model, unsigned int bar, uint64_t offset, unsigned int width,
			uint64_t value)
{
	if (bar == PORTS_BAR)
		port_write(model, offset, width, (uint32_t)value);
	if (bar != ULDF_BAR0 || width < 4)
		return;
	register_write(model, (unsigned int)offset, (uint32_t)value);
	if (width == 8)
		register_write(model, (unsigned int)offset + 4, (uint32_t)(value >> 32));
}
