// SPDX-License-Identifier: MIT
/* lab-libuldf all|limit ADDRESS: drives a claimed edu device through libuldf. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "edu.h"

static void check_device(struct edu *edu, const char *address)
{
	const struct uldf_device_info *info = uldf_device_info(edu->device);
	struct uldf_device *second;
	enum uldf_reset how;

	printf("== the device\n");
	edu_expect(edu, "open it a second time", uldf_device_open(edu->ctx, address, &second),
		   -EBUSY);
	edu_require("it tells its address", !strcmp(info->address, address));
	edu_require("it has one INTx and MSI, no MSI-X, no ISA line",
		    info->vectors[ULDF_IRQ_INTX] == 1 && info->vectors[ULDF_IRQ_MSI] >= 1 &&
			    !info->vectors[ULDF_IRQ_MSIX] && !info->vectors[ULDF_IRQ_ISA]);
	edu_require("it stands behind the IOMMU", info->translated);
	edu_require("nothing resets it", !info->resets);
	edu_expect(edu, "reset it", uldf_device_reset(edu->device, &how), -ENOTSUP);
}

int main(int argc, char **argv)
{
	struct edu edu;
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: lab-libuldf all|limit dddd:bb:dd.f\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (uldf_ctx_create(&edu.ctx))
		return 1;
	err = uldf_device_open(edu.ctx, argv[2], &edu.device);
	edu_expect(&edu, "open", err, 0);
	if (!strcmp(argv[1], "limit")) {
		check_limit(&edu);
	} else {
		check_device(&edu, argv[2]);
		check_region(&edu);
		check_irq(&edu);
		check_dma(&edu);
	}
	uldf_device_close(edu.device);
	uldf_ctx_destroy(edu.ctx);
	return 0;
}
