// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stops a device by the registers of its class or model, where PCI has no reset for it or the reset
 * does not stop it.
 */
#include <linux/ata.h>
#include <linux/delay.h>
#include <linux/io.h>

#include "device/command.h"
#include "pci/stop.h"

/* ---- IDE: the bus master's START bit, Programming Interface for Bus Master IDE 1.0 section 2.1 --- */

#define BMIDE_BAR     4
#define BMIDE_CHANNEL 8 /* bytes from one channel's registers to the other's */
#define BMIDE_START   0x01
#define IDE_SETTLE_MS 500

/* Returns the port of a channel's device control register, which reads as the alternate status, or 0. */
static unsigned long ide_control(struct pci_dev *pdev, int channel)
{
	bool native = pdev->class & (1 << 2 * channel);
	int bar = 2 * channel + 1;

	if (!(pci_resource_flags(pdev, bar) & IORESOURCE_IO) || !pci_resource_start(pdev, bar))
		return 0;
	return pci_resource_start(pdev, bar) + (native ? 2 : 0);
}

/*
 * Makes a drive accept commands again whose command was cut short, and which waits for the rest of its
 * data, by a soft reset (ATA/ATAPI-7 volume 2 section 9.2). Leaves the drive's interrupt off.
 */
static void ide_soft_reset(unsigned long control)
{
	int i;

	outb(ATA_DEVCTL_OBS | ATA_NIEN, control);
	if (inb(control) == 0xff || !(inb(control) & (ATA_BUSY | ATA_DRQ)))
		return;
	outb(ATA_DEVCTL_OBS | ATA_NIEN | ATA_SRST, control);
	udelay(20);
	outb(ATA_DEVCTL_OBS | ATA_NIEN, control);
	for (i = 0; i < IDE_SETTLE_MS / 10; i++) {
		msleep(10);
		if (!(inb(control) & ATA_BUSY))
			return;
	}
}

static bool ide_stop(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	unsigned long base = pci_resource_start(pdev, BMIDE_BAR), control;
	int channel;

	if (!(pci_resource_flags(pdev, BMIDE_BAR) & IORESOURCE_IO) || !base ||
	    pci_resource_len(pdev, BMIDE_BAR) < 2 * BMIDE_CHANNEL)
		return false;
	for (channel = 0; channel < 2; channel++) {
		unsigned long command = base + channel * BMIDE_CHANNEL;

		outb(inb(command) & ~BMIDE_START, command);
		control = ide_control(pdev, channel);
		if (control)
			ide_soft_reset(control);
	}
	return true;
}

/* ---- AHCI: each port's command list and receive engines, AHCI 1.3.1 section 10.3.2 ---------------- */

#define AHCI_BAR		5
#define AHCI_PORTS_IMPLEMENTED	0x0c
#define AHCI_PORT_COMMAND(port) (0x100 + (port)*0x80 + 0x18)
#define AHCI_SIZE		AHCI_PORT_COMMAND(32)
#define AHCI_ST			BIT(0)
#define AHCI_FRE		BIT(4)
#define AHCI_FR			BIT(14)
#define AHCI_CR			BIT(15)
#define AHCI_SETTLE_MS		500

/* Clears @start in all ports and waits until @running is clear, too. Returns whether it is. */
static bool ahci_clear(void __iomem *hba, u32 ports, u32 start, u32 running)
{
	int port, i;
	u32 busy;

	for (port = 0; port < 32; port++)
		if (ports & BIT(port))
			writel(readl(hba + AHCI_PORT_COMMAND(port)) & ~start,
			       hba + AHCI_PORT_COMMAND(port));
	for (i = 0; i < AHCI_SETTLE_MS / 10; i++) {
		busy = 0;
		for (port = 0; port < 32; port++)
			if (ports & BIT(port))
				busy |= readl(hba + AHCI_PORT_COMMAND(port)) & running;
		if (!busy)
			return true;
		msleep(10);
	}
	return false;
}

static bool ahci_stop(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	void __iomem *hba;
	bool stopped;
	u32 ports;
	int last;

	if (!(pci_resource_flags(pdev, AHCI_BAR) & IORESOURCE_MEM) ||
	    pci_resource_len(pdev, AHCI_BAR) < AHCI_PORT_COMMAND(1))
		return false;
	hba = pci_iomap(pdev, AHCI_BAR, AHCI_SIZE);
	if (!hba)
		return false;
	last = (min_t(u64, pci_resource_len(pdev, AHCI_BAR), AHCI_SIZE) - 0x100) / 0x80;
	ports = readl(hba + AHCI_PORTS_IMPLEMENTED) & (BIT_ULL(last) - 1);
	stopped = ahci_clear(hba, ports, AHCI_ST, AHCI_CR);
	stopped &= ahci_clear(hba, ports, AHCI_FRE, AHCI_FR);
	pci_iounmap(pdev, hba);
	return stopped;
}

