/* SPDX-License-Identifier: MIT */
/*
 * MSI-X of a function made of software, which sends its messages itself (PCI 3.0 section 6.8.2).
 * The caller serialises the calls, and calls vpci_messages_follow() after a write to the function's
 * configuration space.
 */
#ifndef VPCI_SRC_MESSAGES_H
#define VPCI_SRC_MESSAGES_H

#include <vpci/function.h>
#include "msix.h"

/** VPCI_MESSAGES_MOST - the most vectors of such a function */
#define VPCI_MESSAGES_MOST 64

/**
 * struct vpci_messages - the vectors
 * @msix: the table
 * @capability: where the capability is in the configuration space
 * @pending: a bit for each vector that waits to be sent
 * @flags: message control, as the guest wrote it
 * @mastering: the function may write to memory, so also send
 * @requester: bus << 8 | devfn of the function
 */
struct vpci_messages {
	struct vpci_msix msix;
	unsigned int capability;
	uint64_t pending;
	uint16_t flags;
	bool mastering;
	uint16_t requester;
};

/**
 * vpci_messages_init() - add MSI-X to a function
 * @messages: what to fill
 * @config: the function's configuration space, with its BARs
 * @capability: where the capability goes
 * @table: where the table goes, a BIR in its lowest bits
 * @pba: where the pending bits go, likewise
 * @count: vectors, 1..VPCI_MESSAGES_MOST
 *
 * Return: 0, -EINVAL no room for any of them, -ENOMEM.
 */
int vpci_messages_init(struct vpci_messages *messages, struct vpci_config *config,
		       unsigned int capability, uint32_t table, uint32_t pba, unsigned int count);

/**
 * vpci_messages_fini() - free the table
 * @messages: vectors, may be zero
 */
void vpci_messages_fini(struct vpci_messages *messages);

/**
 * vpci_messages_reset() - clear the pending bits, and mask every vector
 * @messages: vectors
 */
void vpci_messages_reset(struct vpci_messages *messages);

/**
 * vpci_messages_follow() - follow the function's registers
 * @messages: vectors
 * @host: the VMM's services
 * @config: the function's configuration space
 *
 * Sends the pending vectors that the registers allow.
 */
void vpci_messages_follow(struct vpci_messages *messages, const struct vpci_host *host,
			  const struct vpci_config *config);

/**
 * vpci_messages_send() - send a vector, or keep it pending if the registers forbid it or the VMM
 * refuses it
 * @messages: vectors
 * @host: the VMM's services
 * @vector: which; a number that the table does not have is ignored
 */
void vpci_messages_send(struct vpci_messages *messages, const struct vpci_host *host,
			unsigned int vector);

/**
 * vpci_messages_retry() - send the pending vectors that the registers allow, also those that the
 * VMM refused earlier
 * @messages: vectors
 * @host: the VMM's services
 */
void vpci_messages_retry(struct vpci_messages *messages, const struct vpci_host *host);

/**
 * vpci_messages_read() - read the table or the pending bits
 * @messages: vectors
 * @bar: BAR accessed
 * @offset: bytes from its start, a multiple of @width
 * @width: 1, 2, 4 or 8
 * @value: out: what is there; untouched when neither lies there
 *
 * Return: true when either lies there.
 */
bool vpci_messages_read(const struct vpci_messages *messages, unsigned int bar, uint64_t offset,
			unsigned int width, uint64_t *value);

/**
 * vpci_messages_write() - write the table
 * @messages: vectors
 * @host: the VMM's services
 * @bar: BAR accessed
 * @offset: bytes from its start, a multiple of @width
 * @width: 1, 2, 4 or 8
 * @value: what to write
 *
 * Return: true when the table lies there.
 */
bool vpci_messages_write(struct vpci_messages *messages, const struct vpci_host *host,
			 unsigned int bar, uint64_t offset, unsigned int width, uint64_t value);

#endif
