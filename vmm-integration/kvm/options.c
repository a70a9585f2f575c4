// SPDX-License-Identifier: MIT
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *argp_program_version = "uldf-vmm " ULDF_VERSION;

static const char doc[] =
	"Run a guest that drives real devices of this machine.\v"
	"Boots a Linux bzImage, as distributions ship it, on KVM. The guest finds the devices "
	"named by --device on its PCI bus; they must have been claimed ('uldfctl claim "
	"ADDRESS'). All of the guest's RAM is pinned as soon as it has a device.\n\n"
	"An IOMMU of this machine confines the devices to the guest's RAM. With '--dma viommu' the "
	"guest has an IOMMU of its own as well (virtio-iommu; Debian's kernels have its driver "
	"from "
	"6.12 on, as a module that belongs into the initrd), and once its driver runs, each device "
	"reaches only what the guest's drivers map for it. Where this machine has no IOMMU, "
	"'--dma identity' gives the guest RAM at the addresses that it has on the bus. Nothing "
	"confines a device then: whoever controls the guest controls this machine. It takes "
	"huge pages (/proc/sys/vm/nr_hugepages), a module loaded with allow_bare=1, root, and a "
	"guest with Linux 5.13 or newer.\n\n"
	"The guest's serial port ttyS0 is the terminal. There, Ctrl-A x ends the guest, "
	"Ctrl-A p presses its power button, and Ctrl-A Ctrl-A sends a Ctrl-A. SIGINT, SIGTERM, "
	"SIGHUP and SIGQUIT end the guest as well; its devices are stopped and stay claimed. If "
	"nobody reads the output, the guest finds its serial port busy and goes on.\n\n"
	"Example: a guest with two processors that drives an IDE controller and a network card:\n\n"
	"  uldfctl claim 0000:00:06.0\n"
	"  uldfctl claim 0000:00:07.0\n"
	"  uldf-vmm --kernel /boot/vmlinuz-6.1.0-amd64 --initrd initrd.img \\\n"
	"    --append 'console=ttyS0 root=/dev/sda' --memory 1G --cpus 2 \\\n"
	"    --device 0000:00:06.0 --device 0000:00:07.0,slot=5\n\n"
	"Exit status:\n"
	"  0   the guest powered itself off, or --dump-acpi wrote its tables\n"
	"  1   uldf-vmm could not start, or could not go on; the reason is printed\n"
	"  2   the guest asked for a reset (with 'panic=-1' also after its panic)\n"
	"  3   the guest crashed: its processor shut down (triple fault)\n"
	"  4   the guest was stopped from outside: Ctrl-A x, or a signal\n"
	"  159 (by a shell) SIGSYS: the sandbox ended uldf-vmm; the kernel's log names the call\n"
	"  64  the command line is wrong";

enum {
	KERNEL = 'k',
	INITRD = 'i',
	APPEND = 'a',
	MEMORY = 'm',
	CPUS = 'c',
	DEVICE = 'd',
	CPU = 256,
	HUGEPAGES,
	DMA,
	STATS,
	CONTROL,
	SANDBOX,
	DUMP_ACPI,
};

