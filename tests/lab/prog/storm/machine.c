// SPDX-License-Identifier: MIT
/* Virtual machines of KVM, without processors, which have devices' interrupts delivered to them. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "storm.h"

#define LINES 24 /* of the I/O APIC that KVM makes */

static long machine_make(struct worker *w)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), fd, error;

	if (kvm < 0)
		return -errno;
	fd = ioctl(kvm, KVM_CREATE_VM, 0);
	error = errno;
	close(kvm);
	if (fd < 0)
		return -error;
	if (draw_percent(w, 90))
		ioctl(fd, KVM_CREATE_IRQCHIP, 0);
	slot_keep(w, MACHINE, fd);
	return 0;
}

/* An eventfd that a vector may be bound to interrupts the machine from now on, or no more. */
static long machine_irqfd(struct worker *w)
{
	struct kvm_irqfd irqfd = {
		.fd = slot_argument(w, EVENT),
		.gsi = w->mood == NOISE ? draw(w) : draw_below(w, LINES),
		.flags = draw_percent(w, 30) ? KVM_IRQFD_FLAG_DEASSIGN : 0,
	};
	int fd = slot_use(w, MACHINE);

	if (!irqfd.flags && draw_percent(w, 20)) {
		irqfd.flags = KVM_IRQFD_FLAG_RESAMPLE;
		irqfd.resamplefd = slot_argument(w, EVENT);
	}
	if (fd < 0)
		return IDLE;
	return ioctl(fd, KVM_IRQFD, &irqfd) ? -errno : 0;
}

static const struct act acts[] = {
	ACT("machine-make", 4, machine_make),
	ACT("machine-irqfd", 20, machine_irqfd),
};

const struct acts machine_acts = {acts, COUNT(acts)};
