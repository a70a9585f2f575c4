// SPDX-License-Identifier: MIT
/* Detectors of interfaces, functions, displays, consoles and other kinds of devices. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "tree.h"

static void card_start(void)
{
	tree_start("e1000e", "0x020000");
	tree_node("net/eth0", "net", NULL);
	tree_write(TREE_DEVICE "/net/eth0/flags", "0x1002\n");
	tree_write("proc/net/route", "Iface Destination Gateway\n");
}

TestSuite(detect_net, .init = card_start, .fini = tree_stop);

Test(detect_net, an_interface_that_is_down_is_free)
{
	tree_expect_free();
}

Test(detect_net, an_interface_that_is_up_is_told_and_the_default_route)
{
	tree_write(TREE_DEVICE "/net/eth0/flags", "0x1003\n");
	tree_expect("network", ULDF_USED, "eth0 is up", "ip link set eth0 down");
	tree_write("proc/net/route", "Iface Destination\neth0 00000000 0101A8C0 0003\n");
	tree_expect("network", ULDF_USED, "eth0 is up and has the default route",
		    "give the default route to another interface, ip link set eth0 down");
	tree_write("proc/net/route", "Iface Destination\n");
	tree_write("proc/net/ipv6_route",
		   "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		   "fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n");
	tree_expect("network", ULDF_USED, "eth0 is up and has the default route",
		    "give the default route to another interface, ip link set eth0 down");
}

Test(detect_net, an_interface_whose_state_cannot_be_read_is_unknown)
{
	tree_stop();
	tree_start("e1000e", "0x020000");
	tree_node("net/eth0", "net", NULL);
	tree_expect("network", ULDF_UNKNOWN, "whether eth0 is up cannot be read", "mount /sys");
}

Test(detect_net, a_part_of_a_bridge_is_told_though_it_is_down)
{
	tree_link("../../../../virtual/net/br0", TREE_DEVICE "/net/eth0/master");
	tree_link("../../../../virtual/net/br0", TREE_DEVICE "/net/eth0/upper_br0");
	tree_expect("network", ULDF_USED, "eth0 is part of br0", "ip link set eth0 nomaster");
}

Test(detect_net, a_vlan_on_it_is_told)
{
	tree_link("../../../../virtual/net/eth0.7", TREE_DEVICE "/net/eth0/upper_eth0.7");
	tree_expect("network", ULDF_USED, "eth0 carries eth0.7", "ip link del eth0.7");
}

/* The interface of the card is in another namespace: sysfs shows an empty folder. */
static void away_start(void)
{
	tree_start("e1000e", "0x020000");
	tree_folder(TREE_DEVICE "/net");
}

TestSuite(detect_away, .init = away_start, .fini = tree_stop);

Test(detect_away, an_interface_in_another_namespace_is_used)
{
	tree_expect("netns", ULDF_USED, "its network interface is in another network namespace",
		    "give it back to the host: ip link set NAME netns 1");
}

Test(detect_away, the_process_that_has_the_interface_is_named)
{
	tree_process(55, "httpd", NULL);
	tree_link("net:[4026532222]", "proc/55/ns/net");
	tree.netns = "/proc/55/ns/net";
	tree_expect("netns", ULDF_USED, "eth0 is up in the network namespace of httpd (process 55)",
		    "nsenter -t 55 -n ip link set eth0 netns 1");
}

Test(detect_away, the_namespace_that_has_the_interface_is_named)
{
	tree_write("run/netns/blue", "\n");
	tree.netns = "/run/netns/blue";
	tree_expect("netns", ULDF_USED, "eth0 is up in the network namespace of blue",
		    "ip netns exec blue ip link set eth0 netns 1");
}

/* A function with two ports has a folder that is not empty when one of them is moved. */
Test(detect_net, an_interface_in_another_namespace_is_told_beside_one_that_is_here)
{
	tree_process(55, "httpd", NULL);
	tree_link("net:[4026532222]", "proc/55/ns/net");
	tree_expect_free();
	tree.netns = "/proc/55/ns/net";
	tree_expect("netns", ULDF_USED, "eth0 is up in the network namespace of httpd (process 55)",
		    "nsenter -t 55 -n ip link set eth0 netns 1");
}

