# SPDX-License-Identifier: MIT
# Targets for libFuzzer, which comes with clang.
fuzz-recording.sources := $(addprefix tests/fuzz/,careless.c recording.c seed.c) $(uldf.sources)
fuzz-recording.private := tests/fuzz $(uldf.include) $(uldf.private)

$(B)/fuzz/recording: $(fuzz-recording.sources) $(wildcard tests/fuzz/*.h)
	$(call say,FUZZ,$@)mkdir -p $(@D) && clang $(BASE) -MF $@.d -g -O1 -fno-omit-frame-pointer \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-Wno-gnu-variable-sized-type-not-at-end $(addprefix -I,$(fuzz-recording.private)) \
		-o $@ $(fuzz-recording.sources) $$(pkg-config --cflags --libs $(uldf.packages)) -pthread
