// SPDX-License-Identifier: MIT
/*
 * The life of the bus. CHAOS_SEED repeats a run, CHAOS_STEPS makes it longer; what fails is named with the seed and the step.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include "chaos.h"
#include "splitmix64.h"

#define STEPS 50000

struct chaos chaos;

uint64_t chaos_draw(uint64_t limit)
{
	uint64_t x = splitmix64(&chaos.state);

	return limit ? x % limit : x;
}

bool chaos_one_in(unsigned int times)
{
	return !chaos_draw(times);
}

uint64_t chaos_value(void)
{
	switch (chaos_draw(8)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return 1ull << chaos_draw(64);
	case 3:
		return HOST_MEM32 + chaos_draw(16) * 0x800;
	case 4:
		return HOST_MEM64 + chaos_draw(16) * 0x1000;
	case 5:
		return 0xfee00000 + chaos_draw(0x1000);
	case 6:
		return RING_RAM + chaos_draw(RING_RAM_SIZE);
	}
	return chaos_draw(0);
}

/* A card whose BARs are of every kind: large, less than a page, above 4 GiB, ports. */
static void device_mixed(struct device *device)
{
	device_card(device);
	device->regions[3] = (struct uldf_region){
		.size = 0x800, .writable = true, .areas = 1, .area = {{0, 0x1000}}};
	device->regions[4] = (struct uldf_region){
		.size = 0x8000, .is64 = true, .writable = true, .areas = 1, .area = {{0, 0x8000}}};
}

bool chaos_plug(struct chaos_device *slot)
{
	static void (*const makers[CHAOS_DEVICES])(struct device *) = {device_card, device_mixed,
								       device_ide};
	bool failing = chaos.failing;
	int err;

	makers[slot - chaos.devices](&slot->device);
	for (unsigned int i = 0; i < 6; i++)
		for (unsigned int j = 0; j < DEVICE_BAR && i != 0; j++)
			slot->device.bars[i][j] = (uint8_t)chaos_draw(0);
	slot->function = device_assign(&slot->device);
	slot->noticed = false;
	chaos_fail(failing && chaos_one_in(2));
	err = vpci_bus_add(chaos.bus, slot->devfn, slot->function);
	chaos_fail(failing);
	if (err == slot->devfn)
		return true;
	cr_assert(failing && err < 0, "a device found no slot: %d", err);
	vpci_function_destroy(slot->function);
	slot->function = NULL;
	device_fini(&slot->device);
	return false;
}

void chaos_unplug(struct chaos_device *slot)
{
	if (!slot->function)
		return;
	cr_assert_eq(vpci_bus_remove(chaos.bus, slot->devfn), 0);
	slot->function = NULL;
	cr_assert_eq(slot->device.closes, 1);
	cr_assert_eq(slot->device.maps, 0);
	device_fini(&slot->device);
}

void chaos_no_descriptors(bool on)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = on ? 3 : limit.rlim_max;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Each op fails, or not, until the next call. */
void chaos_fail(bool on)
{
	static const int errors[] = {-ENOMEM, -EMFILE, -EBUSY, -ENOSPC};

	chaos.failing = on;
	chaos.unsettled |= on;
	chaos.unsettled_isa |= on;
#define CHAOS_ERROR (on && chaos_one_in(2) ? errors[chaos_draw(4)] : 0)
	chaos.host.send_error = CHAOS_ERROR;
	chaos.host.update_error = CHAOS_ERROR;
	chaos.host.unmask_error = CHAOS_ERROR;
	chaos.host.wire_error = CHAOS_ERROR;
	chaos.host.window_error = CHAOS_ERROR;
	chaos.host.most_routes = on ? (unsigned int)chaos_draw(8) : HOST_ROUTES;
	chaos.iommu.create_error = CHAOS_ERROR;
	chaos.iommu.attach_error = CHAOS_ERROR;
	chaos.iommu.map_error = CHAOS_ERROR;
	/* A guest's domains die of them. */
	chaos.iommu.detach_error = chaos_one_in(8) ? CHAOS_ERROR : 0;
	chaos.iommu.unmap_error = chaos_one_in(8) ? CHAOS_ERROR : 0;
	for (unsigned int i = 0; i < CHAOS_DEVICES; i++) {
		struct device *device = &chaos.devices[i].device;

		for (unsigned int j = 0; j < ULDF_IRQ_TYPES; j++)
			device->enable_errors[j] = CHAOS_ERROR;
		device->bind_error = CHAOS_ERROR;
		device->most_vectors = on ? (unsigned int)chaos_draw(8) : DEVICE_VECTORS;
	}
#undef CHAOS_ERROR
	chaos_no_descriptors(on && chaos_one_in(4));
}

