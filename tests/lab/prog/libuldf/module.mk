# SPDX-License-Identifier: MIT
LABPROGS += lab-libuldf
lab-libuldf.sources := $(addprefix tests/lab/prog/libuldf/,dma.c edu.c irq.c limit.c main.c region.c)
lab-libuldf.uses    := uldf
