#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --timeout 900
# 'uldf-vmm --dump-acpi' writes the tables that its guest gets, which ACPICA finds sound.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

# What nodes of a VIOT have in front: kind, 0, length in 16 bits.
viommu='03001000 0000f800 0000000000000000'            # at 00:1f.0
behind='01001800 08000000 00000000 0800f700 3000 000000000000' # all slots but the host bridge's and that

dump() { # NAME OPTION...
	local name=$1
	shift
	uldf-vmm --kernel "$guest_kernel" --dump-acpi "/run/$name" "$@" || fail "uldf-vmm ended with status $?"
	uldf-acpi "/run/$name"
}

judge() { # NAME CPUS [VIOT]
	"$LAB_FILES/../acpi/judge-guest" "/run/$1" "${@:2}" | tee /run/judgement | grep -v '^ok ' || :
	grep -q '^[1-9][0-9]* passed, 0 failed$' /run/judgement || fail "ACPICA finds the tables of '$1' unsound"
}

cat >/run/sums.sh <<'END'
cd /sys/firmware/acpi/tables
for table in [A-Z]*; do
	set -- $(sha256sum "$table")
	echo "guest: has $table $1"
done
END

modprobe_kvm
step 'A guest without devices'
dump plain
judge plain 1

step 'One with three processors, and with RAM above 4 GiB'
dump large --cpus 3 --memory 2560M
judge large 3

step 'One with an IOMMU'
load_uldf
uldfctl claim --unbind "$LAB_E1000E"
guest_options=(--cpus 2 --dma viommu --device "$LAB_E1000E")
dump viommu "${guest_options[@]}"
judge viommu 2 "$(tr -d ' ' <<<"$viommu$behind")"

step 'These are what it gets'
"$LAB_FILES/guest-initrd" --bare --script /run/sums.sh /run/sums.img
guest_works sums /run/sums.img ''
for table in APIC DSDT FACP FACS MCFG VIOT; do
	guest_said sums "guest: has $table $(sha256sum <"/run/viommu/${table,,}.dat" | cut -c 1-64)"
done
expect_equal 'how many tables it has' 6 "$(grep -c '^guest: has' "$LAB_OUT/guest-sums.log")"

step 'What it refuses'
expect_fail '/run/plain/rsdp.dat: tables are there already: name another folder' dump plain
expect_fail '/run/none/none: No such file or directory' dump none/none
mkdir /run/full
mount -t tmpfs -o size=8k tmpfs /run/full
expect_fail '/run/full/.*: No space left on device' dump full
umount /run/full

step "The host's own tables"
uldf-acpi
uldfctl release "$LAB_E1000E"
rmmod uldf
