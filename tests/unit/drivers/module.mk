# SPDX-License-Identifier: MIT
TESTS += unit-drivers
unit-drivers.sources  := $(addprefix tests/unit/drivers/,ata-identify.c disk.c ide.c ide-prd.c nvme-identify.c nvme-prp.c)
unit-drivers.sources  += $(addprefix tests/unit/drivers/,e1000e.c e1000e-fake.c e1000e-frames.c e1000e-ring.c nvme.c)
unit-drivers.private  := libuldf/drivers libuldf/src
unit-drivers.uses     := uldf-drivers uldf
unit-drivers.packages := criterion
