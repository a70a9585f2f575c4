# SPDX-License-Identifier: MIT
# Programs for ThreadSanitizer, under which Criterion does not start. Variables of other folders are known once all are read.
RACES := bus events
races-bus.sources = $(addprefix tests/races/,bus.c host.c card.c) $(addprefix tests/unit/vpci/,iommu.c viommu_start.c) $(vpci.sources) $(uldf.sources)
races-bus.private = tests tests/unit/vpci $(vpci.include) $(uldf.include) $(uldf.private)
races-bus.packages = $(uldf.packages)
races-events.sources = tests/races/events.c $(uldf.sources)
races-events.private = $(uldf.include) $(uldf.private)
races-events.packages = $(uldf.packages) libevent_pthreads

define race_rules
$(B)/races/$1: $$(races-$1.sources) $(wildcard tests/races/*.h)
	$$(call say,RACES,$$@)mkdir -p $$(@D) && $$(CC) $$(BASE) -MF $$@.d -g -O1 -fno-omit-frame-pointer -fsanitize=thread -Wno-tsan \
		$$(addprefix -I,tests/races $$(races-$1.private)) -o $$@ $$(races-$1.sources) \
		$$$$(pkg-config --cflags --libs $$(races-$1.packages)) -pthread
endef
