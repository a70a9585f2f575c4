# SPDX-License-Identifier: GPL-2.0-or-later
TESTS += unit-uldf-net
unit-uldf-net.sources  := $(addprefix tests/unit/uldf-net/,arena.c bridge.c fake.c follow.c iface-message.c offload.c options.c stats.c watchdog.c) \
	$(addprefix tools/uldf-net/,arena.c bridge.c follow.c iface-message.c offload.c options.c stats.c watchdog.c)
unit-uldf-net.private  := tools/uldf-net libuldf/include
unit-uldf-net.packages := criterion libevent