/*
 * ---- Intel 8254x and 82574 network cards: 82574 datasheet sections 10.2.2.1, 10.2.5.1, 10.2.6.1 --
 *
 * PCI has no reset for the 8254x. The 82574 says that a change of power state resets it, but QEMU's
 * model goes on receiving as soon as bus mastering is on again, into memory of the next holder; the
 * model's CTRL.RST does not switch the receiver off either.
 */

#define E1000_BAR	0
#define E1000_CTRL	0x0000
#define E1000_CTRL_RST	BIT(26)
#define E1000_IMC	0x00d8
#define E1000_RCTL	0x0100
#define E1000_TCTL	0x0400
#define E1000_SIZE	0x1000
#define E1000_SETTLE_MS 10

static bool e1000_stop(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	void __iomem *card;

	if (!(pci_resource_flags(pdev, E1000_BAR) & IORESOURCE_MEM) ||
	    pci_resource_len(pdev, E1000_BAR) < E1000_SIZE)
		return false;
	card = pci_iomap(pdev, E1000_BAR, E1000_SIZE);
	if (!card)
		return false;
	writel(~0U, card + E1000_IMC);
	writel(0, card + E1000_RCTL);
	writel(0, card + E1000_TCTL);
	/* lets the card finish the frame in flight */
	readl(card + E1000_CTRL);
	msleep(E1000_SETTLE_MS);
	writel(readl(card + E1000_CTRL) | E1000_CTRL_RST, card + E1000_CTRL);
	/* the card answers again when it has read its EEPROM */
	msleep(E1000_SETTLE_MS);
	writel(~0U, card + E1000_IMC);
	readl(card + E1000_CTRL);
	pci_iounmap(pdev, card);
	return true;
}

/*
 * ---- AMD 53c974 SCSI: Am53C974 technical manual, chapters "SCSI block" and "DMA engine" -------------
 *
 * Firmware leaves an interrupt pending, which a driver gets before it is ready to handle it.
 */

#define SCSI_BAR	   0
#define SCSI_SIZE	   0x60
#define SCSI_COMMAND	   0x0c
#define SCSI_INTERRUPT	   0x14 /* reading it clears what is pending */
#define SCSI_DMA_COMMAND   0x40
#define SCSI_DMA_IDLE	   0x00
#define SCSI_COMMAND_NOP   0x00 /* ends the reset of the chip */
#define SCSI_COMMAND_RESET 0x02
#define SCSI_SETTLE_MS	   1

static bool scsi_stop(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	unsigned long base = pci_resource_start(pdev, SCSI_BAR);

	if (!(pci_resource_flags(pdev, SCSI_BAR) & IORESOURCE_IO) || !base ||
	    pci_resource_len(pdev, SCSI_BAR) < SCSI_SIZE)
		return false;
	outb(SCSI_DMA_IDLE, base + SCSI_DMA_COMMAND);
	outb(SCSI_COMMAND_RESET, base + SCSI_COMMAND);
	msleep(SCSI_SETTLE_MS);
	outb(SCSI_COMMAND_NOP, base + SCSI_COMMAND);
	inb(base + SCSI_INTERRUPT);
	return true;
}

/* ---- how each device is stopped ----------------------------------------------------------------- */

struct stop {
	struct pci_device_id id;
	bool (*stop)(struct uldf_device *udev);
};

static const struct stop stops[] = {
	{{PCI_DEVICE_CLASS(PCI_CLASS_STORAGE_IDE << 8, 0xffff00)}, ide_stop},
	{{PCI_DEVICE_CLASS(PCI_CLASS_STORAGE_SATA_AHCI, 0xffffff)}, ahci_stop},
	{{PCI_DEVICE(PCI_VENDOR_ID_INTEL, 0x100e)}, e1000_stop},
	{{PCI_DEVICE(PCI_VENDOR_ID_INTEL, 0x10d3)}, e1000_stop},
	{{PCI_DEVICE(PCI_VENDOR_ID_AMD, PCI_DEVICE_ID_AMD_SCSI)}, scsi_stop},
};

static bool stop_matches(const struct pci_device_id *id, struct pci_dev *pdev)
{
	return (id->vendor == PCI_ANY_ID || id->vendor == pdev->vendor) &&
	       (id->device == PCI_ANY_ID || id->device == pdev->device) &&
	       !((id->class ^ pdev->class) & id->class_mask);
}

/**
 * uldf_stop - stop a device by its registers
 * @udev: the device; its pdev's lock and its own are held, bus mastering is off
 *
 * Return: whether its class or model is known, and it stopped
 */
bool uldf_stop(struct uldf_device *udev)
{
	bool stopped = false;
	u16 before;
	int i;

	before = uldf_command_decode_begin(udev);
	for (i = 0; i < ARRAY_SIZE(stops) && !stopped; i++)
		if (stop_matches(&stops[i].id, udev->pdev))
			stopped = stops[i].stop(udev);
	uldf_command_decode_end(udev, before);
	return stopped;
}