Test(detect_net, a_namespace_that_cannot_be_looked_into_is_unknown)
{
	tree_process(55, "httpd", NULL);
	tree_link("net:[4026532222]", "proc/55/ns/net");
	tree.netns_error = -EPERM;
	tree_expect("netns", ULDF_UNKNOWN, "1 of the network namespaces cannot be looked into",
		    "be root");
	tree.netns_error = -ENOENT;
	tree_expect_free();
}

/* ---- functions ----------------------------------------------------------------------------------- */

TestSuite(detect_kind, .fini = tree_stop);

Test(detect_kind, virtual_functions_are_told_with_their_drivers)
{
	tree_start("igb", "0x020000");
	tree_node("net/eth0", "net", NULL);
	tree_write(TREE_DEVICE "/net/eth0/flags", "0x1002\n");
	tree_write(TREE_DEVICE "/sriov_numvfs", "0\n");
	tree_expect_free();
	tree_write(TREE_DEVICE "/sriov_numvfs", "2\n");
	tree_link("../0000:01:10.0", TREE_DEVICE "/virtfn0");
	tree_link("../0000:01:10.2", TREE_DEVICE "/virtfn1");
	tree_link("../../bus/pci/drivers/vfio-pci", "sys/bus/pci/devices/0000:01:10.0/driver");
	tree_expect("sriov", ULDF_USED, "its virtual function 0000:01:10.0 is held by vfio-pci",
		    "stop what uses 0000:01:10.0");
	tree_expect("sriov", ULDF_USED, "it has 2 virtual functions",
		    "echo 0 >/sys/bus/pci/devices/0000:00:06.0/sriov_numvfs");
}

Test(detect_kind, bridges_are_used_by_class_and_by_header)
{
	const char header[] = "\x86\x80\0\0\0\0\0\0\0\0\0\0\0\0\x81";
	char path[PATH_MAX];
	FILE *file;

	tree_start("pcieport", "0x060400");
	tree_expect("bridge", ULDF_USED, "it is a bridge, and what is behind it depends on it",
		    "leave it to the host");
	tree_stop();
	tree_start(NULL, "0x080000");
	tree_expect_free();
	snprintf(path, sizeof(path), "%s/" TREE_DEVICE "/config", tree.root);
	file = fopen(path, "we");
	cr_assert(ne(ptr, file, NULL));
	fwrite(header, sizeof(header), 1, file);
	fclose(file);
	tree_expect("bridge", ULDF_USED, "it is a bridge, and what is behind it depends on it",
		    "leave it to the host");
}

Test(detect_kind, a_driver_that_no_detector_knows_is_unknown_and_named)
{
	tree_start("qat_4xxx", "0x0b4000");
	tree_expect("kind", ULDF_UNKNOWN, "what driver qat_4xxx does for the host is not known",
		    "find out, and use --force if nothing needs it");
	tree_node("thing/thing0", "thing", NULL);
	tree_expect("kind", ULDF_UNKNOWN,
		    "what driver qat_4xxx does for the host is not known: it makes a device of "
		    "class thing",
		    "find out, and use --force if nothing needs it");
}

Test(detect_kind, the_driver_on_a_virtio_bus_is_the_one_that_counts)
{
	tree_start("virtio-pci", "0x00ff00");
	tree_node("virtio0", "virtio", NULL);
	tree_expect_free();
	tree_link("/sys/bus/virtio/drivers/virtio_rng", TREE_DEVICE "/virtio0/driver");
	tree_expect("kind", ULDF_UNKNOWN, "what driver virtio_rng does for the host is not known",
		    "find out, and use --force if nothing needs it");
	tree_link("/sys/bus/virtio/drivers/virtio_net", TREE_DEVICE "/virtio0/driver");
	tree_node("virtio0/net/eth0", "net", NULL);
	tree_write(TREE_DEVICE "/virtio0/net/eth0/flags", "0x1002\n");
	tree_expect_free();
}

Test(detect_kind, drivers_that_hold_a_device_for_nobody_are_free)
{
	static const char *const drivers[] = {"pci-stub", "pci-pf-stub", "uldf"};

	for (size_t i = 0; i < 3; i++) {
		tree_start(drivers[i], "0x020000");
		tree_expect_free();
		if (i < 2)
			tree_stop();
	}
}

