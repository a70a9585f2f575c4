# SPDX-License-Identifier: MIT
LABPROGS += lab-conform
lab-conform.sources := $(addprefix tests/lab/prog/conform/,all.c backends.c bare.c choice.c config.c conform.c counts.c \
	device.c dma.c e1000e.c edu.c errors.c events.c functions.c ide.c igb.c io.c irq.c limit.c lost.c main.c nvme.c part.c peer.c \
	power.c range.c regions.c share.c spaces.c threads.c)
lab-conform.uses    := uldf
