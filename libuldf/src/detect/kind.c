// SPDX-License-Identifier: MIT
/*
 * What detectors know, and what they do not: bridges, on which everything behind them depends, and
 * drivers whose work for the host no detector can see.
 */
#include <string.h>
#include "detect/detect.h"
#include "sysfs.h"

/* Their use is found by detectors: by one of their own, or by the nodes that processes have open. */
static const char *const covered[] = {
	"ata_port",
	"block",
	"cec",
	"dma",
	"drm",
	"dvb",
	"graphics",
	"hidraw",
	"i2c",
	"i2c-dev",
	"infiniband",
	"infiniband_mad",
	"infiniband_verbs",
	"input",
	"media",
	"mmc_host",
	"net",
	"nvme",
	"nvme-generic",
	"pps",
	"ptp",
	"scsi_changer",
	"scsi_generic",
	"scsi_host",
	"scsi_tape",
	"sound",
	"tty",
	"uio",
	"usb",
	"usbmisc",
	"vfio",
	"vfio-dev",
	"video4linux",
	"watchdog",
};

/* Without a use of their own: what they lead to is below them. */
static const char *const structure[] = {
	"ata_device",
	"ata_link",
	"auxiliary",
	"backlight",
	"bsg",
	"drm_dp_aux_dev",
	"fc_host",
	"fc_remote_ports",
	"fc_transport",
	"hdaudio",
	"hid",
	"hwmon",
	"ieee80211",
	"leds",
	"mdio_bus",
	"mmc",
	"nvme-subsystem",
	"pci_express",
	"phy",
	"power_supply",
	"powercap",
	"rfkill",
	"sas_device",
	"sas_end_device",
	"sas_expander",
	"sas_host",
	"sas_phy",
	"sas_port",
	"scsi",
	"scsi_device",
	"scsi_disk",
	"serial-base",
	"spi_host",
	"spi_transport",
	"thermal",
	"typec",
	"virtio",
	"wakeup",
};

/* Hold a device for nobody, or for whoever has a node that is looked at. */
static const char *const idle_drivers[] = {"pci-pf-stub", "pci-stub", "uldf"};

/* On these buses a driver does the work, and not the bus: its use must be known as a device's is. */
static const char *const worked_buses[] = {"auxiliary", "usb", "virtio"};
static const char *const idle_bus_drivers[] = {"hub",	 "usb",		"usbfs",
					       "usbhid", "usb-storage", "uas"};

#define LISTED(list, word) word_is_listed(list, sizeof(list) / sizeof((list)[0]), word)

static bool word_is_listed(const char *const *list, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], word))
			return true;
	return false;
}

/* Is something below a folder that a detector knows? */
static bool kind_is_covered(const struct detect *detect, const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < detect->nodes.count; i++) {
		const struct node *node = &detect->nodes.list[i];

		if (!strncmp(node->path, path, length) && node->path[length] == '/' &&
		    LISTED(covered, node->subsystem))
			return true;
	}
	return false;
}

static void kind_unknown(struct detect *detect, const char *driver, const char *makes)
{
	detect_next(detect_unknown(detect, "what driver %s does for the host is not known%s%s",
				   driver, makes[0] ? ": it makes a device of class " : "", makes),
		    "find out, and use --force if nothing needs it");
}

static void kind_look_node(struct detect *detect, const struct node *node)
{
	if (!LISTED(covered, node->subsystem) && !LISTED(structure, node->subsystem)) {
		kind_unknown(detect, detect->driver, node->subsystem);
		return;
	}
	if (node->driver[0] && LISTED(worked_buses, node->subsystem) &&
	    !LISTED(idle_bus_drivers, node->driver) && !detect->nodes.hidden_net &&
	    !kind_is_covered(detect, node->path))
		kind_unknown(detect, node->driver, "");
}

void detect_kind(struct detect *detect)
{
	size_t before = detect->count;

	if (!detect->driver[0] || LISTED(idle_drivers, detect->driver))
		return;
	/* One that is not known is enough. */
	for (size_t i = 0; i < detect->nodes.count && detect->count == before; i++)
		kind_look_node(detect, &detect->nodes.list[i]);
	if (detect->count == before && !detect->nodes.hidden_net &&
	    !kind_is_covered(detect, detect->path) && !nodes_next(&detect->nodes, "virtio", NULL))
		kind_unknown(detect, detect->driver, "");
}

void detect_bridge(struct detect *detect)
{
	if (sysfs_is_bridge(detect->path, detect->class_code))
		detect_next(
			detect_used(detect, "it is a bridge, and what is behind it depends on it"),
			"leave it to the host");
}
