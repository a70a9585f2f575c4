# SPDX-License-Identifier: MIT
LIBRARIES += uldf-drivers
uldf-drivers.sources := $(addprefix libuldf/drivers/,ata-identify.c disk.c disk-text.c ide-prd.c nvme-identify.c \
	nvme-prp.c)
uldf-drivers.sources += $(addprefix libuldf/drivers/e1000e-,card.c frames.c reset.c ring.c)
uldf-drivers.include := libuldf/include
uldf-drivers.private := libuldf/drivers
uldf-drivers.uses    := uldf
uldf-drivers.soname  := libuldf-drivers.so.0
uldf-drivers.map     := libuldf/drivers/libuldf-drivers.map
