// SPDX-License-Identifier: MIT
/*
 * Displays: the text console, and the display that the firmware began with. Programs that draw have a node open;
 * a picture that nobody draws any more is no use.
 */
#include <string.h>
#include "detect/detect.h"

#define CLASS_DISPLAY 0x03

/* The console of screens whose driver's name contains @kind; its number, or -1. */
static int console_find(const struct detect_host *host, const char *kind)
{
	char name[64], bound[8];

	for (int i = 0; host_line(host, name, sizeof(name), "/sys/class/vtconsole/vtcon%d/name", i);
	     i++)
		if (strstr(name, kind) &&
		    host_line(host, bound, sizeof(bound), "/sys/class/vtconsole/vtcon%d/bind", i) &&
		    bound[0] == '1')
			return i;
	return -1;
}

static void display_report_console(struct detect *detect, const char *what, int console)
{
	detect_next(detect_used(detect, "the text console is on %s", what),
		    "echo 0 >/sys/class/vtconsole/vtcon%d/bind", console);
}

void detect_display(struct detect *detect)
{
	const struct node *screen = nodes_next(&detect->nodes, "graphics", NULL);
	int console = console_find(detect->host, "frame buffer");
	char first[8];

	if (screen && console >= 0) {
		display_report_console(detect, screen->name, console);
		return;
	}
	/* Firmware's frame buffer is driven without a driver of the function; so is VGA text. */
	if (console < 0)
		console = console_find(detect->host, "VGA");
	host_line(detect->host, first, sizeof(first), "/sys/bus/pci/devices/%s/boot_vga",
		  detect->address);
	if (detect->class_code >> 16 == CLASS_DISPLAY && first[0] == '1' && console >= 0)
		display_report_console(detect, "it, the display of the firmware", console);
}
