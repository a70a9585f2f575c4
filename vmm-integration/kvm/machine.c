// SPDX-License-Identifier: MIT
#include "machine.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "meminfo.h"
#include "identity.h"
#include "load.h"
#include "meminfo.h"
#include "platform.h"
#include "reset.h"

static time_t wall_clock(void)
{
	return time(NULL);
}

static uint64_t steady_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What finds no room above 4 GiB has to lie below. */
static int check_bars(const struct vmm_layout *layout, const struct vmm_bars *bars,
		      unsigned int bits, struct vmm_reason *reason)
{
	uint64_t above = layout->mem64_size;
	uint64_t below = bars->narrow + (bars->wide > above ? bars->wide - above : 0);

	if (below <= layout->mem32_size)
		return 0;
	return vmm_fail(reason, -ENOSPC,
			"device %s: BAR %u takes %llu MiB, and a guest here has %u bits of "
			"addresses, not enough for the devices and its RAM: give it less of either",
			bars->largest, bars->bar, bars->size / VMM_1MIB + 0ULL, bits);
}

/* Bytes of the huge pages that RAM consists of; 0 for none. */
static int choose_hugepage(const struct vmm_options *options, uint64_t *out,
			   struct vmm_reason *reason)
{
	*out = options->hugepage;
	if (options->hugepage || (!options->hugepages && options->dma != VMM_DMA_IDENTITY))
		return 0;
	*out = vmm_meminfo_of_host("Hugepagesize");
	if (*out)
		return 0;
	return vmm_fail(reason, -ENOTSUP,
			"guest RAM: this kernel has no huge pages (CONFIG_HUGETLBFS)");
}

static int lay_out_direct(struct vmm_machine *machine, unsigned int bits, uint64_t wide,
			  struct vmm_reason *reason)
{
	int error = vmm_layout_init(machine->options->memory, bits, wide, &machine->layout);

	if (error == -ERANGE)
		return vmm_fail(reason, error,
				"--memory: a guest here has %u bits of addresses, "
				"not enough for that much",
				bits);
	if (error)
		return vmm_fail(reason, error, "--memory: at least 32M, in whole pages");
	return 0;
}

/* Of Linux before 5.13 some drivers use memory in the first MiB, which devices do not reach. */
static int check_version(const struct vmm_kernel *kernel, struct vmm_reason *reason)
{
	if (kernel->image.version >= VMM_LINUX(5, 13))
		return 0;
	return vmm_fail(reason, -ENOTSUP,
			"kernel %s: --dma identity takes a guest with Linux 5.13 or newer",
			kernel->path);
}

/* RAM comes first: the windows keep clear of it. */
static int lay_out_identity(struct vmm_machine *machine, const struct vmm_kernel *kernel,
			    unsigned int bits, uint64_t wide, struct vmm_reason *reason)
{
	const struct setup_header *header = &kernel->image.header;
	struct vmm_identity wanted = {
		.size = machine->options->memory,
		.together = (uint64_t)header->init_size + header->kernel_alignment,
		.limit = vmm_layout_limit(bits),
	};
	struct vmm_host_ram host;
	uint64_t initrd = 0;
	int error;

	error = check_version(kernel, reason);
	if (!error && machine->options->initrd)
		error = vmm_initrd_size(machine->options->initrd, &initrd, reason);
	wanted.together += initrd;
	if (!error)
		error = choose_hugepage(machine->options, &wanted.page, reason);
	if (!error)
		error = vmm_identity_host_ram(&host, reason);
	if (!error)
		error = vmm_identity_create(&machine->assign, &wanted, &machine->memory, reason);
	if (error)
		return error;
	error = vmm_layout_init_at(machine->memory.ram, machine->memory.n_ram, &host, bits, wide,
				   &machine->layout);
	if (error)
		return vmm_fail(reason, error,
				"PCI bus: the host's RAM leaves no room for it below 4 GiB");
	return 0;
}

static int lay_out(struct vmm_machine *machine, const struct vmm_kernel *kernel,
		   struct vmm_reason *reason)
{
	struct vmm_bars bars;
	unsigned int bits;
	int error;

