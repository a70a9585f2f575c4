# SPDX-License-Identifier: MIT
# Targets for libFuzzer, which comes with clang. Variables of other folders are known once all are read.
FUZZERS := dma-fault recording viommu virtio
fuzz-dma-fault.sources = $(addprefix tests/fuzz/,input.c dma-fault.c) libuldf/src/address.c libuldf/src/ctx.c libuldf/src/dma_fault.c
fuzz-dma-fault.private = $(uldf.include) $(uldf.private)
fuzz-recording.sources = $(addprefix tests/fuzz/,careless.c recording.c seed.c) $(uldf.sources)
fuzz-recording.private = $(uldf.include) $(uldf.private)
fuzz-recording.packages = $(uldf.packages)
fuzz-viommu.sources = $(addprefix tests/fuzz/,input.c viommu.c) tests/unit/vpci/iommu.c \
	$(addprefix vpci/src/viommu,.c _endpoint.c _batch.c _codec.c)
fuzz-viommu.private = tests/unit/vpci vpci/src $(vpci.include)
fuzz-virtio.sources = $(addprefix tests/fuzz/,input.c virtio.c) $(addprefix tests/unit/vpci/,iommu.c viommu_start.c) \
	$(filter-out vpci/src/assigned% vpci/src/interrupts.c,$(vpci.sources))
fuzz-virtio.private = tests/unit/vpci $(vpci.include)

define fuzz_rules
$(B)/fuzz/$1: $$(fuzz-$1.sources) $(wildcard tests/fuzz/*.h)
	$$(call say,FUZZ,$$@)mkdir -p $$(@D) && clang $$(BASE) -MF $$@.d -g -O1 -fno-omit-frame-pointer \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-Wno-gnu-variable-sized-type-not-at-end $$(addprefix -I,tests/fuzz $$(fuzz-$1.private)) -o $$@ \
		$$(fuzz-$1.sources) $$(if $$(fuzz-$1.packages),$$$$(pkg-config --cflags --libs $$(fuzz-$1.packages))) -pthread
endef
