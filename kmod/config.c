// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space: every read passes, a write changes only the bits that are the holder's.
 *
 * Two maps per device, made at the claim, tell for each bit of the first 256 bytes whether it may be
 * written, and whether it is cleared by writing 1. What neither names is ignored, like a write to a
 * read-only bit. The kernel keeps: BARs, the interrupt line and INTx disable, power states, MSI and
 * MSI-X, every extended capability, and No Snoop, without which DMA stays coherent on an IOMMU that
 * cannot enforce it. Bus mastering is the holder's while the device is attached to a space.
 *
 * Outside capabilities, 0x40..0xff is the vendor's area (PCI 3.0 section 6.1) and passes.
 *
 * Takes uldf_device.lock, memory_lock, then uldf_irq.mask_lock round every change of the command
 * register, which the interrupt handler changes as well.
 */
#include "uldf.h"

#define COMMAND_FREE                                                                         \
	(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INVALIDATE | \
	 PCI_COMMAND_PARITY | PCI_COMMAND_SERR)
#define STATUS_CLEAR                                                                     \
	(PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT | \
	 PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY)
#define DEVCTL_FREE                                                                               \
	(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE | \
	 PCI_EXP_DEVCTL_RELAX_EN)
/* PCIe 6.0 section 7.5.3.5; bit 6 is Emergency Power Reduction Detected */
#define DEVSTA_CLEAR \
	(PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD | 0x40)

/* ---- the maps -------------------------------------------------------------------------------- */

static void map_word(u8 *map, int at, u16 bits)
{
	if (at + 1 < ULDF_CONFIG_FILTERED) {
		map[at] = bits & 0xff;
		map[at + 1] = bits >> 8;
	}
}

/* The size of a standard capability; 0 when it is not known. */
static int capability_size(struct pci_dev *pdev, int at, u8 id)
{
	u16 word = 0;

	pci_read_config_word(pdev, at + 2, &word);
	switch (id) {
	case PCI_CAP_ID_PM:
		return PCI_PM_SIZEOF;
	case PCI_CAP_ID_AGP:
		return PCI_AGP_SIZEOF;
	case PCI_CAP_ID_VPD:
		return PCI_CAP_VPD_SIZEOF;
	case PCI_CAP_ID_SLOTID:
		return 4;
	case PCI_CAP_ID_MSI:
		return 10 + (word & PCI_MSI_FLAGS_64BIT ? 4 : 0) +
		       (word & PCI_MSI_FLAGS_MASKBIT ? 10 : 0);
	case PCI_CAP_ID_VNDR:
		return max(word & 0xff, 3);
	case PCI_CAP_ID_SSVID:
		return 8;
	case PCI_CAP_ID_EXP:
		/* version 2 has all its registers, those of links and slots too (PCIe 6.0 section 7.5.3) */
		return (word & PCI_EXP_FLAGS_VERS) < 2 ? PCI_CAP_EXP_ENDPOINT_SIZEOF_V1
						       : PCI_EXP_SLTSTA2 + 2;
	case PCI_CAP_ID_MSIX:
		return PCI_CAP_MSIX_SIZEOF;
	case PCI_CAP_ID_SATA:
		return 8;
	case PCI_CAP_ID_AF:
		return PCI_CAP_AF_SIZEOF;
	default:
		return 0;
	}
}

/* Closes the bytes of one capability but for the bits in it that are the holder's. */
static void map_capability(struct uldf_device *udev, int at, u8 id)
{
	int size = capability_size(udev->pdev, at, id), i;

	/* of unknown size: closed up to the end */
	size = size && at + size <= ULDF_CONFIG_FILTERED ? size : ULDF_CONFIG_FILTERED - at;
	memset(udev->config_free + at, 0, size);
	memset(udev->config_clear + at, 0, size);
	if (id == PCI_CAP_ID_VNDR) {
		for (i = 3; i < size; i++)
			udev->config_free[at + i] = 0xff;
	} else if (id == PCI_CAP_ID_EXP) {
		map_word(udev->config_free, at + PCI_EXP_DEVCTL, DEVCTL_FREE);
		map_word(udev->config_clear, at + PCI_EXP_DEVSTA, DEVSTA_CLEAR);
	}
}

