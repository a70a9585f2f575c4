// SPDX-License-Identifier: GPL-2.0-or-later
/* uldf-acpi: shows the ACPI tables that are generated for a guest. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "verbs.h"

const char *argp_program_version = "uldf-acpi " ULDF_VERSION;

enum {
	KEY_SEGMENTS = 0x100,
	KEY_BUSES,
	KEY_SERIAL,
	KEY_NO_MMIO64,
	KEY_NO_RTC,
	KEY_NATIVE,
	KEY_VIOMMU,
	KEY_RAW,
};

struct arguments {
	const char *verb;
	const char *directory;
	bool raw;
	struct machine_options machine;
};

static const struct argp_option options[] = {
	{"out", 'o', "DIR", 0, "dump: write the files there (default: the current directory)", 1},
	{"raw", KEY_RAW, NULL, 0, "dump: write tables.bin as well, all tables as in memory", 1},
	{"cpus", 'c', "N", 0, "Processors, 1 to 255 (1)", 2},
	{"segments", KEY_SEGMENTS, "N", 0, "PCI segments, 1 to 16 (1)", 2},
	{"buses", KEY_BUSES, "N", 0, "Buses of each segment, 1 to 256 (256)", 2},
	{"serial", KEY_SERIAL, "N", 0, "Serial ports, 0 to 4 (1)", 2},
	{"no-mmio64", KEY_NO_MMIO64, NULL, 0, "No memory windows above 4 GiB", 2},
	{"no-rtc", KEY_NO_RTC, NULL, 0, "No real-time clock", 2},
	{"native", KEY_NATIVE, NULL, 0, "Let the guest control hot-plug, PME and AER", 2},
	{"viommu", KEY_VIOMMU, NULL, 0, "A virtio-iommu at 0000:00:01.0 for the first segment", 2},
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
	struct arguments *a = state->input;

	switch (key) {
	case 'o':
		a->directory = arg;
		return 0;
	case KEY_RAW:
		a->raw = true;
		return 0;
	case 'c':
		a->machine.n_cpus = number(state, arg, 1, ACPI_MAX_CPUS);
		return 0;
	case KEY_SEGMENTS:
		a->machine.n_segments = number(state, arg, 1, ACPI_MAX_SEGMENTS);
		return 0;
	case KEY_BUSES:
		a->machine.n_buses = number(state, arg, 1, 256);
		return 0;
	case KEY_SERIAL:
		a->machine.n_serial = number(state, arg, 0, ACPI_MAX_SERIAL);
		return 0;
	case KEY_NO_MMIO64:
		a->machine.no_mmio64 = true;
		return 0;
	case KEY_NO_RTC:
		a->machine.no_rtc = true;
		return 0;
	case KEY_NATIVE:
		a->machine.native = true;
		return 0;
	case KEY_VIOMMU:
		a->machine.viommu = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->verb || (strcmp(arg, "dump") && strcmp(arg, "list")))
			argp_error(state, "%s: say dump or list, once", arg);
		a->verb = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "say what to do: dump or list");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "dump|list",
	.doc = "Show the ACPI tables that uldf generates for a guest.\v"
	       "dump writes each table to a file of its own, rsdp.dat to xsdt.dat, as iasl -d and "
	       "acpiexec read them; list prints where each lies and what it is for. "
	       "The machine is a default one, changed by the options.\n\n"
	       "Exit status: 0; 1 the tables could not be made or written; 64 bad usage.",
};

int main(int argc, char **argv)
{
	struct arguments a = {.directory = ".", .machine = machine_defaults};
	struct acpi_tables tables;
	const char *reason = NULL;
	struct machine *m;
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	m = malloc(sizeof(*m));
	if (!m) {
		fprintf(stderr, "uldf-acpi: out of memory\n");
		return EXIT_FAILURE;
	}
	machine_init(m, &a.machine);
	err = acpi_tables_build(&m->platform, &reason, &tables);
	free(m);
	if (err) {
		fprintf(stderr, "uldf-acpi: no tables: %s\n", reason);
		return EXIT_FAILURE;
	}
	if (!strcmp(a.verb, "dump"))
		err = verb_dump(&tables, a.directory, a.raw);
	else
		err = verb_list(&tables);
	acpi_tables_free(&tables);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
