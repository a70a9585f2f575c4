// SPDX-License-Identifier: MIT
#include "hostile.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define BAR_MOST     0x20000
#define MAPPINGS     8
#define VECTORS_MOST 4
#define BUS_FIRST    0x100000
#define PAGE	     4096
#define SCRIBBLE     64 /* bytes at a time */

/* What the fuzzer's bytes can ask for. */
enum mischief {
	READS_ELSE,  /* bits of what a register reads as are flipped */
	READS_ONES,  /* a register reads as ones, as one that nobody answers for */
	FAILS,	     /* an access fails */
	VANISHES,    /* all accesses fail from now on */
	SCRIBBLES,   /* bytes are written into mapped memory */
	INTERRUPTS,  /* an interrupt comes */
	WRITES_SELF, /* a register takes a value of its own */
	OWN,	     /* the kind's own */
	MISCHIEFS,
};

static struct {
	const struct hostile_kind *kind;
	struct input *input;
	uint32_t command; /* of the configuration space */
	bool gone;
	unsigned int quiet; /* accesses before the next mischief */
	struct {
		uint64_t bus;
		uint8_t *memory;
		size_t size; /* 0: none */
	} mappings[MAPPINGS];
	uint64_t bus_next;
	unsigned int memories; /* registered */
	unsigned int enabled;  /* vectors */
	int fds[VECTORS_MOST];
} hostile;

static uint8_t bars[HOSTILE_BARS][BAR_MOST];
static struct uldf_ctx *ctx;

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "the driver: %s\n", what);
	abort();
}

/* ---- for the kinds -------------------------------------------------------------------------------- */

uint32_t *hostile_register(unsigned int bar, uint32_t offset)
{
	return (uint32_t *)(void *)&bars[bar][offset];
}

void *hostile_reach(uint64_t bus, size_t size)
{
	if (!(hostile.command & PCI_COMMAND_MASTER))
		return NULL;
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		uint64_t at = bus - hostile.mappings[i].bus;

		if (hostile.mappings[i].size && at < hostile.mappings[i].size &&
		    size <= hostile.mappings[i].size - at)
			return hostile.mappings[i].memory + at;
	}
	return NULL;
}

void hostile_interrupt(unsigned int vector)
{
	if (vector < hostile.enabled && hostile.fds[vector] >= 0)
		eventfd_write(hostile.fds[vector], 1);
}

bool hostile_is_gone(void)
{
	return hostile.gone;
}

/* ---- mischief -------------------------------------------------------------------------------------- */

static void scribble(void)
{
	unsigned int index = (unsigned int)input_take(hostile.input, 1) % MAPPINGS;
	size_t offset = input_take(hostile.input, 3);
	size_t size = input_take(hostile.input, 1) % SCRIBBLE + 1;

	if (!(hostile.command & PCI_COMMAND_MASTER) || size > hostile.mappings[index].size)
		return;
	offset %= hostile.mappings[index].size - size + 1;
	input_copy(hostile.input, hostile.mappings[index].memory + offset, size);
}

static void write_self(void)
{
	unsigned int bar = (unsigned int)input_take(hostile.input, 1) % HOSTILE_BARS;
	uint32_t offset = (uint32_t)input_take(hostile.input, 3);
	uint32_t value = (uint32_t)input_take(hostile.input, 4);

	if (hostile.kind->sizes[bar] >= sizeof(value))
		memcpy(&bars[bar][offset % (hostile.kind->sizes[bar] - 3)], &value, sizeof(value));
}

/* At each access: 0, or what it fails with; *flip is what to change of the value read. */
static int act(uint64_t *flip)
{
	*flip = 0;
	if (hostile.gone)
		return -ENODEV;
	if (!hostile.input->left)
		return 0;
	if (hostile.quiet) {
		hostile.quiet--;
		return 0;
	}
	hostile.quiet = (unsigned int)input_take(hostile.input, 1);
	switch (input_take(hostile.input, 1) % MISCHIEFS) {
	case READS_ELSE:
		*flip = input_take(hostile.input, 4);
		return 0;
	case READS_ONES:
		*flip = UINT64_MAX;
		return 0;
	case FAILS:
		return -EIO;
	case VANISHES:
		/* rarely, as nothing is left to be tried then */
		hostile.gone = !input_take(hostile.input, 1);
		return hostile.gone ? -ENODEV : 0;
	case SCRIBBLES:
		scribble();
		return 0;
	case INTERRUPTS:
		hostile_interrupt((unsigned int)input_take(hostile.input, 1) % VECTORS_MOST);
		return 0;
	case WRITES_SELF:
		write_self();
		return 0;
	default:
		if (hostile.kind->mischief)
			hostile.kind->mischief(hostile.input);
		return 0;
	}
}

/* ---- the backend ----------------------------------------------------------------------------------- */

static int backend_open(struct uldf_device *device, const char *rest)
{
	for (unsigned int i = 0; i < HOSTILE_BARS; i++)
		device->regions[ULDF_BAR0 + i] = (struct uldf_region){
			.size = hostile.kind->sizes[i],
			.ports = hostile.kind->ports >> i & 1,
			.writable = true,
		};
	device->regions[ULDF_CONFIG] = (struct uldf_region){.size = 4096, .writable = true};
	memcpy(device->info.vectors, hostile.kind->vectors, sizeof(device->info.vectors));
	device->info.translated = true;
	return 0;
}

static void backend_close(struct uldf_device *device)
{
}

