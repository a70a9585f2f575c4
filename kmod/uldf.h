/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of uldf.ko share.
 *
 * Locking order, outermost first. Each file names the locks it takes.
 *
 *	claim_lock		claim.c: one claim or release at a time
 *	pci_lock_rescan_remove	the PCI core's: devices coming and going, virtual functions too
 *	device_lock(pdev)	the PCI core's: driver binding, reset, remove()
 *	uldf_device.lock	calls on one device, and its teardown
 *	uldf_space.lock		one space: domain, mappings, memories
 *	groups_lock		group.c: who owns and uses an IOMMU group
 *
 *	mmap_lock > uldf_device.memory_lock > i_mmap_rwsem: a page fault takes memory_lock
 *	uldf_device.lock > uldf_device.memory_lock
 *	uldf_vector.lock > an eventfd's wait queue lock > uldf_irq.mask_lock
 *
 * User memory is never touched under any of these, so that unplug never waits for user space.
 */
#ifndef ULDF_H
#define ULDF_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>
#include <linux/xarray.h>
#include <linux/uldf.h>

#define ULDF_CONFIG_FILTERED 256 /* bytes of configuration space that can be writable at all */
#define ULDF_REGION_SHIFT    40	 /* a region's index stands above this bit of a file offset */
#define ULDF_SHARED_AT	     ((u64)ULDF_REGIONS << ULDF_REGION_SHIFT)

struct eventfd_ctx;
struct iommu_domain;
struct iommu_group;
struct uldf_group;
struct uldf_space;
struct uldf_unmasker;

/* ---- arguments (args.c) ------------------------------------------------------------------ */

/* struct uldf_ioc_device_space, and what stays in the kernel: the file its descriptor will stand for. */
struct uldf_space_made {
	struct uldf_ioc_device_space arg;
	struct file *file;
};

/* Likewise struct uldf_ioc_region_fd. */
struct uldf_part_made {
	struct uldf_ioc_region_fd arg;
	struct file *file;
};

union uldf_args {
	u32 argsz;
	struct uldf_ioc_claim claim;
	struct uldf_ioc_release release;
	struct uldf_ioc_device_info device_info;
	struct uldf_ioc_region_info region_info;
	struct uldf_ioc_vectors vectors;
	struct uldf_ioc_vectors_bind bind;
	struct uldf_ioc_device_reset reset;
	struct uldf_ioc_device_functions functions;
	struct uldf_ioc_device_space device_space;
	struct uldf_space_made space_made;
	struct uldf_part_made part_made;
	struct uldf_ioc_device_attach attach;
	struct uldf_ioc_events_bind events_bind;
	struct uldf_ioc_events_read events_read;
	struct uldf_ioc_device_power power;
	struct uldf_ioc_space_info space_info;
	struct uldf_ioc_memory memory;
	struct uldf_ioc_segments segments;
	struct uldf_ioc_coherent coherent;
};

/**
 * struct uldf_call - one ioctl of a kind of file
 * @command: its number
 * @size: size of its structure as first published
 * @known: size of it as known now; 0 where it has not grown
 * @always: write the structure back on failure also
 * @run: does it; takes the locks it needs. Sets no field on failure, but with @always
 * @undo: takes back what @run did when writing the result back failed; may be NULL
 * @finish: does what cannot be taken back, when the result was written; may be NULL
 */
struct uldf_call {
	unsigned int command;
	u32 size;
	u32 known;
	bool always;
	int (*run)(void *object, union uldf_args *args);
	void (*undo)(void *object, union uldf_args *args);
	void (*finish)(void *object, union uldf_args *args);
};

int uldf_args_read(void *args, const void __user *from, u32 size, u32 known);
int uldf_argsz_check(const void __user *from, u32 argsz, u32 size, u32 known);
long uldf_call(const struct uldf_call *calls, size_t count, void *object, unsigned int command,
	       unsigned long arg);

/* ---- interrupts (vector.c, intx.c, eventfd.c, shared.c) ----------------------------------- */

/*
 * One interrupt. Owned by uldf_irq.vector; uldf_vector.lock guards event, missed and fired and is held
 * while the event is signalled. The handler of an edge does without it while there is an event, which is
 * put only after the handler can run no more with what it read.
 */
struct uldf_vector {
	spinlock_t lock;
	struct eventfd_ctx *event;
	struct uldf_ioc_vector_count *count;
	bool missed; /* fired without an event */
	u64 fired;   /* how often */
	int line;    /* Linux' number */
	struct uldf_device *owner;
	char name[32];
};

