// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "e1000e-card.h"

#define RAH_VALID (UINT32_C(1) << 31)

int e1000e_read(struct uldf_e1000e *nic, unsigned int offset, uint32_t *out)
{
	uint64_t value;
	int err = uldf_region_read(nic->device, ULDF_BAR0, offset, 4, &value);

	if (!err)
		*out = (uint32_t)value;
	return err;
}

int e1000e_write(struct uldf_e1000e *nic, unsigned int offset, uint32_t value)
{
	return uldf_region_write(nic->device, ULDF_BAR0, offset, 4, value);
}

/* Until the bits of @mask read as @wanted, for 100 ms at most. */
static int await(struct uldf_e1000e *nic, unsigned int offset, uint32_t mask, uint32_t wanted)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	uint32_t value;
	int err;

	for (unsigned int i = 0; i < 100; i++) {
		err = e1000e_read(nic, offset, &value);
		if (err || (value & mask) == wanted)
			return err;
		nanosleep(&pause, NULL);
	}
	return uldf_device_fail(nic->device, -ETIMEDOUT,
				"register 0x%04x reads 0x%08x after 0.1 s, not 0x%08x in mask "
				"0x%08x: the card does not come back from its reset",
				offset, value, wanted, mask);
}

/* No interrupt, and none pending: before a reset, and after it (section 4.6.1). */
static int silence(struct uldf_e1000e *nic)
{
	uint32_t causes;
	int err = e1000e_write(nic, E1000E_IMC, UINT32_MAX);

	return err ? err : e1000e_read(nic, E1000E_ICR, &causes);
}

int e1000e_reset(struct uldf_e1000e *nic)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	uint32_t control;
	int err;

	if ((err = silence(nic)) || (err = e1000e_write(nic, E1000E_RCTL, 0)) ||
	    (err = e1000e_write(nic, E1000E_TCTL, E1000E_TCTL_PSP)) ||
	    (err = e1000e_read(nic, E1000E_CTRL, &control)))
		return err;
	/* A reset in the middle of a bus transaction can hang the card: let it end those first. */
	control |= E1000E_CTRL_MASTER_DISABLE;
	err = e1000e_write(nic, E1000E_CTRL, control);
	if (!err)
		err = await(nic, E1000E_STATUS, E1000E_STATUS_MASTER, 0);
	if (err && err != -ETIMEDOUT)
		return err;
	err = e1000e_write(nic, E1000E_CTRL, control | E1000E_CTRL_RST);
	if (err)
		return err;
	/* It must not be touched for 1 us; then it reads its NVM. */
	nanosleep(&pause, NULL);
	if ((err = await(nic, E1000E_CTRL, E1000E_CTRL_RST, 0)) ||
	    (err = await(nic, E1000E_EECD, E1000E_EECD_AUTO_RD, E1000E_EECD_AUTO_RD)))
		return err;
	return silence(nic);
}

int e1000e_read_mac(struct uldf_e1000e *nic)
{
	uint32_t low, high;
	int err;

	if ((err = e1000e_read(nic, E1000E_RAL0, &low)) ||
	    (err = e1000e_read(nic, E1000E_RAH0, &high)))
		return err;
	for (unsigned int i = 0; i < 6; i++)
		nic->mac[i] = (uint8_t)(i < 4 ? low >> 8 * i : high >> 8 * (i - 4));
	return 0;
}

/* Section 10.2.5.21. Writes the high half last: its bit 31 makes the address valid. */
static int write_mac(struct uldf_e1000e *nic)
{
	const uint8_t *mac = nic->mac;
	const uint32_t low =
		mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 | (uint32_t)mac[3] << 24;
	const uint32_t high = mac[4] | (uint32_t)mac[5] << 8 | RAH_VALID;
	int err = e1000e_write(nic, E1000E_RAL0, low);

	return err ? err : e1000e_write(nic, E1000E_RAH0, high);
}

