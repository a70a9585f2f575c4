# SPDX-License-Identifier: GPL-2.0-or-later
TESTS += unit-uldf-net
unit-uldf-net.sources  := $(addprefix tests/unit/uldf-net/,bridge.c options.c) $(addprefix tools/uldf-net/,bridge.c options.c)
unit-uldf-net.private  := tools/uldf-net libuldf/include
unit-uldf-net.packages := criterion libevent