static void map_msix(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	u32 table = 0;
	u16 flags = 0;

	if (!pdev->msix_cap)
		return;
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &flags);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	udev->msix_table_bar = table & PCI_MSIX_TABLE_BIR;
	udev->msix_table_offset = table & PCI_MSIX_TABLE_OFFSET;
	udev->msix_table_size = ((flags & PCI_MSIX_FLAGS_QSIZE) + 1) * PCI_MSIX_ENTRY_SIZE;
}

/* Makes the maps; called once, from probe(). */
void uldf_config_init(struct uldf_device *udev)
{
	u8 capability[ULDF_CONFIG_FILTERED] = {};
	struct pci_dev *pdev = udev->pdev;
	u8 at = 0, id = 0;
	u16 status = 0;
	int i;

	/* where the kernel counts on Memory Space Enable, though it reads as 0, nobody is to try it */
	map_word(udev->config_free, PCI_COMMAND,
		 COMMAND_FREE & ~(pdev->no_command_memory ? PCI_COMMAND_MEMORY : 0));
	map_word(udev->config_clear, PCI_STATUS, STATUS_CLEAR);
	udev->config_free[PCI_CACHE_LINE_SIZE] = 0xff;
	udev->config_free[PCI_LATENCY_TIMER] = 0xff;
	memset(udev->config_free + PCI_STD_HEADER_SIZEOF, 0xff,
	       ULDF_CONFIG_FILTERED - PCI_STD_HEADER_SIZEOF);
	map_msix(udev);

	pci_read_config_word(pdev, PCI_STATUS, &status);
	if (!(status & PCI_STATUS_CAP_LIST))
		return;
	/*
	 * Closed in the order of their addresses, so that none can open what belongs to one that
	 * follows it.
	 */
	pci_read_config_byte(pdev, PCI_CAPABILITY_LIST, &at);
	for (at &= ~3; at >= PCI_STD_HEADER_SIZEOF && !capability[at]; at &= ~3) {
		pci_read_config_byte(pdev, at, &id);
		capability[at] = id ?: 0xff;
		pci_read_config_byte(pdev, at + 1, &at);
	}
	for (i = PCI_STD_HEADER_SIZEOF; i < ULDF_CONFIG_FILTERED; i++)
		if (capability[i])
			map_capability(udev, i, capability[i]);
}

/* ---- the command register -------------------------------------------------------------------- */

#define COMMAND_DECODE (PCI_COMMAND_IO | PCI_COMMAND_MEMORY)

/*
 * Notes what the command register is now; memory_lock is held for writing. A virtual function decodes
 * memory whenever it is there, and its bit reads as 0 (PCIe 6.0 section 9.3.4.1.3).
 */
static void command_note(struct uldf_device *udev, u16 command)
{
	udev->command = command;
	udev->decodes = command & COMMAND_DECODE;
	if (udev->pdev->no_command_memory)
		udev->decodes |= PCI_COMMAND_MEMORY;
	if (udev->asleep)
		udev->decodes = 0;
}

/* Reads it anew; memory_lock is held for writing. */
void uldf_config_command(struct uldf_device *udev)
{
	u16 command;

	pci_read_config_word(udev->pdev, PCI_COMMAND, &command);
	command_note(udev, command);
}

/* Changes the command register; memory_lock is held for writing. */
static void command_change(struct uldf_device *udev, u16 clear, u16 set)
{
	u16 command;

	spin_lock_irq(&udev->irq.mask_lock);
	pci_read_config_word(udev->pdev, PCI_COMMAND, &command);
	command = (command & ~clear) | set;
	pci_write_config_word(udev->pdev, PCI_COMMAND, command);
	spin_unlock_irq(&udev->irq.mask_lock);
	command_note(udev, command);
}

static void command_write(struct uldf_device *udev, u16 value, u16 free)
{
	if (!udev->space)
		free &= ~PCI_COMMAND_MASTER;
	if (free & PCI_COMMAND_MEMORY && !(value & PCI_COMMAND_MEMORY))
		uldf_region_zap(udev);
	command_change(udev, free, value & free);
}

