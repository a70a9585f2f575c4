// SPDX-License-Identifier: MIT
/*
 * A libFuzzer target: records of the kernel's log, whole or damaged, in which a DMA fault is looked for. "dma-fault --seed
 * FILE" makes an input to begin with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dma_fault.h"
#include "input.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char seed[] =
		"3,1,2,-;nvme 0000:00:07.0: AMD-Vi: Event logged [IO_PAGE_FAULT device=00:07.0 "
		"domain=0x000f address=0x1000 flags=0x0020]\n"
		"3,1,2,-;DMAR: [DMA Write NO_PASID] Request device [00:07.0] fault addr 0x842a000 ";

	if (*argc == 3 && !strcmp((*argv)[1], "--seed"))
		exit(input_write_seed((*argv)[2], (const uint8_t *)seed, sizeof(seed) - 1));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *record = strndup((const char *)data, size);
	struct uldf_dma_fault fault;

	if (record && dma_fault_parse(record, &fault) &&
	    (fault.device.device > 31 || fault.device.function > 7))
		abort();
	free(record);
	return 0;
}
