// SPDX-License-Identifier: GPL-2.0-or-later
#include "purpose.h"

#include <stddef.h>
#include <string.h>

/* ACPI 6.5 tables 5.5 and 5.6: what PCs and guests have. */
static const struct {
	const char *signature;
	const char *purpose;
} purposes[] = {
	{"RSD PTR", "RSDP: where the XSDT is; an operating system starts here"},
	{"RSDT", "where all others are, by 32-bit addresses"},
	{"XSDT", "where the FADT and all others are"},
	{"FACP", "FADT: power management ports, reset register, where FACS and DSDT are"},
	{"FACS", "memory shared with the operating system: global lock, waking vector"},
	{"DSDT", "the machine as a tree: host bridges, devices, processors, power-off (AML)"},
	{"SSDT", "more of the DSDT's tree (AML)"},
	{"PSDT", "more of the DSDT's tree, as of ACPI 1.0 (AML)"},
	{"OEMx", "the maker's own"},
	{"APIC", "MADT: local APICs, IOAPICs, how ISA interrupts are wired"},
	{"MCFG", "where each PCI segment's configuration space is in memory (ECAM)"},
	{"DMAR", "Intel's IOMMUs, what stands behind them, reserved memory, interrupt remapping"},
	{"IVRS", "AMD's IOMMUs, what stands behind them, reserved memory"},
	{"IORT", "Arm's IOMMUs and interrupt controllers, what stands behind them"},
	{"VIOT", "which PCI functions stand behind a virtio-iommu"},
	{"RHCT", "RISC-V processors and their abilities"},
	{"HPET", "a high precision event timer"},
	{"WAET", "which clocks and timers of an emulated machine need no workarounds"},
	{"GTDT", "Arm's timers"},
	{"SPCR", "the serial port of the console"},
	{"DBG2", "ports for debuggers"},
	{"DBGP", "the port for debuggers"},
	{"SRAT", "which processors, memory and devices belong together (NUMA)"},
	{"SLIT", "how far NUMA nodes are from each other"},
	{"HMAT", "latency and bandwidth of memory"},
	{"MSCT", "how many NUMA nodes and how much memory there can be"},
	{"PPTT", "which caches processors share"},
	{"PCCT", "channels to a platform controller"},
	{"CPEP", "which processors report corrected errors"},
	{"BERT", "an error that was there when the machine started"},
	{"EINJ", "how errors are injected for tests"},
	{"ERST", "where errors are kept over a restart"},
	{"HEST", "sources of hardware errors"},
	{"BGRT", "the picture shown while starting"},
	{"BOOT", "the flags of a simple boot"},
	{"FPDT", "how long firmware took to start"},
	{"ECDT", "the embedded controller, for use before the DSDT's tree is read"},
	{"SBST", "charge levels of smart batteries"},
	{"CEDT", "CXL host bridges and their memory windows"},
	{"NFIT", "persistent memory"},
	{"SDEV", "devices of a secure environment"},
	{"TPM2", "a TPM 2.0"},
	{"TCPA", "a TPM 1.2's log"},
	{"UEFI", "data of UEFI firmware"},
	{"MSDM", "a Windows product key"},
	{"SLIC", "a Windows licence"},
	{"WDAT", "a hardware watchdog"},
	{"WPBT", "a program that Windows runs"},
	{"WSMT", "what firmware does against attacks on its SMM"},
	{"LPIT", "idle states of low power"},
	{"PHAT", "the health of platform components"},
	{"ASF!", "alerts and remote control by a management network"},
};

const char *purpose_of(const char *signature)
{
	if (!strncmp(signature, "OEM", 3))
		signature = "OEMx";
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (!strcmp(purposes[i].signature, signature))
			return purposes[i].purpose;
	return "not known to uldf-acpi: 'iasl -d' may know it";
}
