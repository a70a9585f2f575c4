/* SPDX-License-Identifier: MIT */
/*
 * The model backend: devices made of software, in this process. A model is a struct model_ops; this
 * backend does for it what is the same for all: configuration space, vectors, DMA through spaces.
 *
 * Registers answer in the thread that accesses them. What a device does by itself (a DMA engine, a
 * queue of commands) its own thread does (engine.c), so that interrupts and memory come at times
 * that the driver does not choose, as from hardware.
 *
 * Locks: a watcher's, then the model's, then a space's or a cable's.
 */
#ifndef ULDF_SRC_MODEL_MODEL_H
#define ULDF_SRC_MODEL_MODEL_H

#include <uldf/dma_fault.h>
#include "backend.h"
#include "config_filter.h"
#include "iova.h"
#include "model/options.h"
#include "table.h"

struct model;
struct watcher;

/* A BAR, or what stands at legacy ports in its place; size 0 for none. */
struct model_bar {
	uint64_t size; /* bytes, a power of two */
	bool ports;
	bool is64;
	uint16_t fixed; /* legacy port that it begins at; 0: an address in the BAR */
};

/**
 * struct model_identity - what a model's configuration space says, constant
 * @vendor: vendor id
 * @device: device id
 * @subvendor: subsystem vendor id
 * @subdevice: subsystem id
 * @class_code: class, subclass and programming interface, 24 bits
 * @revision: revision id
 * @express: it has a PCI Express capability, with function level reset, and 4096 bytes of
 *	configuration space
 * @intx: it has an INTx pin
 * @isa: ISA lines, as an IDE controller in compatibility mode has them; 0 for none
 * @msi: vectors of MSI; 0 for none
 * @msix: vectors of MSI-X; 0 for none
 * @msix_bar: BAR with the table of MSI-X
 * @msix_table: offset of the table in it
 * @msix_pending: offset of the pending bits in it
 * @bars: BARs
 */
struct model_identity {
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subdevice;
	uint32_t class_code;
	uint8_t revision;
	bool express;
	bool intx;
	unsigned int isa;
	unsigned int msi;
	unsigned int msix;
	unsigned int msix_bar;
	uint32_t msix_table;
	uint32_t msix_pending;
	struct model_bar bars[6];
};

/**
 * struct model_ops - a model
 *
 * All ops but @create and @destroy are called with the model locked, by one thread at a time.
 *
 * @name: what follows "model:" in an address
 * @options: names of the options that it takes, ended by NULL
 * @identity: what its configuration space says
 * @create: Take the options and fill @priv; registers have their reset values. A failure leaves a
 *	reason and nothing else.
 * @destroy: Free @priv.
 * @read: One read of a BAR: the value, in the CPU's order. The range, the width and the alignment are
 *	checked; memory or ports are decoded.
 * @write: One write of a BAR, likewise.
 * @reset: Give registers their reset values, forget work that was begun, and lower INTx and ISA lines.
 * @work: Do one piece of what the device does by itself, in the model's thread, after
 *	model_wake(), or when the descriptor of model_watch() is ready. Return true when there is more.
 *	NULL: it does nothing by itself.
 * @unplug: Tell what the device is connected to that it was pulled; no other op but @destroy follows.
 *	NULL: it is connected to nothing.
 */
struct model_ops {
	const char *name;
	const char *const *options;
	const struct model_identity *identity;
	int (*create)(struct model *model, const struct model_options *options);
	void (*destroy)(struct model *model);
	uint64_t (*read)(struct model *model, unsigned int bar, uint64_t offset,
			 unsigned int width);
	void (*write)(struct model *model, unsigned int bar, uint64_t offset, unsigned int width,
		      uint64_t value);
	void (*reset)(struct model *model);
	bool (*work)(struct model *model);
	void (*unplug)(struct model *model);
};

