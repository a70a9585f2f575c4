// SPDX-License-Identifier: MIT
/* What the VMM is told of an assigned device: each cause once, in a line that says what to do. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <uldf/event.h>
#include "assigned_function.h"

enum report_cause {
	REPORT_GONE,
	REPORT_ERROR,
	REPORT_RESET,
	REPORT_VECTORS,
	REPORT_DESCRIPTORS,
	REPORT_ROUTES,
	REPORT_LINE,
	REPORT_OTHER,
};

__attribute__((format(printf, 3, 4))) static void report(struct vpci_assigned *assigned,
							 enum report_cause cause,
							 const char *format, ...)
{
	const struct vpci_host *host = vpci_function_host(&assigned->function);
	char text[256];
	va_list list;
	int length;

	if (assigned->reported & 1u << cause)
		return;
	assigned->reported |= 1u << cause;
	length = snprintf(text, sizeof(text),
			  "device %s: ", uldf_device_info(assigned->device)->address);
	va_start(list, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, list);
	va_end(list);
	host->ops->report(host->host, text);
}

static void lose(struct vpci_assigned *assigned, bool broken)
{
	assigned->function.broken = broken;
	vpci_function_vanish(&assigned->function);
	if (broken)
		report(assigned, REPORT_ERROR,
		       "its bus reported an error and the host shut it off: the guest reads ones "
		       "from now on");
	else
		report(assigned, REPORT_GONE,
		       "is gone from the host, unplugged or released: the guest reads ones from "
		       "now "
		       "on");
}

/* The reset that follows an error is a part of it. */
void vpci_assigned_look(struct vpci_assigned *assigned)
{
	unsigned int events = 0;

	if (assigned->function.gone || uldf_event_read(assigned->device, &events))
		return;
	if (events & (ULDF_EVENT_REMOVED | ULDF_EVENT_ERROR))
		lose(assigned, !(events & ULDF_EVENT_REMOVED));
	else if (events & ULDF_EVENT_RESET)
		report(assigned, REPORT_RESET,
		       "somebody on the host reset it, of which the guest's driver does not know");
}

int vpci_assigned_note(struct vpci_assigned *assigned, int err)
{
	if (err != -ENODEV || assigned->function.gone)
		return err;
	vpci_assigned_look(assigned);
	if (!assigned->function.gone)
		lose(assigned, false);
	return err;
}

static unsigned long long report_descriptor_limit(void)
{
	struct rlimit limit = {0};

	getrlimit(RLIMIT_NOFILE, &limit);
	return (unsigned long long)limit.rlim_cur;
}

void vpci_assigned_report_vector(struct vpci_assigned *assigned, unsigned int vector, int err)
{
	switch (err) {
	case -ENODEV:
		return;
	case -ENOSPC:
		report(assigned, REPORT_VECTORS,
		       "the host has no interrupt vector left for its vector %u, which the guest "
		       "waits for in vain: give the guest fewer processors or devices",
		       vector);
		return;
	case -EMFILE:
		report(assigned, REPORT_DESCRIPTORS,
		       "no descriptor left for its interrupt vector %u, which the guest waits for "
		       "in vain: raise the limit of open files (ulimit -n), %llu now",
		       vector, report_descriptor_limit());
		return;
	case -EBUSY:
		report(assigned, REPORT_LINE,
		       "a driver of the host keeps its interrupt line for itself: let the guest "
		       "use MSI, or unbind that driver (see /proc/interrupts)");
		return;
	default:
		report(assigned, REPORT_OTHER, "no interrupt vector %u: %s", vector,
		       strerror(-err));
	}
}

void vpci_assigned_report_route(struct vpci_assigned *assigned, unsigned int vector, int err)
{
	report(assigned, REPORT_ROUTES,
	       "no way into the guest for its interrupt vector %u: %s: give the guest fewer "
	       "devices",
	       vector, strerror(-err));
}