/*
 * The enabled interrupts of a device. Owned by uldf_device and guarded by its lock, but for what
 * mask_lock guards: masked, suspended, and read-modify-write of the command register.
 */
struct uldf_irq {
	bool enabled;
	u32 type;
	u32 count;
	struct uldf_vector *vector;

	spinlock_t mask_lock;
	bool maskable;	    /* by INTX_DISABLE; otherwise at the interrupt controller, unshared */
	bool masked;	    /* INTx: delivered and not unmasked since, or masked by its holder */
	bool suspended;	    /* INTx: a reset is going on */
	bool unmask_wanted; /* INTx: left to unmask_work, or to the end of the reset */
	struct work_struct unmask_work;
	struct uldf_unmasker *unmasker;
};

/* What happens to a device besides its interrupts (event.c). */
struct uldf_events {
	spinlock_t lock;
	struct eventfd_ctx *event;
	u32 happened; /* and was not read */
};

/* ---- devices (device.c) ------------------------------------------------------------------- */

/* What of a region an access is judged by. @size is 0 where the device has none. */
struct uldf_window {
	u64 size;
	unsigned long port; /* the first, of ports */
	u16 decode;	    /* the bit of the command register that it needs */
	u8 widths;	    /* those that an access may have, joined by or */
	bool ports;
};

/*
 * A claimed device. Born in probe(), dies with the last reference to @dev: the binding has one, an
 * open file has one. @gone says that remove() ran, or is about to: for the holder of a file there is
 * nothing behind it any more.
 */
struct uldf_device {
	struct device dev;
	struct cdev cdev;
	struct pci_dev *pdev;

	/* guarded by the PCI device's lock */
	const char *override; /* driver_override before the claim */
	bool overridden;
	u32 functions;		/* virtual ones that it has */
	const char **overrides; /* for those that are being made */
	u32 overrides_count;

	/* fixed from probe() on */
	struct inode *inode; /* all mappings of regions are its */
	struct pci_saved_state *saved;
	struct uldf_group *group; /* NULL: behind no IOMMU */
	struct uldf_window window[ULDF_REGIONS];
	struct resource rest[PCI_STD_NUM_BARS]; /* what follows a small BAR in its page */
	u8 config_free[ULDF_CONFIG_FILTERED];	/* bits that may be written */
	u8 config_clear[ULDF_CONFIG_FILTERED];	/* bits that writing 1 clears */
	u32 msix_table_bar, msix_table_offset, msix_table_size;
	u32 vectors[ULDF_VECTOR_TYPES];
	struct uldf_ioc_vector_count *shared; /* one per vector; mapped by the holder */
	size_t shared_size;
	bool found_intx, found_no_snoop; /* were on before the claim */

	/* guarded by lock */
	struct mutex lock;
	bool opened;
	bool resetting; /* by uldf_reset(); by device_lock also */
	bool gone;	/* also by memory_lock */
	bool fresh;	/* reset with its bus since it was open */
	u64 resets;	/* statistics: that were made for its holder or its claim */
	u64 interrupts; /* and of vectors that were freed */
	u32 reset;	/* enum uldf_ioc_reset_method of the last quiesce */
	struct uldf_space *space;
	struct uldf_irq irq;
	struct uldf_events events;

	/* guarded by memory_lock: whether accesses may reach the device */
	struct rw_semaphore memory_lock;
	bool gate;
	u64 opening;	  /* counts them */
	bool asleep;	  /* in D3hot; changes under lock also */
	u16 awake;	  /* the command register before that */
	u16 decodes;	  /* what of COMMAND_IO and _MEMORY accesses may count on */
	u16 command;	  /* the decode and bus master bits of the command register */
	u16 reset_decode; /* those of them that a reset going on found */
	struct address_space *mapping;
	void __iomem *bar[PCI_STD_NUM_BARS];
	u8 *rom;
};

/*
 * Lets accesses pass until uldf_access_end(). The first try costs half of what down_read() does.
 */
static inline void uldf_access_begin(struct uldf_device *udev)
{
	if (unlikely(!down_read_trylock(&udev->memory_lock)))
		down_read(&udev->memory_lock);
}

static inline void uldf_access_end(struct uldf_device *udev)
{
	up_read(&udev->memory_lock);
}