extern const struct model_ops model_e1000e;
extern const struct model_ops model_edu;
extern const struct model_ops model_ide;
extern const struct model_ops model_nvme;

/* How many refused accesses are kept until somebody asks. */
#define MODEL_FAULTS 16

/* Behind struct uldf_device. */
struct model {
	struct uldf_device *device;
	const struct model_ops *ops;
	void *priv; /* the model's */

	pthread_mutex_t turn; /* who holds it is the next to have the lock */
	pthread_mutex_t lock; /* protects all that follows */
	pthread_cond_t wake;
	pthread_t thread;
	bool running; /* the thread is there; constant once open */
	bool work;    /* for the thread to do */
	bool stop;    /* the thread is to end */
	bool gone;    /* unplugged */
	int watched;  /* descriptor that the idle thread polls, the model's own, or -1 */
	short await;  /* poll events of it */
	int kick;     /* eventfd that ends such a poll, or -1 for a thread that never polls */
	bool polls;   /* the thread does not wait for the condition, but polls */

	uint8_t config[4096];
	struct config_filter filter;
	struct uldf_space *space; /* that it is attached to, or NULL */

	struct uldf_irq_count *counts; /* one for each vector of the type with the most */
	int *fds;		       /* likewise; our duplicates, or -1 */
	unsigned int most;	       /* entries of both */
	enum uldf_irq_type type;       /* of the vectors enabled */
	unsigned int enabled;	       /* vectors; 0 for none */
	bool line;		       /* INTx is asserted */
	unsigned int isa;	       /* a bit for each ISA line that is high */
	bool masked;		       /* INTx was delivered, or masked by the holder */
	bool missed;		       /* INTx was delivered when no eventfd was bound */
	struct watcher *watcher;       /* once an eventfd was bound to unmask INTx */
	int unmask;		       /* that eventfd, our duplicate, or -1; the watcher's lock */

	unsigned int events;
	int listener; /* eventfd of events, our duplicate, or -1 */

	struct uldf_dma_fault faults[MODEL_FAULTS]; /* a ring */
	unsigned int fault_first;
	unsigned int fault_count;
};

/* Behind struct uldf_space. */
struct model_space {
	pthread_mutex_t lock; /* protects all that follows, and the memories' counts of mappings */
	struct table table;
	struct iova iova;
	bool attached; /* a device was */
	bool revoked;
};

static inline struct model *model_of(const struct uldf_device *device)
{
	return device->priv;
}

/* ---- for models */

/**
 * model_messages() - how many messages may the device send?
 * @model: model, locked
 *
 * Return: vectors of MSI or MSI-X that are enabled, 0 for none: then INTx is what interrupts.
 */
unsigned int model_messages(const struct model *model);

/**
 * model_message() - send the message of a vector
 * @model: model, locked
 * @vector: vector; one that is not enabled sends nothing
 *
 * As a message is a write by the device, it is lost unless bus mastering is on.
 */
void model_message(struct model *model, unsigned int vector);

/**
 * model_line() - assert or deassert the INTx pin
 * @model: model, locked
 * @level: asserted; while messages are enabled nobody sees it
 */
void model_line(struct model *model, bool level);

/**
 * model_isa() - raise or lower an ISA line
 * @model: model, locked
 * @line: vector of %ULDF_IRQ_ISA
 * @level: high; each rise interrupts, unless vectors are disabled
 */
void model_isa(struct model *model, unsigned int line, bool level);

/**
 * model_wake() - have the model's thread call the work op
 * @model: model, locked
 */
void model_wake(struct model *model);

/**
 * model_watch() - have the model's thread call the work op whenever a descriptor is ready
 * @model: model, locked
 * @fd: descriptor, which stays the caller's until the model is destroyed; -1 for none any more
 * @events: of poll(2)
 *
 * The op @create calls this first. The op @work may call this again, to change the descriptor or the events.
 */
void model_watch(struct model *model, int fd, short events);

