// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/pci_regs.h>
#include "messages.h"
#include "msi.h"

int vpci_messages_init(struct vpci_messages *messages, struct vpci_config *config,
		       unsigned int capability, uint32_t table, uint32_t pba, unsigned int count)
{
	uint64_t sizes[VPCI_BARS] = {0};
	struct vpci_msix msix;
	int err;

	if (count < 1 || count > VPCI_MESSAGES_MOST)
		return -EINVAL;
	for (unsigned int i = 0; i < VPCI_BARS; i++)
		if (config->bar[i].type != VPCI_BAR_PORTS)
			sizes[i] = config->bar[i].size;
	err = vpci_msix_parse((uint16_t)(count - 1), table, pba, sizes, &msix);
	if (err)
		return err;
	err = vpci_config_add_capability(config, PCI_CAP_ID_MSIX, capability, PCI_CAP_MSIX_SIZEOF);
	if (err)
		return err;
	err = vpci_msix_init(&msix);
	if (err)
		return err;
	vpci_config_define(config, capability + PCI_MSIX_FLAGS, 2, count - 1,
			   PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	vpci_config_define(config, capability + PCI_MSIX_TABLE, 4, table, 0);
	vpci_config_define(config, capability + PCI_MSIX_PBA, 4, pba, 0);
	*messages = (struct vpci_messages){.msix = msix, .capability = capability};
	return 0;
}

void vpci_messages_fini(struct vpci_messages *messages)
{
	vpci_msix_fini(&messages->msix);
}

void vpci_messages_reset(struct vpci_messages *messages)
{
	vpci_msix_reset(&messages->msix);
	messages->pending = 0;
	messages->flags = 0;
	messages->mastering = false;
}

/* A message is a write to memory, which takes bus mastering (PCI 3.0 section 6.2.2). */
static bool messages_may_send(const struct vpci_messages *messages, unsigned int vector,
			      struct vpci_msi *msi)
{
	return messages->mastering &&
	       vpci_msix_message(&messages->msix, messages->flags, vector, msi);
}

static void messages_look(struct vpci_messages *messages, const struct vpci_host *host,
			  unsigned int vector)
{
	struct vpci_msi msi = {.requester = messages->requester};

	if (!(messages->pending >> vector & 1) || !messages_may_send(messages, vector, &msi))
		return;
	if (!vpci_msi_is_interrupt(&msi) || !host->ops->msi_send(host->host, &msi))
		messages->pending &= ~(1ull << vector);
}

void vpci_messages_retry(struct vpci_messages *messages, const struct vpci_host *host)
{
	for (unsigned int i = 0; messages->pending && i < messages->msix.count; i++)
		messages_look(messages, host, i);
}

void vpci_messages_follow(struct vpci_messages *messages, const struct vpci_host *host,
			  const struct vpci_config *config)
{
	messages->flags =
		(uint16_t)vpci_config_read(config, messages->capability + PCI_MSIX_FLAGS, 2);
	messages->mastering = vpci_config_read(config, PCI_COMMAND, 2) & PCI_COMMAND_MASTER;
	vpci_messages_retry(messages, host);
}

void vpci_messages_send(struct vpci_messages *messages, const struct vpci_host *host,
			unsigned int vector)
{
	if (vector >= messages->msix.count || !(messages->flags & PCI_MSIX_FLAGS_ENABLE))
		return;
	messages->pending |= 1ull << vector;
	messages_look(messages, host, vector);
}

bool vpci_messages_read(const struct vpci_messages *messages, unsigned int bar, uint64_t offset,
			unsigned int width, uint64_t *value)
{
	const struct vpci_msix *msix = &messages->msix;

	if (vpci_msix_hit(&msix->table, bar, offset)) {
		*value = vpci_msix_read(msix, offset, width);
		return true;
	}
	if (vpci_msix_hit(&msix->pba, bar, offset)) {
		*value = messages->pending >> (8 * (offset - msix->pba.offset));
		return true;
	}
	return false;
}

bool vpci_messages_write(struct vpci_messages *messages, const struct vpci_host *host,
			 unsigned int bar, uint64_t offset, unsigned int width, uint64_t value)
{
	if (!vpci_msix_hit(&messages->msix.table, bar, offset))
		return false;
	messages_look(messages, host, vpci_msix_write(&messages->msix, offset, width, value));
	return true;
}
