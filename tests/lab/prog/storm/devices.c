// SPDX-License-Identifier: MIT
/* The devices of the storm, as sysfs tells of them, and what is done with one outside of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "storm.h"

#define FUNCTIONS      3 /* virtual ones of each device that the storm meddles with */
#define EXTENDED_AT    0x100
#define EXTENDED_SRIOV 0x10
#define SRIOV_FIRST    0x14
#define SRIOV_STRIDE   0x16
#define SRIOV_ID       0x1a

bool device_read(const struct device *device, const char *name, char *text, size_t size)
{
	char path[96];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", device->text, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, size - 1);
	close(fd);
	if (length < 0)
		return false;
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

bool device_present(const struct device *device)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", device->text);
	return !access(path, F_OK);
}

bool device_claimed(const struct device *device)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/uldf/%s", device->text);
	return !access(path, F_OK);
}

static uint64_t device_number(const struct device *device, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", device->text, name);
	return file_number(path);
}

/* Each line of "resource" is first and last address, and flags: six BARs and the ROM. */
static void sizes_read(struct device *device)
{
	unsigned long long first, last, flags;
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", device->text);
	file = fopen(path, "r");
	need(file, path);
	for (int i = 0; i < ULDF_REGION_CONFIG; i++)
		if (fscanf(file, "%llx %llx %llx", &first, &last, &flags) == 3 && last)
			device->size[i] = last - first + 1;
	fclose(file);
	device->size[ULDF_REGION_CONFIG] = 4096;
}

static uint32_t config_read(int config, off_t offset, size_t width)
{
	uint32_t value = 0;

	return pread(config, &value, width, offset) == (ssize_t)width ? value : 0;
}

/* Offset of the capability in a file of configuration space; 0 where there is none. */
static off_t sriov_find(int config)
{
	off_t at = EXTENDED_AT;

	for (int i = 0; i < 48 && at; i++) {
		uint32_t header = config_read(config, at, 4);

		if ((header & 0xffff) == EXTENDED_SRIOV)
			return at;
		at = header >> 20;
	}
	return 0;
}

static struct device *device_new(uint32_t segment, unsigned int bus, unsigned int devfn)
{
	struct device *device = &storm->device[storm->device_count++];

	need(storm->device_count <= DEVICES, "fewer devices");
	device->segment = segment;
	device->bus = bus;
	device->devfn = devfn;
	snprintf(device->text, sizeof(device->text), "%04x:%02x:%02x.%x", segment & 0xffff,
		 bus & 0xff, devfn >> 3 & 31, devfn & 7);
	return device;
}

/* Virtual functions have their addresses before they are there. */
static void functions_add(struct device *device)
{
	char path[96];
	int config;
	off_t at;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", device->text);
	config = open(path, O_RDONLY | O_CLOEXEC);
	need(config >= 0, path);
	at = sriov_find(config);
	device->functions = at;
	for (unsigned int i = 0; at && i < FUNCTIONS; i++) {
		unsigned int number = (device->bus << 8 | device->devfn) +
				      config_read(config, at + SRIOV_FIRST, 2) +
				      i * config_read(config, at + SRIOV_STRIDE, 2);
		struct device *function = device_new(device->segment, number >> 8, number & 0xff);

		function->virtual_ = true;
		function->translated = device->translated;
		function->vendor = device->vendor;
		function->id = config_read(config, at + SRIOV_ID, 2);
		function->size[0] = function->size[3] = 4 * PAGE;
		function->size[ULDF_REGION_CONFIG] = 4096;
	}
	close(config);
}

static bool has_others(const char *group)
{
	char path[128];
	struct dirent *entry;
	unsigned int count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/devices", group);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		count += entry->d_name[0] != '.';
	if (folder)
		closedir(folder);
	return count > 1;
}

void device_add(const char *text)
{
	unsigned int segment, bus, slot, function;
	struct device *device;
	char path[96];

	need(sscanf(text, "%x:%x:%x.%x", &segment, &bus, &slot, &function) == 4, text);
	device = device_new(segment, bus, slot << 3 | function);
	need(device_present(device), text);
	device->vendor = device_number(device, "vendor");
	device->id = device_number(device, "device");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", device->text);
	device->translated = !access(path, F_OK);
	device->grouped = has_others(path);
	sizes_read(device);
	functions_add(device);
}

int device_open(const struct device *device)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/uldf/%s", device->text);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int control_call(unsigned long command, void *arg)
{
	int fd = open("/dev/uldf/control", O_RDWR | O_CLOEXEC);
	int ret = ioctl(fd, command, arg) < 0 ? -errno : 0;

	close(fd);
	return ret;
}

int control_claim(const struct device *device, uint32_t flags)
{
	struct uldf_ioc_claim claim = {.argsz = sizeof(claim),
				       .flags = flags,
				       .segment = device->segment,
				       .bus = device->bus,
				       .devfn = device->devfn};
	int ret = control_call(ULDF_CLAIM, &claim);

	if (ret)
		say("%s cannot be claimed: %s (%d)", device->text, claim.reason, ret);
	return ret;
}

int control_release(const struct device *device, uint32_t flags)
{
	struct uldf_ioc_release release = {.argsz = sizeof(release),
					   .flags = flags,
					   .segment = device->segment,
					   .bus = device->bus,
					   .devfn = device->devfn};

	return control_call(ULDF_RELEASE, &release);
}
