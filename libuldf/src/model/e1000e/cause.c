// SPDX-License-Identifier: MIT
/*
 * Interrupts (section 7.4): causes in ICR, the mask in IMS. INTx is asserted while a cause is pending that the
 * mask lets through; a message is sent when one becomes so. With MSI-X, IVAR maps five causes to vectors.
 */
#include "model/e1000e/e1000e.h"

#define IVAR_VALID 8

static uint32_t *icr(struct e1000e_model *nic)
{
	return e1000e_register(nic, REG_ICR);
}

static uint32_t *ims(struct e1000e_model *nic)
{
	return e1000e_register(nic, REG_IMS);
}

static bool has_msix(const struct model *model)
{
	return model_messages(model) && model->type == ULDF_IRQ_MSIX;
}

/* Sends the message of one cause. By EIAC that clears the cause, and by CTRL_EXT.EIAME and IAM masks it. */
static void fire(struct model *model, uint32_t cause)
{
	struct e1000e_model *nic = e1000e_of(model);
	unsigned int shift = 4 * (unsigned int)__builtin_ctz(cause / CAUSE_RXQ0);
	uint32_t entry = *e1000e_register(nic, REG_IVAR) >> shift;

	if (entry & IVAR_VALID)
		model_message(model, entry & 7);
	if (*e1000e_register(nic, REG_CTRL_EXT) & CTRL_EXT_EIAME)
		*ims(nic) &= ~(*e1000e_register(nic, REG_IAM) & cause);
	*icr(nic) &= ~(*e1000e_register(nic, REG_EIAC) & cause);
	nic->pending &= *icr(nic) & *ims(nic);
}

void model_e1000e_interrupt(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);
	uint32_t before = nic->pending, fresh;

	if (has_msix(model) && *icr(nic) & CAUSE_OTHERS)
		*icr(nic) |= CAUSE_OTHER;
	nic->pending = *icr(nic) & *ims(nic);
	fresh = nic->pending & ~before;
	if (fresh)
		model_e1000e_count(nic, STAT_IAC);
	model_line(model, nic->pending);
	if (!has_msix(model)) {
		if (fresh)
			model_message(model, 0);
		return;
	}
	for (uint32_t cause = CAUSE_RXQ0; cause <= CAUSE_OTHER; cause <<= 1)
		if (fresh & cause)
			fire(model, cause);
}

/* Queue causes are MSI-X's alone. */
void model_e1000e_cause(struct model *model, uint32_t causes)
{
	if (has_msix(model)) {
		if (causes & (CAUSE_RXT0 | CAUSE_RXDMT0))
			causes |= CAUSE_RXQ0;
		if (causes & CAUSE_TXDW)
			causes |= CAUSE_TXQ0;
	}
	*icr(e1000e_of(model)) |= causes;
	model_e1000e_interrupt(model);
}

/* A read clears all, but not when the mask lets causes through and none of these is set (ICR). */
uint32_t model_e1000e_icr_read(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);
	bool asserted = *icr(nic) & *ims(nic);
	uint32_t value = *icr(nic) | (asserted ? CAUSE_ASSERTED : 0);

	if (*ims(nic) && !asserted)
		return value;
	*icr(nic) = 0;
	if (asserted && *e1000e_register(nic, REG_CTRL_EXT) & CTRL_EXT_IAME)
		*ims(nic) &= ~*e1000e_register(nic, REG_IAM);
	model_e1000e_interrupt(model);
	return value;
}

void model_e1000e_icr_write(struct model *model, uint32_t value)
{
	*icr(e1000e_of(model)) &= ~value;
	model_e1000e_interrupt(model);
}
