# SPDX-License-Identifier: MIT
LIBRARIES += uldf
uldf.sources  := $(addprefix libuldf/src/,address.c backend.c claim.c config.c ctx.c device.c \
	discover.c dma.c event.c holder.c io.c iova.c irq.c irq_event.c mounts.c region.c space.c usage.c \
	$(addprefix kmod/,control.c device.c irq.c region.c space.c))
uldf.include  := libuldf/include
uldf.private  := libuldf/src kmod/include/uapi
uldf.packages := libudev libevent
uldf.soname   := libuldf.so.0
uldf.map      := libuldf/libuldf.map
