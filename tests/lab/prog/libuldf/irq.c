// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include "edu.h"

static void check_refusals(struct edu *edu)
{
	int input = 0;

	edu_expect(edu, "bind before vectors are enabled", uldf_irq_bind(edu->device, 0, 1, &input),
		   -EINVAL);
	edu_expect(edu, "enable MSI-X, which it lacks",
		   uldf_irq_enable(edu->device, ULDF_IRQ_MSIX, 1), -ENOTSUP);
	edu_expect(edu, "enable too many vectors", uldf_irq_enable(edu->device, ULDF_IRQ_MSI, 33),
		   -EINVAL);
	edu_expect(edu, "enable MSI", uldf_irq_enable(edu->device, ULDF_IRQ_MSI, 1), 0);
	edu_expect(edu, "enable INTx as well", uldf_irq_enable(edu->device, ULDF_IRQ_INTX, 1),
		   -EBUSY);
	edu_expect(edu, "bind what is no eventfd", uldf_irq_bind(edu->device, 0, 1, &input),
		   -EINVAL);
	edu_expect(edu, "mask INTx while MSI is enabled", uldf_irq_mask(edu->device), -EINVAL);
	edu_expect(edu, "disable MSI", uldf_irq_disable(edu->device), 0);
	edu_expect(edu, "disable again", uldf_irq_disable(edu->device), 0);
}

void check_msi(struct edu *edu)
{
	edu_expect(edu, "enable MSI", uldf_irq_enable(edu->device, ULDF_IRQ_MSI, 1), 0);
	edu_require("an MSI arrives once", edu_write_and_wait(edu, EDU_IRQ_RAISE, 1) == 1);
	edu_write(edu, EDU_IRQ_ACK, 1);
	edu_require("another arrives once", edu_write_and_wait(edu, EDU_IRQ_RAISE, 2) == 1);
	edu_write(edu, EDU_IRQ_ACK, 2);
	edu_expect(edu, "disable MSI", uldf_irq_disable(edu->device), 0);
}

static void check_intx(struct edu *edu)
{
	edu_expect(edu, "enable INTx", uldf_irq_enable(edu->device, ULDF_IRQ_INTX, 1), 0);
	edu_require("INTx arrives once, then is masked",
		    edu_write_and_wait(edu, EDU_IRQ_RAISE, 1) == 1);
	edu_write(edu, EDU_IRQ_ACK, 1);
	edu_expect(edu, "unmask INTx", uldf_irq_unmask(edu->device), 0);
	edu_require("INTx arrives again", edu_write_and_wait(edu, EDU_IRQ_RAISE, 1) == 1);
	edu_write(edu, EDU_IRQ_ACK, 1);
	edu_expect(edu, "unmask INTx", uldf_irq_unmask(edu->device), 0);
	edu_expect(edu, "mask INTx", uldf_irq_mask(edu->device), 0);
	edu_expect(edu, "disable INTx", uldf_irq_disable(edu->device), 0);
}

void check_irq(struct edu *edu)
{
	printf("== interrupts\n");
	check_refusals(edu);
	check_intx(edu);
}
