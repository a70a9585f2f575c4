// SPDX-License-Identifier: MIT
/*
 * Two virtual processors and a VMM's thread at work on one bus: configuration, BARs, interrupts and resets of an assigned
 * device, the queue and registers of a virtio-iommu that moves it, a device that vanishes, is taken out and comes back.
 * ThreadSanitizer ends the program when accesses are not ordered, or locks are taken in two orders. RACES_ROUNDS makes it longer.
 */
#include <err.h>
#include <linux/pci_regs.h>
#include <linux/virtio_iommu.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "iommu.h"
#include "races.h"
#include "splitmix64.h"
#include "viommu_start.h"

#define ROUNDS	   20000
#define PROCESSORS 2
#define VIOMMU	   8 /* devfn */
#define CARD	   16
#define MSIX	   0x98 /* the virtio-iommu's capability */
#define MEMORY	   (RACES_MEM32 + 0x100000)
#define BAR	   RACES_MEM32
#define ENTRIES	   64
#define USED	   (RACES_RAM + 0x2000)
#define AVAIL	   (RACES_RAM + 0x1000)
#define REQUESTS   0x4000
#define ANSWERS	   0x8000

const char *__tsan_default_suppressions(void);

/* A guest's RAM is written by its processors whenever they like: whoever reads it there reads it once. */
const char *__tsan_default_suppressions(void)
{
	return "race:queue_descriptor\nrace:vpci_virtio_chain_read\nrace:vpci_virtio_queue_take\n"
	       "race:vpci_virtio_queue_put\nrace:vpci_virtio_chain_write\nrace:function_publish\n"
	       "race:vpci_virtio_queue_publish\nrace:guest_write\nrace:guest_request\n";
}

static struct vpci_bus *bus;
static struct vpci_function *viommu;
static struct iommu iommu;
static struct card card;
static unsigned int plugs;
static unsigned int rounds, progress; /* of both processors, atomic */

static int move(struct uldf_device *device, void *arg)
{
	((struct card *)arg)->accesses++;
	return 0;
}

static int ops_create(void *host, uint32_t endpoint, void **domain)
{
	return iommu_ops.domain_create(&iommu, endpoint, domain);
}

static void ops_destroy(void *host, void *domain)
{
	iommu_ops.domain_destroy(&iommu, domain);
}

static int ops_attach(void *host, uint32_t endpoint, void *domain)
{
	int err = vpci_assigned_move(bus, (uint8_t)endpoint, move, &card);

	if (err)
		iommu_ops.detach(&iommu, endpoint, false);
	return err ? err : iommu_ops.attach(&iommu, endpoint, domain);
}

static int ops_detach(void *host, uint32_t endpoint, bool bypass)
{
	vpci_assigned_move(bus, (uint8_t)endpoint, move, &card);
	return iommu_ops.detach(&iommu, endpoint, bypass);
}

static int ops_map(void *host, void *domain, const struct vpci_viommu_mapping *list, size_t count)
{
	return iommu_ops.map(&iommu, domain, list, count);
}

static int ops_unmap(void *host, void *domain, const struct vpci_viommu_range *list, size_t count,
		     size_t *done, size_t *ended)
{
	return iommu_ops.unmap(&iommu, domain, list, count, done, ended);
}

static const struct vpci_viommu_ops viommu_ops = {
	.domain_create = ops_create,
	.domain_destroy = ops_destroy,
	.attach = ops_attach,
	.detach = ops_detach,
	.map = ops_map,
	.unmap = ops_unmap,
};

static uint64_t draw(uint64_t *state, uint64_t limit)
{
	return splitmix64(state) % limit;
}

static void config_write(unsigned int devfn, unsigned int offset, unsigned int width,
			 uint32_t value)
{
	vpci_bus_memory_write(bus, RACES_ECAM + (devfn << 12) + offset, width, value);
}

static void common_write(unsigned int offset, unsigned int width, uint64_t value)
{
	vpci_bus_memory_write(bus, MEMORY + offset, width, value);
}

static void guest_write(uint64_t address, const void *bytes, size_t size)
{
	memcpy(races_ram + (address - RACES_RAM), bytes, size);
}

