/* SPDX-License-Identifier: MIT */
/*
 * The conformance suite: what struct uldf_backend_ops guarantees, asked of a backend through the
 * public functions, with a device that the suite knows (struct model) to see what really happened.
 * What a backend cannot do is written down in backends.c and must then be refused.
 */
#ifndef TESTS_LAB_PROG_CONFORM_CONFORM_H
#define TESTS_LAB_PROG_CONFORM_CONFORM_H

#include <uldf.h>

#include "../slow.h"

#define PAGE 4096

/**
 * struct ability - what a backend can do; the rest it must refuse with -ENOTSUP
 * @backend: its name
 * @host: its devices are the host's: one opener at a time, files in sysfs, memory that is pinned. Else
 *	each open makes a device, whose address is all that it was opened by
 * @maps: regions in memory can be mapped into the process, where they are whole pages
 * @spaces: translated spaces, and with them bus mastering and MSI, where there is an IOMMU
 * @msi: MSI and MSI-X
 * @wide: accesses of 8 bytes to memory
 * @pins_at_map: memory is pinned, and the limit of it found out, when it is mapped; else the host
 *	tells how much is pinned
 * @bare: bare spaces, where there is no IOMMU and the host allows them
 * @counts: shared counts of interrupts
 * @power: power states, of a device that has some
 * @parts: descriptors of parts of regions
 * @peers: regions as memory of spaces
 * @functions: virtual functions, of a device that has some
 * @tells_resets: it hears of resets by others; what it does not hear of is no event
 * @lost_at_once: a device that is lost answers -ENODEV at once, and not only when it was closed
 */
struct ability {
	const char *backend;
	bool host;
	bool maps;
	bool spaces;
	bool msi;
	bool wide;
	bool pins_at_map;
	bool bare;
	bool counts;
	bool power;
	bool parts;
	bool peers;
	bool functions;
	bool tells_resets;
	bool lost_at_once;
};

/* Memory for a device's transfers: pages that CPU and device see, not at adjacent bus addresses. */
enum {
	AREA_PAGES = 3,
};

struct area {
	unsigned char *cpu;
	uint64_t bus[AREA_PAGES];
};

struct conform;

/* A register whose value is known. */
struct constant {
	unsigned int region;
	unsigned int offset;
	unsigned int width;
	uint64_t value;
	uint64_t mask;
};

/**
 * struct model - a device that the suite knows
 * @name: of it
 * @id: vendor in the lower, device id in the upper half
 * @bar: region of the registers; those below are in it
 * @decode: bit of the command register that has it answer
 * @line: the type of its vectors that need no bus mastering
 * @vectors: how many of each type it has
 * @constants: registers to be read, ended by one of width 0
 * @scratch: register of 4 bytes that can be written without harm
 * @scratch_bits: those of its bits that keep what is written
 * @wide: register of 8 bytes that keeps what is written but for its lowest 12 bits; 0 for none
 * @capability: one of its capabilities; 0: it has none
 * @lacks: a capability that it lacks
 * @reset: register of 4 bytes that a function level reset clears
 * @reset_bits: those of its bits that may be set before
 * @repeats: it sends a message again while it is not quiet
 * @raises_alone: it raises interrupts without having transferred anything
 * @start: make it ready for transfers in an area; bus mastering is on
 * @stop: undo that
 * @transfer: have it read and write the area, and tell whether both arrived
 * @raise: have it raise one interrupt, after start() unless @raises_alone
 * @quiet: take the cause of the interrupt away
 */
struct model {
	const char *name;
	uint32_t id;
	uint16_t bar;
	uint32_t decode;
	enum uldf_irq_type line;
	uint32_t vectors[ULDF_IRQ_TYPES];
	const struct constant *constants;
	unsigned int scratch;
	uint32_t scratch_bits;
	unsigned int wide;
	uint8_t capability;
	uint8_t lacks;
	unsigned int reset;
	uint32_t reset_bits;
	bool repeats;
	bool raises_alone;
	void (*start)(struct conform *c, const struct area *area);
	void (*stop)(struct conform *c);
	bool (*transfer)(struct conform *c, const struct area *area);
	void (*raise)(struct conform *c, const struct area *area);
	void (*quiet)(struct conform *c);
};

