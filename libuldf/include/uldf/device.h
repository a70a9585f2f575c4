/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DEVICE_H
#define ULDF_DEVICE_H

#include <uldf/claim.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: struct uldf_device - an open device, whatever the backend that reaches it
 *
 * Opaque. One thread at a time per device, but for the events of its vectors.
 */
struct uldf_device;
struct uldf_space;

/**
 * enum uldf_irq_type - kinds of interrupts
 * @ULDF_IRQ_INTX: the INTx pin; level, masked when delivered until unmasked
 * @ULDF_IRQ_MSI: message-signalled
 * @ULDF_IRQ_MSIX: message-signalled by table
 * @ULDF_IRQ_ISA: the ISA lines of a compatibility-mode IDE controller, edge: vector 0 is line 14,
 *                vector 1 line 15
 * @ULDF_IRQ_TYPES: how many kinds
 */
enum uldf_irq_type {
	ULDF_IRQ_INTX,
	ULDF_IRQ_MSI,
	ULDF_IRQ_MSIX,
	ULDF_IRQ_ISA,
	ULDF_IRQ_TYPES,
};

/**
 * struct uldf_device_info - what a device offers
 * @address: its address as text, as far as the backend has one
 * @vectors: how many vectors of each enum uldf_irq_type
 * @resets: some method resets this device alone
 * @translated: it stands behind an IOMMU, so that spaces confine it
 */
struct uldf_device_info {
	char address[64];
	uint32_t vectors[ULDF_IRQ_TYPES];
	bool resets;
	bool translated;
};

/**
 * uldf_device_open() - open a device by its address
 * @ctx: context
 * @address: "[backend:]rest", e.g. "0000:00:06.0" (the backend that reaches it now) or
 *	     "kmod:0000:00:06.0"; see below
 * @out: the device, closed with uldf_device_close(); untouched on failure
 *
 * The kmod backend needs the device to be claimed, vfio to be bound to vfio-pci, uio to be bound to
 * uio_pci_generic. One opener at a time; with vfio one context has all devices of an IOMMU group.
 * "replay:FILE" is the device that a recording plays back.
 *
 * "model:NAME[?OPTION=VALUE...]" makes a device of software in this process, another one each time
 * (uldf/model.h); an ampersand stands between two options. "model:edu" needs neither hardware nor privilege.
 *
 * A decorator stands before any address, also before another: "name:ADDRESS" or "name=VALUE:ADDRESS",
 * where a colon or a backslash in VALUE is written with a backslash before it.
 *
 * "record=FILE:ADDRESS" records what goes on into FILE, which is replaced. The driver can map
 * regions neither into the process nor into spaces, and vectors have no counts: the library sees
 * no access that goes by a mapping.
 *
 * "check:ADDRESS", "check=FILE:ADDRESS" finds mistakes of the driver (uldf/check.h), appended to FILE.
 *
 * "fault=SEED[,WHAT[=NUMBER]]...:ADDRESS" makes things fail, the same each time for the same
 * number SEED: remove (from access NUMBER on the device reads all ones, then is gone), lost,
 * spurious (interrupts), map (mappings), alloc (spaces, memory, buffers); NUMBER of these is how
 * many of 1000, else 50. Without WHAT all of it. The driver can map regions neither into the
 * process nor into spaces, and vectors have no counts.
 *
 * Return: 0, -EINVAL malformed address, unknown backend, model or option, -ENODEV no such device, or none of these
 * has it, -EBUSY open already, or the host drives another device of its IOMMU group (vfio), -EPERM
 * interrupts are not isolated (vfio), -EACCES, -ENOMEM; -EPROTO what is to be replayed is no
 * recording; and what opening FILE answers.
 */
int uldf_device_open(struct uldf_ctx *ctx, const char *address, struct uldf_device **out);

/**
 * uldf_device_close() - close a device
 * @device: device, or NULL; regions mapped from it must be unmapped
 *
 * Stops it: bus mastering off, vectors freed, detached from its space. The claim stays.
 */
void uldf_device_close(struct uldf_device *device);

/**
 * uldf_device_info() - what the device offers
 * @device: device
 *
 * Return: facts that stay the same while the device is open; owned by it.
 */
const struct uldf_device_info *uldf_device_info(const struct uldf_device *device);

/**
 * uldf_device_reset() - reset this device alone
 * @device: device
 * @how: out: what was done; may be NULL; untouched on failure
 *
 * Registers have their reset values afterwards, bus mastering is off, vectors stay enabled.
 *
 * Return: 0, -ENOTSUP nothing resets it, -EBUSY it has virtual functions, -ENODEV gone, -EIO, -EPROTO it
 * was reset, but a newer uldf.ko tells of a reset that this library does not know.
 */
