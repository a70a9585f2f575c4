#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --device nvme --device edu --device igb --timeout 400
# uldfctl lists, refuses with a reason and a status of its own, claims all or none, and gives back.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
PATH=$LAB_BUILD/bin:$PATH

expect_status() { # STATUS REGEX [ARGUMENT]...: uldfctl fails with it, in one line on stderr
	local wanted=$1 regex=$2 output status=0
	shift 2
	output=$(uldfctl "$@" 2>&1 >/dev/null) || status=$?
	expect_equal "exit status of uldfctl $*" "$wanted" "$status"
	[[ $output =~ $regex ]] || fail "said '$output', not '$regex': uldfctl $*"
	[[ $wanted == 64 || $output != *$'\n'* ]] || fail "more than a line: $output"
	printf '   refused (%d): %s\n' "$status" "${output%%$'\n'*}"
}

field() { # ADDRESS KEY: print what list says
	uldfctl list --json "$1" | python3 -c '
import json, sys
print(json.load(sys.stdin)["devices"][0][sys.argv[1]])' "$2"
}

# What a verb says in JSON, on /run/said.json, is what the schema says of it.
json_of() { # FORM STATUS [ARGUMENT]...; uldfctl does not inherit descriptor 7, a device that this script has open
	local form=$1 wanted=$2 status=0
	shift 2
	uldfctl "${1}" --json "${@:2}" >/run/said.json 2>/dev/null 7>&- || status=$?
	expect_equal "exit status of uldfctl $1 --json ${*:2}" "$wanted" "$status"
	json_is "$form" /run/said.json
}

step 'bad usage'
expect_status 64 'say what to do'
expect_status 64 'frobnicate: say list, show, why, claim, release, peek, poke, reset or trace' frobnicate
expect_status 64 'say which devices' claim
expect_status 64 'not an address such as' claim 0:6
expect_status 64 '' claim --no-such-option "$LAB_EDU"
expect_status 64 "${LAB_EDU#0000:}: named twice" claim "$LAB_EDU" "${LAB_EDU#0000:}"
expect_status 64 "$LAB_EDU: named twice" release "$LAB_EDU" "$LAB_EDU"
uldfctl --help | grep -q '6  uldf.ko is not loaded' || fail 'the exit status is not explained'

step 'without the module'
expect_status 6 'uldf.ko is not loaded: modprobe uldf' claim "$LAB_EDU"
expect_status 6 'uldf.ko is not loaded: modprobe uldf' release "$LAB_EDU"
modprobe ata_piix
wait_for disk_of "$LAB_IDE"
expect_status 6 'uldf.ko is not loaded' claim --unbind "$LAB_EDU" "$LAB_IDE"
expect_equal 'driver of the IDE controller' ata_piix "$(driver_of "$LAB_IDE")"
load_uldf

step 'why not'
expect_status 3 'no such device' why 0000:00:1e.7
[[ $(uldfctl why "$LAB_EDU") == *'for a guest: this host runs no guests: no /dev/kvm'* ]] || fail 'why does not miss KVM'
[[ $(uldfctl why 0000:00:00.0 || :) == *'it is a bridge'* ]] || fail 'why does not see a bridge'
uldfctl why "$LAB_IDE" "$LAB_E1000E" "$LAB_EDU"
json_of why 0 why "$LAB_IDE" "$LAB_EDU"

