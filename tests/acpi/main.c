// SPDX-License-Identifier: MIT
/*
 * acpi-machines: writes the ACPI tables of machines that uldf-vmm does not have, for ACPICA to judge; prints
 * the signature, address and length of each.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "dump.h"
#include "machine.h"

enum {
	KEY_CPUS = 1,
	KEY_SEGMENTS,
	KEY_BUSES,
	KEY_SERIAL,
	KEY_NO_MMIO64,
	KEY_NO_RTC,
	KEY_NATIVE,
	KEY_VIOMMU,
};

struct arguments {
	const char *directory;
	struct machine_options machine;
};

static const struct argp_option options[] = {
	{"cpus", KEY_CPUS, "N", 0, "Processors, 1 to 255 (1)", 0},
	{"segments", KEY_SEGMENTS, "N", 0, "PCI segments, 1 to 16 (1)", 0},
	{"buses", KEY_BUSES, "N", 0, "Buses of each segment, 1 to 256 (256)", 0},
	{"serial", KEY_SERIAL, "N", 0, "Serial ports, 0 to 4 (1)", 0},
	{"no-mmio64", KEY_NO_MMIO64, NULL, 0, "No memory windows above 4 GiB", 0},
	{"no-rtc", KEY_NO_RTC, NULL, 0, "No real-time clock", 0},
	{"native", KEY_NATIVE, NULL, 0, "Let the guest control hot-plug, PME and AER", 0},
	{"viommu", KEY_VIOMMU, NULL, 0, "A virtio-iommu at 0000:00:01.0 for the first segment", 0},
	{0},
};

static unsigned int number(struct argp_state *state, const char *text, unsigned int min,
			   unsigned int max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (*text < '0' || *text > '9' || *end || value < min || value > max)
		argp_error(state, "%s: not a number from %u to %u", text, min, max);
	return (unsigned int)value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	struct machine_options *machine = &arguments->machine;

	switch (key) {
	case KEY_CPUS:
		machine->n_cpus = number(state, arg, 1, ACPI_MAX_CPUS);
		return 0;
	case KEY_SEGMENTS:
		machine->n_segments = number(state, arg, 1, ACPI_MAX_SEGMENTS);
		return 0;
	case KEY_BUSES:
		machine->n_buses = number(state, arg, 1, 256);
		return 0;
	case KEY_SERIAL:
		machine->n_serial = number(state, arg, 0, ACPI_MAX_SERIAL);
		return 0;
	case KEY_NO_MMIO64:
		machine->no_mmio64 = true;
		return 0;
	case KEY_NO_RTC:
		machine->no_rtc = true;
		return 0;
	case KEY_NATIVE:
		machine->native = true;
		return 0;
	case KEY_VIOMMU:
		machine->viommu = true;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->directory)
			argp_usage(state);
		arguments->directory = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void print(const struct acpi_tables *tables)
{
	for (size_t i = 0; i < tables->n_tables; i++)
		printf("%s 0x%" PRIx64 " %u\n", tables->index[i].signature,
		       tables->address + tables->index[i].offset, tables->index[i].length);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = options, .parser = parse, .args_doc = "DIR"};
	static struct machine machine;
	struct arguments arguments = {.machine = machine_defaults};
	struct vmm_reason reason = {.text = ""};
	struct acpi_tables tables;
	const char *why;
	int error;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	machine_init(&machine, &arguments.machine);
	error = acpi_tables_build(&machine.platform, &why, &tables);
	if (error) {
		fprintf(stderr, "acpi-machines: no tables: %s\n", why);
		return EXIT_FAILURE;
	}
	error = vmm_dump_acpi(&tables, arguments.directory, &reason);
	if (error)
		fprintf(stderr, "acpi-machines: %s\n", reason.text);
	else
		print(&tables);
	acpi_tables_free(&tables);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
