// SPDX-License-Identifier: MIT
#include "options.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>

Test(options, sizes_have_suffixes)
{
	const struct {
		const char *text;
		uint64_t size;
	} sizes[] = {
		{"512", 512ULL << 20},
		{"512M", 512ULL << 20},
		{"512m", 512ULL << 20},
		{"2G", 2ULL << 30},
		{"65536K", 64ULL << 20},
		{"0", 0},
		{"17179869183G", 17179869183ULL << 30},
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t size;

		cr_assert(zero(int, vmm_options_size(sizes[i].text, &size)));
		cr_assert(eq(u64, size, sizes[i].size));
	}
}

Test(options, what_is_no_size_is_refused)
{
	const char *texts[] = {"", "M", "-1", "+1", " 1", "1T", "1MB", "1.5G", "0x10", "1 M"};
	uint64_t size = 42;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_assert(eq(int, vmm_options_size(texts[i], &size), -EINVAL), "%s", texts[i]);
	cr_assert(eq(int, vmm_options_size("17179869184G", &size), -ERANGE));
	cr_assert(eq(int, vmm_options_size("99999999999999999999", &size), -ERANGE));
	cr_assert(eq(u64, size, 42));
}

Test(options, a_device_may_name_its_slot)
{
	struct vmm_device_option device;

	cr_assert(zero(int, vmm_options_device("0000:00:06.0", &device)));
	cr_assert(eq(str, device.address, "0000:00:06.0"));
	cr_assert(eq(int, device.slot, -1));
	free(device.address);
	cr_assert(zero(int, vmm_options_device("kmod:0000:00:06.0,slot=31", &device)));
	cr_assert(eq(str, device.address, "kmod:0000:00:06.0"));
	cr_assert(eq(int, device.slot, 31));
	free(device.address);
	cr_assert(zero(int, vmm_options_device("fault=1,lost=20:06.0,slot=3", &device)));
	cr_assert(eq(str, device.address, "fault=1,lost=20:06.0"));
	cr_assert(eq(int, device.slot, 3));
	free(device.address);
}

Test(options, what_is_no_device_is_refused)
{
	const char *texts[] = {"",
			       ",slot=1",
			       "06.0,slot=",
			       "06.0,slot=0",
			       "06.0,slot=32",
			       "06.0,slot=-1",
			       "06.0,slot=1,",
			       "06.0,slot=1x",
			       "06.0,slot=1,slot=x"};
	struct vmm_device_option device = {.slot = 42};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_assert(eq(int, vmm_options_device(texts[i], &device), -EINVAL), "%s", texts[i]);
	cr_assert(eq(int, device.slot, 42));
}

static struct vmm_options parse(int argc, const char **argv)
{
	struct vmm_options options;

	vmm_options_parse(argc, (char **)argv, &options);
	return options;
}

Test(options, little_has_to_be_said)
{
	const char *argv[] = {"uldf-vmm", "--kernel", "vmlinuz", NULL};
	struct vmm_options options = parse(3, argv);

	cr_assert(eq(str, (char *)options.kernel, "vmlinuz"));
	cr_assert(eq(ptr, (void *)options.initrd, NULL));
	cr_assert(eq(str, (char *)options.command_line, "console=ttyS0"));
	cr_assert(eq(u64, options.memory, 512ULL << 20));
	cr_assert(eq(uint, options.cpus, 1));
	cr_assert(eq(int, (int)options.dma, (int)VMM_DMA_DIRECT));
	cr_assert(eq(ptr, (void *)options.stats, NULL));
	cr_assert(options.sandbox);
	cr_assert(zero(sz, options.n_devices));
}

Test(options, everything_can_be_said)
{
	const char *argv[] = {"uldf-vmm",
			      "--kernel=k",
			      "--initrd=i",
			      "--append=a b",
			      "--memory=1G",
			      "--cpus=4",
			      "--cpu=basic",
			      "--hugepages",
			      "--device=0000:00:06.0",
			      "--device=0000:00:07.0,slot=5",
			      "--dma=identity",
			      "--stats=f",
			      "--sandbox=off",
			      NULL};
	struct vmm_options options = parse(13, argv);

	cr_assert(eq(str, (char *)options.initrd, "i"));
	cr_assert(eq(str, (char *)options.command_line, "a b"));
	cr_assert(eq(u64, options.memory, 1ULL << 30));
	cr_assert(eq(uint, options.cpus, 4));
	cr_assert(eq(int, (int)options.cpu, (int)VMM_CPU_BASIC));
	cr_assert(options.hugepages);
	cr_assert(zero(u64, options.hugepage));
	cr_assert(eq(int, (int)options.dma, (int)VMM_DMA_IDENTITY));
	cr_assert(eq(str, (char *)options.stats, "f"));
	cr_assert(not(options.sandbox));
	cr_assert(eq(sz, options.n_devices, 2));
	cr_assert(eq(int, options.devices[1].slot, 5));
	vmm_options_free(&options);
}

Test(options, the_guest_of_a_viommu_may_have_to_be_strict)
{
	static const struct {
		const char *text;
		bool strict;
	} rows[] = {{"--dma=viommu", false}, {"--dma=viommu,strict", true}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *argv[] = {"uldf-vmm", "--kernel=k", "--device=d", rows[i].text, NULL};
		struct vmm_options options = parse(4, argv);

		cr_expect(eq(int, (int)options.dma, (int)VMM_DMA_VIOMMU));
		cr_expect(eq(int, options.strict, rows[i].strict));
		vmm_options_free(&options);
	}
}

Test(options, huge_pages_may_have_a_size)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "--hugepages=1G", NULL};
	struct vmm_options options = parse(3, argv);

	cr_assert(options.hugepages);
	cr_assert(eq(u64, options.hugepage, 1 << 30));
}

/* 64 is EX_USAGE, which argp exits with. */
Test(options, a_missing_kernel_is_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", NULL};

	parse(1, argv);
}

Test(options, too_many_processors_are_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "--cpus=256", NULL};

	parse(3, argv);
}

Test(options, no_processor_is_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "--cpus=0", NULL};

	parse(3, argv);
}

Test(options, an_unknown_model_is_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "--cpu=z80", NULL};

	parse(3, argv);
}

Test(options, an_unknown_state_of_the_sandbox_is_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "--sandbox=perhaps", NULL};

	parse(3, argv);
}

Test(options, a_huge_page_of_no_power_of_two_is_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "--hugepages=3M", NULL};

	parse(3, argv);
}

Test(options, an_unknown_policy_is_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "--device=d", "--dma=none", NULL};

	parse(4, argv);
}

Test(options, identity_without_a_device_is_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "--dma=identity", NULL};

	parse(3, argv);
}

Test(options, a_stray_argument_is_a_usage_error, .exit_code = 64)
{
	const char *argv[] = {"uldf-vmm", "--kernel=k", "vmlinuz", NULL};

	parse(3, argv);
}
