// SPDX-License-Identifier: MIT
/*
 * Keeps an idle virtual machine until it is killed.
 *
 * The first machine of a host and the last to go, and a local APIC that is switched off, make KVM
 * patch the running kernel's text. An emulated host with several vCPUs now and then goes on running
 * what it had translated before, an INT3, for ever. With one machine kept, no other is the first.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm;

	if (kvm < 0)
		err(1, "/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		err(1, "KVM_CREATE_VM");
	if (ioctl(vm, KVM_CREATE_IRQCHIP, 0) || ioctl(vm, KVM_CREATE_VCPU, 0) < 0)
		err(1, "an interrupt controller and a vCPU");
	for (;;)
		pause();
}