step 'a list'
uldfctl list --all
expect_equal 'standing of edu' free "$(field "$LAB_EDU" standing)"
expect_equal 'edu claimable' True "$(field "$LAB_EDU" claimable)"
expect_equal 'driver of edu' None "$(field "$LAB_EDU" driver)"
expect_equal 'standing of the IDE controller' held "$(field "$LAB_IDE" standing)"
expect_equal 'usage of the IDE controller' None "$(field "$LAB_IDE" usage)"
[[ $(field "$LAB_IDE" device) == *PIIX3* ]] || fail 'the IDE controller has no name'
[[ $(field "$LAB_IDE" iommu_group) =~ ^[0-9]+$ ]] || fail 'the IDE controller has no IOMMU group'
expect_equal 'standing of the host bridge' bridge "$(field 0000:00:00.0 standing)"
json_of list 0 list
json_of list 0 list --all
expect_equal 'devices that are named' "$LAB_EDU" "$(uldfctl list "$LAB_EDU" | sed -n 's/ .*//;/./p')"
expect_status 3 'device 0000:00:1e.7: no such device' list "$LAB_EDU" 0000:00:1e.7
json_of failure 3 list 0000:00:1e.7

step 'all of a device'
expect_status 3 'device 0000:00:1e.7: no such device' show 0000:00:1e.7
json_of show 0 show "$LAB_EDU" "$LAB_IDE" "$LAB_E1000E" "$LAB_IGB" 0000:00:1f.2
python3 -c '
import json
edu, ide, e1000e, igb, sata = json.load(open("/run/said.json"))["devices"]
assert [(r["name"], r["kind"], r["size"]) for r in edu["regions"]] == [("bar0", "memory", 1 << 20), ("config", "config", 256)]
assert edu["vectors"] == {"intx": "A", "msi": 1, "msix": 0}, edu["vectors"]
assert edu["resets"] is None and edu["counters"] is None and edu["holders"] == []
assert [r["name"] for r in ide["regions"] if r["fixed"]] == ["bar0", "bar1", "bar2", "bar3"]
assert e1000e["vectors"]["msix"] == 5 and e1000e["regions"][-1]["size"] == 4096
assert igb["sriov"]["functions"] == 0 and igb["sriov"]["most"] > 1, igb["sriov"]
assert "0000:00:1f.3" in [m["address"] for m in sata["mates"]]
'
said=$(setpriv --reuid 65534 --regid 65534 --clear-groups uldfctl show "$LAB_EDU")
[[ $said == *'of MSI and MSI-X root is told'* ]] || fail "said '$said'"

step 'who must not be claimed'
disk=$(disk_of "$LAB_IDE")
mkdir /run/disk
mount "$disk" /run/disk
expect_equal 'usage of the IDE controller' "$disk mounted on /run/disk" "$(field "$LAB_IDE" usage)"
expect_status 4 "device $LAB_IDE: held by ata_piix, $disk mounted on /run/disk: umount /run/disk; then uldfctl claim --unbind $LAB_IDE" \
	claim "$LAB_IDE"
expect_status 4 "$disk mounted on /run/disk: umount /run/disk\$" claim --unbind "$LAB_IDE"
expect_equal 'driver of the IDE controller' ata_piix "$(driver_of "$LAB_IDE")"
umount /run/disk
expect_status 4 "held by ata_piix: uldfctl claim --unbind $LAB_IDE" claim "$LAB_IDE"
odd=$'/run/odd\n\xff'
mkdir "$odd"
mount "$disk" "$odd"
expect_equal 'usage of the IDE controller' "$disk mounted on /run/odd??" "$(field "$LAB_IDE" usage)"
umount "$odd"
unshare --mount bash -c "mount $disk /run/disk; touch /run/hidden; while [[ -e /run/hidden ]]; do sleep 0.1; done" &
wait_for test -e /run/hidden
expect_status 4 "$disk in use" claim --unbind "$LAB_IDE"
rm /run/hidden
wait
modprobe nvme
wait_for test -b /dev/nvme0n1
mount /dev/nvme0n1 /run/disk
expect_status 4 'held by nvme, /dev/nvme0n1 mounted on /run/disk: umount /run/disk' claim --unbind "$LAB_NVME"
umount /run/disk
modprobe e1000e
wait_for interface_of "$LAB_E1000E"
interface=$(interface_of "$LAB_E1000E")
ip link set "$interface" up
expect_status 4 "held by e1000e, $interface is up: ip link set $interface down" claim --unbind "$LAB_E1000E"
ip link set "$interface" down
expect_status 4 'a bridge is never claimed' claim 0000:00:00.0
expect_status 3 'device 0000:00:1e.7: no such device: see uldfctl list' claim 0000:00:1e.7
json_of failure 4 claim 0000:00:00.0

