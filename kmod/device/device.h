/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A claimed device: what all floors keep of it, and which lock guards what.
 *
 * Locking order, outermost first. Each file names the locks it takes.
 *
 *	claim_lock		claim/claim.c: one claim or release at a time
 *	pci_lock_rescan_remove	the PCI core's: devices come and go, virtual functions too
 *	pci_bus_sem		the PCI core's: a bus' list; AER takes device_lock with it held
 *	device_lock(pdev)	the PCI core's: driver binding, reset, remove(); of several, the bridge's
 *				first, then in the order of the bus: pci/bus.c
 *	functions_lock		claim/functions.c: the virtual functions of one device
 *	uldf_device.lock	calls on one device, and its teardown
 *	uldf_space.lock		one space: domain, mappings, memories. With the lock of a device that is attached,
 *				or whose BARs the space maps; no one holds two of either kind,
 *				but pci/bus.c, which holds those of a bus
 *	groups_lock		dma/group.c: who owns and uses an IOMMU group
 *	lines_lock		irq/intx.c: a device is enabled, or gets a handler for its interrupt line
 *	members_lock		claim/member.c: a device that goes keeps its IOMMU group meanwhile
 *
 *	mmap_lock > uldf_device.memory_lock > i_mmap_rwsem: a page fault takes memory_lock
 *	uldf_device.lock > uldf_vpd.lock > uldf_device.memory_lock
 *	uldf_vector.lock > an eventfd's wait queue lock > uldf_command.lock
 *
 * No one touches user memory under any of these, so that unplug never waits for user space.
 */
#ifndef ULDF_DEVICE_H
#define ULDF_DEVICE_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/uldf.h>

struct eventfd_ctx;
struct file;
struct file_operations;
struct uldf_group;
struct uldf_guest;
struct uldf_space;
struct uldf_unmasker;
struct uldf_vector;

#define ULDF_REASON_SIZE     sizeof_field(struct uldf_ioc_claim, reason)
#define ULDF_CONFIG_FILTERED 256 /* bytes of configuration space that can be writable at all */
#define ULDF_REGION_SHIFT    40	 /* a region's index stands above this bit of a file offset */
#define ULDF_SHARED_AT	     ((u64)ULDF_REGIONS << ULDF_REGION_SHIFT)

/* One region, as accesses are judged by it. */
struct uldf_window {
	u64 size;	    /* bytes; 0 where the device has none */
	unsigned long port; /* the first, of ports */
	u64 table,
		table_size; /* bytes of the MSI-X table, which the kernel programs; 0: none here */
	u16 decode;	    /* the bit of the command register that accesses need */
	u8 widths;	    /* bytes an access may have, joined by or */
	bool ports;
};

/*
 * The command register (device/command.c). The lock is held round each read-modify-write of the register,
 * and guards the masking of INTx; the rest is guarded by memory_lock.
 */
struct uldf_command {
	spinlock_t lock;
	u16 value;     /* decode and bus master bits that the device has */
	u16 decodes;   /* decode bits that accesses may count on; 0 asleep */
	u16 awake;     /* the register before the device fell asleep */
	u16 undecoded; /* the register before uldf_reset_prepare() switched decoding on */
};

/* The enabled interrupts (irq/). Guarded by uldf_device.lock, the last four by uldf_command.lock. */
struct uldf_irq {
	bool enabled;
	u32 type;
	u32 count;
	struct uldf_vector *vector;
	bool dynamic; /* MSI-X: a vector can be taken while others are in use */
	struct uldf_unmasker *unmasker;
	struct work_struct unmask_work;
	bool maskable; /* by INTX_DISABLE; else at the interrupt controller, on a line of its own */
	bool masked;   /* INTx: delivered and not unmasked since, or masked by its holder */
	bool suspended;	    /* INTx: a reset or sleep goes on */
	bool unmask_wanted; /* INTx: left to unmask_work, or to the end of the reset */
};

/*
 * The registers of vital product data that the holder sees (pci/vpd.c). The lock is held round a transfer,
 * and to change them.
 */