	error = vmm_vcpu_supported(&machine->vm, &machine->supported, reason);
	if (error)
		return error;
	bits = vmm_cpuid_physical_bits(machine->supported);
	vmm_assign_bars(&machine->assign, &bars);
	if (machine->options->dma == VMM_DMA_IDENTITY)
		error = lay_out_identity(machine, kernel, bits, bars.wide, reason);
	else
		error = lay_out_direct(machine, bits, bars.wide, reason);
	return error ? error : check_bars(&machine->layout, &bars, bits, reason);
}

/* A range that is reserved to the end of all addresses is what the IOMMU does not have. */
static bool is_reached(const struct vmm_layout *layout, const struct vmm_range *reserved,
		       size_t n_reserved)
{
	const struct vmm_ram *last = &layout->ram[layout->n_ram - 1];

	for (size_t i = 0; i < n_reserved; i++)
		if (reserved[i].last == UINT64_MAX &&
		    last->address + last->size > reserved[i].first)
			return false;
	return true;
}

static int build_map(struct vmm_machine *machine, struct vmm_reason *reason)
{
	struct vmm_range reserved[VMM_E820_MAX];
	size_t count = 0;
	int error = 0;

	if (machine->options->dma != VMM_DMA_IDENTITY)
		error = vmm_assign_reserved(&machine->assign, reserved, VMM_E820_MAX, &count,
					    reason);
	if (error)
		return error;
	if (!is_reached(&machine->layout, reserved, count))
		return vmm_fail(reason, -ERANGE,
				"the guest's RAM exceeds what the host's IOMMU can address: give "
				"--memory less");
	if (vmm_memory_map_build(&machine->layout, reserved, count, &machine->map))
		return vmm_fail(reason, -E2BIG, "the host's IOMMU cuts RAM into too many pieces");
	return 0;
}

/* Devices have all of the RAM pinned: the host would end programs to find it, this one at last. */
static int check_available(const struct vmm_options *options, struct vmm_reason *reason)
{
	uint64_t available = vmm_meminfo_of_host("MemAvailable");

	if (!options->n_devices || !available || options->memory <= available)
		return 0;
	return vmm_fail(reason, -ENOMEM,
			"--memory: %llu MiB are pinned for the devices, and the host has %llu MiB "
			"available: give less, or end what uses them",
			options->memory / VMM_1MIB, available / VMM_1MIB);
}

static int create_memory(struct vmm_machine *machine, struct vmm_reason *reason)
{
	uint64_t page;
	int error;

	error = choose_hugepage(machine->options, &page, reason);
	if (!error && !page)
		error = check_available(machine->options, reason);
	return error ? error : vmm_memory_create(&machine->layout, page, &machine->memory, reason);
}

/* Devices first: what they cannot reach is withheld from the guest's memory map. */
static int build_memory(struct vmm_machine *machine, struct vmm_reason *reason)
{
	const struct vmm_options *options = machine->options;
	int error;

	error = build_map(machine, reason);
	if (!error && options->dma != VMM_DMA_IDENTITY)
		error = create_memory(machine, reason);
	if (!error)
		error = vmm_memory_plug(&machine->memory, &machine->vm, reason);
	if (!error && options->dma != VMM_DMA_IDENTITY)
		error = vmm_assign_map(&machine->assign, &machine->memory, &machine->map, reason);
	return error;
}

static void build_models(struct vmm_machine *machine)
{
	const struct vmm_irq_line serial = {
		.set = vmm_irqchip_set, .host = &machine->irqchip, .gsi = VMM_GSI_SERIAL};
	const struct vmm_irq_line sci = {
		.set = vmm_irqchip_set, .host = &machine->irqchip, .gsi = VMM_GSI_SCI};
	struct vmm_ports *ports = &machine->io.ports;

	vmm_serial_init(&machine->serial, &serial, &vmm_console_serial_ops, &machine->console);
	vmm_rtc_init(&machine->rtc, wall_clock);
	vmm_pm_init(&machine->pm, &sci, &machine->stop, steady_clock);

	/* Constant and disjoint, as layout.h has them: none of these can fail. */
	vmm_ports_add(ports, VMM_PORT_SERIAL, VMM_SERIAL_PORTS, &vmm_serial_port_ops,
		      &machine->serial);
	vmm_ports_add(ports, VMM_PORT_RTC, VMM_RTC_PORTS, &vmm_rtc_port_ops, &machine->rtc);
	vmm_ports_add(ports, VMM_PORT_PM, VMM_PM_PORTS, &vmm_pm_port_ops, &machine->pm);
	vmm_ports_add(ports, VMM_PORT_RESET, 1, &vmm_reset_port_ops, &machine->stop);
	vmm_ports_add(ports, VMM_PORT_I8042, 1, &vmm_i8042_port_ops, &machine->stop);
}

