# SPDX-License-Identifier: MIT
# The conformance suite, on models, and what is a model's alone.
TESTS += unit-model
unit-model.sources  := $(addprefix tests/unit/model/,cable.c conform.c e1000e.c e1000e-offload.c e1000e-registers.c \
	e1000e-rings.c edu.c ide.c ide-master.c ide-ports.c ide-registers.c nvme.c opened.c options.c pair.c tap.c unplug.c)
unit-model.sources  += $(filter-out %/main.c,$(lab-conform.sources))
unit-model.private  := tests/lab/prog/conform libuldf/src libuldf/drivers
unit-model.uses     := uldf-drivers uldf
unit-model.packages := criterion
