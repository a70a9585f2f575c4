# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += uldf-blk
uldf-blk.sources  := $(addprefix tools/uldf-blk/,drive.c export.c main.c nbd.c options.c receive.c reply.c server.c)
uldf-blk.uses     := uldf-drivers uldf
uldf-blk.packages := libevent
