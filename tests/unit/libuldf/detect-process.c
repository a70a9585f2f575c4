// SPDX-License-Identifier: MIT
/* Detectors of what processes have open, and of devices that programs drive. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tree.h"

static void disk_start(void)
{
	tree_start("nvme", "0x010802");
	tree_node("nvme/nvme0", "nvme", "245:0");
	tree_node("nvme/nvme0/nvme0n1", "block", "259:0");
}

TestSuite(detect_process, .init = disk_start, .fini = tree_stop);

Test(detect_process, a_disk_open_in_a_process_is_told)
{
	tree_process(812, "qemu-system-x86", "dev/nvme0n1");
	tree_expect("process", ULDF_USED, "/dev/nvme0n1 open in qemu-system-x86 (process 812)",
		    "end process 812");
}

Test(detect_process, a_character_node_open_in_a_process_is_told)
{
	tree_process(812, "nvme", "dev/nvme0");
	tree_expect("process", ULDF_USED, "/dev/nvme0 open in nvme (process 812)",
		    "end process 812");
}

Test(detect_process, other_nodes_and_files_are_none_of_the_device)
{
	tree_write("dev/null", "c 1:3\n");
	tree_write("dev/char", "c 259:0\n");
	tree_write("srv/file", "text");
	tree_process(2, "a", "dev/null");
	tree_process(3, "b", "srv/file");
	tree_process(4, "c", "dev/char");
	tree_process(5, "d", "dev/gone");
	tree_expect_free();
}

Test(detect_process, registers_open_or_mapped_are_told)
{
	tree_write(TREE_DEVICE "/resource0", "x");
	tree_process(812, "dpdk", TREE_DEVICE "/resource0");
	tree_expect("process", ULDF_USED, "its file resource0 open in dpdk (process 812)",
		    "end process 812");
	tree_process(812, "dpdk", "proc/1/comm");
	tree_expect_free();
	tree_write("proc/812/maps",
		   "7f00-7f01 r--p 0 08:01 1 /usr/lib/libc.so\n"
		   "7f02-7f03 rw-s 0 00:13 2 %s/" TREE_DEVICE "/resource4\n",
		   tree.root);
	tree_expect("process", ULDF_USED, "its file resource4 open in dpdk (process 812)",
		    "end process 812");
}

/* Clock ticks since boot, 100 a second, in field 22. */
static void write_times(const char *name, const char *ticks)
{
	tree_write("proc/stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 9\n");
	tree_write("proc/812/stat",
		   "812 (%s) S 1 812 812 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 %s 1 2", name,
		   ticks);
	tree_write("proc/812/status", "Name:\tx\nUmask:\t0022\nUid:\t1000\t0\t0\t0\n");
}

static struct uldf_opener find_opener(void)
{
	const struct uldf_finding *findings;

	cr_assert(eq(sz, tree_look(false, &findings), 1));
	return findings[0].opener;
}

Test(detect_process, that_has_a_disk_open_is_told_with_its_user_and_beginning)
{
	long ticks = sysconf(_SC_CLK_TCK);
	struct uldf_opener opener;
	char text[32];

	tree_process(812, "a b) c", "dev/nvme0n1");
	snprintf(text, sizeof(text), "%ld", 3661 * ticks);
	write_times("a b) c", text);
	tree_expect("process", ULDF_USED,
		    "/dev/nvme0n1 open in a b) c (process 812, started 2023-11-14 23:14:21 UTC)",
		    "end process 812");
	opener = find_opener();
	cr_expect(eq(int, opener.pid, 812));
	cr_expect(eq(str, opener.program, "a b) c"));
	cr_expect(eq(i64, opener.user, 1000));
	cr_expect(eq(i64, opener.started, 1700003661));
}

Test(detect_process, whose_beginning_cannot_be_told_is_told_without)
{
	static const char *const damaged[] = {"", "812", "812 (dd) S 1 2 3", "812 dd S", ")"};
	struct uldf_opener opener;

	tree_process(812, "dd", "dev/nvme0n1");
	opener = find_opener();
	cr_expect(eq(i64, opener.user, -1));
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		write_times("dd", "100");
		tree_write("proc/812/stat", "%s", damaged[i]);
		tree_expect("process", ULDF_USED, "/dev/nvme0n1 open in dd (process 812)",
			    "end process 812");
		cr_expect(eq(i64, find_opener().started, 0));
	}
	write_times("dd", "100");
	tree_write("proc/stat", "cpu 1\nxbtime 5\n");
	cr_expect(eq(i64, find_opener().started, 0));
}

Test(detect_process, many_processes_are_counted)
{
	const struct uldf_finding *findings;
	size_t count;

	for (unsigned int pid = 100; pid < 110; pid++)
		tree_process(pid, "dd", "dev/nvme0n1");
	count = tree_look(false, &findings);
	cr_assert(eq(sz, count, 5));
	cr_expect(eq(str, (char *)findings[4].what, "6 more processes"));
	cr_expect(eq(int, findings[4].opener.pid, 0));
}

