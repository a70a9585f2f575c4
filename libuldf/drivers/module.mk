# SPDX-License-Identifier: MIT
LIBRARIES += uldf-drivers
uldf-drivers.sources := $(addprefix libuldf/drivers/,ata-identify.c disk.c disk-open.c disk-text.c ide.c ide-batch.c \
	ide-command.c ide-pio.c ide-prd.c ide-recover.c ide-reset.c nvme.c \
	nvme-admin.c nvme-controller.c nvme-identify.c nvme-io.c nvme-prp.c nvme-queue.c nvme-recover.c)
uldf-drivers.sources += $(addprefix libuldf/drivers/e1000e-,card.c frames.c reset.c ring.c)
uldf-drivers.include := libuldf/include
uldf-drivers.private := libuldf/drivers
uldf-drivers.uses    := uldf
uldf-drivers.soname  := libuldf-drivers.so.0
uldf-drivers.map     := libuldf/drivers/libuldf-drivers.map
