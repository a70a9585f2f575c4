# SPDX-License-Identifier: MIT
LABPROGS += lab-hostile
lab-hostile.sources := $(addprefix tests/lab/prog/hostile/,main.c chance.c machine.c access.c dma.c viommu.c)
lab-hostile.private := tests