static int write_rctl(struct uldf_e1000e *nic)
{
	return e1000e_write(nic, E1000E_RCTL,
			    E1000E_RCTL_EN | E1000E_RCTL_BAM | E1000E_RCTL_MPE | E1000E_RCTL_SECRC |
				    (nic->promiscuous ? E1000E_RCTL_UPE : 0) |
				    (nic->frame_max > ULDF_E1000E_FRAME_MAX ? E1000E_RCTL_LPE : 0));
}

int e1000e_start(struct uldf_e1000e *nic)
{
	const uint64_t rx = nic->rings->bus;
	const uint64_t tx = rx + E1000E_RING * sizeof(*nic->rx.ring);
	const struct {
		unsigned int offset;
		uint32_t value;
	} list[] = {
		{E1000E_CTRL, E1000E_CTRL_SLU},
		{E1000E_CTRL_EXT, E1000E_CTRL_EXT_IAME | E1000E_CTRL_EXT_LOADED},
		{E1000E_IAM, UINT32_MAX},
		{E1000E_ITR, E1000E_ITR_VALUE},
		{E1000E_RXCSUM, E1000E_RXCSUM_IPOFL | E1000E_RXCSUM_TUOFL},
		{E1000E_RDBAL, (uint32_t)rx},
		{E1000E_RDBAH, (uint32_t)(rx >> 32)},
		{E1000E_RDLEN, E1000E_RING * sizeof(*nic->rx.ring)},
		{E1000E_RDH, 0},
		{E1000E_RDTR, 0},
		{E1000E_TDBAL, (uint32_t)tx},
		{E1000E_TDBAH, (uint32_t)(tx >> 32)},
		{E1000E_TDLEN, E1000E_RING * sizeof(*nic->tx.ring)},
		{E1000E_TDH, 0},
		{E1000E_TDT, 0},
		{E1000E_TXDCTL, E1000E_TXDCTL_GRAN | E1000E_TXDCTL_ONE},
		{E1000E_TIPG, E1000E_TIPG_VALUE},
		{E1000E_TCTL, E1000E_TCTL_EN | E1000E_TCTL_PSP | E1000E_TCTL_CT | E1000E_TCTL_COLD},
	};
	int err = write_mac(nic);

	for (unsigned int i = 0; !err && i < 128; i++)
		err = e1000e_write(nic, E1000E_MTA + 4 * i, 0);
	for (unsigned int i = 0; !err && i < sizeof(list) / sizeof(list[0]); i++)
		err = e1000e_write(nic, list[i].offset, list[i].value);
	if (!err)
		err = write_rctl(nic);
	return err ? err : e1000e_write(nic, E1000E_RDT, e1000e_rx_tail(&nic->rx));
}

int uldf_e1000e_set_mac(struct uldf_e1000e *nic, const uint8_t mac[6])
{
	static const uint8_t none[6];

	if (mac[0] & 1 || !memcmp(mac, none, sizeof(none)))
		return -EINVAL;
	memcpy(nic->mac, mac, sizeof(nic->mac));
	return write_mac(nic);
}

int uldf_e1000e_set_promiscuous(struct uldf_e1000e *nic, bool on)
{
	nic->promiscuous = on;
	return write_rctl(nic);
}

int uldf_e1000e_set_frame_max(struct uldf_e1000e *nic, uint32_t bytes)
{
	if (bytes > ULDF_E1000E_JUMBO_MAX)
		return -ERANGE;
	if (bytes > ULDF_E1000E_FRAME_MAX && !nic->long_frame) {
		nic->long_frame = malloc(ULDF_E1000E_JUMBO_MAX);
		if (!nic->long_frame)
			return -ENOMEM;
	}
	nic->frame_max = bytes > ULDF_E1000E_FRAME_MAX ? bytes : ULDF_E1000E_FRAME_MAX;
	return write_rctl(nic);
}
