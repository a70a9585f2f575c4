// SPDX-License-Identifier: MIT
/* Detectors of what is done with disks. */
#include <stdio.h>
#include <string.h>
#include "tree.h"

static void disk_start(void)
{
	tree_start("ata_piix", "0x010180");
	tree_node("ata1/host0", "scsi_host", NULL);
	tree_node("ata1/host0/block/sda", "block", "8:0");
	tree_node("ata1/host0/block/sda/sda1", "block", "8:1");
	tree_write(TREE_DEVICE "/ata1/host0/block/sda/sda1/partition", "1\n");
	tree_write("proc/self/mountinfo", "1 0 0:1 / / rw - ext4 /dev/root rw\n");
	tree_write("proc/1/mountinfo", "1 0 0:1 / / rw - ext4 /dev/root rw\n");
	tree_write("proc/swaps", "Filename Type Size Used Priority\n");
}

TestSuite(detect_block, .init = disk_start, .fini = tree_stop);

Test(detect_block, a_disk_that_nobody_uses_is_free)
{
	tree_expect_free();
	cr_expect(eq(uint, tree.opened, 1), "the disk was opened, its partition not");
}

Test(detect_block, a_controller_without_disks_is_free)
{
	tree_stop();
	tree_start("ahci", "0x010601");
	tree_node("ata1/ata_port/ata1", "ata_port", NULL);
	tree_node("ata1/host0", "scsi_host", NULL);
	tree_expect_free();
}

Test(detect_block, a_mount_is_told_with_its_point)
{
	tree_write("proc/self/mountinfo", "30 1 8:1 / /mnt/a\\040b rw - ext4 /dev/sda1 rw\n");
	tree_expect("mount", ULDF_USED, "/dev/sda1 mounted on /mnt/a b", "umount /mnt/a b");
}

Test(detect_block, a_mount_that_init_alone_sees_is_told)
{
	tree_write("proc/1/mountinfo", "30 1 8:0 / /srv rw - ext4 /dev/sda rw\n");
	tree_expect("mount", ULDF_USED, "/dev/sda mounted on /srv", "umount /srv");
}

Test(detect_block, swap_is_told)
{
	tree_write("proc/swaps", "Filename Type\n/dev/sda1 partition 1 0 -2\n");
	tree_expect("swap", ULDF_USED, "/dev/sda1 used as swap", "swapoff /dev/sda1");
}

/* A device-mapper table that has sda1 as a part. */
static void add_mapper(const char *uuid)
{
	tree_node("sys/devices/virtual/block/dm-0", "block", "254:0");
	tree_folder(TREE_DEVICE "/ata1/host0/block/sda/sda1/holders");
	tree_link("../dm-0", TREE_DEVICE "/ata1/host0/block/sda/sda1/holders/dm-0");
	tree_write("sys/devices/virtual/block/dm-0/dm/name", "vg-root\n");
	tree_write("sys/devices/virtual/block/dm-0/dm/uuid", "%s\n", uuid);
}

Test(detect_block, sets_are_told_by_their_kind)
{
	static const struct {
		const char *uuid;
		const char *what;
		const char *next;
	} cases[] = {
		{"LVM-abc", "/dev/sda1 part of LVM volume vg-root",
		 "lvchange -an /dev/mapper/vg-root"},
		{"CRYPT-LUKS2-abc", "/dev/sda1 part of dm-crypt volume vg-root",
		 "cryptsetup close vg-root"},
		{"mpath-36", "/dev/sda1 part of multipath disk vg-root", "multipath -f vg-root"},
		{"", "/dev/sda1 part of device-mapper table vg-root", "dmsetup remove vg-root"},
	};

	add_mapper("");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_write("sys/devices/virtual/block/dm-0/dm/uuid", "%s\n", cases[i].uuid);
		tree_expect("set", ULDF_USED, cases[i].what, cases[i].next);
	}
}

Test(detect_block, raid_and_unknown_sets_are_told)
{
	tree_node("sys/devices/virtual/block/md0", "block", "9:0");
	tree_folder(TREE_DEVICE "/ata1/host0/block/sda/holders");
	tree_link("../md0", TREE_DEVICE "/ata1/host0/block/sda/holders/md0");
	tree_link("../bcache0", TREE_DEVICE "/ata1/host0/block/sda/holders/bcache0");
	tree_expect("set", ULDF_USED, "/dev/sda part of RAID set /dev/md0",
		    "mdadm --stop /dev/md0");
	tree_expect("set", ULDF_USED, "/dev/sda part of /dev/bcache0", "stop /dev/bcache0");
}

