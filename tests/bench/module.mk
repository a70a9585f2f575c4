# SPDX-License-Identifier: MIT
LABPROGS += bench
bench.sources := $(addprefix tests/bench/,bar.c config.c count.c dma.c ide.c idle.c interrupt.c main.c nvme.c ours.c \
	pages.c space.c uio.c uring.c vfio.c)
bench.uses    := uldf-drivers uldf
bench.private := kmod/include/uapi
