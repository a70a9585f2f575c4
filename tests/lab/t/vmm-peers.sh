#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu,dma_mask=0xffffffffffffffff --device bigbar --allow 'DMAR: .*fault' --timeout 600
# A device of a guest reads and writes memory that another one has as a BAR, where the guest sees it and nowhere else.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

# edu copies eight bytes at an address to itself, or back.
cat >/run/peers.sh <<'END'
set -eu
device() { # VENDOR:DEVICE
	for device in /sys/bus/pci/devices/*; do
		[ "$(cat $device/vendor):$(cat $device/device)" != $1 ] || echo $device
	done
}
edu=$(device 0x1234:0x11e8)
memory=$(device 0x1b36:0x0005)
echo 1 >$edu/enable
echo 1 >$memory/enable
printf '\006' | dd of=$edu/config bs=1 seek=4 conv=notrunc 2>/dev/null
read -r registers rest <$edu/resource
bar=$(sed -n '3s/ .*//p' $memory/resource)
edu() { # REGISTER VALUE
	devmem $((registers + $1)) 64 $2
}
transfer() { # FROM TO COMMAND
	edu 0x80 $1
	edu 0x88 $2
	edu 0x90 8
	edu 0x98 $3
	while [ $(($(devmem $((registers + 0x98)) 32) & 1)) = 1 ]; do usleep 10000; done
}
fetch() { transfer $1 0x40000 1; }
store() { transfer 0x40000 $1 3; }
show() { # WHAT ADDRESS
	echo "guest: $1: $(devmem $2 32)"
}
# Moves the BAR, which the kernel does not know of.
move() { # ADDRESS
	local shift
	for shift in 0 8 16 24 32 40 48 56; do
		printf "\\$(printf %o $((($1 >> shift) & 255)))"
	done >/bar
	dd if=/bar of=$memory/config bs=8 seek=3 conv=notrunc 2>/dev/null
}

devmem $((bar + 0x100)) 32 0xcafe0001
fetch $((bar + 0x100))
store $((bar + 0x2000))
show 'copied in the BAR' $((bar + 0x2000))

moved=$((bar + 0x40000000))
move $moved
store $((moved + 0x3000))
show 'copied to where the BAR is now' $((moved + 0x3000))
devmem $((moved + 0x2000)) 32 0xcafe0002
store $((bar + 0x2000))
show 'copied to where it was' $((moved + 0x2000))

printf '\000' | dd of=$memory/config bs=1 seek=4 conv=notrunc 2>/dev/null
store $((moved + 0x2000))
printf '\002' | dd of=$memory/config bs=1 seek=4 conv=notrunc 2>/dev/null
show 'copied while it is not decoded' $((moved + 0x2000))
END
"$LAB_FILES/guest-initrd" --bare --script /run/peers.sh /run/peers.img

modprobe_kvm
load_uldf
uldfctl claim "$LAB_EDU" "$LAB_BIGBAR"
step 'One device reaches another'
guest_works peers /run/peers.img '' --device "$LAB_EDU" --device "$LAB_BIGBAR"
grep -a '^guest:\|^uldf-vmm:' "$LAB_OUT/guest-peers.log"
guest_said peers 'guest: copied in the BAR: 0xCAFE0001'
guest_said peers 'guest: copied to where the BAR is now: 0xCAFE0001'
guest_said peers 'guest: copied to where it was: 0xCAFE0002'
guest_said peers 'guest: copied while it is not decoded: 0xCAFE0002'
dmesg | grep 'DMAR:.*fault addr' || fail 'the IOMMU did not refuse what leads nowhere'
nothing_is_pinned

step 'A BAR that the host does not map'
echo 0 >/sys/module/uldf/parameters/tables_max
guest_works full /run/peers.img '' --device "$LAB_EDU" --device "$LAB_BIGBAR"
grep -a '^uldf-vmm:' "$LAB_OUT/guest-full.log"
expect_equal 'lines about it' 1 "$(grep -c "^uldf-vmm: device $LAB_BIGBAR: BAR 2: devices do not reach it .* tables_max" \
	"$LAB_OUT/guest-full.log")"
# Nothing was copied: the memory has what the guest before left there.
guest_said full 'guest: copied in the BAR: 0xCAFE0002'
nothing_is_pinned
rmmod uldf
