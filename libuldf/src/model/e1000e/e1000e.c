// SPDX-License-Identifier: MIT
/* The card's life: its options, what it is, and its work. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "model/e1000e/e1000e.h"

/* Reads six pairs of hexadecimal digits. An address of a group is nobody's. */
static int address_parse(const char *text, uint8_t mac[6])
{
	static const uint8_t none[6];
	unsigned int byte[6];
	int end = 0;

	if (strlen(text) != 17 || strspn(text, "0123456789abcdefABCDEF:") != 17 ||
	    sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		   &byte[4], &byte[5], &end) != 6 ||
	    end != 17)
		return -EINVAL;
	for (unsigned int i = 0; i < 6; i++)
		mac[i] = (uint8_t)byte[i];
	return mac[0] & 1 || !memcmp(mac, none, sizeof(none)) ? -EINVAL : 0;
}

/* An address that is no vendor's, drawn by lot, so that each card has another. */
static void address_draw(uint8_t mac[6])
{
	mac[0] = 0x52;
	mac[1] = 0x54;
	mac[2] = 0x00;
	while (getrandom(mac + 3, 3, 0) != 3)
		;
}

static int address_choose(struct model *model, const struct model_options *options, uint8_t mac[6])
{
	const char *text = model_option_text(options, "mac");

	if (!text) {
		address_draw(mac);
		return 0;
	}
	return address_parse(text, mac)
		       ? uldf_device_fail(model->device, -EINVAL,
					  "option mac: '%s' is no address of one card, like "
					  "52:54:00:12:34:56",
					  text)
		       : 0;
}

static int wire_choose(struct model *model, const struct model_options *options, struct wire **out)
{
	const char *peer = model_option_text(options, "peer");
	const char *tap = model_option_text(options, "tap");

	if (peer && tap)
		return uldf_device_fail(
			model->device, -EINVAL,
			"options peer and tap: a card has one connector: leave one out");
	if (peer)
		return wire_open_cable(options->ctx, peer, out);
	return tap ? wire_open_tap(options->ctx, tap, out) : 0;
}

/* Tells the thread what to wait for. */
static void wire_watch(struct model *model)
{
	struct wire *wire = e1000e_of(model)->wire;
	short events = POLLIN;
	int fd = wire ? wire->ops->fd(wire, &events) : -1;

	model_watch(model, fd, events);
}

static void e1000e_reset(struct model *model)
{
	model_e1000e_registers_reset(model);
	e1000e_of(model)->io_address = 0;
	model_e1000e_phy_reset(model);
}

static int e1000e_create(struct model *model, const struct model_options *options)
{
	struct e1000e_model *nic = calloc(1, sizeof(*nic));
	uint8_t mac[6];
	int err;

	if (!nic)
		return uldf_device_fail(model->device, -ENOMEM, "out of memory");
	err = address_choose(model, options, mac);
	if (!err)
		err = wire_choose(model, options, &nic->wire);
	if (err) {
		free(nic);
		return err;
	}
	model_e1000e_nvm_init(nic, mac);
	model->priv = nic;
	e1000e_reset(model);
	wire_watch(model);
	return 0;
}

static void e1000e_destroy(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);

	if (nic->wire)
		nic->wire->ops->close(nic->wire);
	free(nic);
}

static void e1000e_unplug(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);

	if (nic->wire)
		nic->wire->ops->carrier(nic->wire, false);
}

/*
 * Receives before it sends: what empties the wire takes back what the descriptor told, and then what is found
 * full is told anew. The link is followed before both, as either depends on it.
 */
static bool e1000e_work(struct model *model)
{
	bool more;

	model_e1000e_link_follow(model);
	more = model_e1000e_receive(model);
	model_e1000e_link_follow(model);
	more |= model_e1000e_transmit(model);
	wire_watch(model);
	return more;
}

/* Intel's ids, and those of its own board. */
static const struct model_identity identity = {
	.vendor = 0x8086,
	.device = 0x10d3,
	.subvendor = 0x8086,
	.subdevice = 0x0000,
	.class_code = 0x020000,
	.express = true,
	.intx = true,
	.msi = 1,
	.msix = 5,
	.msix_bar = MSIX_BAR,
	.msix_pending = 0x2000,
	.bars = {[ULDF_BAR0] = {.size = REGISTERS},
		 [PORTS_BAR] = {.size = 32, .ports = true},
		 [MSIX_BAR] = {.size = 0x4000}},
};

static const char *const options[] = {"peer", "tap", "mac", NULL};

const struct model_ops model_e1000e = {
	.name = "e1000e",
	.options = options,
	.identity = &identity,
	.create = e1000e_create,
	.destroy = e1000e_destroy,
	.read = model_e1000e_read,
	.write = model_e1000e_write,
	.reset = e1000e_reset,
	.work = e1000e_work,
	.unplug = e1000e_unplug,
};
