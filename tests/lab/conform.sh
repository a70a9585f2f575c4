# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the tests conform-*.sh, which run the conformance suite in the lab host: gives devices to the
# kernel driver that a backend of libuldf goes with.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
export PATH=$LAB_BUILD/bin:$LAB_BUILD/tests:$PATH

# The kernel driver of a backend.
conform_driver() { # BACKEND
	case $1 in
	kmod) echo uldf ;;
	vfio) echo vfio-pci ;;
	uio) echo uio_pci_generic ;;
	*) fail "no backend $1" ;;
	esac
}

conform_load() { # BACKEND
	if [[ $1 == kmod ]]; then
		[[ -e /dev/uldf/control ]] || insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
	else
		modprobe "$(conform_driver "$1")"
	fi
}

conform_bind() { # BACKEND ADDRESS...
	local address driver
	driver=$(conform_driver "$1")
	shift
	for address; do
		if [[ $driver == uldf ]]; then
			uldfctl claim "$address"
		else
			echo "$driver" >"/sys/bus/pci/devices/$address/driver_override"
			echo "$address" >/sys/bus/pci/drivers_probe
		fi
		expect_equal "driver of $address" "$driver" "$(driver_of "$address")"
	done
}

conform_unbind() { # BACKEND ADDRESS...
	local address backend=$1
	shift
	for address; do
		if [[ $backend == kmod ]]; then
			uldfctl release --no-reprobe "$address"
		else
			driver_unbind "$address"
			echo >"/sys/bus/pci/devices/$address/driver_override"
		fi
	done
}

conform_limited() { # COMMAND...: without the capability that makes the limit of locked memory void
	setpriv --inh-caps=-ipc_lock --bounding-set=-ipc_lock "$@"
}

conform_pinned_nothing() {
	[[ ! -e /sys/class/uldf/pinned_bytes ]] || expect_equal 'pinned bytes' 0 "$(cat /sys/class/uldf/pinned_bytes)"
}

# Has a command test a backend with devices, and then tests it with a card that makes virtual functions.
conform_behind_iommu() { # BACKEND COMMAND ADDRESS...
	local backend=$1 command=$2
	shift 2
	step "$backend"
	conform_load "$backend"
	conform_bind "$backend" "$@"
	"$command" "$backend"
	conform_bind "$backend" "$LAB_IGB"
	lab-conform iommu functions "$backend:$LAB_IGB"
	conform_unbind "$backend" "$LAB_IGB"
	conform_pinned_nothing
	conform_unbind "$backend" "$@"
}
