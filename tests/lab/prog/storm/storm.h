/* SPDX-License-Identifier: MIT */
/*
 * A storm on uldf.ko. Some processes with some threads each do random things with the same devices and
 * judge no answer: the kernel must stay whole, and at the end of each round nothing may be left.
 *
 * main.c makes rounds. A round's leader (process.c) starts workers and kills them. Each thread of a worker
 * does one act (act.c) after another. An act is an ioctl, described by a table (call.c, device.c, space.c),
 * or a function. What a thread does in a step is drawn from the seed, the thread's number and the step's
 * number, so a run can be repeated as far as the scheduler permits.
 */
#ifndef LAB_STORM_H
#define LAB_STORM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <linux/uldf.h>

#define PAGE	      4096UL
#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define DEVICES	      24
#define ACTS	      128
#define ERRORS	      134
#define NOWS	      64
#define SLOTS	      6	     /* descriptors of each kind that a process keeps */
#define EDU_ID	      0x11e8 /* QEMU's edu device */
#define REGION_AT(i)  ((uint64_t)(i) << 40)
#define COMMAND_AT    (REGION_AT(ULDF_REGION_CONFIG) + 4)
#define STRUCTURE     256 /* bytes: more than any structure has */
#define ARGS_ROOM     (2 * PAGE)
#define LIST_ROOM     (33 * PAGE) /* holds a whole batch of mappings */
#define DATA_ROOM     (16 * PAGE)
#define STUCK_SECONDS 60 /* that a killed process may take to end */

/* ---- what all processes share (main.c) ---------------------------------------------------------- */

struct device {
	char text[16];
	uint32_t segment;
	uint16_t bus;
	uint8_t devfn;
	uint16_t vendor, id;
	bool functions;	 /* it can make virtual ones */
	bool virtual_;	 /* it is one, which comes and goes */
	bool translated; /* behind an IOMMU */
	bool grouped;	 /* its IOMMU group has others */
	uint64_t size[ULDF_REGIONS];
};

/* What came of one kind of act. */
struct tally {
	_Atomic uint32_t calls, good;
	_Atomic uint64_t taken; /* microseconds */
	_Atomic uint32_t errors[ERRORS];
};

/* What a thread does at the moment; thread is 0 between two steps. */
struct now {
	_Atomic int process, thread, act;
	_Atomic uint64_t step;
};

struct storm {
	uint64_t seed; /* of the round */
	uint32_t round, device_count;
	struct device device[DEVICES];
	/* what calls on a device told: how many vectors there are of each type, and which type is enabled */
	_Atomic uint32_t vectors[DEVICES][ULDF_VECTOR_TYPES], enabled[DEVICES];
	bool verbose;
	_Atomic bool stop;
	_Atomic int crashed; /* the signal, other than SIGKILL, that ended a process */
	_Atomic uint32_t births, kills, births_of_threads;
	struct tally tally[ACTS];
	struct now now[NOWS];
};
extern struct storm *storm;
extern int storm_file; /* its memory, for programs that are executed */

/* ---- chance (random.c) -------------------------------------------------------------------------- */

struct worker;
uint64_t mix(uint64_t a, uint64_t b);
uint64_t draw(struct worker *w);
uint64_t draw_below(struct worker *w, uint64_t limit);
bool draw_percent(struct worker *w, unsigned int percent);
/* A number that a careless check lets through: near @value, near @bound, a power of two, or any. */
uint64_t draw_odd(struct worker *w, uint64_t value, uint64_t bound);
/* The number of elements of a list: few, or many, and @most at times. */
uint64_t draw_count(struct worker *w, uint64_t most);
/* Milliseconds below @most: mostly few. */
unsigned int draw_ms(struct worker *w, unsigned int most);

/* ---- threads, and what they have ---------------------------------------------------------------- */

enum mood {
	PLAUSIBLE, /* the call is as a good driver makes it */
	ONE_ODD,   /* but for one field, or where its structure lies */
	NOISE
};

/* One thread; a forked process begins with a copy. */
struct worker {
	uint64_t number; /* drawn from the seed */
	uint64_t step, chance;
	unsigned int index;
	enum mood mood;
	bool nested; /* in a process that a worker forked */
	/* this thread's own memory, each with an unmapped page behind it */
	uint8_t *args, *list, *data;

	/* of this step: the device that it is about, its call's descriptor, elements of its list and where */
	const struct device *device;
	int fd;
	uint64_t count;
	uint8_t *list_at;

	struct now *now;
};

void rooms_init(void);
/* The thread with this index in its process. */
void worker_init(struct worker *w, uint64_t number, unsigned int index);

