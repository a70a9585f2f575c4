// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command register: decoding, bus mastering and INTx, changed in one place.
 *
 * Takes memory_lock, then uldf_command.lock round each read-modify-write: interrupt handlers change the
 * register as well.
 */
#include "device/command.h"

#define DECODE (PCI_COMMAND_IO | PCI_COMMAND_MEMORY)

void uldf_command_init(struct uldf_device *udev)
{
	spin_lock_init(&udev->command.lock);
}

/*
 * Notes what the register holds; memory_lock is held for writing. A virtual function decodes memory
 * whenever it is there, and its bit reads as 0 (PCIe 6.0 section 9.3.4.1.3).
 */
static void note(struct uldf_device *udev, u16 value)
{
	struct uldf_command *command = &udev->command;

	command->value = value;
	command->decodes = value & DECODE;
	if (udev->pdev->no_command_memory)
		command->decodes |= PCI_COMMAND_MEMORY;
	if (udev->asleep)
		command->decodes = 0;
}

/* The decode bits that the device has BARs for, the ROM's included. */
u16 uldf_command_decoders(const struct uldf_device *udev)
{
	u16 bits = 0;
	int i;

	for (i = 0; i <= ULDF_REGION_ROM; i++)
		bits |= udev->window[i].decode;
	return bits;
}

/* Reads the register anew; memory_lock is held for writing. */
void uldf_command_read(struct uldf_device *udev)
{
	u16 value;

	pci_read_config_word(udev->pdev, PCI_COMMAND, &value);
	note(udev, value);
}

/* Clears and sets bits of the register; memory_lock is held for writing. */
void uldf_command_change(struct uldf_device *udev, u16 clear, u16 set)
{
	u16 value;

	spin_lock_irq(&udev->command.lock);
	pci_read_config_word(udev->pdev, PCI_COMMAND, &value);
	value = (value & ~clear) | set;
	pci_write_config_word(udev->pdev, PCI_COMMAND, value);
	spin_unlock_irq(&udev->command.lock);
	note(udev, value);
}

/**
 * uldf_command_stop_master - switch bus mastering off
 * @udev: the device, its lock held
 *
 * The read back pushes the write to the device; on conventional PCI it also is all the draining
 * there is.
 */
void uldf_command_stop_master(struct uldf_device *udev)
{
	u16 value;

	down_write(&udev->memory_lock);
	uldf_command_change(udev, PCI_COMMAND_MASTER, 0);
	pci_read_config_word(udev->pdev, PCI_COMMAND, &value);
	up_write(&udev->memory_lock);
}

/* Does the device master the bus? Its lock is held. One that sleeps does so when it wakes. */
bool uldf_command_masters(const struct uldf_device *udev)
{
	return udev->command.value & PCI_COMMAND_MASTER;
}

/* Switches bus mastering on again; the device is attached to a space, its lock is held. */
void uldf_command_start_master(struct uldf_device *udev)
{
	down_write(&udev->memory_lock);
	uldf_command_change(udev, 0, PCI_COMMAND_MASTER);
	up_write(&udev->memory_lock);
}

/*
 * Makes the device decode what it has BARs for, for the kernel's own accesses, while nobody else's pass:
 * I/O decode without a BAR would answer at legacy addresses. uldf_command_decode_end() takes what this
 * returns.
 */
u16 uldf_command_decode_begin(struct uldf_device *udev)
{
	u16 before, missing;

	down_write(&udev->memory_lock);
	before = udev->command.value;
	missing = uldf_command_decoders(udev) & ~before;
	if (missing)
		uldf_command_change(udev, 0, missing);
	return before;
}

void uldf_command_decode_end(struct uldf_device *udev, u16 before)
{
	u16 added = uldf_command_decoders(udev) & ~before;

	if (added)
		uldf_command_change(udev, added, 0);
	up_write(&udev->memory_lock);
}

/*
 * Takes the bus from a device that is put to sleep, whose mappings are zapped. Decoding is on in the
 * configuration that is saved then: the PCI core writes the MSI-X table when it restores it.
 * memory_lock is held for writing, as for uldf_command_wake().
 */
void uldf_command_sleep(struct uldf_device *udev)
{
	udev->command.awake = udev->command.value;
	udev->asleep = true;
	uldf_command_change(udev, PCI_COMMAND_MASTER, uldf_command_decoders(udev));
}

/* Undoes uldf_command_sleep(); the device is in D0 and has its configuration. */
void uldf_command_wake(struct uldf_device *udev)
{
	u16 set = udev->command.awake & (DECODE | PCI_COMMAND_MASTER);

	if (!udev->space)
		set &= ~PCI_COMMAND_MASTER;
	udev->asleep = false;
	uldf_command_change(udev, DECODE | PCI_COMMAND_MASTER, set);
}

/* Has a device that sleeps wake without bus mastering; its lock is held. */
void uldf_command_forget_master(struct uldf_device *udev)
{
	down_write(&udev->memory_lock);
	udev->command.awake &= ~PCI_COMMAND_MASTER;
	up_write(&udev->memory_lock);
}

/* Switches INTx on or off; uldf_command.lock is held. */
void uldf_command_set_intx(struct uldf_device *udev, bool on)
{
	u16 value;

	pci_read_config_word(udev->pdev, PCI_COMMAND, &value);
	value = on ? value & ~PCI_COMMAND_INTX_DISABLE : value | PCI_COMMAND_INTX_DISABLE;
	pci_write_config_word(udev->pdev, PCI_COMMAND, value);
}

/* Switches INTx on or off, whatever kind of vector is enabled. */
void uldf_command_switch_intx(struct uldf_device *udev, bool on)
{
	spin_lock_irq(&udev->command.lock);
	uldf_command_set_intx(udev, on);
	spin_unlock_irq(&udev->command.lock);
}