void chaos_config_write(unsigned int devfn, unsigned int offset, unsigned int width, uint32_t value)
{
	cr_assert(
		vpci_bus_memory_write(chaos.bus, HOST_ECAM + (devfn << 12) + offset, width, value));
}

uint32_t chaos_config_read(unsigned int devfn, unsigned int offset, unsigned int width)
{
	uint64_t value = 0;

	cr_assert(
		vpci_bus_memory_read(chaos.bus, HOST_ECAM + (devfn << 12) + offset, width, &value));
	return (uint32_t)value;
}

static unsigned int descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	cr_assert(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void chaos_begin(uint64_t seed)
{
	static const struct vpci_viommu_reserved msi = {0xfee00000, 0xfeefffff, true};
	static const uint8_t devfns[CHAOS_DEVICES] = {16, 24, 32};
	struct vpci_viommu_options options = iommu_options();

	memset(&chaos, 0, sizeof(chaos));
	chaos.state = seed;
	chaos.bus = host_bus(&chaos.host);
	ring_clear();
	chaos.host.ram = ring_ram;
	chaos.host.ram_base = RING_RAM;
	chaos.host.ram_size = RING_RAM_SIZE;
	options.mappings = CHAOS_MAPPINGS;
	options.domains = CHAOS_DOMAINS;
	cr_assert_eq(vpci_viommu_create(&options, &chaos_viommu_ops, NULL, &chaos.viommu), 0);
	cr_assert_eq(vpci_bus_add(chaos.bus, CHAOS_VIOMMU, chaos.viommu), CHAOS_VIOMMU);
	for (unsigned int i = 0; i < CHAOS_DEVICES; i++) {
		chaos.devices[i].devfn = devfns[i];
		cr_assert(chaos_plug(&chaos.devices[i]));
		if (devfns[i] < IOMMU_ENDPOINTS)
			cr_assert_eq(vpci_viommu_add_endpoint(chaos.viommu, devfns[i], &msi, 1), 0);
	}
	chaos.model = model_create(256);
	model_bar(chaos.model, 0, VPCI_BAR_MEM32, 0x1000, MODEL_NOT_FIXED);
	model_bar(chaos.model, 1, VPCI_BAR_PORTS, 64, MODEL_NOT_FIXED);
	model_bar(chaos.model, 2, VPCI_BAR_MEM64, 0x4000, MODEL_NOT_FIXED);
	model_add(chaos.model, chaos.bus, CHAOS_MODEL);
	cr_assert_eq(vpci_bus_assign(chaos.bus), 0);
}

static void chaos_end(void)
{
	chaos_fail(false);
	for (unsigned int i = 0; i < CHAOS_DEVICES; i++)
		vpci_viommu_remove_endpoint(chaos.viommu, chaos.devices[i].devfn);
	for (unsigned int i = 0; i < CHAOS_DEVICES; i++)
		chaos_unplug(&chaos.devices[i]);
	vpci_bus_destroy(chaos.bus);
	cr_assert_eq(host_route_total(&chaos.host), 0);
	cr_assert_eq(host_wire_count(&chaos.host), 0);
	cr_assert_eq(host_window_count(&chaos.host), 0);
	cr_assert_eq(iommu_domain_count(&chaos.iommu), 0);
	host_check_leaks();
}

static uint64_t chaos_option(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

Test(chaos, whatever_a_guest_and_its_host_do_the_bus_stays_whole)
{
	static void (*const steps[])(void) = {chaos_access,    chaos_access,	chaos_access,
					      chaos_interrupt, chaos_interrupt, chaos_viommu,
					      chaos_event};
	uint64_t seed = chaos_option("CHAOS_SEED", (uint64_t)time(NULL));
	uint64_t count = chaos_option("CHAOS_STEPS", STEPS);
	unsigned int before = descriptors();

	/* A failed check names no seed: this line, printed before, does. */
	fprintf(stderr, "chaos: CHAOS_SEED=%llu\n", (unsigned long long)seed);
	chaos_begin(seed);
	for (chaos.step = 0; chaos.step < count; chaos.step++) {
		steps[chaos_draw(sizeof(steps) / sizeof(steps[0]))]();
		chaos.model->access_count = 0;
		chaos_check();
	}
	chaos_end();
	cr_assert_eq(descriptors(), before, "descriptors are left");
	for (unsigned int i = 0; i < 9; i++)
		fprintf(stderr, "chaos: %u answers of status %u\n", chaos.statuses[i], i);
	cr_expect_neq(chaos.statuses[0], 0, "no request succeeded");
}