/* ---- acts (act.c) ------------------------------------------------------------------------------- */

#define IDLE (-ERRORS) /* there was nothing to do it with */

struct call;

/* @weight says how often it is done, beside those of others. @run returns 0 or more, a negative errno, or IDLE. */
struct act {
	const char *name;
	unsigned int weight;
	long (*run)(struct worker *w);
	const struct call *call; /* an ioctl, in place of @run */
	bool rare;		 /* may never succeed */
};

#define ACT(name, weight, function)           \
	{                                     \
		name, weight, .run = function \
	}

struct acts {
	const struct act *act;
	size_t count;
};

extern const struct acts device_acts, space_acts, open_acts, region_acts, map_acts, memory_acts,
	machine_acts, post_acts, sysfs_acts, process_acts;

void acts_init(void);
void act_step(struct worker *w);
const char *act_name(unsigned int index);
void acts_report(void);
/* Acts that were done often, can succeed and never did: what is drawn for them is wrong. Prints them. */
unsigned int acts_useless(void);

/* ---- ioctls described by tables (call.c) -------------------------------------------------------- */

/* How a plausible value of a field is made; @bound of struct field says more. */
enum drawn {
	VALUE,	 /* bound */
	NUMBER,	 /* 0 to bound */
	FLAGS,	 /* any of the bits in bound */
	SEGMENT, /* of the step's device; likewise the next two */
	BUS,
	DEVFN,
	REGION,	    /* an index of a region */
	OFFSET,	    /* page-aligned, below bound pages */
	SIZE,	    /* up to bound pages */
	ADDRESS,    /* of a space, page-aligned */
	MEMORY,	    /* a pointer to memory of the process, page-aligned */
	ID,	    /* 1 to bound, as the kernel gives them */
	MASK,	    /* a run of low bits */
	DESCRIPTOR, /* of kind bound */
	DESCRIPTOR_OR_NONE,
	ELEMENTS,	/* how many the list has, up to bound */
	LIST,		/* a pointer to them */
	OUT,		/* the kernel writes it: anything */
	OUT_DESCRIPTOR, /* of kind bound, which the process keeps */
};

struct field {
	uint16_t offset, size;
	enum drawn drawn;
	uint64_t bound;
	const struct layout *layout; /* of one element of a LIST */
};

