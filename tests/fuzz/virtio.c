// SPDX-License-Identifier: MIT
/*
 * A libFuzzer target: a guest that does anything to a virtio-iommu on its bus. An input is what
 * lies in the guest's memory when its driver is ready, and what it does then: doorbells, registers,
 * memory, configuration. "virtio --seed FILE" makes an input to begin with.
 */
#include <linux/pci_regs.h>
#include <linux/virtio_iommu.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>
#include <vpci/bus.h>
#include "input.h"
#include "iommu.h"
#include "viommu_start.h"

#define VIOMMU	 8 /* devfn */
#define ENDPOINT 16
#define ECAM	 0xb0000000ull
#define PORTS	 0x1000u
#define MEMORY	 0xc0000000ull
#define MAPPINGS 64
#define MSIX	 0x98 /* the capability */
#define TABLE	 (MEMORY + 0x800)

/* Guest RAM, and where the driver has its two queues and the seed its requests. */
#define RAM	      0x100000ull
#define RAM_SIZE      0x4000u
#define QUEUE	      16
#define REQUESTS_DESC 0x000
#define EVENTS_DESC   0x100
#define REQUESTS_RING 0x200
#define EVENTS_RING   0x240
#define BUFFERS	      0x300
#define BUFFER_SIZE   0x50
#define BUFFERS_END   0x500
#define ANSWERS	      0x1000
#define ANSWER_SIZE   0x210
#define EVENTS	      0x2800
#define MOST_STEPS    256
#define REQUESTS_USED 0x3000
#define EVENTS_USED   0x3200

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step {
	STEP_RING,
	STEP_FAULT,
	STEP_POKE, /* RAM */
	STEP_MEMORY_WRITE,
	STEP_MEMORY_READ,
	STEP_PORT_WRITE,
	STEP_CONFIG_WRITE,
	STEP_CONFIG_READ,
	STEP_DRIVER, /* comes up again */
	STEP_RESET,
	STEP_PLUG,
	STEP_ERRORS,
	STEPS,
};

static uint8_t ram[RAM_SIZE] __attribute__((aligned(4096)));
static struct iommu iommu;
static struct vpci_bus *bus;
static struct vpci_function *function;
static bool plugged; /* the endpoint is there */

static int host_msi_send(void *host, const struct vpci_msi *msi)
{
	if (msi->address >> 20 != 0xfee || msi->requester != VIOMMU)
		abort();
	return 0;
}

static void *host_memory(void *host, uint64_t address, uint64_t size)
{
	uint64_t offset = address - RAM;

	if (address < RAM || offset > RAM_SIZE || size > RAM_SIZE - offset)
		return NULL;
	return ram + offset;
}

static void host_report(void *host, const char *text)
{
	if (!*text || strchr(text, '\n'))
		abort();
}

static const struct vpci_host_ops host_ops = {
	.msi_send = host_msi_send, .memory = host_memory, .report = host_report};

static void driver_start(void)
{
	static const struct viommu_start_queue queues[] = {
		{QUEUE, 1, RAM + REQUESTS_DESC, RAM + REQUESTS_RING, RAM + REQUESTS_USED},
		{QUEUE, 2, RAM + EVENTS_DESC, RAM + EVENTS_RING, RAM + EVENTS_USED},
	};

	viommu_start(bus, MEMORY, 0, queues);
}

static void ecam_write(unsigned int offset, unsigned int width, uint32_t value)
{
	vpci_bus_memory_write(bus, ECAM + (VIOMMU << 12) + offset, width, value);
}

