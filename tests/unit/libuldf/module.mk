# SPDX-License-Identifier: MIT
TESTS += unit-libuldf
unit-libuldf.sources  := $(addprefix tests/unit/libuldf/,fake.c address.c backend.c batch.c caller.c check.c check-master.c check-source.c check-space.c checked.c claim.c config.c \
	config-filter.c control.c ctx.c decorator.c detect-block.c detect-kind.c detect-process.c device.c discover.c dma.c dma-fault.c engine.c event.c fault.c io.c iova.c irq.c \
	irq-event.c memory.c mounts.c pci-config.c record.c record-codec.c record-damage.c record-order.c record-space.c region.c registers.c replay.c space.c sysfs.c table.c tree.c usage.c vfio.c watcher.c) tests/fuzz/careless.c
unit-libuldf.private  := tests/fuzz libuldf/src kmod/include/uapi
unit-libuldf.uses     := uldf
unit-libuldf.packages := criterion
