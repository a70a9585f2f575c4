/* SPDX-License-Identifier: MIT */
/* Messages, and what the registers of an MSI capability mean (PCI 3.0 section 6.8.1). Pure. */
#ifndef VPCI_SRC_MSI_H
#define VPCI_SRC_MSI_H

#include <vpci/config.h>
#include <vpci/host.h>

/**
 * vpci_msi_enabled() - is MSI switched on?
 * @config: configuration space
 * @at: where its MSI capability is
 *
 * Return: true when it is.
 */
bool vpci_msi_enabled(const struct vpci_config *config, unsigned int at);

/**
 * vpci_msi_count() - how many vectors the guest allows
 * @config: configuration space
 * @at: where its MSI capability is
 *
 * Return: 1, 2, 4, ... 32, never more than the capability offers.
 */
unsigned int vpci_msi_count(const struct vpci_config *config, unsigned int at);

/**
 * vpci_msi_message() - what a vector sends now
 * @config: configuration space
 * @at: where its MSI capability is
 * @vector: which, less than vpci_msi_count()
 * @out: address and data; untouched when nothing may be sent
 *
 * Return: true when the vector may be sent: MSI is on and the vector not masked.
 */
bool vpci_msi_message(const struct vpci_config *config, unsigned int at, unsigned int vector,
		      struct vpci_msi *out);

/**
 * vpci_msi_is_interrupt() - does a message lead to an interrupt?
 * @msi: the message
 *
 * Return: true when it does; false when it is a plain write to memory.
 */
bool vpci_msi_is_interrupt(const struct vpci_msi *msi);

/**
 * vpci_msi_pending_register() - where the pending bits are
 * @config: configuration space
 * @at: where its MSI capability is
 *
 * Return: their offset, 0 when vectors cannot be masked one by one.
 */
unsigned int vpci_msi_pending_register(const struct vpci_config *config, unsigned int at);

/**
 * vpci_msi_size() - how long the capability is
 * @flags: its message control register
 *
 * Return: bytes, header included.
 */
unsigned int vpci_msi_size(uint16_t flags);

#endif