/* MSI-X is on, and every vector sends. */
static void start_vectors(void)
{
	ecam_write(MSIX + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	for (uint64_t entry = TABLE; entry < TABLE + 3 * 16; entry += 16) {
		vpci_bus_memory_write(bus, entry, 8, 0xfee00000);
		vpci_bus_memory_write(bus, entry + 8, 8, 0);
	}
}

static void start(void)
{
	static const struct vpci_layout layout = {
		.ecam = {ECAM, 0x100000},
		.ports = {PORTS, 0x1000},
		.mem32 = {MEMORY, 0x100000},
	};
	static const struct vpci_viommu_reserved msi = {0xfee00000, 0xfeefffff, true};
	struct vpci_viommu_options options = iommu_options();

	memset(&iommu, 0, sizeof(iommu));
	memset(ram, 0, sizeof(ram));
	options.mappings = MAPPINGS;
	if (vpci_bus_create(&layout, &host_ops, NULL, &bus) ||
	    vpci_viommu_create(&options, &iommu_ops, &iommu, &function) ||
	    vpci_viommu_add_endpoint(function, ENDPOINT, &msi, 1) ||
	    vpci_bus_add(bus, VIOMMU, function) != VIOMMU || vpci_bus_assign(bus))
		abort();
	ecam_write(PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	start_vectors();
	driver_start();
	plugged = true;
}

static void check(void)
{
	struct vpci_viommu_counters counters;
	uint64_t mappings = iommu_mapping_count(&iommu);

	vpci_viommu_count(function, &counters);
	if (mappings != counters.mappings || mappings > MAPPINGS ||
	    counters.refused > counters.requests)
		abort();
	if (!plugged && iommu.endpoints[ENDPOINT].reach != IOMMU_NOTHING)
		abort();
}

static void step_poke(struct input *input)
{
	uint32_t at = (uint32_t)input_take(input, 2) % RAM_SIZE;
	size_t size = input_take(input, 1);

	input_copy(input, ram + at, size < RAM_SIZE - at ? size : RAM_SIZE - at);
}

static void step_access(struct input *input, unsigned int kind)
{
	unsigned int width = 1u << input_take(input, 1) % 4;
	uint32_t at = (uint32_t)input_take(input, 2);
	uint64_t value = 0;

	switch (kind) {
	case STEP_MEMORY_WRITE:
		vpci_bus_memory_write(bus, MEMORY + at % 0x2000, width, input_take(input, width));
		break;
	case STEP_MEMORY_READ:
		vpci_bus_memory_read(bus, MEMORY + at % 0x2000, width, &value);
		break;
	case STEP_PORT_WRITE:
		vpci_bus_port_write(bus, (uint16_t)(PORTS + at % 16), width,
				    (uint32_t)input_take(input, width));
		break;
	case STEP_CONFIG_WRITE:
		ecam_write(at % 256, width, (uint32_t)input_take(input, width));
		break;
	case STEP_CONFIG_READ:
		vpci_bus_memory_read(bus, ECAM + (VIOMMU << 12) + at % 256, width, &value);
		break;
	}
}

static void step_fault(struct input *input)
{
	const struct vpci_viommu_fault fault = {
		.endpoint = (uint32_t)input_take(input, 1),
		.address = input_take(input, 8),
		.access = (unsigned int)input_take(input, 1),
	};

	vpci_viommu_report_fault(function, &fault);
}

static void step_errors(struct input *input)
{
	uint64_t bits = input_take(input, 1);

	iommu.attach_error = bits & 1 ? -1 : 0;
	iommu.detach_error = bits & 2 ? -1 : 0;
	iommu.map_error = bits & 4 ? -1 : 0;
	iommu.unmap_error = bits & 8 ? -1 : 0;
}

static void step(struct input *input)
{
	unsigned int kind = input_take(input, 1) % STEPS;

	switch (kind) {
	case STEP_RING:
		vpci_bus_port_write(bus, PORTS + (input_take(input, 1) & 1) * 4, 2, 0);
		break;
	case STEP_FAULT:
		step_fault(input);
		break;
	case STEP_POKE:
		step_poke(input);
		break;
	case STEP_DRIVER:
		driver_start();
		break;
	case STEP_RESET:
		vpci_bus_reset(bus);
		break;
	case STEP_PLUG:
		if (vpci_viommu_remove_endpoint(function, ENDPOINT))
			plugged = !vpci_viommu_add_endpoint(function, ENDPOINT, NULL, 0);
		else
			plugged = false;
		break;
	case STEP_ERRORS:
		step_errors(input);
		break;
	default:
		step_access(input, kind);
	}
	check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};

	start();
	input_copy(&input, ram, input_take(&input, 2) % REQUESTS_USED);
	for (unsigned int i = 0; input.left && i < MOST_STEPS; i++)
		step(&input);
	vpci_bus_destroy(bus);
	if (iommu_domain_count(&iommu))
		abort();
	return 0;
}

/* A chain of a request and its answer, behind those that are there already. */
static void seed_add(uint8_t *memory, unsigned int index, const void *request, uint32_t size,
		     uint32_t room)
{
	uint64_t at = BUFFERS + BUFFER_SIZE * index;
	struct vring_desc chain[2] = {
		{RAM + at, size, VRING_DESC_F_NEXT, (uint16_t)(2 * index + 1)},
		{RAM + ANSWERS + ANSWER_SIZE * index, room, VRING_DESC_F_WRITE, 0},
	};
	uint16_t head = (uint16_t)(2 * index), given = (uint16_t)(index + 1);

	memcpy(memory + at, request, size);
	memcpy(memory + REQUESTS_DESC + sizeof(chain) * index, chain, sizeof(chain));
	memcpy(memory + REQUESTS_RING + 4 + 2 * index, &head, sizeof(head));
	memcpy(memory + REQUESTS_RING + 2, &given, sizeof(given));
}

static int seed_write(const char *path)
{
	static const uint8_t steps[] = {
		STEP_RING,  0,
		STEP_FAULT, ENDPOINT,
		0,	    0x10,
		0,	    0,
		0,	    0,
		0,	    0,
		1,	    STEP_CONFIG_READ,
		2,	    0x94,
		0,	    STEP_CONFIG_WRITE,
		1,	    4,
		0,	    7,
		0,	    STEP_MEMORY_READ,
		2,	    0,
		0,	    STEP_MEMORY_WRITE,
		0,	    0x24,
		1,	    0,
		STEP_POKE,  2,
		2,	    2,
		9,	    0,
		STEP_RING,  0,
		STEP_PLUG,  STEP_DRIVER,
		STEP_RESET,
	};
	static const struct virtio_iommu_req_attach attach = {{1, {0}}, 1, ENDPOINT, 0, {0}, {0}};
	static const struct virtio_iommu_req_map map = {{3, {0}}, 1, 0x1000, 0x2fff,
							0x8000,	  3, {0}};
	static const struct virtio_iommu_req_unmap unmap = {{4, {0}}, 1, 0x1000, 0x2fff, {0}, {0}};
	static const struct virtio_iommu_req_detach detach = {{2, {0}}, 1, ENDPOINT, {0}, {0}};
	static const struct virtio_iommu_req_probe probe = {.head.type = 5, .endpoint = ENDPOINT};
	const struct vring_desc event = {RAM + EVENTS, 24, VRING_DESC_F_WRITE, 0};
	uint8_t seed[2 + BUFFERS_END + sizeof(steps)] = {BUFFERS_END & 0xff, BUFFERS_END >> 8};
	uint8_t *memory = seed + 2;

	seed_add(memory, 0, &probe, sizeof(probe), 516);
	seed_add(memory, 1, &attach, 20, 4);
	seed_add(memory, 2, &map, 36, 4);
	seed_add(memory, 3, &unmap, 28, 4);
	seed_add(memory, 4, &map, 36, 4);
	seed_add(memory, 5, &detach, 20, 4);
	memcpy(memory + EVENTS_DESC, &event, sizeof(event));
	memory[EVENTS_RING + 2] = 1;
	memcpy(memory + BUFFERS_END, steps, sizeof(steps));
	return input_write_seed(path, seed, sizeof(seed));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc == 3 && !strcmp((*argv)[1], "--seed"))
		exit(seed_write((*argv)[2]));
	return 0;
}