step 'all or none'
expect_status 4 'held by ata_piix' claim "$LAB_EDU" "$LAB_IDE"
expect_status 3 'no such device' claim "$LAB_EDU" 0000:00:1e.7
# The chipset's SATA controller shares its group with its SMBus.
modprobe i2c_i801
wait_for test -e /sys/bus/pci/devices/0000:00:1f.3/driver
expect_status 4 'IOMMU group [0-9]+ also has 0000:00:1f.3 \(i801_smbus\)' \
	claim --unbind "$LAB_IDE" "$LAB_EDU" 0000:00:1f.2
wait_for disk_of "$LAB_IDE"
expect_status 4 '0000:00:1f.3: held by i801_smbus' claim --group 0000:00:1f.2
uldfctl claim --group --unbind 0000:00:1f.2
expect_equal "the SMBus' driver" uldf "$(driver_of 0000:00:1f.3)"
expect_status 4 'others of its IOMMU group are claimed' release 0000:00:1f.2
expect_equal 'what a release would release' $'0000:00:1f.2: would be released\n0000:00:1f.3: would be released' \
	"$(uldfctl release --group --dry-run 0000:00:1f.2)"
expect_equal 'what it released' $'0000:00:1f.2: released, stopped, not reset, no driver holds it\n0000:00:1f.3: released, taken by i801_smbus' \
	"$(uldfctl release --group 0000:00:1f.2 0000:00:1f.3)"
wait_for test -e /sys/bus/pci/devices/0000:00:1f.3/driver
expect_equal "the SMBus' driver" i801_smbus "$(driver_of 0000:00:1f.3)"
modprobe -r i2c_i801

step 'all or none, but for those of a group that were claimed before'
modprobe pci-pf-stub
igb=/sys/bus/pci/devices/$LAB_IGB
echo 0 >"$igb/sriov_drivers_autoprobe"
echo pci-pf-stub >"$igb/driver_override"
echo "$LAB_IGB" >/sys/bus/pci/drivers_probe
echo 1 >"$igb/sriov_numvfs"
driver_unbind "$LAB_IGB"
smbus=/sys/bus/pci/devices/0000:00:1f.3
echo uldf >"$smbus/driver_override"
echo 0000:00:1f.3 >/sys/bus/pci/drivers_probe
expect_equal "the SMBus' driver" uldf "$(driver_of 0000:00:1f.3)"
status=0
# By force, as virtual functions are seen before the module refuses them.
said=$(uldfctl claim --group --unbind --force 0000:00:1f.2 "$LAB_EDU" "$LAB_IGB" 2>&1) || status=$?
expect_equal 'exit status' 4 "$status"
[[ $said == *"$LAB_IGB: has virtual functions already"*'0000:00:1f.2: stays claimed, with those'* ]] || fail "said '$said'"
expect_equal "the SMBus' driver" uldf "$(driver_of 0000:00:1f.3)"
expect_equal 'driver of edu' '' "$(driver_of "$LAB_EDU")"
uldfctl release --no-reprobe --group 0000:00:1f.2
echo >"$smbus/driver_override"
echo "$LAB_IGB" >/sys/bus/pci/drivers_probe
echo 0 >"$igb/sriov_numvfs"
driver_unbind "$LAB_IGB"
echo >"$igb/driver_override"
expect_equal 'standing of edu' free "$(field "$LAB_EDU" standing)"
expect_equal 'driver of the IDE controller' ata_piix "$(driver_of "$LAB_IDE")"