static uint32_t config_read(uint64_t offset, unsigned int width)
{
	const uint32_t words[] = {hostile.kind->id, hostile.command, hostile.kind->class_code << 8};
	uint64_t word = offset / 4 < 3 ? words[offset / 4] : 0;

	return (uint32_t)(word >> 8 * (offset % 4) & ((UINT64_C(1) << 8 * width) - 1));
}

static int backend_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			unsigned int width, uint64_t *out)
{
	uint64_t flip, value = 0;
	int err;

	if (index == ULDF_CONFIG) {
		if (hostile.gone)
			return -ENODEV;
		*out = config_read(offset, width);
		return 0;
	}
	err = act(&flip);
	if (err)
		return err;
	memcpy(&value, &bars[index][offset], width);
	if (hostile.kind->read)
		value = hostile.kind->read(index, (uint32_t)offset, width, value);
	value ^= flip == UINT64_MAX ? ~value : flip;
	*out = width < 8 ? value & ((UINT64_C(1) << 8 * width) - 1) : value;
	return 0;
}

static int backend_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			 unsigned int width, uint64_t value)
{
	uint64_t flip;
	int err;

	/* The kernel switches bus mastering, not the device. */
	if (index == ULDF_CONFIG) {
		if (offset == PCI_COMMAND && !hostile.gone)
			hostile.command = (uint32_t)value;
		return hostile.gone ? -ENODEV : 0;
	}
	err = act(&flip);
	if (err)
		return err;
	memcpy(&bars[index][offset], &value, width);
	hostile.kind->write(index, (uint32_t)offset, width, value);
	return 0;
}

static int backend_irq_enable(struct uldf_device *device, enum uldf_irq_type type,
			      unsigned int count)
{
	if (hostile.gone)
		return -ENODEV;
	hostile.enabled = count;
	for (unsigned int i = 0; i < VECTORS_MOST; i++)
		hostile.fds[i] = -1;
	return 0;
}

static int backend_irq_disable(struct uldf_device *device)
{
	hostile.enabled = 0;
	return hostile.gone ? -ENODEV : 0;
}

static int backend_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			    const int *fds)
{
	if (hostile.gone)
		return -ENODEV;
	for (unsigned int i = 0; i < count && first + i < VECTORS_MOST; i++)
		hostile.fds[first + i] = fds[i];
	return 0;
}

static int backend_irq_unmask(struct uldf_device *device)
{
	return hostile.gone ? -ENODEV : 0;
}

static int backend_attach(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static int backend_detach(struct uldf_device *device)
{
	return 0;
}

static int backend_space_create(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static void backend_space_destroy(struct uldf_space *space)
{
}

static int backend_register(struct uldf_space *space, struct uldf_memory *memory)
{
	hostile.memories++;
	return 0;
}

static int backend_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	hostile.memories--;
	return 0;
}

static int backend_map(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		if (hostile.mappings[i].size)
			continue;
		hostile.mappings[i].bus = hostile.bus_next;
		hostile.mappings[i].memory = (uint8_t *)list->memory->address + list->offset;
		hostile.mappings[i].size = list->size;
		list->address = hostile.bus_next;
		/* A page that is no memory stands between any two. */
		hostile.bus_next += list->size + PAGE;
		return 0;
	}
	return -ENOSPC;
}

static int backend_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	for (unsigned int i = 0; i < MAPPINGS; i++)
		if (hostile.mappings[i].bus == list->address)
			hostile.mappings[i].size = 0;
	return 0;
}

static const struct uldf_backend_ops hostile_backend = {
	.name = "hostile",
	.open = backend_open,
	.close = backend_close,
	.region_read = backend_read,
	.region_write = backend_write,
	.irq_enable = backend_irq_enable,
	.irq_disable = backend_irq_disable,
	.irq_bind = backend_irq_bind,
	.irq_unmask = backend_irq_unmask,
	.attach = backend_attach,
	.detach = backend_detach,
	.space_create = backend_space_create,
	.space_destroy = backend_space_destroy,
	.memory_register = backend_register,
	.memory_unregister = backend_unregister,
	.map_anywhere = backend_map,
	.unmap = backend_unmap,
};

/* ---- its life -------------------------------------------------------------------------------------- */

struct uldf_device *hostile_open(const struct hostile_kind *kind, struct input *input,
				 struct uldf_space **space)
{
	struct uldf_device *device = NULL;

	memset(&hostile, 0, sizeof(hostile));
	for (unsigned int i = 0; i < HOSTILE_BARS; i++)
		memset(bars[i], 0, kind->sizes[i]);
	hostile.kind = kind;
	hostile.input = input;
	hostile.bus_next = BUS_FIRST;
	hostile.quiet = (unsigned int)input_take(input, 1);
	if (kind->reset)
		kind->reset();
	if (uldf_ctx_create(&ctx) || device_open_backend(ctx, &hostile_backend, "", &device) ||
	    uldf_space_create_masked(device, UINT32_MAX, space) ||
	    uldf_device_attach(device, *space))
		fail("had no device to begin with");
	return device;
}

void hostile_close(struct uldf_device *device, struct uldf_space *space)
{
	if (hostile.enabled)
		fail("left vectors enabled");
	if (hostile.memories)
		fail("left memory registered");
	if (!hostile.gone && hostile.command & PCI_COMMAND_MASTER)
		fail("left bus mastering on");
	uldf_device_detach(device);
	uldf_space_destroy(space);
	uldf_device_close(device);
	uldf_ctx_destroy(ctx);
}

void hostile_main(int argc, char **argv, const uint8_t *seed, size_t size)
{
	if (argc == 3 && !strcmp(argv[1], "--seed"))
		exit(input_write_seed(argv[2], seed, size));
}