/**
 * model_masters() - can the device reach memory?
 * @model: model, locked
 *
 * Return: true if it is attached to a space and bus mastering is on.
 */
bool model_masters(const struct model *model);

/**
 * model_dma_read() - read memory as the device
 * @model: model, locked
 * @address: bus address
 * @to: where the bytes go; ones in place of those that it may not read
 * @size: bytes
 *
 * What the space does not let it read is noted as a refused access.
 *
 * Return: 0, -EFAULT not all could be read, -EACCES it masters no bus.
 */
int model_dma_read(struct model *model, uint64_t address, void *to, size_t size);

/**
 * model_dma_write() - write memory as the device
 * @model: model, locked
 * @address: bus address
 * @from: the bytes; those that it may not write are dropped
 * @size: bytes
 *
 * Return: as model_dma_read().
 */
int model_dma_write(struct model *model, uint64_t address, const void *from, size_t size);

/**
 * model_dma_post() - write memory so that the last word is seen last
 * @model: model, locked
 * @address: bus address, a multiple of 4
 * @from: the bytes
 * @size: bytes, a multiple of 4, at most 64, in one page
 *
 * For entries that a driver recognizes as new by their last word.
 *
 * Return: as model_dma_read().
 */
int model_dma_post(struct model *model, uint64_t address, const void *from, size_t size);

/* ---- engine.c: the lock, and the model's thread */

/* Locks in the order of the calls: a thread that does one piece of work after another lets others in. */
void model_lock(struct model *model);
void model_unlock(struct model *model);
int model_engine_start(struct model *model);
void model_engine_stop(struct model *model);

/* ---- the parts of the backend */

/**
 * model_fail() - the reason of a call that failed as the device is gone
 * @device: device
 *
 * Return: -ENODEV.
 */
int model_fail_gone(const struct uldf_device *device);

/* Makes the configuration space, and the regions of the device. */
void model_config_init(struct model *model);
uint32_t model_config_get(const struct model *model, unsigned int offset, unsigned int width);
void model_config_set(struct model *model, unsigned int offset, unsigned int width, uint32_t value);
/* A write by the holder: changes what is the holder's. */
void model_config_write(struct model *model, unsigned int offset, unsigned int width,
			uint32_t value);
/* Opens bus mastering to the holder, or switches it off and closes it. */
void model_config_master(struct model *model, bool open);
/* Offset of a standard capability; 0 for none. */
unsigned int model_config_find(const struct model *model, uint8_t id);

int model_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t *out);
int model_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		       unsigned int width, uint64_t value);
int model_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		     void **out);
void model_region_unmap(struct uldf_device *device, void *address, size_t size);

int model_irq_init(struct model *model);
void model_irq_fini(struct model *model);
int model_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count);
int model_irq_disable(struct uldf_device *device);
int model_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		   const int *fds);
int model_irq_bind_unmask(struct uldf_device *device, int fd);
int model_irq_mask(struct uldf_device *device);
int model_irq_unmask(struct uldf_device *device);
int model_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out);

/* Tells of events; the model is locked. */
void model_event(struct model *model, unsigned int events);
int model_event_bind(struct uldf_device *device, int fd);
int model_event_read(struct uldf_device *device, unsigned int *events);

int model_dma_fault(struct uldf_device *device, struct uldf_dma_fault *out);

int model_attach(struct uldf_device *device, struct uldf_space *space);
int model_move(struct uldf_device *device, struct uldf_space *space);
int model_detach(struct uldf_device *device);
int model_space_create(struct uldf_device *device, struct uldf_space *space);
void model_space_destroy(struct uldf_space *space);
int model_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			 size_t *count);
int model_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int model_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		       const struct uldf_memory *from);
int model_memory_unregister(struct uldf_space *space, struct uldf_memory *memory);
int model_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int model_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int model_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int model_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		      struct uldf_unmapped *out);
int model_revoke(struct uldf_space *space);

#endif