static int load_platform(struct vmm_machine *machine, const struct vpci_layout *layout,
			 struct vmm_reason *reason)
{
	const struct vmm_platform platform = {
		.layout = layout,
		.bus = machine->io.bus,
		.cpus = machine->options->cpus,
		.viommu = machine->assign.viommu ? machine->viommu.devfn : VMM_PLATFORM_NO_VIOMMU,
	};

	return vmm_platform_load(&platform, &machine->memory, machine->options->dump_acpi, reason);
}

static int build_bus(struct vmm_machine *machine, struct vmm_reason *reason)
{
	struct vpci_layout layout;
	int error;

	vmm_platform_bus_layout(&machine->layout, &layout);
	machine->host = (struct vmm_host){
		.vm = &machine->vm,
		.irqchip = &machine->irqchip,
		.stop = &machine->stop,
		.memory = &machine->memory,
		.assign = &machine->assign,
	};
	error = vpci_bus_create(&layout, &vmm_host_ops, &machine->host, &machine->io.bus);
	if (error)
		return vmm_fail(reason, error, "PCI bus: %s", strerror(-error));
	if (machine->options->dma == VMM_DMA_VIOMMU)
		error = vmm_viommu_plug(&machine->viommu, &machine->assign, &machine->memory,
					machine->io.bus, machine->options->strict, reason);
	if (!error)
		error = vmm_assign_plug(&machine->assign, machine->io.bus, reason);
	if (error)
		return error;
	error = vpci_bus_assign(machine->io.bus);
	if (error)
		return vmm_fail(reason, error, "PCI bus: the devices' BARs do not fit: %s",
				strerror(-error));
	return load_platform(machine, &layout, reason);
}

static int build_processors(struct vmm_machine *machine, uint64_t entry, struct vmm_reason *reason)
{
	const struct vmm_options *options = machine->options;
	const struct vmm_cpuid_config config = {.model = options->cpu, .cpus = options->cpus};
	int error;

	if (options->cpus > machine->vm.max_vcpus)
		return vmm_fail(reason, -ERANGE, "--cpus: KVM here has at most %u",
				machine->vm.max_vcpus);
	machine->vcpus = calloc(options->cpus, sizeof(*machine->vcpus));
	if (!machine->vcpus)
		return vmm_fail(reason, -ENOMEM, "out of memory");
	while (machine->n_vcpus < options->cpus) {
		error = vmm_vcpu_create(&machine->vcpus[machine->n_vcpus], &machine->vm,
					machine->n_vcpus, machine->supported, config, reason);
		if (error)
			return error;
		machine->n_vcpus++;
	}
	return vmm_vcpu_enter(&machine->vcpus[0], entry, reason);
}

static int build(struct vmm_machine *machine, const struct vmm_kernel *kernel,
		 struct vmm_reason *reason)
{
	const struct vmm_options *options = machine->options;
	uint64_t entry;
	int error;

	error = vmm_assign_open(&machine->assign, options, &machine->vm, reason);
	if (error)
		return error;
	vmm_faults_open(&machine->faults, &machine->assign);
	error = lay_out(machine, kernel, reason);
	if (!error)
		error = build_memory(machine, reason);
	if (!error)
		error = build_bus(machine, reason);
	if (!error)
		error = vmm_kernel_load(kernel, options->initrd, options->command_line,
					&machine->map, &machine->memory, &entry, reason);
	if (!error)
		error = build_processors(machine, entry, reason);
	return error;
}

/* What vmm_machine_destroy() cannot do without. */
static int create_base(struct vmm_machine *machine, struct vmm_reason *reason)
{
	int error;

	error = vmm_stop_init(&machine->stop);
	if (error)
		goto err_reason;
	error = vmm_console_init(&machine->console, &machine->serial, &machine->pm, &machine->stop);
	if (error)
		goto err_stop;
	error = vmm_vm_open(&machine->vm, reason);
	if (error)
		goto err_console;
	error = vmm_irqchip_init(&machine->irqchip, &machine->vm, reason);
	if (error)
		goto err_vm;
	build_models(machine);
	return 0;

err_vm:
	vmm_vm_close(&machine->vm);
err_console:
	vmm_console_fini(&machine->console);
	vmm_stop_fini(&machine->stop);
	return error;
err_stop:
	vmm_stop_fini(&machine->stop);
err_reason:
	return vmm_fail(reason, error, "an eventfd: %s", strerror(-error));
}