/* Does the device decode I/O or memory, so that accesses are answered? memory_lock is held. */
static inline bool uldf_config_decodes(struct uldf_device *udev, u16 bit)
{
	return udev->decodes & bit;
}

int uldf_device_create(struct pci_dev *pdev, char *reason, struct uldf_device **out);
void uldf_device_destroy(struct uldf_device *udev);
void uldf_device_shut(struct uldf_device *udev);
int uldf_device_enter(struct uldf_device *udev);
int uldf_device_enter_awake(struct uldf_device *udev);
void uldf_device_leave(struct uldf_device *udev);
int uldf_devices_init(void);
void uldf_devices_fini(void);
dev_t uldf_devices_number(unsigned int minor);
extern struct class uldf_class;

/* ---- virtual functions (functions.c) ------------------------------------------------------ */

int uldf_functions_init(void);
void uldf_functions_fini(void);
bool uldf_functions_ours(struct pci_dev *pdev);
int uldf_functions_set(void *object, union uldf_args *args);
void uldf_functions_end(struct uldf_device *udev);

/* ---- claims (claim.c, control.c) ---------------------------------------------------------- */

#define ULDF_REASON_SIZE sizeof_field(struct uldf_ioc_claim, reason)
extern struct pci_driver uldf_pci_driver;
bool uldf_is_bridge(struct pci_dev *pdev);
int uldf_claim(struct pci_dev *pdev, bool group, char *reason);
int uldf_release(struct pci_dev *pdev, bool group, bool reprobe, u32 *reset);
int uldf_control_init(void);
void uldf_control_fini(void);

/* ---- regions (region.c, io.c, part.c, inode.c, rom.c), configuration space (config.c) ------ */

void uldf_region_init(struct uldf_device *udev);
void uldf_region_fini(struct uldf_device *udev);
void uldf_region_open(struct uldf_device *udev, struct address_space *mapping);
void uldf_region_close(struct uldf_device *udev);
void uldf_region_shut(struct uldf_device *udev);
void uldf_region_zap(struct uldf_device *udev);
int uldf_region_info(void *object, union uldf_args *args);
ssize_t uldf_region_read(struct file *file, char __user *buf, size_t count, loff_t *pos);
ssize_t uldf_region_write(struct file *file, const char __user *buf, size_t count, loff_t *pos);
int uldf_region_one(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		    bool write);
int uldf_bar_map(struct uldf_device *udev, u32 index);
void uldf_bar_touch(struct uldf_device *udev, u32 index, u64 offset, size_t width, u64 *value,
		    bool write);

long uldf_io_batch(struct uldf_device *udev, unsigned long arg);
vm_fault_t uldf_region_insert(struct uldf_device *udev, struct vm_fault *vmf, u32 index,
			      u64 offset);
void uldf_region_vma(struct vm_area_struct *vma);
int uldf_region_mappable(struct uldf_device *udev, u32 index, u64 offset, u64 size);
int uldf_region_mmap(struct uldf_device *udev, struct vm_area_struct *vma);

int uldf_part_create(void *object, union uldf_args *args);
void uldf_part_undo(void *object, union uldf_args *args);
void uldf_part_finish(void *object, union uldf_args *args);

struct inode *uldf_inode_create(void);
int uldf_inodes_init(void);
void uldf_inodes_fini(void);

int uldf_rom_read(struct uldf_device *udev, u64 offset, size_t width, u64 *value);

void uldf_config_init(struct uldf_device *udev);
int uldf_config_save(struct uldf_device *udev);
void uldf_config_restore(struct uldf_device *udev);
void uldf_config_give_back(struct uldf_device *udev);
int uldf_config_read(struct uldf_device *udev, u64 offset, size_t width, u64 *value);
int uldf_config_write(struct uldf_device *udev, u64 offset, size_t width, u64 value);
void uldf_config_stop_master(struct uldf_device *udev);
void uldf_config_command(struct uldf_device *udev);
void uldf_config_sleep(struct uldf_device *udev);
void uldf_config_wake(struct uldf_device *udev);
u16 uldf_config_decode_begin(struct uldf_device *udev);
void uldf_config_decode_end(struct uldf_device *udev, u16 before);

