#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --icount --device edu --timeout 1500 --pass POLICIES --pass ROUNDS --pass PROFILE
# What it takes a guest's kernel to map 1, 16 and 256 scattered pages for a device and to unmap them under each of POLICIES, in
# instructions of guest, host and uldf-vmm together, the least of ROUNDS, as a table in bench/guest-dma-RELEASE.md below the
# build folder, which the caller shares. PROFILE=1 has 'perf' say besides where the host spends them, into
# bench/guest-dma-RELEASE-POLICY.txt; what is missing there to 100 % are the guest's.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/bench/policies.sh
. "$LAB_FILES/../bench/policies.sh"
results=$LAB_BUILD/bench/guest-dma-$release
mkdir -p "$LAB_BUILD/bench"

profile() { # FILE COMMAND [ARGUMENT]...
	local file=$1 perf
	shift
	perf record -e cpu-clock -F 20000 -a -o /run/perf.data -- sleep infinity >/run/perf.out 2>&1 &
	perf=$!
	"$@"
	kill -INT "$perf"
	wait "$perf" || :
	perf report -i /run/perf.data --sort dso,symbol --stdio --percent-limit 0.1 >"$file" 2>/dev/null
}

echo "dmesg | grep 'lab_dma: ' | sed 's/^/guest: /'" >/run/dma.sh
modprobe_kvm
load_uldf
uldfctl claim "$LAB_EDU"
printf '| pages | policy | map | unmap |\n|--:|---|--:|--:|\n' >"$results.md"
for policy in "${policies[@]}"; do
	step "$policy"
	policy_initrd "$policy" /run/dma.sh --module "$LAB_BUILD/lab-kmod/$release/lab_dma.ko"
	command=(policy_run "$policy" "dma-$policy" "lab_dma.rounds=${ROUNDS:-200}" --device "$LAB_EDU")
	if [[ ${PROFILE-} ]]; then
		profile "$results-$policy.txt" "${command[@]}"
	else
		"${command[@]}"
	fi
	sed -n "s/.*lab_dma: \([0-9]*\) pages take \([0-9]*\) to map, \([0-9]*\) to unmap.*/| \1 | $policy | \2 | \3 |/p" \
		"$LAB_OUT/guest-dma-$policy.log" | tee -a "$results.md"
done
(($(wc -l <"$results.md") == 2 + 3 * ${#policies[@]})) || fail 'a figure is missing'
uldfctl release "$LAB_EDU"
rmmod uldf
