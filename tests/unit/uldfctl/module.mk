# SPDX-License-Identifier: GPL-2.0-or-later
TESTS += unit-uldfctl
unit-uldfctl.sources  := $(addprefix tests/unit/uldfctl/,host.c access.c arguments.c capability.c claim.c config-file.c counters.c facts.c holder.c judge.c output.c pinned.c \
		place.c refusal.c registers.c release.c reset.c show.c standing.c trace.c) \
	$(addprefix tools/uldfctl/,access.c arguments.c capability.c claim.c config-file.c counters.c facts.c holder.c identity.c judge.c mates.c \
		output.c peek.c pinned.c place.c poke.c refusal.c release.c reset.c reset-how.c show-json.c show-print.c standing.c \
		target.c trace-json.c trace-print.c)
unit-uldfctl.private  := tools/uldfctl
unit-uldfctl.uses     := uldf
unit-uldfctl.packages := criterion jansson