void uldf_vectors_init(struct uldf_device *udev);
int uldf_vectors_enable(void *object, union uldf_args *args);
int uldf_vectors_disable(void *object, union uldf_args *args);
int uldf_vectors_mask(void *object, union uldf_args *args);
int uldf_vectors_unmask(void *object, union uldf_args *args);
int uldf_vectors_bind(void *object, union uldf_args *args);
void uldf_vectors_quiet(struct uldf_device *udev);
void uldf_vectors_free(struct uldf_device *udev);
void uldf_vector_fire(struct uldf_vector *vector);

int uldf_intx_request(struct uldf_device *udev);
void uldf_intx_quiet(struct uldf_device *udev);
void uldf_intx_free(struct uldf_device *udev);
void uldf_intx_mask(struct uldf_device *udev);
void uldf_intx_unmask(struct uldf_device *udev);
void uldf_intx_unmask_event(struct uldf_device *udev);
void uldf_intx_unmask_work(struct work_struct *work);
void uldf_intx_suspend(struct uldf_device *udev);
void uldf_intx_resume(struct uldf_device *udev);
void uldf_intx_switch(struct uldf_device *udev, bool on);

int uldf_shared_init(struct uldf_device *udev);
void uldf_shared_fini(struct uldf_device *udev);
void uldf_shared_clear(struct uldf_device *udev);
void uldf_shared_count(struct uldf_ioc_vector_count *count);
int uldf_shared_mmap(struct uldf_device *udev, struct vm_area_struct *vma);

void uldf_events_init(struct uldf_device *udev);
void uldf_events_open(struct uldf_device *udev);
void uldf_events_close(struct uldf_device *udev);
void uldf_events_tell(struct uldf_device *udev, u32 what);
int uldf_events_bind(void *object, union uldf_args *args);
int uldf_events_read(void *object, union uldf_args *args);
void uldf_events_unread(void *object, union uldf_args *args);

int uldf_device_power(void *object, union uldf_args *args);
int uldf_power_up(struct uldf_device *udev);
void uldf_power_forget(struct uldf_device *udev);
extern const struct dev_pm_ops uldf_pm_ops;

int uldf_unmasker_create(struct uldf_device *udev, int fd, struct uldf_unmasker **out);
bool uldf_unmasker_listens(const struct uldf_unmasker *unmasker, const struct eventfd_ctx *event);
void uldf_unmasker_destroy(struct uldf_unmasker *unmasker);

/* ---- statistics (stats.c) ----------------------------------------------------------------- */

extern const struct attribute_group *uldf_stats_groups[];

/* ---- DMA (group.c, space.c, memory.c; space.h has the rest) ------------------------------- */

int uldf_group_get(struct pci_dev *pdev, char *reason, struct uldf_group **out);
void uldf_group_put(struct uldf_group *group);
int uldf_group_attach(struct uldf_group *group, struct uldf_space *space,
		      struct iommu_domain *domain);
void uldf_group_detach(struct uldf_group *group, struct iommu_domain *domain);
struct iommu_group *uldf_group_iommu(struct uldf_group *group);

#define ULDF_MEMBERS_MAX 256

/* The functions of an IOMMU group, with a reference to each. */
struct uldf_members {
	int number; /* the group's; -1 without IOMMU */
	unsigned int count;
	struct pci_dev *pdev[ULDF_MEMBERS_MAX];
};

int uldf_members_get(struct pci_dev *pdev, struct uldf_members **out);
void uldf_members_put(struct uldf_members *members);

int uldf_space_create(void *object, union uldf_args *args);
void uldf_space_undo(void *object, union uldf_args *args);
void uldf_space_finish(void *object, union uldf_args *args);
int uldf_space_attach(struct uldf_device *udev, int fd);
struct uldf_space *uldf_space_detach(struct uldf_device *udev);
void uldf_space_put(struct uldf_space *space);
void uldf_space_put_later(struct uldf_space *space);
int uldf_spaces_init(void);
void uldf_spaces_fini(void);

u64 uldf_memory_pinned_bytes(void);

extern bool uldf_unsafe_interrupts;
extern bool uldf_allow_bare;
extern unsigned int uldf_mappings_max;

/* ---- stopping a device (quiesce.c, stop.c, reset.c) ---------------------------------------- */

struct uldf_space *uldf_quiesce(struct uldf_device *udev);
bool uldf_stop(struct uldf_device *udev);
int uldf_reset(struct uldf_device *udev, u32 *method);
void uldf_reset_prepare(struct pci_dev *pdev);
void uldf_reset_done(struct pci_dev *pdev);
extern const struct pci_error_handlers uldf_error_handlers;

#endif
