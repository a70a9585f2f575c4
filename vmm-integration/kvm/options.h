/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef VMM_OPTIONS_H
#define VMM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpuid.h"

#define VMM_DEVICES_MAX 31 /* slots of a bus, less the host bridge's */
#define VMM_CPUS_MAX	255

/**
 * struct vmm_device_option - a device to hand to the guest
 * @address: libuldf's address of it
 * @slot: device number on the guest's bus, or -1 for a free one
 */
struct vmm_device_option {
	char *address;
	int slot;
};

/**
 * enum vmm_dma - how devices reach the guest's RAM (policies)
 * @VMM_DMA_DIRECT: by an IOMMU that maps it at guest-physical addresses
 * @VMM_DMA_VIOMMU: the guest has an IOMMU, and they reach what it maps; all RAM as long as it maps nothing for them
 * @VMM_DMA_IDENTITY: its guest-physical addresses are bus addresses; nothing confines the devices
 */
enum vmm_dma {
	VMM_DMA_DIRECT,
	VMM_DMA_VIOMMU,
	VMM_DMA_IDENTITY,
};

/**
 * struct vmm_options - what the command line asks for
 * @kernel: bzImage
 * @initrd: initrd, or NULL
 * @command_line: for the kernel
 * @memory: bytes of RAM
 * @cpus: how many processors
 * @cpu: which
 * @hugepages: RAM in huge pages of the host's pool
 * @hugepage: bytes of one; 0 for the host's default size
 * @dma: policy for the devices
 * @strict: by VMM_DMA_VIOMMU, demand that the guest unmaps at once
 * @stats: file for what the guest has cost, or NULL
 * @control: path of the control socket, or NULL
 * @dump_acpi: folder for the ACPI tables, which are written there instead of letting the guest run; or NULL
 * @sandbox: enter the sandbox before the guest runs
 * @devices: devices to hand to the guest
 * @n_devices: how many
 */
struct vmm_options {
	const char *kernel;
	const char *initrd;
	const char *command_line;
	uint64_t memory;
	unsigned int cpus;
	enum vmm_cpu_model cpu;
	bool hugepages;
	uint64_t hugepage;
	enum vmm_dma dma;
	bool strict;
	const char *stats;
	const char *control;
	const char *dump_acpi;
	bool sandbox;
	struct vmm_device_option devices[VMM_DEVICES_MAX];
	size_t n_devices;
};

/**
 * vmm_options_parse() - read the command line
 * @argc: of main()
 * @argv: of main()
 * @out: what it asks for
 *
 * Does not return for --help, --version, nor for mistakes, which it reports with status 64.
 */
void vmm_options_parse(int argc, char **argv, struct vmm_options *out);

/**
 * vmm_options_free() - free what vmm_options_parse() allocated
 * @options: options
 */
void vmm_options_free(struct vmm_options *options);

/**
 * vmm_options_size() - read a size like "512M"
 * @text: a number and K, M or G; M without a letter
 * @out: bytes; untouched on failure
 *
 * Return: 0, -EINVAL not a size, -ERANGE too large.
 */
int vmm_options_size(const char *text, uint64_t *out);

/**
 * vmm_options_device() - read a device like "0000:00:06.0,slot=3"
 * @text: the text
 * @out: the device, its @address to be freed; untouched on failure
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int vmm_options_device(const char *text, struct vmm_device_option *out);

#endif
