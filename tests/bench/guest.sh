#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --timeout 6000 --pass ROUNDS --pass POLICIES
# lab: --qemu -blockdev --qemu driver=null-co,node-name=null,size=1073741824,read-zeroes=on
# lab: --qemu -device --qemu nvme,drive=null,serial=null,bus=pcie.0,addr=18.0
# What a guest's O_DIRECT reads of an NVMe disk without a medium cost under each of POLICIES, in one lab run: guests of all
# policies in turn, so many rounds (ROUNDS). Medians of the time of a read and of the exits for it, as a table in
# bench/guest-RELEASE.md below the build folder, which the caller shares.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/bench/policies.sh
. "$LAB_FILES/../bench/policies.sh"
disk=0000:00:18.0
table=$LAB_BUILD/bench/guest-$release.md

# So many reads of each size that a guest's start and end weigh little.
cat >/run/read.sh <<'END'
set -eu
await [ -b /dev/nvme0n1 ]
for word in $(cat /proc/cmdline); do
	case $word in
	size=*) size=${word#*=} ;;
	count=*) count=${word#*=} ;;
	esac
done
[ "$count" != 0 ] || exit 0
dd if=/dev/nvme0n1 of=/dev/null bs=$size count=20 iflag=direct 2>/dev/null
read -r before rest </proc/uptime
dd if=/dev/nvme0n1 of=/dev/null bs=$size count=$count iflag=direct 2>/dev/null
read -r after rest </proc/uptime
echo "guest: read from $before to $after"
END
for policy in "${policies[@]}"; do
	policy_initrd "$policy" /run/read.sh --module nvme
done

# Appends a line of JSON to /run/figures.
measure() { # POLICY SIZE COUNT
	local name=$1-$2-$3
	policy_run "$1" "$name" "size=$2 count=$3" --device "$disk" --stats /run/stats.json
	python3 - "$@" "$LAB_OUT/guest-$name.log" <<-'END' >>/run/figures
		import json, re, sys
		policy, size, count, log = sys.argv[1:5]
		stats = json.load(open("/run/stats.json"))
		figure = {"policy": policy, "size": size, "count": int(count), "exits": stats["kvm"]["exits"],
		          "ports": stats["kvm"]["io_exits"], "viommu": stats.get("viommu", {})}
		found = re.search(r"guest: read from ([0-9.]+) to ([0-9.]+)", open(log, errors="replace").read())
		if found:
		    figure["seconds"] = float(found[2]) - float(found[1])
		print(json.dumps(figure))
	END
	tail -n 1 /run/figures
}

modprobe_kvm
load_uldf
uldfctl claim "$disk"
mkdir -p "$LAB_BUILD/bench"
for ((round = 0; round < ${ROUNDS:-3}; round++)); do
	step "Round $((round + 1))"
	for policy in "${policies[@]}"; do
		measure "$policy" 4k 0
		measure "$policy" 4k 4000
		measure "$policy" 64k 3000
		measure "$policy" 1M 400
	done
done
python3 - /run/figures "${policies[@]}" <<'END' >"$table"
import json, statistics, sys
figures = [json.loads(line) for line in open(sys.argv[1])]
def median(policy, size, of):
    return statistics.median(of(f) for f in figures if f["policy"] == policy and f["size"] == size and f["count"])
def count(policy, size, name):
    idle = statistics.median(f[name] for f in figures if f["policy"] == policy and not f["count"])
    return median(policy, size, lambda f: (f[name] - idle) / f["count"])
print("| read | policy | time | of direct | exits | of ports | maps | calls | unmaps | doorbells |")
print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
for size in "4k", "64k", "1M":
    times = {p: median(p, size, lambda f: f["seconds"] / f["count"]) for p in sys.argv[2:]}
    for policy, time in times.items():
        viommu = ["–"] * 4
        if policy != "direct":
            viommu = ["%.2f" % median(policy, size, lambda f: f["viommu"][name] / f["count"])
                      for name in ("maps", "map_calls", "unmaps", "doorbells")]
        print("| %s | %s | %.0f µs | %.2f | %.2f | %.2f | %s |" % (size, policy, time * 1e6, time / times["direct"],
              count(policy, size, "exits"), count(policy, size, "ports"), " | ".join(viommu)))
END
cat "$table"
uldfctl release "$disk"
rmmod uldf
