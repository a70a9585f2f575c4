// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter of configuration space: which bits the holder may write. file/life.c has it made at the
 * claim; it is constant afterwards.
 *
 * Two maps tell for each bit of the first 256 bytes whether the holder may write it, and whether writing
 * 1 clears it. pci/config.c handles the registers that need more than that: the command register, the
 * read request size and vital product data. The kernel keeps all the rest: BARs, the interrupt line and
 * INTx disable, error reporting, power states, MSI and MSI-X, every extended capability, and No Snoop,
 * which is off so that DMA stays coherent behind an IOMMU that cannot enforce it.
 */
#include "pci/filter.h"
#include "pci/vpd.h"

/* Without SERR and parity response: the kernel decides whether they stop the machine or start a recovery. */
#define COMMAND_FREE \
	(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INVALIDATE)
#define STATUS_CLEAR                                                                     \
	(PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT | \
	 PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY)
/* Without the error reporting enables: they send the same messages as SERR (PCIe 6.0 section 6.2.5). */
#define DEVCTL_FREE PCI_EXP_DEVCTL_RELAX_EN
/* PCIe 6.0 section 7.5.3.5; bit 6 is Emergency Power Reduction Detected */
#define DEVSTA_CLEAR \
	(PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD | 0x40)

/*
 * Functions of the chipset, by class and sub-class (PCI Code and ID Assignment 1.15 section 1). Registers
 * in their vendor's area route interrupts, decode addresses or change clocks and voltages for the whole
 * machine, so the filter makes that area read-only. It lets writes to the area of other functions pass:
 * ata_piix sets an IDE controller's timing at 0x40.
 */
static const struct {
	u16 class, mask;
} chipset[] = {
	{0x0500, 0xff00}, /* memory controllers */
	{0x0600, 0xff00}, /* bridges */
	{0x0800, 0xff00}, /* base system peripherals */
	{0x0c05, 0xffff}, /* SMBus */
	{0x1100, 0xff00}, /* signal processing: thermal and performance counters */
};

/* Bytes of the standard capabilities that have one size. */
static const u8 capability_sizes[] = {
	[PCI_CAP_ID_PM] = PCI_PM_SIZEOF,
	[PCI_CAP_ID_AGP] = PCI_AGP_SIZEOF,
	[PCI_CAP_ID_VPD] = PCI_CAP_VPD_SIZEOF,
	[PCI_CAP_ID_SLOTID] = 4,
	[PCI_CAP_ID_SSVID] = 8,
	[PCI_CAP_ID_MSIX] = PCI_CAP_MSIX_SIZEOF,
	[PCI_CAP_ID_SATA] = 8,
	[PCI_CAP_ID_AF] = PCI_CAP_AF_SIZEOF,
};

static bool is_chipset(const struct pci_dev *pdev)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(chipset); i++)
		if ((pdev->class >> 8 & chipset[i].mask) == chipset[i].class)
			return true;
	return false;
}

static void map_word(u8 *map, int at, u16 bits)
{
	if (at + 1 < ULDF_CONFIG_FILTERED) {
		map[at] = bits & 0xff;
		map[at + 1] = bits >> 8;
	}
}

/* Returns the size of a standard capability in bytes, 0 if it is not known. */
static int capability_size(struct pci_dev *pdev, int at, u8 id)
{
	u16 word = 0;

	pci_read_config_word(pdev, at + 2, &word);
	switch (id) {
	case PCI_CAP_ID_MSI:
		return 10 + (word & PCI_MSI_FLAGS_64BIT ? 4 : 0) +
		       (word & PCI_MSI_FLAGS_MASKBIT ? 10 : 0);
	case PCI_CAP_ID_VNDR:
		return max(word & 0xff, 3);
	case PCI_CAP_ID_EXP:
		/* version 2 has all its registers, those of links and slots too (PCIe 6.0 section 7.5.3) */
		return (word & PCI_EXP_FLAGS_VERS) < 2 ? PCI_CAP_EXP_ENDPOINT_SIZEOF_V1
						       : PCI_EXP_SLTSTA2 + 2;
	default:
		return id < ARRAY_SIZE(capability_sizes) ? capability_sizes[id] : 0;
	}
}

/* Makes one capability read-only, except the bits in it that the holder may write. */
static void map_capability(struct uldf_device *udev, int at, u8 id)
{
	int size = capability_size(udev->pdev, at, id), i;

	/* a capability of unknown size is read-only up to the end of the maps */
	size = size && at + size <= ULDF_CONFIG_FILTERED ? size : ULDF_CONFIG_FILTERED - at;
	memset(udev->config_free + at, 0, size);
	memset(udev->config_clear + at, 0, size);
	if (id == PCI_CAP_ID_VNDR) {
		for (i = 3; i < size && !is_chipset(udev->pdev); i++)
			udev->config_free[at + i] = 0xff;
	} else if (id == PCI_CAP_ID_EXP) {
		map_word(udev->config_free, at + PCI_EXP_DEVCTL, DEVCTL_FREE);
		map_word(udev->config_clear, at + PCI_EXP_DEVSTA, DEVSTA_CLEAR);
	}
}

/* Maps the header and the vendor's area, which is 0x40..0xff without capabilities (PCI 3.0 section 6.1). */
static void map_header(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;

	/* a virtual function has no Memory Space Enable; the kernel counts on its decoding memory */
	map_word(udev->config_free, PCI_COMMAND,
		 COMMAND_FREE & ~(pdev->no_command_memory ? PCI_COMMAND_MEMORY : 0));
	map_word(udev->config_clear, PCI_STATUS, STATUS_CLEAR);
	udev->config_free[PCI_CACHE_LINE_SIZE] = 0xff;
	udev->config_free[PCI_LATENCY_TIMER] = 0xff;
	memset(udev->config_free + PCI_STD_HEADER_SIZEOF, is_chipset(pdev) ? 0 : 0xff,
	       ULDF_CONFIG_FILTERED - PCI_STD_HEADER_SIZEOF);
}

/*
 * Maps the capabilities in the order of their addresses, so that none can make bytes of a later one writable.
 */
static void map_capabilities(struct uldf_device *udev)
{
	u8 capability[ULDF_CONFIG_FILTERED] = {};
	struct pci_dev *pdev = udev->pdev;
	u8 at = 0, id = 0;
	u16 status = 0;
	int i;

	pci_read_config_word(pdev, PCI_STATUS, &status);
	if (!(status & PCI_STATUS_CAP_LIST))
		return;
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

/* Makes the maps and finds vital product data, for which the holder has registers of its own. */
void uldf_filter_init(struct uldf_device *udev)
{
	map_header(udev);
	map_capabilities(udev);
	uldf_vpd_init(udev);
}