/* ---- displays ------------------------------------------------------------------------------------ */

Test(detect_kind, the_text_console_on_a_frame_buffer_is_told)
{
	tree_start("i915", "0x030000");
	tree_node("drm/card0", "drm", "226:0");
	tree_node("graphics/fb0", "graphics", "29:0");
	tree_write("sys/class/vtconsole/vtcon0/name", "(S) dummy device\n");
	tree_write("sys/class/vtconsole/vtcon0/bind", "0\n");
	tree_write("sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n");
	tree_write("sys/class/vtconsole/vtcon1/bind", "1\n");
	tree_expect("display", ULDF_USED, "the text console is on fb0",
		    "echo 0 >/sys/class/vtconsole/vtcon1/bind");
	tree_write("sys/class/vtconsole/vtcon1/bind", "0\n");
	tree_expect_free();
}

Test(detect_kind, a_screen_that_a_program_draws_on_is_told)
{
	tree_start("i915", "0x030000");
	tree_node("drm/card0", "drm", "226:0");
	tree_write(TREE_DEVICE "/drm/card0/uevent", "DEVNAME=dri/card0\n");
	tree_write("dev/dri/card0", "c 226:0\n");
	tree_expect_free();
	tree_process(55, "Xorg", "dev/dri/card0");
	tree_expect("process", ULDF_USED, "/dev/dri/card0 open in Xorg (process 55)",
		    "end process 55");
}

Test(detect_kind, the_firmware_s_display_is_used_without_a_driver_too)
{
	tree_start(NULL, "0x030000");
	tree_write("sys/class/vtconsole/vtcon0/name", "(S) VGA+\n");
	tree_write("sys/class/vtconsole/vtcon0/bind", "1\n");
	tree_expect_free();
	tree_write(TREE_DEVICE "/boot_vga", "1\n");
	tree_expect("display", ULDF_USED, "the text console is on it, the display of the firmware",
		    "echo 0 >/sys/class/vtconsole/vtcon0/bind");
}

/* ---- the rest ------------------------------------------------------------------------------------ */

Test(detect_kind, the_kernel_s_serial_console_is_told)
{
	tree_start("serial", "0x070002");
	tree_node("tty/ttyS4", "tty", "4:68");
	tree_expect("console", ULDF_UNKNOWN, "whether ttyS4 is a console cannot be read",
		    "mount /proc");
	tree_write("proc/consoles", "tty0 -WU (EC  ) 4:7\nttyS40 -W- (E) 4:99\n");
	tree_expect_free();
	tree_write("proc/consoles", "tty0 -WU (EC  ) 4:7\nttyS4 -W- (EC p a) 4:68\n");
	tree_expect("console", ULDF_USED, "the kernel's console is on ttyS4",
		    "boot without console=ttyS4");
}

Test(detect_kind, keyboards_count_and_jacks_of_sound_cards_do_not)
{
	tree_start("xhci_hcd", "0x0c0330");
	tree_node("usb1/1-1/1-1:1.0", "usb", NULL);
	tree_node("usb1/1-1/1-1:1.0/input/input5", "input", NULL);
	tree_write(TREE_DEVICE "/usb1/1-1/1-1:1.0/input/input5/name", "USB Keyboard\n");
	tree_write(TREE_DEVICE "/usb1/1-1/1-1:1.0/input/input5/capabilities/ev", "120013\n");
	tree_expect("input", ULDF_USED, "input device USB Keyboard (input5) is on it",
		    "unplug it, or plug it into another controller");
	tree_write(TREE_DEVICE "/usb1/1-1/1-1:1.0/input/input5/capabilities/ev", "21\n");
	tree_expect_free();
}