Test(detect_process, a_container_is_not_the_host)
{
	tree_link("pid:[4026532000]", "proc/self/ns/pid");
	tree_expect("process", ULDF_UNKNOWN, "processes outside this container cannot be looked at",
		    "run it in the host's own namespace of processes");
}

Test(detect_process, hidden_processes_are_unknown)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/1/comm", tree.root);
	unlink(path);
	tree_expect("process", ULDF_UNKNOWN, "processes outside this container cannot be looked at",
		    "run it in the host's own namespace of processes");
}

/* Root may look into any folder; what is no folder fails for root too. */
Test(detect_process, a_process_that_cannot_be_looked_at_is_unknown)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/1/fd", tree.root);
	rmdir(path);
	tree_write("proc/1/fd", "no folder");
	tree_expect("process", ULDF_UNKNOWN, "what 1 processes have open cannot be looked at",
		    "be root");
}

Test(detect_process, of_a_device_without_a_driver_what_is_not_seen_does_not_count)
{
	tree_stop();
	tree_start(NULL, "0x020000");
	tree_link("pid:[4026532000]", "proc/self/ns/pid");
	tree_expect_free();
	tree_process(3, "flashrom", TREE_DEVICE "/class");
	tree_expect_free();
	tree_write(TREE_DEVICE "/config", "x");
	tree_process(3, "flashrom", TREE_DEVICE "/config");
	tree_expect("process", ULDF_USED, "its file config open in flashrom (process 3)",
		    "end process 3");
}

/* ---- drivers that lend a device to a process ------------------------------------------------------ */

static void vfio_start(void)
{
	tree_start("vfio-pci", "0x020000");
	tree_node("vfio-dev/vfio0", "vfio-dev", NULL);
	tree_link("../../../kernel/iommu_groups/12", TREE_DEVICE "/iommu_group");
	tree_node("sys/devices/virtual/vfio/12", "vfio", "243:0");
	tree_write("sys/devices/virtual/vfio/12/uevent", "DEVNAME=vfio/12\n");
	tree_write("dev/vfio/12", "c 243:0\n");
}

TestSuite(detect_vfio, .init = vfio_start, .fini = tree_stop);

Test(detect_vfio, a_group_that_nobody_has_open_is_free)
{
	tree_expect_free();
}

Test(detect_vfio, a_group_that_is_open_is_used_and_its_process_named)
{
	tree.open_error = -EBUSY;
	tree_process(77, "qemu", "dev/vfio/12");
	tree_expect("vfio", ULDF_USED, "a guest or a program drives it (/dev/vfio/12 is open)",
		    "shut the guest down, or end the program");
	tree_expect("process", ULDF_USED, "/dev/vfio/12 open in qemu (process 77)",
		    "end process 77");
}

Test(detect_vfio, a_group_that_cannot_be_opened_is_unknown)
{
	tree.open_error = -EACCES;
	tree_expect("vfio", ULDF_UNKNOWN, "/dev/vfio/12 cannot be opened: Permission denied",
		    "be root");
}

Test(detect_vfio, a_group_without_iommu_is_looked_at)
{
	tree_link("../../../kernel/iommu_groups/3", TREE_DEVICE "/iommu_group");
	tree_write("dev/vfio/noiommu-3", "c 243:1\n");
	tree_expect_free();
	tree.open_error = -EBUSY;
	tree.refused = "noiommu-3";
	tree_expect("vfio", ULDF_USED,
		    "a guest or a program drives it (/dev/vfio/noiommu-3 is open)",
		    "shut the guest down, or end the program");
}

Test(detect_vfio, devices_of_one_group_are_held_by_one_descriptor)
{
	static const struct uldf_address list[] = {{.device = 6}, {.device = 6, .function = 1}};

	tree_write("sys/devices/pci0000:00/0000:00:06.1/class", "0x020000\n");
	tree_link("../../../devices/pci0000:00/0000:00:06.1", "sys/bus/pci/devices/0000:00:06.1");
	tree_link("../../../bus/pci/drivers/vfio-pci",
		  "sys/devices/pci0000:00/0000:00:06.1/driver");
	tree_link("../../../kernel/iommu_groups/12",
		  "sys/devices/pci0000:00/0000:00:06.1/iommu_group");
	cr_assert(eq(int, detect_create(tree.ctx, &tree.host, list, 2, true, &tree.usage), 0));
	cr_expect(eq(uint, tree.opened, 1));
	cr_expect(eq(int, uldf_usage_verdict(tree.usage, 0), ULDF_FREE));
}

Test(detect_vfio, a_uio_node_open_in_a_process_is_told)
{
	tree_stop();
	tree_start("uio_pci_generic", "0x020000");
	tree_node("uio/uio2", "uio", "240:2");
	tree_expect_free();
	tree_process(9, "driver", "dev/uio2");
	tree_expect("process", ULDF_USED, "/dev/uio2 open in driver (process 9)", "end process 9");
}
