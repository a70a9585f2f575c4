# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += uldfctl
uldfctl.sources  := $(addprefix tools/uldfctl/,access.c arguments.c binding.c capability.c claim.c config-file.c counters.c facts.c holder.c identity.c judge.c list.c main.c mates.c names.c output.c peek.c \
	pinned.c place.c poke.c refusal.c release.c reset.c reset-how.c show.c show-json.c show-print.c standing.c target.c why.c trace.c trace-json.c trace-print.c)
uldfctl.uses     := uldf
uldfctl.packages := libpci jansson
