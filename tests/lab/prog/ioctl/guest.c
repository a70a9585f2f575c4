// SPDX-License-Identifier: MIT
/* KVM is told which machine has a device: what is none is refused, and who ends first does not matter. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"

static int set_guest(int fd, int vm)
{
	struct uldf_ioc_device_guest arg = {.argsz = sizeof(arg), .vm = vm};

	return call(fd, ULDF_DEVICE_GUEST, &arg);
}

static int vm_create(int kvm)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);

	need(vm >= 0, "create a machine");
	return vm;
}

void suite_guest(const struct address *device)
{
	int fd = device_take(device), kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int event = event_create(), one, two;
	pid_t child;

	need(kvm >= 0, "open /dev/kvm");
	one = vm_create(kvm);
	two = vm_create(kvm);
	check_equal(-EBADF, set_guest(fd, 1000), "what is no descriptor");
	check_equal(-EINVAL, set_guest(fd, event), "an eventfd");
	check_equal(-EINVAL, set_guest(fd, kvm), "what makes machines");
	check_equal(-EINVAL, set_guest(fd, fd), "the device itself");
	check_equal(0, set_guest(fd, -1), "none, when there is none");
	check_equal(0, set_guest(fd, one), "a machine");
	check_equal(0, set_guest(fd, one), "the same again");
	check_equal(0, set_guest(fd, two), "another one");
	check_equal(-EINVAL, set_guest(fd, event), "an eventfd leaves it that");
	check_equal(0, set_guest(fd, -1), "none");
	check_equal(0, set_guest(fd, one), "a machine");
	close(one);
	close(fd);

	child = fork();
	if (!child) {
		fd = device_open(device);
		set_guest(fd, vm_create(kvm));
		raise(SIGKILL);
	}
	need(child > 0 && waitpid(child, NULL, 0) == child, "a holder that is killed");
	fd = device_open(device);
	check_equal(0, set_guest(fd, two), "a machine, for the next holder");
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL),
		    "release, which takes the device from the machine");
	check_equal(-ENODEV, set_guest(fd, two), "the device is gone");
	close(fd);
	close(two);
	close(kvm);
	close(event);
}