static void start_driver(void)
{
	static const struct viommu_start_queue queues[] = {
		{ENTRIES, 0, RACES_RAM, AVAIL, USED},
		{16, 1, RACES_RAM + 0x10000, AVAIL + 0x10000, USED + 0x10000},
	};

	__atomic_store_n((uint16_t *)(races_ram + (AVAIL - RACES_RAM)) + 1, 0, __ATOMIC_RELAXED);
	viommu_start(bus, MEMORY, VIOMMU_START_NO_VECTOR, queues);
}

/* A request of a random kind, each processor's at places of its own; both add to one ring, as processors without a lock do. */
static void guest_request(uint64_t *state, unsigned int processor)
{
	uint64_t first = draw(state, 32) << 12;
	uint32_t domain = 1 + (uint32_t)draw(state, 2);
	struct virtio_iommu_req_map map = {{3, {0}}, domain, first, first + 0xfff, first, 3, {0}};
	struct virtio_iommu_req_unmap unmap = {{4, {0}}, domain, first, first + 0xfff, {0}, {0}};
	struct virtio_iommu_req_attach attach = {{1, {0}}, domain, CARD, 0, {0}, {0}};
	struct virtio_iommu_req_detach detach = {{2, {0}}, domain, CARD, {0}, {0}};
	const struct {
		const void *bytes;
		uint32_t size;
	} kinds[] = {{&map, 36}, {&map, 36}, {&unmap, 28}, {&attach, 20}, {&detach, 20}};
	unsigned int kind = (unsigned int)draw(state, 5);
	uint16_t head = (uint16_t)(2 * (processor + PROCESSORS * draw(state, 16)));
	uint64_t at = RACES_RAM + REQUESTS + 64u * head;
	struct vring_desc chain[2] = {
		{at, kinds[kind].size, VRING_DESC_F_NEXT, (uint16_t)(head + 1)},
		{RACES_RAM + ANSWERS + 16u * head, 4, VRING_DESC_F_WRITE, 0},
	};
	uint16_t *avail = (uint16_t *)(races_ram + (AVAIL - RACES_RAM)), given;

	guest_write(at, kinds[kind].bytes, kinds[kind].size);
	guest_write(RACES_RAM + 16u * head, chain, sizeof(chain));
	given = __atomic_load_n(&avail[1], __ATOMIC_RELAXED);
	__atomic_store_n(&avail[2 + given % ENTRIES], head, __ATOMIC_RELAXED);
	__atomic_store_n(&avail[1], (uint16_t)(given + 1), __ATOMIC_RELEASE);
	vpci_bus_port_write(bus, RACES_PORTS, 2, 0);
}