Test(detect_block, a_mount_of_a_set_comes_before_the_set)
{
	const struct uldf_finding *findings;

	add_mapper("LVM-abc");
	tree_write("proc/self/mountinfo", "30 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n");
	cr_assert(eq(sz, tree_look(false, &findings), 2));
	cr_expect(eq(str, (char *)findings[0].what, "/dev/dm-0 mounted on /"));
	cr_expect(eq(str, (char *)findings[1].detector, "set"));
}

Test(detect_block, a_loop_device_over_the_raw_disk_is_told_and_what_is_mounted_from_it)
{
	tree_node("sys/devices/virtual/block/loop3", "block", "7:3");
	tree_node("sys/devices/virtual/block/loop3/loop3p1", "block", "259:0");
	tree_write("sys/devices/virtual/block/loop3/loop/backing_file", "/dev/sda\n");
	tree_write("proc/self/mountinfo", "30 1 259:0 / /mnt rw - ext4 /dev/loop3p1 rw\n");
	tree_expect("loop", ULDF_USED, "/dev/loop3 lies over /dev/sda", "losetup -d /dev/loop3");
	tree_expect("mount", ULDF_USED, "/dev/loop3p1 mounted on /mnt", "umount /mnt");
}

Test(detect_block, a_loop_device_over_another_name_of_the_disk_is_told)
{
	tree_node("sys/devices/virtual/block/loop0", "block", "7:0");
	tree_write("dev/other", "b 8:1\n");
	tree_write("sys/devices/virtual/block/loop0/loop/backing_file", "/dev/other\n");
	tree_expect("loop", ULDF_USED, "/dev/loop0 lies over /dev/sda1", "losetup -d /dev/loop0");
}

Test(detect_block, a_loop_device_over_a_file_is_none_of_the_disk)
{
	tree_node("sys/devices/virtual/block/loop0", "block", "7:0");
	tree_write("srv/image", "data");
	tree_write("sys/devices/virtual/block/loop0/loop/backing_file", "/srv/image\n");
	tree_expect_free();
}

Test(detect_block, a_disk_that_the_kernel_serves_is_told)
{
	tree_write("sys/kernel/config/nvmet/subsystems/a/namespaces/1/device_path", "/dev/sda\n");
	tree_expect("export", ULDF_USED,
		    "/dev/sda served by an NVMe target "
		    "(/sys/kernel/config/nvmet/subsystems/a/namespaces/1/device_path)",
		    "write 0 to its file enable");
	tree_write("sys/kernel/config/nvmet/subsystems/a/namespaces/1/device_path", "/srv/file\n");
	tree_expect_free();
}

Test(detect_block, a_disk_held_by_what_no_table_shows_is_in_use)
{
	tree.open_error = -EBUSY;
	tree_expect("exclusive", ULDF_USED, "/dev/sda in use",
		    "end what has it: a mount in another namespace, a program");
}

Test(detect_block, a_use_that_is_told_is_not_told_twice)
{
	const struct uldf_finding *findings;

	tree.open_error = -EBUSY;
	tree_write("proc/self/mountinfo", "30 1 8:1 / /mnt rw - ext4 /dev/sda1 rw\n");
	cr_expect(eq(sz, tree_look(false, &findings), 1));
}

Test(detect_block, a_disk_that_cannot_be_opened_is_unknown)
{
	static const int errors[] = {-EACCES, -EPERM, -ENOENT, -EIO};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		char what[100];

		tree.open_error = errors[i];
		snprintf(what, sizeof(what), "/dev/sda cannot be opened: %s",
			 ctx_strerror(errors[i]));
		tree_expect("exclusive", ULDF_UNKNOWN, what, "be root");
	}
	tree.open_error = -ENOMEDIUM;
	tree_expect_free();
}

Test(detect_block, disks_are_held_until_the_answer_is_destroyed)
{
	const struct uldf_finding *findings;

	tree_node("ata1/host1/block/sdb", "block", "8:16");
	cr_expect(eq(sz, tree_look(true, &findings), 0));
	cr_expect(eq(sz, tree.usage->held_count, 2));
	cr_expect(eq(sz, tree_look(false, &findings), 0));
	cr_expect(eq(sz, tree.usage->held_count, 0));
}

Test(detect_block, the_head_of_nvme_paths_is_looked_at)
{
	tree_stop();
	tree_start("nvme", "0x010802");
	tree_node("nvme/nvme0", "nvme", "245:0");
	tree_node("nvme/nvme0/nvme0c0n1", "block", NULL);
	tree_node("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "block", "259:0");
	tree_node("sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/nvme0n1p2", "block",
		  "259:2");
	tree_expect_free();
	tree_write("proc/self/mountinfo", "30 1 259:2 / / rw - ext4 /dev/nvme0n1p2 rw\n");
	tree_expect("mount", ULDF_USED, "/dev/nvme0n1p2 mounted on /", "umount /");
}
