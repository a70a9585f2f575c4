# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += uldfctl
uldfctl.sources  := $(addprefix tools/uldfctl/,arguments.c binding.c capability.c claim.c counters.c facts.c holder.c identity.c judge.c list.c main.c mates.c names.c output.c pinned.c \
	refusal.c release.c show.c show-json.c show-print.c standing.c why.c trace.c trace-json.c trace-print.c)
uldfctl.uses     := uldf
uldfctl.packages := libpci jansson
