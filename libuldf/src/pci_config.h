/* SPDX-License-Identifier: MIT */
/*
 * The configuration space of a device as a range of a file, which vfio-pci and sysfs both give: every
 * read passes, a write changes what is the holder's.
 */
#ifndef ULDF_SRC_PCI_CONFIG_H
#define ULDF_SRC_PCI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include "config_filter.h"

/* One thread at a time, but for pci_config_intx(), which changes a byte of its own. */
struct pci_config {
	int fd;
	uint64_t base; /* where it begins in the file */
	size_t size;
	struct config_filter filter;
	uint16_t command; /* as last read or written */
	bool asleep;	  /* not in D0; atomic */
};

/**
 * pci_config_decodes() - does the device answer accesses to its regions now?
 * @config: configuration space
 * @ports: I/O ports, else memory
 *
 * Return: true if so.
 */
bool pci_config_decodes(const struct pci_config *config, bool ports);

/**
 * pci_config_init() - read what kind of device it is
 * @config: to be filled
 * @fd: file, which stays the caller's
 * @base: where the configuration space begins in it
 * @size: bytes, at least 256
 *
 * Return: 0, -ENODEV, -EIO.
 */
int pci_config_init(struct pci_config *config, int fd, uint64_t base, size_t size);

/**
 * pci_config_read() - one read
 * @config: configuration space
 * @offset: in it; the range was checked
 * @width: 1, 2 or 4
 * @out: the value; untouched on failure
 *
 * Return: 0, -EINVAL width, -ENODEV gone, -EIO.
 */
int pci_config_read(const struct pci_config *config, unsigned int offset, unsigned int width,
		    uint64_t *out);

/**
 * pci_config_write() - one write of what the filter lets pass
 * @config: configuration space
 * @offset: in it; the range was checked
 * @width: 1, 2 or 4
 * @value: what to write
 *
 * Return: 0, -EINVAL width, -ENODEV gone, -EIO, also while it is not in D0.
 */
int pci_config_write(struct pci_config *config, unsigned int offset, unsigned int width,
		     uint64_t value);

/**
 * pci_config_master() - open bus mastering to the holder, or switch it off and close it
 * @config: configuration space
 * @open: which
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int pci_config_master(struct pci_config *config, bool open);

/**
 * pci_config_drain() - wait for the completions of the device's requests
 * @config: configuration space of a device that masters no bus
 *
 * Waits until Transactions Pending is clear (PCIe 6.0 section 7.5.3.5), 1.5 s at most. A device of
 * conventional PCI has no such bit.
 */
void pci_config_drain(const struct pci_config *config);

/**
 * pci_config_suspend_master() - switch bus mastering off and keep the holder from switching it on
 * @config: configuration space
 * @out: whether it was on; untouched on failure
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int pci_config_suspend_master(struct pci_config *config, bool *out);

/**
 * pci_config_resume_master() - end pci_config_suspend_master()
 * @config: configuration space
 * @on: switch bus mastering on
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int pci_config_resume_master(struct pci_config *config, bool on);

/**
 * pci_config_refresh() - learn anew what the device decodes, after the kernel may have changed it
 * @config: configuration space
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int pci_config_refresh(struct pci_config *config);

/**
 * pci_config_intx() - set or clear INTx disable, which the filter keeps from the holder
 * @config: configuration space
 * @disable: set it
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int pci_config_intx(const struct pci_config *config, bool disable);

/**
 * pci_config_power() - put the device in a power state, by its power management capability
 * @config: configuration space
 * @state: 0..3
 *
 * Return: 0, -ENOTSUP it has no such capability, -ENODEV gone, -EIO.
 */
int pci_config_power(struct pci_config *config, unsigned int state);

#endif