static const struct argp_option options_table[] = {
	{"kernel", KERNEL, "FILE", 0, "Kernel to boot, a 64-bit bzImage; required", 0},
	{"initrd", INITRD, "FILE", 0, "Initial RAM disk", 0},
	{"append", APPEND, "TEXT", 0, "Kernel command line (default: console=ttyS0)", 0},
	{"memory", MEMORY, "SIZE", 0, "RAM: MiB, or with a suffix K, M or G (default: 512M)", 0},
	{"cpus", CPUS, "N", 0, "Processors (default: 1)", 0},
	{"device", DEVICE, "ADDRESS[,slot=N]", 0,
	 "Hand a claimed device to the guest, in slot N (1..31) of its bus or in a free one; "
	 "may be repeated",
	 0},
	{"cpu", CPU, "MODEL", 0,
	 "Features of the processors: 'host' is all that KVM can give; 'basic' is what a fixed "
	 "list "
	 "('man uldf-vmm') has of that: x86-64-v2 and little more, nothing of XSAVE (AVX, "
	 "AMX, PKU), whose "
	 "state some hypervisors do not keep for a guest's guest, and no feature that a newer "
	 "machine "
	 "adds; 'auto' (default) is 'basic' if this machine is a guest itself, else 'host'",
	 0},
	{"hugepages", HUGEPAGES, "SIZE", OPTION_ARG_OPTIONAL,
	 "Take RAM from the huge pages reserved in /proc/sys/vm/nr_hugepages, or from those of "
	 "SIZE "
	 "(2M, 1G); without this the host makes what huge pages it can",
	 0},
	{"dma", DMA, "POLICY", 0,
	 "How devices reach the guest's RAM: 'direct' (default) by the IOMMU of this machine, "
	 "'viommu' by one of the guest's own behind it, 'viommu,strict' the same and no device "
	 "reaches what its driver has unmapped (uldf_guest.ko obeys even with lazy=1; other "
	 "drivers "
	 "do not hear it), 'identity' without one",
	 0},
	{"stats", STATS, "FILE", 0,
	 "Write to FILE what the guest has cost, as JSON, when it ends: KVM's counters (exits, "
	 "io_exits, mmio_exits, halt_exits, irq_injections and more), added up over its processors",
	 0},
	{"control", CONTROL, "PATH", 0,
	 "Make a socket at PATH, for this user alone, that answers requests while the guest runs: "
	 "a line of JSON each, {\"command\": NAME} with NAME 'stats', 'devices', 'power' or 'stop'",
	 0},
	{"dump-acpi", DUMP_ACPI, "DIR", 0,
	 "Write the ACPI tables that the guest would get to files in DIR, and end: 'uldf-acpi DIR' "
	 "tells what they are, 'iasl -d' what is in them",
	 0},
	{"sandbox", SANDBOX, "STATE", 0,
	 "'on' (default): before the guest runs, give up all capabilities and files that are not "
	 "needed, "
	 "and have the kernel end uldf-vmm (SIGSYS) when it makes a system call that it has no use "
	 "for; "
	 "'off': for debuggers, profilers and sanitizers",
	 0},
	{0},
};

int vmm_options_size(const char *text, uint64_t *out)
{
	unsigned long long number;
	unsigned int shift = 20;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno)
		return -ERANGE;
	switch (*end) {
	case 'K':
	case 'k':
		shift = 10;
		end++;
		break;
	case 'M':
	case 'm':
		end++;
		break;
	case 'G':
	case 'g':
		shift = 30;
		end++;
		break;
	default:
		break;
	}
	if (*end)
		return -EINVAL;
	if (number > UINT64_MAX >> shift)
		return -ERANGE;
	*out = (uint64_t)number << shift;
	return 0;
}

/* Return: the number, or -EINVAL. */
static int parse_number(const char *text, int least, int most)
{
	char *end;
	long number;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	number = strtol(text, &end, 10);
	if (*end || number < least || number > most)
		return -EINVAL;
	return (int)number;
}

/* Addresses may have commas, too: "fault=1,lost=20:0000:00:06.0". */
static const char *find_last(const char *text, const char *what)
{
	const char *last = NULL;

	for (text = strstr(text, what); text; text = strstr(text + 1, what))
		last = text;
	return last;
}

int vmm_options_device(const char *text, struct vmm_device_option *out)
{
	const char *wish = find_last(text, ",slot=");
	size_t length = wish ? (size_t)(wish - text) : strlen(text);
	int slot = -1;
	char *address;

	if (!length)
		return -EINVAL;
	if (wish) {
		slot = parse_number(wish + 6, 1, VMM_DEVICES_MAX);
		if (slot < 0)
			return -EINVAL;
	}
	address = strndup(text, length);
	if (!address)
		return -ENOMEM;
	*out = (struct vmm_device_option){.address = address, .slot = slot};
	return 0;
}

static bool is_guest(void)
{
	unsigned int eax = 1, ebx, ecx, edx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "c"(0));
	return ecx & 1u << 31; /* the bit that hypervisors set */
}

static int parse_cpu(const char *text, enum vmm_cpu_model *out)
{
	if (!strcmp(text, "host"))
		*out = VMM_CPU_HOST;
	else if (!strcmp(text, "basic"))
		*out = VMM_CPU_BASIC;
	else if (!strcmp(text, "auto"))
		*out = is_guest() ? VMM_CPU_BASIC : VMM_CPU_HOST;
	else
		return -EINVAL;
	return 0;
}

