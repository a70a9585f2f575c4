# SPDX-License-Identifier: MIT
# One Makefile for the whole tree. Each folder names its sources in a module.mk; all output goes below B.
B       ?= build
CC      ?= gcc
prefix  ?= /usr/local
libdir  ?= $(prefix)/lib
VERSION := 0.1.0

CFLAGS  ?= -O2 -g
# Warnings are errors in a clone of the repository (WERROR= for never); sanitizers make the compiler see too many.
WERROR  ?= $(if $(SAN),,$(wildcard .git))
WARN    := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wpointer-arith \
           -Wno-unused-parameter $(if $(WERROR),-Werror)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
BASE    := -std=gnu11 -D_GNU_SOURCE -DULDF_VERSION='"$(VERSION)"' -fPIC -fvisibility=default -MMD -MP
LIBRARIES :=
PROGRAMS  :=
EXAMPLES  := # programs that are not installed
TESTS     :=
LABPROGS  :=
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $1 $(patsubst $(B)/%,%,$2);)

.DEFAULT_GOAL := all
MODULES := $(sort $(foreach d,* */* */*/* */*/*/*,$(wildcard $d/module.mk)))
include $(MODULES)

.PHONY: all libs tests labprogs programs kmod guest-kmod labmod man check races check-kernels debug-kernel test soak bench fuzz demo deps lint \
	install uninstall clean help
all: libs programs kmod guest-kmod ## Build all of user space, and uldf.ko and uldf_guest.ko where kernel headers are installed
programs: $(PROGRAMS:%=$(B)/bin/%)
tests: $(TESTS:%=$(B)/tests/%) labprogs
labprogs: $(LABPROGS:%=$(B)/tests/%)
libs: $(LIBRARIES:%=$(B)/lib/lib%.a) $(foreach l,$(LIBRARIES),$(if $($l.soname),$(B)/lib/lib$l.so))

# ---- compiling and linking: one set of rules for each library, program and test named in a module.mk
# <name>.sources, .include (public headers), .uses (our libraries, users before used), .packages (pkg-config)
deb_libpci := libpci-dev
deb_libudev := libudev-dev
deb_libevent := libevent-dev
deb_libevent_pthreads := libevent-dev
deb_criterion := libcriterion-dev
deb_jansson := libjansson-dev
deb_libseccomp := libseccomp-dev
deb_libcap-ng := libcap-ng-dev
has_package = $(shell pkg-config --exists $1 2>/dev/null && echo y)
missing_debs = $(if $(shell command -v pkg-config),,pkg-config) \
	$(foreach p,$(sort $1 $(foreach t,$(LIBRARIES) $(PROGRAMS),$($t.packages))),$(if $(call has_package,$p),,$(or $(deb_$p),$p)))
need_package = $(if $(call has_package,$1),,$(error missing: apt-get install $(sort $(call missing_debs,$1)), or 'make deps'))

define target_rules
$1.objects  := $$($1.sources:%.c=$(B)/obj/$1/%.o)
$1.includes := $$(addprefix -I,$$($1.include) $$(foreach u,$$($1.uses),$$($$u.include)) $$($1.private))
$1.pkgs     := $$(sort $$($1.packages) $$(foreach u,$$($1.uses),$$($$u.packages)))
$1.cflags    = $$(if $$($1.pkgs),$$(foreach p,$$($1.pkgs),$$(call need_package,$$p))$$(shell pkg-config --cflags $$($1.pkgs)))
$1.ldlibs    = $$(if $$($1.pkgs),$$(shell pkg-config --libs $$($1.pkgs)))
$(B)/obj/$1/%.o: %.c
	$$(call say,CC,$$@)mkdir -p $$(@D) && $$(CC) $$(BASE) $$(CFLAGS) $$(WARN) $$(SANFLAGS) $$($1.includes) $$($1.cflags) -c -o $$@ $$<
-include $$($1.objects:.o=.d)
endef

define library_rules
$(B)/lib/lib$1.a: $$($1.objects)
	$$(call say,AR,$$@)mkdir -p $$(@D) && rm -f $$@ && $$(AR) rcs $$@ $$^
$(B)/lib/lib$1.so: $$($1.objects) $$($1.map) $$(foreach u,$$($1.uses),$(B)/lib/lib$$u.so)
	$$(call say,LD,$$@)mkdir -p $$(@D) && $$(CC) -shared $$(SANFLAGS) $$(LDFLAGS) -Wl,-soname,$$($1.soname) \
		-Wl,--version-script=$$($1.map) -Wl,-z,defs -o $(B)/lib/$$($1.soname) $$($1.objects) \
		$$(foreach u,$$($1.uses),$(B)/lib/lib$$u.so) $$($1.ldlibs) \
		&& ln -sf $$($1.soname) $$@
endef

define program_rules
$2/$1: $$($1.objects) $$(foreach u,$$($1.uses),$(B)/lib/lib$$u.a)
	$$(call say,LD,$$@)mkdir -p $$(@D) && $$(CC) $$(SANFLAGS) $$(LDFLAGS) -o $$@ $$^ $$($1.ldlibs) -pthread
endef

$(foreach t,$(LIBRARIES) $(PROGRAMS) $(TESTS) $(LABPROGS),$(eval $(call target_rules,$t)))
$(foreach l,$(LIBRARIES),$(eval $(call library_rules,$l)))
$(foreach p,$(PROGRAMS),$(eval $(call program_rules,$p,$(B)/bin)))
$(foreach t,$(TESTS) $(LABPROGS),$(eval $(call program_rules,$t,$(B)/tests)))
$(foreach l,$(sort $(foreach f,$(FUZZERS),$(fuzz-$f.uses))),$(eval $(call fuzz_library_rules,$l)))
$(foreach f,$(FUZZERS),$(eval $(call fuzz_rules,$f)))
$(foreach r,$(RACES),$(eval $(call race_rules,$r)))

# ---- kernel modules: Kbuild works in a folder of links, so that the source tree stays clean
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(shell ls -d /lib/modules/*/build 2>/dev/null | sort -rV))
KVER  = $(notdir $(patsubst %/build,%,$(KDIR)))
KOUT  = $(B)/kmod/$(KVER)
# kbuild FOLDER OUT
define kbuild
+$(Q)mkdir -p $2 && cp -rsf $(abspath $1)/. $2/ && \
	$(MAKE) --no-print-directory -C $(KDIR) M=$(abspath $2) $(KARGS) modules \
	$(if $(V),V=1,>$2/log 2>&1 || { cat $2/log; exit 1; }; grep -B1 -A8 -i warning: $2/log || :)