step 'a device that is to be ours stays so'
echo uldf >"/sys/bus/pci/devices/$LAB_EDU/driver_override"
uldfctl claim "$LAB_EDU"
expect_status 4 "device $LAB_EDU: released, and taken by uldf again, as its driver_override says: echo" release "$LAB_EDU"
echo >"/sys/bus/pci/devices/$LAB_EDU/driver_override"
uldfctl release "$LAB_EDU"
expect_equal 'driver of edu' '' "$(driver_of "$LAB_EDU")"

step 'claiming'
json_of claim 0 claim --dry-run --unbind "$LAB_IDE" "$LAB_EDU"
uldfctl claim --dry-run --unbind "$LAB_IDE" "$LAB_EDU"
expect_equal 'driver of the IDE controller' ata_piix "$(driver_of "$LAB_IDE")"
json_of claim 0 claim --unbind "$LAB_IDE" "$LAB_E1000E" "$LAB_EDU"
python3 -c 'import json; assert [r["unbound"] for r in json.load(open("/run/said.json"))["devices"]] == ["ata_piix", "e1000e", None]'
for device in "$LAB_IDE" "$LAB_E1000E" "$LAB_EDU"; do
	[[ -c /dev/uldf/$device ]] || fail "no node for $device"
	expect_equal "standing of $device" claimed "$(field "$device" standing)"
done
expect_status 4 'claimed already' claim "$LAB_EDU"

step 'without permission'
status=0
said=$(setpriv --reuid 65534 --regid 65534 --clear-groups uldfctl release "$LAB_EDU" 2>&1) || status=$?
expect_equal 'exit status of a user' 5 "$status"
[[ $said =~ 'no permission to open /dev/uldf/control: be root' ]] || fail "said '$said'"

step 'registers'
expect_equal "edu's identification" 0x010000ed "$(uldfctl peek "$LAB_EDU" bar0 0)"
uldfctl poke "$LAB_EDU" bar0 0x4 0x12345678
expect_equal 'its complement' 0xedcba987 "$(uldfctl peek "$LAB_EDU" bar0 4)"
expect_equal "edu's vendor" 0x1234 "$(uldfctl peek "$LAB_EDU" config vendor)"
expect_equal "edu's capability of MSI" 0x05 "$(uldfctl peek "$LAB_EDU" config cap_msi 1)"
json_of peek 0 peek --count 8 "$LAB_EDU" config 0
json_of poke 0 poke "$LAB_EDU" bar0 4 1
json_of poke 5 poke "$LAB_EDU" config base_address_0 0
json_of poke 0 poke --dry-run "$LAB_EDU" bar0 4 2
expect_equal 'its complement' 0xfffffffe "$(uldfctl peek "$LAB_EDU" bar0 4)"
expect_status 5 'config 0x10 reads 0x[0-9a-f]{8}: bits 0x[0-9a-f]+ did not take' poke "$LAB_EDU" config base_address_0 0
expect_status 5 'bus mastering \(bit 2 of command\) takes a driver' poke "$LAB_EDU" config command 6
expect_status 1 "device $LAB_EDU: it has no bar3: see uldfctl show" peek "$LAB_EDU" bar3 0
expect_status 1 'is beyond its' peek "$LAB_EDU" bar0 0x100000
expect_status 3 "not claimed: uldfctl claim $LAB_NVME" peek "$LAB_NVME" bar0 0
expect_equal "NVMe's vendor, by sysfs" 0x1b36 "$(uldfctl peek "$LAB_NVME" config vendor)"
expect_equal "NVMe's capability of PCI Express" 0x10 "$(uldfctl peek "$LAB_NVME" config cap_exp 1)"
json_of peek 0 peek "$LAB_NVME" config command
expect_status 3 "not claimed: uldfctl claim $LAB_NVME" poke "$LAB_NVME" config command 0
for words in "peek $LAB_EDU bar0 0" "poke $LAB_EDU bar0 4 1" "peek $LAB_NVME config cap_exp"; do
	status=0
	# shellcheck disable=SC2086 # words of a command
	said=$(setpriv --reuid 65534 --regid 65534 --clear-groups uldfctl $words 2>&1) || status=$?
	expect_equal "exit status of nobody's $words" 5 "$status"
	[[ $said == *': be root' ]] || fail "said '$said'"
