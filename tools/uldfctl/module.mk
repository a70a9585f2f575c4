# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += uldfctl
uldfctl.sources  := $(addprefix tools/uldfctl/,arguments.c binding.c claim.c facts.c judge.c list.c main.c mates.c names.c output.c pinned.c \
	refusal.c release.c standing.c why.c trace.c trace-json.c trace-print.c)
uldfctl.uses     := uldf
uldfctl.packages := libpci jansson
