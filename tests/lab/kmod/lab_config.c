// SPDX-License-Identifier: GPL-2.0-only
/*
 * What configuration spaces of QEMU's devices lack: stands between the kernel and that of the device which
 * the parameter names, and gives it vital product data, by a capability at 0x58 in front of its others, and a
 * size of read requests that can be written. The device is to be removed and found anew, or the kernel does
 * not know of it.
 */
#include <linux/module.h>
#include <linux/pci.h>

#define AT	0x58 /* in the vendor's area of e1000e, where QEMU has nothing */
#define REQUEST (PCI_EXP_DEVCTL_READRQ >> 8)

static char *address = "";
module_param(address, charp, 0444);
MODULE_PARM_DESC(address, "dddd:bb:dd.f of the device");

static struct pci_bus *bus;
static struct pci_ops *before, ops;
static unsigned int target;
static unsigned int control; /* the high byte of device control */
static u8 request;

/* PCI 3.0 appendix I.1: an identifier string, a read-write resource of one keyword, the end tag. */
static u8 memory[48] = {0x82, 8,   0,	 'u', 'l', 'd', 'f', ' ', 'l',
			'a',  'b', 0x91, 32,  0,   'Y', 'A', 29,  [46] = 0x78};
static u8 shown[PCI_CAP_VPD_SIZEOF] = {PCI_CAP_ID_VPD};

static u16 vpd_address(void)
{
	return shown[PCI_VPD_ADDR] | shown[PCI_VPD_ADDR + 1] << 8;
}

static void transfer(void)
{
	unsigned int at = vpd_address() & PCI_VPD_ADDR_MASK;

	if (at + 4 > sizeof(memory))
		return;
	if (vpd_address() & PCI_VPD_ADDR_F)
		memcpy(memory + at, shown + PCI_VPD_DATA, 4);
	else
		memcpy(shown + PCI_VPD_DATA, memory + at, 4);
	shown[PCI_VPD_ADDR + 1] ^= PCI_VPD_ADDR_F >> 8;
}

static int config_read(struct pci_bus *of, unsigned int devfn, int where, int size, u32 *value)
{
	int i, ret = before->read(of, devfn, where, size, value);

	if (ret || devfn != target)
		return ret;
	for (i = 0; i < size; i++) {
		int at = where + i;
		u32 byte = *value >> 8 * i & 0xff;

		if (at == PCI_CAPABILITY_LIST) {
			shown[PCI_CAP_LIST_NEXT] = byte;
			byte = AT;
		} else if (at >= AT && at < AT + PCI_CAP_VPD_SIZEOF) {
			byte = shown[at - AT];
		} else if (at == control) {
			byte = (byte & ~REQUEST) | request;
		}
		*value = (*value & ~(0xff << 8 * i)) | byte << 8 * i;
	}
	return 0;
}

static int config_write(struct pci_bus *of, unsigned int devfn, int where, int size, u32 value)
{
	int i;

	if (devfn == target && where <= control && control < where + size)
		request = value >> 8 * (control - where) & REQUEST;
	if (devfn != target || where < AT || where >= AT + PCI_CAP_VPD_SIZEOF)
		return before->write(of, devfn, where, size, value);
	for (i = 0; i < size; i++)
		if (where + i >= AT + PCI_VPD_ADDR)
			shown[where + i - AT] = value >> 8 * i;
	if (where <= AT + PCI_VPD_ADDR + 1 && where + size > AT + PCI_VPD_ADDR + 1)
		transfer();
	return 0;
}

static int __init lab_config_init(void)
{
	unsigned int segment, number, slot, function;

	if (sscanf(address, "%x:%x:%x.%u", &segment, &number, &slot, &function) != 4)
		return -EINVAL;
	bus = pci_find_bus(segment, number);
	if (!bus)
		return -ENODEV;
	target = PCI_DEVFN(slot, function);
	control = pci_bus_find_capability(bus, target, PCI_CAP_ID_EXP) + PCI_EXP_DEVCTL + 1;
	ops = *bus->ops;
	ops.read = config_read;
	ops.write = config_write;
	before = bus->ops;
	pci_bus_set_ops(bus, &ops);
	return 0;
}

static void __exit lab_config_exit(void)
{
	pci_bus_set_ops(bus, before);
}

module_init(lab_config_init);
module_exit(lab_config_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("what configuration spaces of QEMU's devices lack");