/**
 * uldf_config_stop_master - switch bus mastering off
 * @udev: the device, its lock held
 *
 * The read back pushes the write to the device; on conventional PCI it also is all the draining
 * there is.
 */
void uldf_config_stop_master(struct uldf_device *udev)
{
	u16 command;

	down_write(&udev->memory_lock);
	command_change(udev, PCI_COMMAND_MASTER, 0);
	pci_read_config_word(udev->pdev, PCI_COMMAND, &command);
	up_write(&udev->memory_lock);
}

/*
 * Makes the device decode for the kernel's own accesses, while nobody else's pass;
 * uldf_config_decode_end() takes what this returns.
 */
u16 uldf_config_decode_begin(struct uldf_device *udev)
{
	u16 before;

	down_write(&udev->memory_lock);
	before = udev->command;
	if (~before & COMMAND_DECODE)
		command_change(udev, 0, COMMAND_DECODE);
	return before;
}

void uldf_config_decode_end(struct uldf_device *udev, u16 before)
{
	if (~before & COMMAND_DECODE)
		command_change(udev, ~before & COMMAND_DECODE, 0);
	up_write(&udev->memory_lock);
}

/*
 * Takes the device from its accesses and the bus from the device, before it is put to sleep. Decoding
 * is on in the configuration that is saved then: the PCI core writes the MSI-X table when it restores it.
 * memory_lock is held for writing, as for uldf_config_wake().
 */
void uldf_config_sleep(struct uldf_device *udev)
{
	uldf_region_zap(udev);
	udev->awake = udev->command;
	udev->asleep = true;
	command_change(udev, PCI_COMMAND_MASTER, COMMAND_DECODE);
}

/* Undoes uldf_config_sleep(); the device is in D0 and has its configuration. */
void uldf_config_wake(struct uldf_device *udev)
{
	u16 set = udev->awake & (COMMAND_DECODE | PCI_COMMAND_MASTER);

	if (!udev->space)
		set &= ~PCI_COMMAND_MASTER;
	udev->asleep = false;
	command_change(udev, COMMAND_DECODE | PCI_COMMAND_MASTER, set);
}

/* ---- access ------------------------------------------------------------------------------------ */

/*
 * Virtual functions answer all ones where others have their ids: who they are is told by the physical one
 * (PCIe 6.0 section 9.3.4.1.1), and the PCI core has noted it.
 */
static void virtual_ids(struct pci_dev *pdev, u64 offset, size_t width, u64 *value)
{
	u32 ids = pdev->vendor | (u32)pdev->device << 16;

	*value = ids >> 8 * offset & GENMASK(8 * width - 1, 0);
}

/* @width is 1, 2 or 4; what is read lies in the low bytes of @value, since host and bus agree on it. */
int uldf_config_read(struct uldf_device *udev, u64 offset, size_t width, u64 *value)
{
	struct pci_dev *pdev = udev->pdev;
	int ret = 0;

	*value = 0;
	uldf_access_begin(udev);
	if (unlikely(!udev->gate))
		ret = -ENODEV;
	else if (width == 2)
		pci_bus_read_config_word(pdev->bus, pdev->devfn, offset, (u16 *)value);
	else if (width == 4)
		pci_bus_read_config_dword(pdev->bus, pdev->devfn, offset, (u32 *)value);
	else
		pci_bus_read_config_byte(pdev->bus, pdev->devfn, offset, (u8 *)value);
	if (unlikely(offset < PCI_COMMAND && pdev->is_virtfn) && !ret)
		virtual_ids(pdev, offset, width, value);
	/* nor have they this bit, but decode memory whenever they are there (section 9.3.4.1.3) */
	else if (offset == PCI_COMMAND && pdev->no_command_memory)
		*value |= PCI_COMMAND_MEMORY;
	uldf_access_end(udev);
	return ret;
}