int uldf_device_reset(struct uldf_device *device, enum uldf_reset *how);

/**
 * uldf_device_attach() - let a device see the mappings of a space
 * @device: device, attached to none
 * @space: space, which must outlive the attachment
 *
 * Bus mastering (command register, bit 2) can be switched on only while attached; before, a write that would
 * do so is -ENXIO, whatever the backend.
 *
 * Return: 0, -EBUSY attached already, or a device of its IOMMU group is attached to another
 * space, -EPERM interrupts are not isolated, -ENOTSUP the space is of another backend or IOMMU,
 * -ERANGE an address is mapped in the space that the device's IOMMU lacks, -ENOSPC its IOMMU
 * takes no more mappings, -EFAULT memory that is mapped in the space is no longer in the process
 * (vfio), -ENOMEM, -EIO its IOMMU failed, -ENODEV gone.
 */
int uldf_device_attach(struct uldf_device *device, struct uldf_space *space);

/**
 * uldf_device_detach() - end uldf_device_attach(); bus mastering goes off first
 * @device: device
 *
 * Return: 0, -EINVAL not attached, -ENODEV gone, -EIO its IOMMU failed to end mappings of the
 * space. After -ENODEV and -EIO the device is detached, and after -EIO it masters no bus.
 */
int uldf_device_detach(struct uldf_device *device);

/**
 * uldf_device_move() - take a device from its space and attach it to another
 * @device: device
 * @space: space, which must outlive the attachment
 *
 * Switches bus mastering off before the device leaves its space, and on again afterwards if it
 * was on. The device reaches no memory meanwhile, also when the move fails. A device that is
 * attached to no space is attached as by uldf_device_attach(). A move that fails leaves the device
 * attached to its old space; only -EIO says that it is attached to none.
 *
 * Return: 0, -EINVAL no space, -EBUSY attached to @space already, or a device of its IOMMU group
 * stays behind, -ENOTSUP the space is of another backend or IOMMU, the backend moves no devices,
 * or uldf.ko is older than the library, -ERANGE, -ENOSPC, -EFAULT and -ENOMEM as
 * uldf_device_attach(), -EIO as above, -ENODEV gone.
 */
int uldf_device_move(struct uldf_device *device, struct uldf_space *space);

/**
 * uldf_device_power() - put the device in a power state
 * @device: device
 * @state: 0 for D0, 3 for D3hot (PCI PM 1.2 section 3)
 *
 * Outside D0 its regions answer nothing, but configuration space to reads: mapped ones raise SIGBUS, calls
 * -EIO, those that enable, disable, mask or unmask vectors also. Back in D0 its configuration is as
 * before; other registers may have been reset.
 *
 * Return: 0, -EINVAL no such state, -ENOTSUP the device or backend has no power states, -EBUSY it has
 * virtual functions, which would sleep with it, -EIO it did not change its state, -ENODEV gone.
 */
int uldf_device_power(struct uldf_device *device, unsigned int state);

/**
 * uldf_device_set_guest() - tell KVM which guest the device is given to
 * @device: device
 * @vm: descriptor of a virtual machine of KVM, or -1 for none
 *
 * KVM of some kernels protects the host from a guest with a device (MMIO Stale Data) only if it knows that
 * the guest has one. A VMM calls this for each device that it hands to its guest, whatever interrupts it has.
 * The machine is kept until the device is closed.
 *
 * Return: 0, -ENOTSUP the backend tells nobody, or this kernel's KVM need not be told: nothing to
 * worry about, -EINVAL not a virtual machine of KVM, -ENOMEM, -ENODEV gone.
 */
int uldf_device_set_guest(struct uldf_device *device, int vm);

/**
 * uldf_device_functions() - have the device make virtual functions (PCIe 6.0 section 9)
 * @device: a physical function with SR-IOV
 * @count: how many, at most what its capability says; 0 ends them
 *
 * They belong to the device's holder: no host driver takes them, and they end with the last close of
 * the device. Each is claimed and opened by an address of its own.
 *
 * Return: 0, -EINVAL count, -ENOTSUP no SR-IOV, -EBUSY one of them is claimed, -EIO the device is asleep,
 * -ENODEV gone.
 */
int uldf_device_functions(struct uldf_device *device, unsigned int count);

/**
 * uldf_device_fail() - keep the reason of a failure, for uldf_reason()
 * @device: device, whose address stands before the text
 * @err: negative errno
 * @fmt: one line that names the thing and what to do, as for printf
 *
 * For drivers: the reason is that of the context which the device was opened with.
 *
 * Return: @err, so that a failing function can end with it.
 */
__attribute__((format(printf, 3, 4))) int uldf_device_fail(const struct uldf_device *device,
							   int err, const char *fmt, ...);

#ifdef __cplusplus
}
#endif

#endif
