// SPDX-License-Identifier: MIT
/*
 * Devices that come and go: unplugged and plugged in by QEMU's monitor, switched off at their slot, and taken
 * from the bus by sysfs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define PLUGS		4
#define COME_SECONDS	20 /* that a device may take to come or go */
#define RESTORE_SECONDS 120

static struct {
	const struct device *device;
	const char *add; /* words of the monitor's device_add */
	char id[32];
} plugs[PLUGS];
static unsigned int plugs_count;

bool plug_add(const char *text)
{
	const char *add = strchr(text, ' '), *id = strstr(text, "id=");

	if (!add || !id || plugs_count == PLUGS)
		return false;
	for (uint32_t i = 0; i < storm->device_count; i++)
		if (!strncmp(storm->device[i].text, text, add - text))
			plugs[plugs_count].device = &storm->device[i];
	if (!plugs[plugs_count].device)
		return false;
	plugs[plugs_count].add = add + 1;
	snprintf(plugs[plugs_count].id, sizeof(plugs[0].id), "%.*s", (int)strcspn(id + 3, ","),
		 id + 3);
	plugs_count++;
	return true;
}

static void monitor(const char *verb, const char *words)
{
	extern char **environ;
	posix_spawn_file_actions_t quiet;
	char line[256], *argv[] = {"lab-monitor", line, NULL};
	pid_t child;

	snprintf(line, sizeof(line), "%s %s", verb, words);
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", 1, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
	if (!posix_spawnp(&child, argv[0], &quiet, NULL, argv, environ))
		waitpid(child, NULL, 0);
	posix_spawn_file_actions_destroy(&quiet);
}

/* Waits a while for it to be there, or not. */
static bool becomes(const struct device *device, bool there)
{
	for (int i = 0; i < COME_SECONDS * 10; i++) {
		if (device_present(device) == there)
			return true;
		if (storm->stop)
			return false;
		usleep(100000);
	}
	return false;
}

/* Switches the slot off in which the device is. */
static void slot_off(const struct device *device)
{
	DIR *folder = opendir("/sys/bus/pci/slots");
	char path[300], text[32];
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		FILE *file;

		snprintf(path, sizeof(path), "/sys/bus/pci/slots/%s/address", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(text, sizeof(text), file) && !strncmp(text, device->text, 10)) {
			snprintf(path, sizeof(path), "/sys/bus/pci/slots/%s/power", entry->d_name);
			file_write(path, "0");
		}
		fclose(file);
	}
	if (folder)
		closedir(folder);
}

static void unplug(struct worker *w)
{
	unsigned int i = draw_below(w, plugs_count);

	if (draw_percent(w, 50))
		monitor("device_del", plugs[i].id);
	else
		slot_off(plugs[i].device);
	becomes(plugs[i].device, false);
	usleep(1000 * draw_ms(w, 2000));
	monitor("device_add", plugs[i].add);
	becomes(plugs[i].device, true);
}

static bool asserts_its_pin(const struct device *device)
{
	uint16_t status = 0;
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", device->text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (pread(fd, &status, sizeof(status), PCI_STATUS) != sizeof(status))
		status = 0;
	close(fd);
	return status & PCI_STATUS_INTERRUPT;
}

/*
 * Virtual functions, too; a scan finds what was removed. Not one of several behind a conventional bridge: Linux
 * 6.1 for Intel's IOMMU then forgets which domain the others are in, and corrupts its lists. Nor one that asserts its
 * pin, which goes on where nothing resets it: the PCI core switches INTx on for a moment when it finds a device,
 * and where it is held up then, the line dies.
 */
static void remove_and_scan(struct worker *w)
{
	const struct device *device = &storm->device[draw_below(w, storm->device_count)];
	char path[96];

	if (device->grouped || asserts_its_pin(device))
		return;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", device->text);
	file_write(path, "1");
	usleep(1000 * draw_ms(w, 500));
	file_write("/sys/bus/pci/rescan", "1");
}

void plug_run(void)
{
	struct worker w = {.number = mix(storm->seed, 'p')};

	while (!storm->stop) {
		w.chance = mix(w.number, ++w.step);
		usleep(200000 + 1000 * draw_ms(&w, 3000));
		if (plugs_count && draw_percent(&w, 50))
			unplug(&w);
		else
			remove_and_scan(&w);
	}
	_exit(0);
}

/* ---- as it was before ---------------------------------------------------------------------------- */

static void attribute_write(const struct device *device, const char *name, const char *text)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", device->text, name);
	file_write(path, text);
}

static void device_restore(const struct device *device)
{
	attribute_write(device, "driver_override", "\n");
	attribute_write(device, "sriov_numvfs", "0");
	attribute_write(device, "driver/unbind", device->text);
	attribute_write(device, "sriov_drivers_autoprobe", "1");
	attribute_write(device, "reset_method", "default");
	attribute_write(device, "power/control", "on");
}

static bool all_present(void)
{
	for (uint32_t i = 0; i < storm->device_count; i++)
		if (!storm->device[i].virtual_ && !device_present(&storm->device[i]))
			return false;
	return true;
}

bool plugs_restore(void)
{
	time_t end = time(NULL) + RESTORE_SECONDS;

	while (!all_present() && time(NULL) < end) {
		file_write("/sys/bus/pci/rescan", "1");
		for (unsigned int i = 0; i < plugs_count; i++)
			if (!device_present(plugs[i].device))
				monitor("device_add", plugs[i].add);
		sleep(1);
	}
	file_write("/sys/module/uldf/parameters/mappings_max", "65536");
	for (uint32_t i = 0; i < storm->device_count; i++) {
		if (device_present(&storm->device[i]))
			device_restore(&storm->device[i]);
		else if (!storm->device[i].virtual_)
			say("%s did not come back", storm->device[i].text);
	}
	return all_present();
}
