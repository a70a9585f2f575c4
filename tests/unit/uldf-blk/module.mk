# SPDX-License-Identifier: GPL-2.0-or-later
TESTS += unit-uldf-blk
unit-uldf-blk.sources  := $(addprefix tests/unit/uldf-blk/,nbd.c server.c) $(addprefix tools/uldf-blk/,nbd.c receive.c \
	reply.c server.c)
unit-uldf-blk.private  := tools/uldf-blk libuldf/drivers
unit-uldf-blk.uses     := uldf-drivers uldf
unit-uldf-blk.packages := criterion libevent
