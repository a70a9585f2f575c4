# SPDX-License-Identifier: MIT
LABPROGS += lab-conform
lab-conform.sources := $(addprefix tests/lab/prog/conform/,backends.c choice.c config.c conform.c device.c dma.c \
	e1000e.c edu.c errors.c irq.c limit.c main.c nvme.c regions.c spaces.c threads.c)
lab-conform.uses    := uldf
