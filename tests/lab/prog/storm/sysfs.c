// SPDX-License-Identifier: MIT
/*
 * What an admin and the tools of a distribution do in sysfs: read all there is of a device, and write what
 * binds, resets and traces. "%s" in a path or a text is the address of a device.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "storm.h"

static const char *const readable[] = {
	"/sys/class/uldf/pinned_bytes",
	"/sys/class/uldf/%s/opens",
	"/sys/class/uldf/%s/resets",
	"/sys/class/uldf/%s/functions",
	"/sys/class/uldf/%s/interrupts",
	"/sys/class/uldf/%s/space_mappings",
	"/sys/class/uldf/%s/space_mapped",
	"/sys/class/uldf/%s/space_unmapped",
	"/sys/class/uldf/%s/uevent",
	"/sys/bus/pci/devices/%s/driver_override",
	"/sys/bus/pci/devices/%s/reset_method",
	"/sys/bus/pci/devices/%s/config",
	"/sys/bus/pci/devices/%s/power_state",
	"/sys/bus/pci/devices/%s/resource",
	"/sys/bus/pci/devices/%s/enable",
	"/sys/bus/pci/devices/%s/irq",
	"/sys/bus/pci/devices/%s/uevent",
	"/proc/iomem",
	"/proc/interrupts",
	"/sys/kernel/iommu_groups/0/reserved_regions",
};

static const struct writable {
	const char *path;
	unsigned int weight;
	const char *text[8];
} writable[] = {
	{"/sys/bus/pci/devices/%s/driver_override", 20, {"uldf\n", "pci-stub\n", "\n", "nobody\n"}},
	{"/sys/bus/pci/devices/%s/reset_method",
	 10,
	 {"default\n", "default\n", "flr\n", "pm\n", "bus\n", "pm bus\n", "\n"}},
	{"/sys/bus/pci/devices/%s/reset", 6, {"1\n"}},
	{"/sys/bus/pci/devices/%s/sriov_numvfs", 4, {"0\n", "1\n", "2\n", "1000\n"}},
	{"/sys/bus/pci/devices/%s/sriov_drivers_autoprobe", 2, {"0\n", "1\n"}},
	{"/sys/bus/pci/devices/%s/power/control", 4, {"auto\n", "on\n"}},
	{"/sys/bus/pci/drivers/uldf/unbind", 4, {"%s\n"}},
	{"/sys/bus/pci/drivers/uldf/bind", 10, {"%s\n"}},
	{"/sys/bus/pci/drivers/uldf/new_id", 2, {"1234 11e8\n", "8086 10d3\n"}},
	{"/sys/bus/pci/drivers/uldf/remove_id", 2, {"1234 11e8\n", "8086 10d3\n"}},
	{"/sys/bus/pci/drivers/pci-stub/bind", 6, {"%s\n"}},
	{"/sys/bus/pci/drivers/pci-stub/unbind", 20, {"%s\n"}},
	{"/sys/bus/pci/drivers/pci-pf-stub/unbind", 4, {"%s\n"}},
	{"/sys/bus/pci/drivers/igbvf/bind", 4, {"%s\n"}},
	{"/sys/bus/pci/drivers_probe", 6, {"%s\n"}},
	{"/sys/module/uldf/parameters/mappings_max",
	 3,
	 {"65536\n", "65536\n", "65536\n", "16\n", "0\n"}},
	{"/sys/kernel/tracing/events/uldf/enable", 4, {"0\n", "1\n"}},
};

static long text_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static long attribute_read(struct worker *w)
{
	char path[96], bytes[4096];
	long ret;
	int fd;

	snprintf(path, sizeof(path), readable[draw_below(w, COUNT(readable))], w->device->text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = read(fd, bytes, 1 + draw_below(w, sizeof(bytes))) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static const struct writable *writable_pick(struct worker *w)
{
	uint64_t all = 0, at;
	size_t i;

	for (i = 0; i < COUNT(writable); i++)
		all += writable[i].weight;
	at = draw_below(w, all);
	for (i = 0; at >= writable[i].weight; i++)
		at -= writable[i].weight;
	return &writable[i];
}

/*
 * Does it take uldf from a device that has virtual functions? They end then without the lock that hot-plug holds, and Linux
 * 6.1 frees one that a scan of the bus looks at.
 */
static bool ends_functions(const struct worker *w, const char *path)
{
	return w->device->functions && strstr(path, "/uldf/unbind");
}

static long attribute_write(struct worker *w)
{
	const struct writable *one = writable_pick(w);
	char path[96], text[32];
	size_t texts = 0;

	if (ends_functions(w, one->path))
		return -ECANCELED;
	while (texts < COUNT(one->text) && one->text[texts])
		texts++;
	snprintf(path, sizeof(path), one->path, w->device->text);
	snprintf(text, sizeof(text), one->text[draw_below(w, texts)], w->device->text);
	return text_write(path, text);
}

/* All that there is of the class at the moment. */
static long class_list(struct worker *w)
{
	DIR *folder = opendir("/sys/class/uldf");
	struct dirent *entry;
	char path[300], target[256];

	if (!folder)
		return -errno;
	while ((entry = readdir(folder))) {
		snprintf(path, sizeof(path), "/sys/class/uldf/%s", entry->d_name);
		(void)!readlink(path, target, sizeof(target));
	}
	closedir(folder);
	return 0;
}

static const struct act acts[] = {
	ACT("sysfs-read", 30, attribute_read),
	ACT("sysfs-write", 12, attribute_write),
	ACT("sysfs-list", 4, class_list),
};

const struct acts sysfs_acts = {acts, COUNT(acts)};