done

step 'resets'
[[ $(uldfctl reset "$LAB_E1000E") =~ ^"$LAB_E1000E: reset"( \([A-Za-z ]+\))?$ ]] || fail 'the card is not reset'
json_of reset 0 reset "$LAB_E1000E"
json_of reset 0 reset --dry-run "$LAB_E1000E"
expect_status 1 'nothing resets it' reset "$LAB_EDU"
expect_status 3 "not claimed: uldfctl claim $LAB_NVME" reset "$LAB_NVME"
status=0
said=$(setpriv --reuid 65534 --regid 65534 --clear-groups uldfctl reset "$LAB_E1000E" 2>&1) || status=$?
expect_equal 'exit status of a user' 5 "$status"

step 'giving back'
uldfctl release --dry-run "$LAB_IDE"
expect_equal 'standing of the IDE controller' claimed "$(field "$LAB_IDE" standing)"
json_of release 0 release --dry-run "$LAB_E1000E"
json_of release 3 release --no-reprobe "$LAB_E1000E" 0000:00:1e.7
expect_equal 'driver of the card' '' "$(driver_of "$LAB_E1000E")"

step 'a device that is open stays with who has it open'
exec 7<>"/dev/uldf/$LAB_EDU"
open="/dev/uldf/$LAB_EDU open in [^ ]+ $(process_regex $$): end process $$"
expect_status 4 "device $LAB_EDU: is open: $open" peek "$LAB_EDU" bar0 0
expect_status 4 "device $LAB_EDU: is open: $open" poke "$LAB_EDU" bar0 4 1
expect_status 4 "device $LAB_EDU: is open: $open" reset "$LAB_EDU"
[[ $(uldfctl show "$LAB_EDU") =~ ${open%: end*} ]] || fail "show does not name process $$"
[[ $(uldfctl why "$LAB_EDU" || :) =~ $open ]] || fail "why does not name process $$"
json_of show 0 show "$LAB_EDU"
python3 -c '
import json, sys
edu = json.load(open("/run/said.json"))["devices"][0]
assert [(h["pid"], h["user"]) for h in edu["holders"]] == [(int(sys.argv[1]), 0)], edu["holders"]
assert edu["counters"]["opens"] > 1 and edu["pinned"] == 0 and edu["standing"] == "claimed", edu' $$
json_of list 0 list "$LAB_EDU" "$LAB_NVME"
python3 -c '
import json, sys
edu, nvme = sorted(json.load(open("/run/said.json"))["devices"], key=lambda d: d["address"] != sys.argv[2])
assert [h["pid"] for h in edu["holders"]] == [int(sys.argv[1])] and nvme["holders"] is None' $$ "$LAB_EDU"
expect_status 4 "device $LAB_EDU: is open: $open, or take it from there by --force" release --dry-run "$LAB_EDU"
expect_status 4 "device $LAB_EDU: is open: $open, or take it from there: uldfctl release --force" release "$LAB_EDU"
json_of release 4 release "$LAB_EDU"
expect_equal "standing of edu" claimed "$(field "$LAB_EDU" standing)"
uldfctl release --dry-run --force "$LAB_EDU"
uldfctl release --force "$LAB_EDU"
exec 7>&-
uldfctl claim "$LAB_EDU"

uldfctl release "$LAB_IDE" "$LAB_EDU"
expect_equal 'driver of the IDE controller' ata_piix "$(driver_of "$LAB_IDE")"
expect_status 3 'not claimed: see uldfctl list' release "$LAB_EDU"
expect_status 3 'no such device: see uldfctl list' release 0000:00:1e.7
wait_for disk_of "$LAB_IDE"
mount "$(disk_of "$LAB_IDE")" /run/disk
(cd /run/disk && sha256sum --quiet -c SHA256SUMS)
umount /run/disk
