// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "e1000e-card.h"

/* The 82574L and LA, what QEMU calls e1000e (section 9.1). */
static int identify(struct uldf_device *device)
{
	uint32_t id;
	int err = uldf_config_read(device, PCI_VENDOR_ID, 4, &id);

	if (err)
		return err;
	if (id == 0x10d38086 || id == 0x10f68086)
		return 0;
	return uldf_device_fail(device, -ENOTSUP,
				"%04x:%04x is no network card of the Intel 82574 family",
				id & 0xffff, id >> 16);
}

/* When bus mastering is seen to be off, no write of the card is under way. */
static int master(struct uldf_device *device, bool on)
{
	uint32_t command;
	int err = uldf_config_read(device, PCI_COMMAND, 2, &command);

	if (err)
		return err;
	command &= ~(uint32_t)PCI_COMMAND_MASTER;
	command |= PCI_COMMAND_MEMORY | (on ? PCI_COMMAND_MASTER : 0);
	err = uldf_config_write(device, PCI_COMMAND, 2, command);
	return err ? err : uldf_config_read(device, PCI_COMMAND, 2, &command);
}

static int listen_init(struct uldf_e1000e *nic)
{
	const struct uldf_device_info *info = uldf_device_info(nic->device);
	int err;

	if (!info->vectors[ULDF_IRQ_MSI])
		nic->intx = true;
	nic->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (nic->fd < 0)
		return uldf_device_fail(nic->device, -errno, "no eventfd: %s", strerror(errno));
	err = uldf_irq_enable(nic->device, nic->intx ? ULDF_IRQ_INTX : ULDF_IRQ_MSI, 1);
	if (err)
		goto err_close;
	err = uldf_irq_bind(nic->device, 0, 1, &nic->fd);
	if (err)
		goto err_disable;
	return 0;
err_disable:
	uldf_irq_disable(nic->device);
err_close:
	close(nic->fd);
	nic->fd = -1;
	return err;
}

static void listen_fini(struct uldf_e1000e *nic)
{
	if (nic->fd < 0)
		return;
	uldf_irq_disable(nic->device);
	close(nic->fd);
}

/* Gives the whole receive ring to the card and takes the whole transmit ring back. */
static void rings_clear(struct uldf_e1000e *nic)
{
	const size_t rx = E1000E_RING * sizeof(*nic->rx.ring);

	e1000e_rx_init(&nic->rx, nic->rings->address, nic->buffers->bus);
	e1000e_tx_init(&nic->tx, (void *)((char *)nic->rings->address + rx));
	nic->gathered = 0;
	nic->too_long = false;
}

static int rings_init(struct uldf_e1000e *nic, struct uldf_space *space)
{
	const size_t rx = E1000E_RING * sizeof(*nic->rx.ring);
	const size_t tx = E1000E_RING * sizeof(*nic->tx.ring);
	int err = uldf_buffer_create(space, rx + tx, &nic->rings);

	if (err)
		return err;
	err = uldf_buffer_create(space, (size_t)E1000E_RING * E1000E_BUFFER, &nic->buffers);
	if (err)
		return err;
	rings_clear(nic);
	return 0;
}

static void card_free(struct uldf_e1000e *nic)
{
	uldf_buffer_destroy(nic->buffers);
	uldf_buffer_destroy(nic->rings);
	free(nic->long_frame);
	free(nic);
}

int uldf_e1000e_open(struct uldf_device *device, struct uldf_space *space,
		     const struct uldf_e1000e_options *options, struct uldf_e1000e **out)
{
	static const struct uldf_e1000e_options defaults;
	struct uldf_e1000e *nic;
	int err = identify(device);

	if (err)
		return err;
	if (!options)
		options = &defaults;
	nic = calloc(1, sizeof(*nic));
	if (!nic)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	nic->device = device;
	nic->intx = options->intx;
	nic->promiscuous = options->promiscuous;
	nic->frame_max = ULDF_E1000E_FRAME_MAX;
	nic->fd = -1;
	err = rings_init(nic, space);
	if (err)
		goto err_free;
	if ((err = master(device, false)) || (err = e1000e_reset(nic)) ||
	    (err = e1000e_read_mac(nic)))
		goto err_free;
	err = options->polled ? 0 : listen_init(nic);
	if (err)
		goto err_free;
	if ((err = master(device, true)) || (err = e1000e_start(nic)))
		goto err_stop;
	*out = nic;
	return 0;
err_stop:
	master(device, false);
	listen_fini(nic);
err_free:
	card_free(nic);
	return err;
}

void uldf_e1000e_close(struct uldf_e1000e *nic)
{
	if (!nic)
		return;
	e1000e_reset(nic);
	master(nic->device, false);
	listen_fini(nic);
	card_free(nic);
}

/* Reads the counters first, which the reset clears. */
int uldf_e1000e_restart(struct uldf_e1000e *nic, size_t *lost)
{
	struct uldf_e1000e_stats stats;
	size_t pending;
	int err;

	if ((err = uldf_e1000e_stats(nic, &stats)) || (err = master(nic->device, false)) ||
	    (err = e1000e_reset(nic)))
		return err;
	pending = e1000e_tx_pending(&nic->tx);
	rings_clear(nic);
	if ((err = master(nic->device, true)) || (err = e1000e_start(nic)))
		return err;
	*lost = pending;
	return 0;
}

const uint8_t *uldf_e1000e_mac(const struct uldf_e1000e *nic)
{
	return nic->mac;
}

int uldf_e1000e_link(struct uldf_e1000e *nic, struct uldf_e1000e_link *out)
{
	static const unsigned int speeds[] = {10, 100, 1000, 1000};
	uint32_t status;
	int err = e1000e_read(nic, E1000E_STATUS, &status);

	if (err)
		return err;
	*out = (struct uldf_e1000e_link){
		.up = status & E1000E_STATUS_LU,
		.full_duplex = status & E1000E_STATUS_FD,
		.speed = speeds[(status & E1000E_STATUS_SPEED) >> 6],
	};
	return 0;
}