endef
kmod: ## Build uldf.ko for the kernel in KDIR
	$(if $(KDIR),$(call kbuild,kmod,$(KOUT)),\
		@echo 'uldf.ko not built: no kernel headers (apt-get install linux-headers-amd64)')
guest-kmod: ## Build uldf_guest.ko, the guests' module, for the kernel in KDIR
	$(if $(KDIR),$(call kbuild,vmm-integration/guest,$(B)/guest-kmod/$(KVER)),\
		@echo 'uldf_guest.ko not built: no kernel headers (apt-get install linux-headers-amd64)')
labmod: ## Build the kernel modules that lab tests load, for the kernel in KDIR
	$(call kbuild,tests/lab/kmod,$(B)/lab-kmod/$(KVER))

# ---- manual pages: NAME.SECTION.scd, beside what the page describes; deeper down Kbuild has links to some
MANUALS := $(sort $(foreach d,* */*,$(wildcard $d/*.scd)))
manual_pages := $(notdir $(MANUALS:.scd=))
define manual_rule
$(B)/man/$(notdir $(1:.scd=)): $1
	$$(call need_package,scdoc)$$(call say,MAN,$$@)mkdir -p $$(@D) && scdoc <$$< >$$@ || { rm -f $$@; exit 1; }
endef
$(foreach m,$(MANUALS),$(eval $(call manual_rule,$m)))
installed_headers := $(wildcard libuldf/include/uldf/*.h libuldf/include/uldf/drivers/*.h)
$(B)/man/functions: libuldf/manual $(installed_headers)
	$(call say,MAN,$@)libuldf/manual $(VERSION) $@ $(installed_headers)
man: $(manual_pages:%=$(B)/man/%) $(B)/man/functions ## Build the manual pages into build/man

# ---- checking
check: $(TESTS:%=$(B)/tests/%) ## Run the unit tests (no root, no VM); SAN=address,undefined B=build-asan for sanitizers
	$(Q)tests/unit/run $^
races: $(RACES:%=$(B)/races/%) ## Run the threads of a bus, and of a driver, under ThreadSanitizer; RACES_ROUNDS=20000
	$(Q)for program in $^; do TSAN_OPTIONS=halt_on_error=1 $$program || exit 1; done
lint: ## Check format, warnings, headers, documentation, layering and scripts
	$(Q)tests/lint/run
deps: ## Install the Debian packages that building and testing need (as root)
	$(Q)tests/lab/deps
test: deps ## Unit tests, sanitizers, lint and every lab test; ends in 'N passed, N failed'
	$(Q)tests/run
SOAK_SECONDS ?= 1800
soak: deps ## The long rounds of what 'make test' does in short, on Debian's 6.1 and 7.3 kernels each; SOAK_SECONDS=120
	$(Q)SOAK_SECONDS=$(SOAK_SECONDS) tests/soak $(SUITES)
check-kernels: deps ## Build uldf.ko for Debian's 6.1, 6.12, 7.2 and 7.3 kernels and test it on each; SUITES="forky" for one
	$(Q)tests/check-kernels $(SUITES)
debug-kernel: deps ## Test uldf.ko on a kernel that looks for mistakes (KASAN, lockdep...); CASE=tests/lab/t/kill.sh for one
	$(Q)tests/debug-kernel $(CASE)
bench: deps ## Count instructions beside VFIO and UIO, into build/bench/; CASE="map-page irq-page" for some
	$(Q)tests/bench/run $(CASE)
CHAOS_STEPS ?= 3000000
fuzz: $(FUZZERS:%=$(B)/fuzz/%) $(B)/tests/unit-vpci ## Give damaged recordings to a replay, lying devices to the drivers, and a hostile guest to the bus; FUZZ_SECONDS=60
	$(Q)for fuzzer in $(FUZZERS:%=$(B)/fuzz/%); do tests/fuzz/run $$fuzzer || exit 1; done
	$(Q)CHAOS_STEPS=$(CHAOS_STEPS) $(B)/tests/unit-vpci --filter 'chaos/*'
demo: deps ## The main job: a guest in the lab drives a real IDE disk and NIC
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) all labprogs \
		KDIR=/lib/modules/$$(basename $$(tests/lab/kernel))/build && tests/lab/demo/run

# ---- installing
install: man all ## Install programs, libuldf, headers, manual pages, udev rule and uldf.ko below DESTDIR and prefix
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(prefix)/include/linux \
		$(DESTDIR)$(prefix)/include/uldf/drivers $(DESTDIR)$(prefix)/share/uldf $(DESTDIR)/lib/udev/rules.d
	install $(patsubst %,$(B)/bin/%,$(filter-out $(EXAMPLES),$(PROGRAMS))) $(DESTDIR)$(prefix)/bin
	install -m 644 $(foreach l,uldf uldf-drivers,$(B)/lib/lib$l.a $(B)/lib/$($l.soname)) $(DESTDIR)$(libdir)
	$(foreach l,uldf uldf-drivers,ln -sf $($l.soname) $(DESTDIR)$(libdir)/lib$l.so;)
	install -m 644 libuldf/include/uldf/*.h $(DESTDIR)$(prefix)/include/uldf
	install -m 644 libuldf/include/uldf/drivers/*.h $(DESTDIR)$(prefix)/include/uldf/drivers
	install -m 644 libuldf/include/uldf.h $(DESTDIR)$(prefix)/include
	install -m 644 kmod/include/uapi/linux/*.h $(DESTDIR)$(prefix)/include/linux
	for l in libuldf/uldf libuldf/drivers/uldf-drivers; do \
		sed 's|@prefix@|$(prefix)|;s|@libdir@|$(libdir)|;s|@version@|$(VERSION)|' $$l.pc.in \
			>$(DESTDIR)$(libdir)/pkgconfig/$${l##*/}.pc || exit 1; done
	install -m 644 tools/uldfctl/uldfctl.schema.json $(DESTDIR)$(prefix)/share/uldf
	install -m 644 kmod/90-uldf.rules $(DESTDIR)/lib/udev/rules.d
	$(if $(KDIR),install -D -m 644 $(KOUT)/uldf.ko $(DESTDIR)/lib/modules/$(KVER)/updates/uldf.ko)
	for page in $(manual_pages) functions/*; do for file in $(B)/man/$$page; do \
		install -D -m 644 $$file -t $(DESTDIR)$(prefix)/share/man/man$${file##*.} || exit 1; done; done
	$(if $(DESTDIR),,ldconfig $(if $(KDIR),&& depmod $(KVER)))
# Asks 'make install' what there is to remove, in a folder of its own. Of folders it removes those of uldf that are empty.
uninstall: ## Remove what 'make install' puts below DESTDIR and prefix
	$(Q)stage=$$(mktemp -d) && trap 'rm -rf "$$stage"' EXIT && \
		$(MAKE) --no-print-directory install DESTDIR="$$stage" >/dev/null || exit 1; \
		find "$$stage" ! -type d -printf '$(DESTDIR)/%P\0' | xargs -0 rm -f || exit 1; \
		find "$$stage" -depth -type d -path '*/uldf*' -printf '$(DESTDIR)/%P\0' | \
			xargs -0 rmdir --ignore-fail-on-non-empty 2>/dev/null || :
	$(if $(DESTDIR),,ldconfig $(if $(KDIR),&& depmod $(KVER)))
clean: ## Remove everything that was built
	rm -rf $(B)
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 16