#define FIELD(type, member, ...)                                                            \
	{                                                                                   \
		.offset = offsetof(struct uldf_ioc_##type, member),                         \
		.size = sizeof(((struct uldf_ioc_##type *)0)->member), .drawn = __VA_ARGS__ \
	}

/* A structure: its fields but argsz. ELEMENTS stands before the LIST. */
struct layout {
	size_t size, published; /* @published: where it has grown, its first size */
	const struct field *field;
	size_t count;
	/* makes plausible fields fit each other; may be NULL */
	void (*adjust)(struct worker *w, void *bytes);
};

#define LAYOUT(type, fields, ...)                                                                \
	{                                                                                        \
		.size = sizeof(struct uldf_ioc_##type), .field = fields, .count = COUNT(fields), \
		__VA_ARGS__                                                                      \
	}

struct call {
	unsigned long command;
	unsigned int on; /* enum kind of the descriptors that answer it */
	const struct layout *layout;
	bool (*suits)(const struct worker *w); /* can the step's descriptor do it? NULL: any */
	void (*done)(struct worker *w, void *bytes); /* after success; may be NULL */
};

#define CALL(named, often, ...)                                               \
	{                                                                     \
		.name = #named, .weight = often, .call = &(const struct call) \
		{                                                             \
			.command = named, __VA_ARGS__                         \
		}                                                             \
	}
/* One that succeeds on some machines only. */
#define RARE_CALL(named, often, ...)                                                        \
	{                                                                                   \
		.name = #named, .weight = often, .rare = true, .call = &(const struct call) \
		{                                                                           \
			.command = named, __VA_ARGS__                                       \
		}                                                                           \
	}

long call_run(struct worker *w, const struct call *call);

/* ---- descriptors of a process (slot.c) ----------------------------------------------------------- */

enum kind {
	CONTROL,
	DEVICE,
	SPACE,
	PART, /* a file of part of a region */
	EVENT,
	MACHINE, /* a virtual one of KVM */
	OTHER,
	KINDS
};

/* A descriptor, and the index in storm->device of the device it belongs to. */
struct slot {
	int fd, device;
};

/* Marks all as empty: descriptors that are open stay so. */
void slots_init(void);
/* One of that kind, or -1. The step is about its device then. */
int slot_use(struct worker *w, enum kind kind);
/* The same in most cases; else another kind's, or any number. */
int slot_call(struct worker *w, enum kind kind);
/* Likewise, as an argument of a call on another one's device. */
int slot_argument(struct worker *w, enum kind kind);
/* Closes it if it is still kept: there is nothing behind it any more. */
void slot_drop(enum kind kind, int fd);
/* Keeps it, and closes one that had its place. */
void slot_keep(struct worker *w, enum kind kind, int fd);
/* Takes one out, or -1; the caller closes it. */
struct slot slot_take(struct worker *w, enum kind kind);
/* As arguments of a program, "kind:fd:device": returns how many; they stay open over exec. */
int slots_export(char texts[][32], int room);
void slot_import(const char *text);

/* ---- devices, their registers (devices.c, register.c) --------------------------------------------- */

/* Adds what stands at the address, its virtual functions as well; ends the program if nothing does. */
void device_add(const char *text);
int device_open(const struct device *device);
bool device_present(const struct device *device);
bool device_claimed(const struct device *device);
/* A file of it in sysfs as one line; false where there is none. */
bool device_read(const struct device *device, const char *name, char *text, size_t size);
int control_claim(const struct device *device, uint32_t flags);
int control_release(const struct device *device, uint32_t flags);

/* One access. */
struct access {
	unsigned int region, width;
	uint64_t offset, value;
};

/* Any that reads; one whose writing no model of QEMU minds. Returns false where there is none. */
struct access register_read(struct worker *w, const struct device *device);
bool register_write(struct worker *w, const struct device *device, struct access *out);

/* ---- memory (memory.c, place.c, guard.c) ----------------------------------------------------------- */

/* Before the first worker: what all processes of a round have at the same addresses. */
void memory_init(void);
/* For one process: a thread that serves page faults late. */
void memory_start(void);
/* Page-aligned memory to be registered, of any sort. */
uint8_t *memory_pick(struct worker *w);
/* The memories that arguments can lie in besides a thread's own; each is 16 pages. */
enum ground {
	GROUND_READONLY,
	GROUND_MOVING,	  /* other threads unmap it */
	GROUND_SLOW,	  /* page faults take a while */
	GROUND_SCRIBBLED, /* other processes write to it */
	GROUNDS
};
#define GROUND_PAGES 16
uint8_t *ground(enum ground which);

/* Puts an argument somewhere: at @own in most cases. Returns where. */
uint8_t *place(struct worker *w, uint8_t *own, size_t room, size_t size, bool odd);
/* Is what the kernel wrote there what a later look finds? */
bool place_is_own(const uint8_t *at);

/* Copies; false where a page fault ended it. */
bool guard_copy(void *to, const void *from, size_t size);
void guard_init(void);

/* ---- mappings of files (map.c) ---------------------------------------------------------------------- */

void windows_init(void);
/* An address where a file was mapped last, or NULL. */
uint8_t *window_pick(struct worker *w);

/* ---- processes (process.c, heir.c, post.c, plug.c) ---------------------------------------------------- */

/* Runs in a process of its own, the leader of a process group, and ends it. */
void round_run(unsigned int seconds);
/* The program that a worker executes: does some steps with the descriptors it was left. */
int heir_main(int argc, char **argv);
long heir_exec(struct worker *w);
/* Does steps until the storm or, with @most, those are over. */
void worker_run(struct worker *w, unsigned int most);
void post_init(void);

/* Adds a device that is unplugged and plugged in: its address, and the words of device_add. */
bool plug_add(const char *text);
/* A process that does so until the storm is over. */
void plug_run(void);
/* All devices are there again, those that sysfs removed too, and no driver has them. */
bool plugs_restore(void);

/* ---- after a round (aftermath.c, ledger.c) -------------------------------------------------------------- */

/* Kills the processes of the group and waits for them; false and a report where one does not end. */
bool aftermath_reap(pid_t group);
/* Nothing is left of the round: false and a report otherwise. */
bool aftermath_check(void);

/* What the kernel has of memory, in kB, when caches are dropped. */
struct ledger {
	long slab, other, files;
};
void ledger_take(struct ledger *out);
bool ledger_compare(const struct ledger *before, const struct ledger *after);

/* Prints a line on standard output and one in the kernel's log. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends the program: the storm cannot go on. */
void need(bool good, const char *what);
/* Writes @text to a file; returns bytes or a negative errno. */
long file_write(const char *path, const char *text);
/* Reads a number from a file's beginning; ~0 where there is none. */
uint64_t file_number(const char *path);

#endif