static void attack_card(uint64_t *state)
{
	uint64_t value = 0;

	switch (draw(state, 8)) {
	case 0: /* moves about, onto the virtio-iommu's as well */
		config_write(CARD, PCI_BASE_ADDRESS_0, 4, (uint32_t)(BAR + (draw(state, 4) << 14)));
		return;
	case 1:
		config_write(CARD, PCI_COMMAND, 2, (uint32_t)draw(state, 8));
		return;
	case 2:
		config_write(CARD, 0x72, 2, (uint32_t)draw(state, 4) << 14);
		return;
	case 3:
		config_write(CARD, 0x80 + PCI_EXP_DEVCTL, 2,
			     draw(state, 8) ? 0 : PCI_EXP_DEVCTL_BCR_FLR);
		return;
	case 4:
	case 5:
		vpci_bus_memory_write(bus, BAR + 0x2000 + 16 * draw(state, 8), 4, 0xfee00000);
		vpci_bus_memory_write(bus, BAR + 0x200c + 16 * draw(state, 8), 4, draw(state, 2));
		return;
	}
	config_write(CARD, PCI_COMMAND, 2,
		     PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	vpci_bus_memory_read(bus, BAR + draw(state, CARD_BAR / 8) * 8, 8, &value);
}

static void attack_viommu(uint64_t *state, unsigned int processor)
{
	uint64_t status = 0;

	switch (draw(state, 16)) {
	case 0:
		config_write(VIOMMU, PCI_COMMAND, 2,
			     PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
				     (draw(state, 2) ? PCI_COMMAND_MASTER : 0));
		return;
	case 1:
		common_write(0x800 + 16 * draw(state, 3), 8, 0xfee00000);
		common_write(0x80c + 16 * draw(state, 3), 4, draw(state, 2));
		config_write(VIOMMU, MSIX + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
		return;
	case 2: /* the bypass byte */
		common_write(0x100 + 36, 1, draw(state, 2));
		return;
	}
	vpci_bus_memory_read(bus, MEMORY + VIRTIO_PCI_COMMON_STATUS, 1, &status);
	if (status != 0xf)
		start_driver();
	guest_request(state, processor);
}

static void *run_processor(void *arg)
{
	unsigned int processor = (unsigned int)(uintptr_t)arg;
	uint64_t state = processor;

	for (unsigned int i = 0; i < rounds; i++) {
		if (draw(&state, 2))
			attack_card(&state);
		else
			attack_viommu(&state, processor);
		__atomic_add_fetch(&progress, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void plug(void)
{
	if (vpci_bus_add(bus, CARD, card_assign(&card)) != CARD ||
	    vpci_viommu_add_endpoint(viommu, CARD, NULL, 0))
		errx(1, "the card found no slot");
}

static void *run_vmm(void *arg)
{
	const struct vpci_viommu_fault fault = {CARD, 0x1000, VPCI_VIOMMU_READ};
	struct vpci_viommu_counters counters;
	uint64_t state = 99;

	unsigned int last = 0, now;

	/* The card lives for some hundred accesses. */
	while ((now = __atomic_load_n(&progress, __ATOMIC_RELAXED)) < PROCESSORS * rounds) {
		vpci_viommu_count(viommu, &counters);
		vpci_viommu_report_fault(viommu, &fault);
		vpci_bus_presence(bus, CARD);
		if (now - last < 100 + draw(&state, 200)) {
			sched_yield();
			continue;
		}
		last = now;
		plugs++;
		__atomic_store_n(&card.gone, true, __ATOMIC_RELAXED);
		vpci_bus_check(bus);
		vpci_viommu_remove_endpoint(viommu, CARD);
		vpci_bus_remove(bus, CARD);
		plug();
	}
	return NULL;
}

static void start(void)
{
	static const struct vpci_layout layout = {
		.ecam = {RACES_ECAM, 0x100000},
		.ports = {RACES_PORTS, 0x1000},
		.mem32 = {RACES_MEM32, 0x1000000},
		.gsis = {16, 17, 18, 19},
	};
	struct vpci_viommu_options options = iommu_options();

	if (vpci_bus_create(&layout, &races_host_ops, NULL, &bus) ||
	    vpci_viommu_create(&options, &viommu_ops, NULL, &viommu) ||
	    vpci_bus_add(bus, VIOMMU, viommu) != VIOMMU)
		errx(1, "no bus");
	plug();
	config_write(VIOMMU, PCI_BASE_ADDRESS_0, 4, (uint32_t)MEMORY);
	config_write(VIOMMU, PCI_BASE_ADDRESS_2, 4, RACES_PORTS);
	config_write(VIOMMU, PCI_COMMAND, 2,
		     PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

int main(void)
{
	const char *text = getenv("RACES_ROUNDS");
	struct vpci_viommu_counters counters;
	pthread_t threads[PROCESSORS + 1];

	rounds = text ? (unsigned int)strtoul(text, NULL, 0) : ROUNDS;
	start();
	for (uintptr_t i = 0; i < PROCESSORS; i++)
		if (pthread_create(&threads[i], NULL, run_processor, (void *)i))
			errx(1, "no thread");
	if (pthread_create(&threads[PROCESSORS], NULL, run_vmm, NULL))
		errx(1, "no thread");
	for (unsigned int i = 0; i < PROCESSORS + 1; i++)
		pthread_join(threads[i], NULL);
	vpci_viommu_count(viommu, &counters);
	vpci_bus_destroy(bus);
	printf("%u cards, %llu requests, %llu refused, %llu mappings made, %llu faults\n", plugs,
	       (unsigned long long)counters.requests, (unsigned long long)counters.refused,
	       (unsigned long long)counters.maps, (unsigned long long)counters.faults);
	if (!plugs || !counters.maps || iommu_domain_count(&iommu))
		errx(1, "nothing was plugged or mapped, or a domain is left");
	return 0;
}
