// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <unistd.h>
#include "pci_config.h"

#define DRAIN_MS 1500

static int bytes_read(const struct pci_config *config, unsigned int offset, void *bytes,
		      size_t count)
{
	ssize_t done = pread(config->fd, bytes, count, (off_t)(config->base + offset));

	if (done == (ssize_t)count)
		return 0;
	return done < 0 ? -errno : -EIO;
}

static int bytes_write(const struct pci_config *config, unsigned int offset, const void *bytes,
		       size_t count)
{
	ssize_t done = pwrite(config->fd, bytes, count, (off_t)(config->base + offset));

	if (done == (ssize_t)count)
		return 0;
	return done < 0 ? -errno : -EIO;
}

int pci_config_refresh(struct pci_config *config)
{
	uint16_t command;
	int err = bytes_read(config, PCI_COMMAND, &command, sizeof(command));

	if (!err)
		config->command = le16toh(command);
	return err;
}

bool pci_config_decodes(const struct pci_config *config, bool ports)
{
	return !config->asleep && config->command & (ports ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY);
}

int pci_config_init(struct pci_config *config, int fd, uint64_t base, size_t size)
{
	uint8_t bytes[CONFIG_FILTERED];
	int err;

	config->fd = fd;
	config->base = base;
	config->size = size;
	if (size < CONFIG_FILTERED)
		return -EIO;
	err = bytes_read(config, 0, bytes, sizeof(bytes));
	if (err)
		return err;
	config_filter_init(&config->filter, bytes);
	return pci_config_refresh(config);
}

int pci_config_read(const struct pci_config *config, unsigned int offset, unsigned int width,
		    uint64_t *out)
{
	uint32_t value = 0;
	int err;

	if (width > sizeof(value))
		return -EINVAL;
	err = bytes_read(config, offset, &value, width);
	if (!err)
		*out = le32toh(value);
	return err;
}

/*
 * One access where all of its bytes have something to write; else those that do, each by itself: a
 * byte that is not the holder's may have bits that are cleared by writing what was read.
 */
static int write_filtered(const struct pci_config *config, unsigned int offset, unsigned int width,
			  const uint8_t *wanted)
{
	unsigned int touched = 0;
	uint8_t bytes[4];
	int err;

	err = bytes_read(config, offset, bytes, width);
	for (unsigned int i = 0; !err && i < width; i++)
		if (config_filter_byte(&config->filter, offset + i, bytes[i], wanted[i], &bytes[i]))
			touched |= 1u << i;
	if (err || touched == (1u << width) - 1)
		return err ? err : bytes_write(config, offset, bytes, width);
	for (unsigned int i = 0; !err && i < width; i++)
		if (touched & 1u << i)
			err = bytes_write(config, offset + i, &bytes[i], 1);
	return err;
}

int pci_config_write(struct pci_config *config, unsigned int offset, unsigned int width,
		     uint64_t value)
{
	uint64_t bytes = htole64(value);
	int err;

	if (width > 4)
		return -EINVAL;
	if (config->asleep)
		return -EIO;
	err = write_filtered(config, offset, width, (const uint8_t *)&bytes);
	if (err || offset > PCI_COMMAND + 1 || offset + width <= PCI_COMMAND)
		return err;
	return pci_config_refresh(config);
}

/* Switches bus mastering on or off. The read back flushes what the device has written before. */
static int master_switch(struct pci_config *config, bool on, bool *out)
{
	uint8_t command, wanted;
	int err = bytes_read(config, PCI_COMMAND, &command, 1);

	if (err)
		return err;
	wanted = (uint8_t)(on ? command | PCI_COMMAND_MASTER : command & ~PCI_COMMAND_MASTER);
	if (wanted != command)
		err = bytes_write(config, PCI_COMMAND, &wanted, 1);
	if (!err)
		err = pci_config_refresh(config);
	if (!err)
		*out = command & PCI_COMMAND_MASTER;
	return err;
}

int pci_config_master(struct pci_config *config, bool open)
{
	bool before;

	config_filter_master(&config->filter, open);
	return open ? 0 : master_switch(config, false, &before);
}

/* Finds a capability's offset; -ENOTSUP when there is none. */
static int find_capability(const struct pci_config *config, uint8_t id, unsigned int *out)
{
	uint8_t at, entry[2];
	int err = bytes_read(config, PCI_CAPABILITY_LIST, &at, 1);

	/* 48 capabilities fill the space: a list that is longer has a loop. */
	for (unsigned int i = 0; !err && i < 48 && (at & ~3u) >= PCI_STD_HEADER_SIZEOF; i++) {
		err = bytes_read(config, at & ~3u, entry, sizeof(entry));
		if (!err && entry[0] == id) {
			*out = at & ~3u;
			return 0;
		}
		at = entry[1];
	}
	return err ? err : -ENOTSUP;
}

void pci_config_drain(const struct pci_config *config)
{
	unsigned int at, waited = 0;
	uint16_t status;

	if (find_capability(config, PCI_CAP_ID_EXP, &at))
		return;
	while (!bytes_read(config, at + PCI_EXP_DEVSTA, &status, sizeof(status)) &&
	       status != UINT16_MAX && le16toh(status) & PCI_EXP_DEVSTA_TRPND &&
	       waited < DRAIN_MS) {
		usleep(1000);
		waited++;
	}
}

int pci_config_suspend_master(struct pci_config *config, bool *out)
{
	int err = master_switch(config, false, out);

	if (!err)
		config_filter_master(&config->filter, false);
	return err;
}

int pci_config_resume_master(struct pci_config *config, bool on)
{
	bool before;

	config_filter_master(&config->filter, true);
	return on ? master_switch(config, true, &before) : 0;
}

int pci_config_intx(const struct pci_config *config, bool disable)
{
	const uint8_t bit = PCI_COMMAND_INTX_DISABLE >> 8;
	uint8_t high, wanted;
	int err = bytes_read(config, PCI_COMMAND + 1, &high, 1);

	if (err)
		return err;
	wanted = disable ? high | bit : high & (uint8_t)~bit;
	return bytes_write(config, PCI_COMMAND + 1, &wanted, 1);
}

int pci_config_power(struct pci_config *config, unsigned int state)
{
	unsigned int at;
	uint8_t control;
	int err = find_capability(config, PCI_CAP_ID_PM, &at);

	if (!err)
		err = bytes_read(config, at + PCI_PM_CTRL, &control, 1);
	if (err)
		return err;
	control = (uint8_t)((control & ~PCI_PM_CTRL_STATE_MASK) | state);
	err = bytes_write(config, at + PCI_PM_CTRL, &control, 1);
	if (!err)
		__atomic_store_n(&config->asleep, state != 0, __ATOMIC_RELAXED);
	return err ? err : pci_config_refresh(config);
}
