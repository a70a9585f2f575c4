#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --icount --device edu --device ide --device nvme --device bigbar --timeout 400
# Counts every case of build/tests/bench, or those whose names are given, on each of its sides, and leaves
# a line of JSON for each in bench/figures below the build folder, which the caller shares. A side that cannot be had is a line that says why.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
PATH=$LAB_BUILD/bin:$LAB_BUILD/tests:$PATH
figures=$LAB_BUILD/bench/figures
declare -A address_of=([edu]=$LAB_EDU [ide]=$LAB_IDE [nvme]=$LAB_NVME [bigbar]=$LAB_BIGBAR)

# Gives the devices to whom a side needs; the driver before has let go of them.
take() { # SIDE
	local device
	case $1 in
	kmod)
		insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
		uldfctl claim "${address_of[@]}"
		return
		;;
	kernel)
		modprobe nvme
		wait_for disk_of "$LAB_NVME"
		return
		;;
	vfio) modprobe vfio-pci ;;
	uio) modprobe uio_pci_generic ;;
	esac
	for device in "${address_of[@]}"; do
		echo "${driver[$1]}" >"/sys/bus/pci/devices/$device/driver_override"
		echo "$device" >/sys/bus/pci/drivers_probe
		[[ $(driver_of "$device") == "${driver[$1]}" ]] || echo "   $1: $device is not ${driver[$1]}'s"
	done
}
declare -A driver=([vfio]=vfio-pci [uio]=uio_pci_generic)

give_back() { # SIDE
	local device
	if [[ $1 == kmod ]]; then
		uldfctl release --no-reprobe "${address_of[@]}"
		rmmod uldf
		return
	fi
	for device in "${address_of[@]}"; do
		[[ ! $(driver_of "$device") ]] || driver_unbind "$device"
		echo >"/sys/bus/pci/devices/$device/driver_override"
	done
}

wanted() { # CASE
	local name
	((${#names[@]})) || return 0
	for name in "${names[@]}"; do
		[[ $1 != "$name" ]] || return 0
	done
	return 1
}

one() { # CASE SIDE DEVICE
	local line
	if line=$(bench run "$1" "$2" "${address_of[$3]}" 2>"$LAB_OUT/refusal"); then
		printf '   %s\n' "$line"
	else
		line=$(python3 -c 'import json, sys
print(json.dumps({"case": sys.argv[1], "side": sys.argv[2], "missing": sys.stdin.read().strip()}))' \
			"$1" "$2" <"$LAB_OUT/refusal")
		printf '   %s\n' "$line"
	fi
	echo "$line" >>"$figures"
}

names=("$@")
bench list >"$LAB_OUT/cases"
mkdir -p "${figures%/*}"
: >"$figures"
# Just after boot newer kernels are still busy with themselves.
sleep "${BENCH_SETTLE:-15}"
for side in kmod vfio uio kernel; do
	step "$side"
	take "$side"
	while read -r name of device; do
		[[ $of == "$side" ]] && wanted "$name" && one "$name" "$of" "$device"
	done <"$LAB_OUT/cases"
	give_back "$side"
done
[[ -s $figures ]] || fail "no case of that name: ${names[*]}"