struct uldf_vpd {
	struct mutex lock;
	u32 at; /* the capability's offset; behind all of configuration space where there is none */
	u64 shown; /* the capability's bytes, but for id and next */
};

/* What happens to a device besides its interrupts (irq/event.c). */
struct uldf_events {
	spinlock_t lock;
	struct eventfd_ctx *event;
	u32 happened; /* ULDF_EVENTS_* bits that were not read */
};

/*
 * A claimed device. Born in probe(), dies with the last reference to @dev: the binding has one, and so
 * has each open file.
 */
struct uldf_device {
	struct device dev;
	struct cdev cdev;
	struct pci_dev *pdev;

	/* guarded by the PCI device's lock */
	const char *override; /* driver_override before the claim; owned */
	bool overridden;

	/* guarded by functions_lock; from 0 functions changes under the PCI device's lock also */
	struct mutex functions_lock;
	u32 functions; /* virtual functions there are; while that changes, the more */
	struct list_head functions_next; /* those that are being made, see claim/functions.c */
	int functions_error;		 /* of one whose IOMMU group could not be had */

	/* fixed from the claim on */
	struct inode *inode; /* all mappings of regions belong to it */
	struct pci_saved_state *saved;
	struct uldf_group *group; /* NULL: behind no IOMMU */
	struct uldf_window window[ULDF_REGIONS];
	struct resource rest[PCI_STD_NUM_BARS]; /* what follows a small BAR in its page */
	u8 config_free[ULDF_CONFIG_FILTERED];	/* bits that may be written */
	u8 config_clear[ULDF_CONFIG_FILTERED];	/* bits that writing 1 clears */
	u32 vectors[ULDF_VECTOR_TYPES];
	struct uldf_ioc_vector_count *shared; /* one per vector; the holder maps it */
	size_t shared_size;
	bool found_intx, found_no_snoop; /* were on before the claim */

	/* guarded by lock */
	struct mutex lock;
	bool opened;
	bool group_opened;     /* counted by its group */
	bool closing;	       /* the last close goes on: its bus may be reset */
	bool leaving;	       /* is released: nobody opens it any more */
	bool resetting;	       /* uldf_reset() runs; guarded by device_lock also */
	bool gone;	       /* remove() ran, or is about to; guarded by memory_lock also */
	bool reset_since_open; /* with its bus, and nobody has opened it since */
	u64 resets;	       /* statistics: made for its holder or its claim */
	u64 interrupts;	       /* statistics: of vectors that were freed */
	u32 reset;	       /* enum uldf_ioc_reset_method of the claim, or of the last quiesce */
	struct uldf_space *space;
	atomic_t spaces;	      /* made with it, that live; guarded by nothing */
	struct list_head peers;	      /* memory made of its BARs (dma/peer.c) */
	struct list_head bare_spaces; /* made with it (dma/bare.c) */
	struct uldf_irq irq;
	struct uldf_events events;
	struct uldf_guest *guest; /* whom KVM knows to have the device; or NULL */
	struct uldf_vpd vpd;

	/* guarded by memory_lock: whether accesses may reach the device */
	struct rw_semaphore memory_lock;
	bool gate;
	u64 opening; /* counts openings */
	bool asleep; /* in D3hot; changes under lock also */
	struct uldf_command command;
	struct address_space *mapping;
	void __iomem *bar[PCI_STD_NUM_BARS];
	u8 *rom;
};

int uldf_device_alloc(struct pci_dev *pdev, struct uldf_device **out);
int uldf_device_enter(struct uldf_device *udev);
int uldf_device_enter_awake(struct uldf_device *udev);
void uldf_device_leave(struct uldf_device *udev);
void uldf_device_set_gone(struct uldf_device *udev);

int uldf_driver_register(struct pci_driver *driver, const struct file_operations *file_ops);
struct uldf_device *uldf_device_of_file(struct file *file);
void uldf_driver_unregister(struct pci_driver *driver);
int uldf_driver_attach(struct pci_dev *pdev);
bool uldf_driver_has(const struct pci_dev *pdev);
struct uldf_device *uldf_device_of(struct pci_dev *pdev);

#endif