extern const struct model edu_model;
extern const struct model e1000e_model;
extern const struct model nvme_model;
extern const struct model igb_model;
extern const struct model ide_model;

struct conform {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	const char *name; /* what it was opened by: backend and address */
	const char
		*address; /* that the device tells: of a device of the host without the backend */
	const struct ability *able;
	const struct model *model;
	bool iommu; /* the host has one */
	bool bare;  /* it has none, and allows bare spaces */
	struct {
		unsigned int tail;
		unsigned int head;
		unsigned int phase;
	} nvme;
};

/* What the named backend can do; ends the program for a name that is unknown. */
const struct ability *backend_ability(const char *name);

/* Opens a device by an address with prefix; the second finds its model, too. */
void conform_open_any(struct conform *c, const char *name);
void conform_open(struct conform *c, const char *name);
void conform_close(struct conform *c);

/* Is there a space that it can be attached to, so that it masters the bus? */
bool conform_masters(const struct conform *c);

/* ---- verdicts: each ends the program when it is bad */

/* @err must be @wanted, and have a reason if it is a failure. */
void expect(struct conform *c, const char *what, int err, int wanted);

void require(const char *what, bool good);

/* The last failure's reason must contain @text. */
void expect_reason(struct conform *c, const char *text);

/* ---- registers, and the configuration space */

uint64_t reg_read(struct conform *c, unsigned int offset, unsigned int width);
void reg_write(struct conform *c, unsigned int offset, unsigned int width, uint64_t value);

/* Until the bits under @mask are @value. */
void reg_wait(struct conform *c, unsigned int offset, uint32_t mask, uint32_t value);

uint32_t config_get(struct conform *c, unsigned int offset, unsigned int width);
void config_set(struct conform *c, unsigned int offset, unsigned int width, uint32_t value);

/* Switches bits of the command register on or off. */
void config_command(struct conform *c, uint32_t set, uint32_t clear);

/* ---- eventfds */

#define QUIET 150 /* ms in which what must not come does not come */

int eventfd_new(void);

/* How often the eventfd was signalled: waits until it was, at most so long. */
uint64_t eventfd_count(int fd, int ms);

/* It must have been signalled so often; waits for that, or for nothing more to come when that is 0. */
void expect_count(const char *what, int fd, uint64_t wanted);

/* ---- areas */

/* Three pages of memory. */
unsigned char *pages_new(void);

/* Does a read of mapped memory raise SIGBUS? */
bool touch_faults(const void *address);

/* A space with an area mapped in it at addresses that every model can reach; a bare one has a buffer. */
struct fixture {
	struct uldf_space *space;
	struct uldf_memory *memory;
	struct uldf_buffer *buffer;
	struct area area;
};

void fixture_init(struct conform *c, struct fixture *f);
void fixture_attach(struct conform *c, struct fixture *f); /* attach, map, start */
void fixture_fini(struct conform *c, struct fixture *f);   /* undoes both */

/* ---- the subjects */

/* All of them that a device of any backend can be asked; @second is another device's name, or NULL. */
void check_all(struct conform *c, const char *second);

/* The same but for check_errors(), which may open the device a second time. */
void check_opened(struct conform *c, const char *second);

void check_device(struct conform *c);
void check_regions(struct conform *c);
void check_config(struct conform *c);
void check_irq(struct conform *c);
void check_irq_delivery(struct conform *c);
void check_spaces(struct conform *c);
void check_choice(struct conform *c);
void check_range(struct conform *c);
void check_share(struct conform *c);
void check_dma(struct conform *c);
void check_threads(struct conform *c);
void check_bare(struct conform *c);
void check_io(struct conform *c);
void check_counts(struct conform *c);
void check_power(struct conform *c);
void check_events(struct conform *c);
void check_part(struct conform *c);
void check_functions(struct conform *c);
void check_no_functions(struct conform *c);
void check_lost(struct conform *c, unsigned int event);
void check_reset(struct conform *c);
void check_errors(struct conform *c);
void check_shared(struct conform *c, const char *second);
void check_limit(struct conform *c);
void check_peer(struct conform *c, const char *second);

#endif
