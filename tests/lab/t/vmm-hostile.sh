#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --device nvme --device edu --timeout 2400 --pass HOSTILE_SECONDS --pass HOSTILE_SEED
# lab: --allow 'DMAR: DRHD: handling fault status' --allow 'DMAR: \[(DMA|INTR-REMAP).* Request device \[(00:0[7-9]\.0|ff:1f\.7)\]'
# A guest whose two processors write anything to whatever belongs to the bus, and tell its devices to do DMA anywhere, harms
# itself and nobody else: uldf-vmm answers on its control socket meanwhile, takes no more of the host than it may, and ends with
# a status of its own; the host's drivers then drive the devices.
# No IDE: QEMU fails an assertion when a bus master is stopped amid a DMA. A write to the window of interrupts by a device
# of QEMU has no requester, and is told as one of ff:1f.7; the guest does not aim there, yet a random address may be one.
# HOSTILE_SECONDS is how long it lasts under each policy; HOSTILE_SEED is the seed of the first guest, the next ones follow.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
program=$LAB_BUILD/tests/lab-hostile
seconds=${HOSTILE_SECONDS:-30}
seed=${HOSTILE_SEED:-$RANDOM}
devices=("$LAB_E1000E" "$LAB_NVME" "$LAB_EDU")
for device in "${devices[@]}"; do
	options+=(--device "$device")
done

# Looks at a VMM, once a second, until it ends; ends it when its guest has been hostile for so long, and a while more.
cat >/run/watch.py <<'END'
import json, os, socket, sys, time
pid, log, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
patience = 60 * int(os.environ["LAB_SLOW"])
begun = None
most_descriptors = most_memory = answers = 0
def ask(command):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(patience)
    client.connect("/run/control")
    lines = client.makefile("rw")
    print(json.dumps({"command": command}), file=lines, flush=True)
    answer = json.loads(lines.readline())
    assert answer["ok"], answer
    return answer
def running():
    try:
        return " Z " not in open(f"/proc/{pid}/stat").read()
    except (FileNotFoundError, ProcessLookupError):
        return False
start = time.monotonic()
while running():
    now = time.monotonic()
    if begun is None and b"hostile: " in open(log, "rb").read():
        begun = now
    if (begun is not None and now > begun + limit + 15) or now > start + limit + 6 * patience:
        print("   told to stop")
        try:
            ask("stop")
        except (ConnectionError, FileNotFoundError, json.JSONDecodeError):
            pass
        begun = start = now + 1000000
    try:
        ask("stats")
        answers += 1
        most_descriptors = max(most_descriptors, len(os.listdir(f"/proc/{pid}/fd")))
        for line in open(f"/proc/{pid}/status"):
            if line.startswith("VmRSS:"):
                most_memory = max(most_memory, int(line.split()[1]) // 1024)
    except (ConnectionError, FileNotFoundError, ProcessLookupError, json.JSONDecodeError):
        pass
    time.sleep(1)
print(f"   {answers} answers, at most {most_descriptors} descriptors and {most_memory} MiB")
assert answers, "it never answered"
assert most_descriptors < 400 and most_memory < 256 + 64
END

hostile_guest() { # POLICY SEED SECONDS
	local log=$LAB_OUT/hostile-$1-$2.log status=0 guest
	printf '%s %s %s\n' "$program" "$2" "$3" >/run/hostile.sh
	"$LAB_FILES/guest-initrd" --bare --program "$program" --script /run/hostile.sh /run/hostile.img
	# shellcheck disable=SC2016 # the dollar is for the kernel's command line
	uldf-vmm --kernel "$guest_kernel" --initrd /run/hostile.img --memory 256M --cpus 2 --dma "$1" --control /run/control \
		--append "$guest_append iomem=relaxed panic=-1 memmap=16M\$0x8000000" "${options[@]}" </dev/null >"$log" 2>&1 &
	guest=$!
	wait_for eval "[[ -S /run/control ]] || ! kill -0 $guest"
	python3 /run/watch.py "$guest" "$log" "$3" || fail "uldf-vmm did not keep its word: see ${log##*/}"
	wait "$guest" || status=$?
	grep -a 'hostile: \|uldf-vmm: ' "$log" | sed 's/^/   /'
	echo "   ended with status $status"
	[[ $status =~ ^[0-4]$ ]] || fail "uldf-vmm ended with status $status: see ${log##*/}"
	[[ $status != 1 ]] || grep -qa '^uldf-vmm: processor' "$log" || fail 'uldf-vmm does not say why'
	grep -qa 'hostile: .* functions' "$log" || fail 'the guest did not begin'
	nothing_is_pinned
}

modprobe_kvm
load_uldf
uldfctl claim "${devices[@]}"
for policy in viommu direct; do
	deadline=$((SECONDS + seconds))
	while ((SECONDS < deadline)); do
		step "a hostile guest by the policy $policy, seed $seed"
		hostile_guest "$policy" "$seed" $((deadline - SECONDS))
		seed=$((seed + 1))
	done
done

step 'The host drives the devices again'
uldfctl release "${devices[@]}"
# Nothing resets edu: it still wants to interrupt for what the guest told it.
read -r bar _ <"/sys/bus/pci/devices/$LAB_EDU/resource"
echo 1 >"/sys/bus/pci/devices/$LAB_EDU/enable"
busybox devmem $((bar + 0x64)) 32 0xffffffff
echo 0 >"/sys/bus/pci/devices/$LAB_EDU/enable"
uldfctl claim "$LAB_EDU"
"$LAB_BUILD/bin/uldf-edu" "$LAB_EDU"
uldfctl release "$LAB_EDU"
rmmod uldf
modprobe -a e1000e nvme
wait_for disk_of "$LAB_NVME"
dd if="$(disk_of "$LAB_NVME")" of=/dev/null bs=64k count=64 iflag=direct status=none
wait_for interface_of "$LAB_E1000E"
ip netns add far
ip link set "$(interface_of "$LAB_E1000E")" name far0 netns far
ip netns exec far ip addr add 192.0.2.2/24 dev far0
ip netns exec far ip link set far0 up
wait_for ping -q -c 1 -W 5 192.0.2.2
