# SPDX-License-Identifier: MIT
# Targets for libFuzzer, which comes with clang. Variables of other folders are known once all are read.
# .sources, .private (folders of headers), .uses (our libraries, users before used), .wraps (functions of libc
# that the target has its own of)
FUZZERS := dma-fault driver-e1000e driver-ide driver-nvme recording viommu virtio
fuzz-dma-fault.sources = $(addprefix tests/fuzz/,input.c dma-fault.c)
fuzz-dma-fault.private = $(uldf.include) $(uldf.private)
fuzz-dma-fault.uses = uldf
hostile.sources := $(addprefix tests/fuzz/,clock.c hostile.c input.c)
hostile.private = $(uldf.include) $(uldf.private) $(uldf-drivers.private)
hostile.wraps := clock_gettime nanosleep poll
fuzz-driver-e1000e.sources = tests/fuzz/driver-e1000e.c $(hostile.sources)
fuzz-driver-e1000e.private = $(hostile.private)
fuzz-driver-e1000e.uses = uldf-drivers uldf
fuzz-driver-e1000e.wraps = $(hostile.wraps)
fuzz-driver-ide.sources = $(addprefix tests/fuzz/,disk-user.c driver-ide.c) $(hostile.sources)
fuzz-driver-ide.private = $(hostile.private)
fuzz-driver-ide.uses = uldf-drivers uldf
fuzz-driver-ide.wraps = $(hostile.wraps)
fuzz-driver-nvme.sources = $(addprefix tests/fuzz/,disk-user.c driver-nvme.c) $(hostile.sources)
fuzz-driver-nvme.private = $(hostile.private)
fuzz-driver-nvme.uses = uldf-drivers uldf
fuzz-driver-nvme.wraps = $(hostile.wraps)
fuzz-recording.sources = $(addprefix tests/fuzz/,careless.c recording.c seed.c)
fuzz-recording.private = $(uldf.include) $(uldf.private)
fuzz-recording.uses = uldf
fuzz-viommu.sources = $(addprefix tests/fuzz/,input.c viommu.c) tests/unit/vpci/iommu.c \
	$(addprefix vpci/src/viommu,.c _endpoint.c _batch.c _codec.c)
fuzz-viommu.private = tests/unit/vpci vpci/src $(vpci.include)
fuzz-virtio.sources = $(addprefix tests/fuzz/,input.c virtio.c) $(addprefix tests/unit/vpci/,iommu.c viommu_start.c) \
	$(filter-out vpci/src/assigned% vpci/src/interrupts.c,$(vpci.sources))
fuzz-virtio.private = tests/unit/vpci $(vpci.include)

FUZZ_CLANG = clang $(BASE) -MF $@.d -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all \
	-Wno-gnu-variable-sized-type-not-at-end

# A library as those targets use it that name it.
define fuzz_library_rules
$(B)/fuzz/obj/$1/%.o: %.c
	$$(call say,CC,$$@)mkdir -p $$(@D) && $$(FUZZ_CLANG) -fsanitize=fuzzer-no-link,address,undefined \
		$$($1.includes) $$($1.cflags) -c -o $$@ $$<
$(B)/fuzz/lib$1.a: $$($1.sources:%.c=$(B)/fuzz/obj/$1/%.o)
	$$(call say,AR,$$@)rm -f $$@ && $$(AR) rcs $$@ $$^
-include $$($1.sources:%.c=$(B)/fuzz/obj/$1/%.o.d)
endef

wrap = -Wl,--wrap=
define fuzz_rules
$(B)/fuzz/$1: $$(fuzz-$1.sources) $$(foreach u,$$(fuzz-$1.uses),$(B)/fuzz/lib$$u.a) $(wildcard tests/fuzz/*.h)
	$$(call say,FUZZ,$$@)mkdir -p $$(@D) && $$(FUZZ_CLANG) -fsanitize=fuzzer,address,undefined \
		$$(addprefix -I,tests/fuzz $$(fuzz-$1.private)) $$(addprefix $$(wrap),$$(fuzz-$1.wraps)) -o $$@ \
		$$(filter %.c %.a,$$^) $$(foreach u,$$(fuzz-$1.uses),$$($$u.ldlibs)) -pthread
endef