static int parse_hugepage(const char *text, uint64_t *out)
{
	uint64_t size;

	if (vmm_options_size(text, &size) || size < 1 << 20 || size & (size - 1))
		return -EINVAL;
	*out = size;
	return 0;
}

static int parse_dma(const char *text, struct vmm_options *options)
{
	static const struct {
		const char *name;
		enum vmm_dma dma;
		bool strict;
	} policies[] = {
		{"direct", VMM_DMA_DIRECT, false},
		{"viommu", VMM_DMA_VIOMMU, false},
		{"viommu,strict", VMM_DMA_VIOMMU, true},
		{"identity", VMM_DMA_IDENTITY, false},
	};

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		if (strcmp(text, policies[i].name))
			continue;
		options->dma = policies[i].dma;
		options->strict = policies[i].strict;
		return 0;
	}
	return -EINVAL;
}

static int parse_state(const char *text, bool *out)
{
	if (strcmp(text, "on") && strcmp(text, "off"))
		return -EINVAL;
	*out = !strcmp(text, "on");
	return 0;
}

static void parse_device(struct argp_state *state, struct vmm_options *options, const char *text)
{
	if (options->n_devices == VMM_DEVICES_MAX)
		argp_error(state, "--device: a bus has room for %d devices", VMM_DEVICES_MAX);
	else if (vmm_options_device(text, &options->devices[options->n_devices]))
		argp_error(state, "--device %s: neither ADDRESS nor ADDRESS,slot=1..31", text);
	else
		options->n_devices++;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct vmm_options *options = state->input;
	int number;

	switch (key) {
	case KERNEL:
		options->kernel = text;
		break;
	case INITRD:
		options->initrd = text;
		break;
	case APPEND:
		options->command_line = text;
		break;
	case MEMORY:
		if (vmm_options_size(text, &options->memory))
			argp_error(state, "--memory %s: not a size like 512M", text);
		break;
	case CPUS:
		number = parse_number(text, 1, VMM_CPUS_MAX);
		if (number < 0)
			argp_error(state, "--cpus %s: not a number from 1 to %d", text,
				   VMM_CPUS_MAX);
		options->cpus = (unsigned int)number;
		break;
	case DEVICE:
		parse_device(state, options, text);
		break;
	case CPU:
		if (parse_cpu(text, &options->cpu))
			argp_error(state, "--cpu %s: there are host, basic and auto", text);
		break;
	case HUGEPAGES:
		options->hugepages = true;
		if (text && parse_hugepage(text, &options->hugepage))
			argp_error(state, "--hugepages=%s: not a size like 2M or 1G", text);
		break;
	case DMA:
		if (parse_dma(text, options))
			argp_error(state,
				   "--dma %s: there are direct, viommu, viommu,strict and identity",
				   text);
		break;
	case STATS:
		options->stats = text;
		break;
	case CONTROL:
		options->control = text;
		break;
	case DUMP_ACPI:
		options->dump_acpi = text;
		break;
	case SANDBOX:
		if (parse_state(text, &options->sandbox))
			argp_error(state, "--sandbox %s: there are on and off", text);
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument '%s'", text);
		break;
	case ARGP_KEY_END:
		if (!options->kernel)
			argp_error(state, "--kernel is missing");
		else if (options->dma != VMM_DMA_DIRECT && !options->n_devices)
			argp_error(state, "--dma: there is no --device that it is for");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

void vmm_options_parse(int argc, char **argv, struct vmm_options *out)
{
	static const struct argp argp = {.options = options_table, .parser = parse, .doc = doc};

	*out = (struct vmm_options){
		.command_line = "console=ttyS0",
		.memory = 512ULL << 20,
		.cpus = 1,
		.sandbox = true,
	};
	parse_cpu("auto", &out->cpu);
	argp_parse(&argp, argc, argv, 0, NULL, out);
}

void vmm_options_free(struct vmm_options *options)
{
	for (size_t i = 0; i < options->n_devices; i++)
		free(options->devices[i].address);
	options->n_devices = 0;
}
