# SPDX-License-Identifier: MIT
TESTS += unit-libuldf
unit-libuldf.sources  := $(addprefix tests/unit/libuldf/,fake.c address.c backend.c batch.c claim.c config.c control.c \
	ctx.c device.c discover.c dma.c event.c io.c iova.c irq-event.c irq.c mounts.c region.c space.c usage.c)
unit-libuldf.private  := libuldf/src kmod/include/uapi
unit-libuldf.uses     := uldf
unit-libuldf.packages := criterion