/* Writes the bits of one register of one or two bytes that are the holder's. */
static void write_part(struct uldf_device *udev, int offset, size_t width, u16 value)
{
	u16 free = udev->config_free[offset], clear = udev->config_clear[offset], before = 0;
	u8 byte;

	if (width == 2) {
		free |= udev->config_free[offset + 1] << 8;
		clear |= udev->config_clear[offset + 1] << 8;
	}
	if (!(free | clear))
		return;
	if ((offset & ~1) == PCI_COMMAND) {
		command_write(udev, value << 8 * (offset & 1), free << 8 * (offset & 1));
	} else if (width == 2) {
		pci_read_config_word(udev->pdev, offset, &before);
		before &= ~(free | clear);
		pci_write_config_word(udev->pdev, offset, before | (value & (free | clear)));
	} else {
		pci_read_config_byte(udev->pdev, offset, &byte);
		byte &= ~(free | clear);
		pci_write_config_byte(udev->pdev, offset, byte | (value & (free | clear)));
	}
}

static bool all_free(struct uldf_device *udev, u64 offset, size_t width)
{
	return !memchr_inv(udev->config_free + offset, 0xff, width);
}

static void write_parts(struct uldf_device *udev, u64 offset, size_t width, u32 value)
{
	if (offset >= ULDF_CONFIG_FILTERED)
		return;
	if (width == 4 && all_free(udev, offset, width)) {
		pci_write_config_dword(udev->pdev, offset, value);
	} else if (width == 4) {
		write_part(udev, offset, 2, value);
		write_part(udev, offset + 2, 2, value >> 16);
	} else {
		write_part(udev, offset, width, value);
	}
}

int uldf_config_write(struct uldf_device *udev, u64 offset, size_t width, u64 value)
{
	int ret;

	ret = uldf_device_enter_awake(udev);
	if (ret)
		return ret;
	down_write(&udev->memory_lock);
	if (udev->gate)
		write_parts(udev, offset, width, value);
	else
		ret = -ENODEV;
	up_write(&udev->memory_lock);
	uldf_device_leave(udev);
	return ret;
}

/* ---- saving and restoring ------------------------------------------------------------------------ */

static void no_snoop_off(struct uldf_device *udev)
{
	if (pci_is_pcie(udev->pdev))
		pcie_capability_clear_word(udev->pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_NOSNOOP_EN);
}

static void found_keep(struct uldf_device *udev)
{
	u16 command, control = 0;

	pci_read_config_word(udev->pdev, PCI_COMMAND, &command);
	if (pci_is_pcie(udev->pdev))
		pcie_capability_read_word(udev->pdev, PCI_EXP_DEVCTL, &control);
	udev->found_intx = !(command & PCI_COMMAND_INTX_DISABLE);
	udev->found_no_snoop = control & PCI_EXP_DEVCTL_NOSNOOP_EN;
}

/* Switches on again what was on before the claim and is off during it; no vector is enabled. */
void uldf_config_give_back(struct uldf_device *udev)
{
	if (udev->found_no_snoop)
		pcie_capability_set_word(udev->pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_NOSNOOP_EN);
	/* not while the line is pulled: nobody would answer until a driver comes, which can do this */
	if (udev->found_intx)
		pci_check_and_unmask_intx(udev->pdev);
}

/*
 * Keeps the configuration as it is at the claim, but for bus mastering and INTx, which are off; undone
 * by uldf_config_give_back(), also on failure.
 */
int uldf_config_save(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;

	found_keep(udev);
	pci_intx(pdev, 0);
	pci_save_state(pdev);
	udev->saved = pci_store_saved_state(pdev);
	uldf_config_command(udev);
	no_snoop_off(udev);
	return udev->saved ? 0 : -ENOMEM;
}

/* Brings the configuration back that uldf_config_save() kept; no vector is enabled. */
void uldf_config_restore(struct uldf_device *udev)
{
	down_write(&udev->memory_lock);
	pci_load_saved_state(udev->pdev, udev->saved);
	pci_restore_state(udev->pdev);
	no_snoop_off(udev);
	uldf_config_command(udev);
	up_write(&udev->memory_lock);
}
