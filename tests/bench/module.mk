# SPDX-License-Identifier: MIT
LABPROGS += bench
bench.sources := $(addprefix tests/bench/,config.c count.c dma.c ide.c interrupt.c main.c ours.c pages.c uio.c vfio.c)
bench.uses    := uldf