Test(detect_kind, an_active_rdma_port_is_unknown_and_a_verbs_node_told)
{
	tree_start("mlx5_core", "0x020000");
	tree_node("infiniband/mlx5_0", "infiniband", NULL);
	tree_node("infiniband_verbs/uverbs0", "infiniband_verbs", "231:192");
	tree_write(TREE_DEVICE "/infiniband/mlx5_0/ports/1/state", "1: DOWN\n");
	tree_expect_free();
	tree_process(31, "ib_write_bw", "dev/uverbs0");
	tree_expect("process", ULDF_USED, "/dev/uverbs0 open in ib_write_bw (process 31)",
		    "end process 31");
	tree_write(TREE_DEVICE "/infiniband/mlx5_0/ports/1/state", "4: ACTIVE\n");
	tree_expect("rdma", ULDF_UNKNOWN,
		    "port 1 of RDMA device mlx5_0 is active, and the kernel may use it",
		    "unmount what lies on NFS over RDMA, log out of iSER and NVMe over Fabrics, "
		    "take the link down");
}

Test(detect_kind, chips_channels_and_watchdogs_are_told)
{
	tree_start("i801_smbus", "0x0c0500");
	tree_node("i2c-0", "i2c", NULL);
	tree_node("i2c-0/0-0050", "i2c", NULL);
	tree_expect_free();
	tree_link("/sys/bus/i2c/drivers/ee1004", TREE_DEVICE "/i2c-0/0-0050/driver");
	tree_write("sys/bus/i2c/devices/0-0050/name", "ee1004\n");
	tree_expect("i2c", ULDF_USED, "its chip 0-0050 (ee1004) is held by ee1004",
		    "echo 0-0050 >/sys/bus/i2c/drivers/ee1004/unbind");
	tree_node("watchdog/watchdog0", "watchdog", "245:0");
	tree_write(TREE_DEVICE "/watchdog/watchdog0/state", "active\n");
	tree_expect("watchdog", ULDF_USED, "watchdog watchdog0 runs", "stop what feeds it: wdctl");
	tree_node("dma/dma0chan0", "dma", NULL);
	tree_write(TREE_DEVICE "/dma/dma0chan0/in_use", "1\n");
	tree_expect("dma-engine", ULDF_USED, "its channel dma0chan0 is in use",
		    "unload the driver that took it");
}

Test(detect_kind, tapes_and_sound_open_in_processes_are_told)
{
	tree_start("mpt3sas", "0x010700");
	tree_node("host0", "scsi_host", NULL);
	tree_node("host0/scsi_tape/nst0", "scsi_tape", "9:128");
	tree_node("host0/scsi_generic/sg1", "scsi_generic", "21:1");
	tree_node("sound/card0/controlC0", "sound", "116:2");
	tree_write(TREE_DEVICE "/sound/card0/controlC0/uevent",
		   "MAJOR=116\nMINOR=2\nDEVNAME=snd/controlC0\n");
	tree_expect_free();
	tree_process(2, "tar", "dev/nst0");
	tree_process(3, "mtx", "dev/sg1");
	tree_process(4, "pipewire", "dev/controlC0");
	tree_expect("process", ULDF_USED, "/dev/nst0 open in tar (process 2)", "end process 2");
	tree_expect("process", ULDF_USED, "/dev/sg1 open in mtx (process 3)", "end process 3");
	tree_expect("process", ULDF_USED, "/dev/snd/controlC0 open in pipewire (process 4)",
		    "end process 4");
}

Test(detect_kind, a_glance_tells_uses_in_a_line_and_opens_nothing)
{
	static const struct uldf_address address = {.device = 6}, nowhere = {.device = 9};
	char line[200] = "before";

	tree_start("e1000e", "0x020000");
	tree_node("net/eth0", "net", NULL);
	tree_write(TREE_DEVICE "/net/eth0/flags", "0x1003\n");
	tree_node("block/sda", "block", "8:0");
	tree_write("proc/self/mountinfo", "30 1 8:0 / /mnt rw - ext4 /dev/sda rw\n");
	tree.open_error = -EBUSY;
	cr_expect(eq(int, detect_glance(tree.ctx, &tree.host, &nowhere, line, sizeof(line)),
		     -ENODEV));
	cr_expect(eq(int, detect_glance(tree.ctx, &tree.host, &address, line, 0), -EINVAL));
	cr_expect(eq(str, line, "before"));
	cr_expect(eq(int, detect_glance(tree.ctx, &tree.host, &address, line, sizeof(line)), 0));
	cr_expect(eq(str, line, "/dev/sda mounted on /mnt, eth0 is up"));
}
