# SPDX-License-Identifier: GPL-2.0-or-later
TESTS += unit-uldfctl
unit-uldfctl.sources  := $(addprefix tests/unit/uldfctl/,host.c arguments.c capability.c claim.c counters.c facts.c holder.c judge.c output.c pinned.c refusal.c release.c show.c standing.c trace.c) \
	$(addprefix tools/uldfctl/,arguments.c capability.c claim.c counters.c facts.c holder.c identity.c judge.c mates.c output.c pinned.c refusal.c release.c show-json.c \
	show-print.c standing.c trace-json.c trace-print.c)
unit-uldfctl.private  := tools/uldfctl
unit-uldfctl.uses     := uldf
unit-uldfctl.packages := criterion jansson
