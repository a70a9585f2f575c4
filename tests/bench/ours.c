// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"

void ours_need(struct ours *ours, int err, const char *what)
{
	char reason[256];

	if (!err)
		return;
	uldf_reason(ours->ctx, reason, sizeof(reason));
	fprintf(stderr, "%s: %s: %s\n", what, strerror(-err), reason);
	exit(1);
}

void ours_command(struct ours *ours, uint32_t set)
{
	uint32_t command;

	ours_need(ours, uldf_config_read(ours->device, PCI_COMMAND, 2, &command),
		  "read the command register");
	ours_need(ours, uldf_config_write(ours->device, PCI_COMMAND, 2, command | set),
		  "write the command register");
}

struct ours *ours_open(const char *address)
{
	struct ours *ours = calloc(1, sizeof(*ours));
	char kmod[64];

	need(ours != NULL, "memory");
	need(!uldf_ctx_create(&ours->ctx), "memory");
	snprintf(kmod, sizeof(kmod), "kmod:%s", address);
	ours_need(ours, uldf_device_open(ours->ctx, kmod, &ours->device), "open the device");
	ours_need(ours, uldf_space_create(ours->device, &ours->space), "create a space");
	ours_need(ours, uldf_device_attach(ours->device, ours->space), "attach");
	ours_command(ours, PCI_COMMAND_MASTER);
	return ours;
}