int vmm_machine_create(const struct vmm_options *options, struct vmm_machine **out,
		       struct vmm_reason *reason)
{
	struct vmm_machine *machine;
	struct vmm_kernel kernel;
	int error;

	error = vmm_kernel_read(options->kernel, &kernel, reason);
	if (error)
		return error;
	machine = calloc(1, sizeof(*machine));
	if (!machine) {
		error = vmm_fail(reason, -ENOMEM, "out of memory");
		goto out_kernel;
	}
	machine->options = options;
	error = create_base(machine, reason);
	if (error) {
		free(machine);
		goto out_kernel;
	}
	error = build(machine, &kernel, reason);
	if (error)
		vmm_machine_destroy(machine);
	else
		*out = machine;
out_kernel:
	vmm_kernel_free(&kernel);
	return error;
}

int vmm_machine_start(struct vmm_machine *machine, struct vmm_reason *reason)
{
	int error = vmm_watch_start(&machine->watch, &machine->assign, machine->io.bus,
				    &machine->faults, reason);

	if (machine->options->dma == VMM_DMA_IDENTITY)
		vmm_warn(
			"nothing confines the guest's devices: whoever controls the guest controls "
			"this machine");
	if (error)
		return error;
	for (unsigned int i = 0; i < machine->n_vcpus; i++) {
		error = vmm_vcpu_start(&machine->vcpus[i], &machine->io, &machine->stop, reason);
		if (error)
			return error;
	}
	return 0;
}

void vmm_machine_halt(struct vmm_machine *machine)
{
	vmm_vcpus_halt(machine->vcpus, machine->n_vcpus);
}

static int count_vm(struct vmm_stats *stats, const struct vmm_vm *vm)
{
	int fd = ioctl(vm->fd, KVM_GET_STATS_FD, NULL);
	int error;

	if (fd < 0)
		return -errno;
	error = vmm_stats_add(stats, fd);
	close(fd);
	return error;
}

int vmm_machine_count(const struct vmm_machine *machine, struct vmm_stats *out,
		      struct vmm_reason *reason)
{
	struct vmm_stats stats = {.cpus = machine->n_vcpus};
	int error = count_vm(&stats, &machine->vm);

	for (unsigned int i = 0; !error && i < machine->n_vcpus; i++)
		error = vmm_stats_add(&stats, machine->vcpus[i].stats);
	if (error)
		return vmm_fail(reason, error, "KVM's statistics: %s", strerror(-error));
	for (size_t i = 0; i < machine->memory.n_ram; i++)
		stats.memory += machine->memory.ram[i].size;
	stats.dma_faults = atomic_load(&machine->faults.count);
	stats.has_viommu = machine->assign.viommu != NULL;
	stats.strict = machine->options->strict;
	if (stats.has_viommu)
		vpci_viommu_count(machine->assign.viommu, &stats.viommu);
	*out = stats;
	return 0;
}

void vmm_machine_destroy(struct vmm_machine *machine)
{
	if (!machine)
		return;
	vmm_machine_halt(machine);
	vmm_watch_stop(&machine->watch);
	for (unsigned int i = 0; i < machine->n_vcpus; i++)
		vmm_vcpu_destroy(&machine->vcpus[i]);
	free(machine->vcpus);
	vpci_bus_destroy(machine->io.bus);
	vmm_faults_close(&machine->faults);
	vmm_assign_close(&machine->assign);
	vmm_memory_destroy(&machine->memory);
	vmm_pm_fini(&machine->pm);
	vmm_rtc_fini(&machine->rtc);
	vmm_serial_fini(&machine->serial);
	vmm_irqchip_fini(&machine->irqchip);
	vmm_vm_close(&machine->vm);
	vmm_console_fini(&machine->console);
	vmm_stop_fini(&machine->stop);
	free(machine->supported);
	free(machine);
}
