# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += uldf-net
uldf-net.sources  := $(addprefix tools/uldf-net/,arena.c bridge.c follow.c iface.c iface-message.c main.c offload.c options.c stats.c tap.c watchdog.c)
uldf-net.uses     := uldf-drivers uldf
uldf-net.packages := libevent
