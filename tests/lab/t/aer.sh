#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device rng --device rng-lost --device igb,multifunction=on,x-pcie-ari-nextfn-1=on --smp 1 --memory 2000
# lab: --pass ERROR_ROUNDS --timeout 600
# lab: --qemu -device --qemu virtio-rng-pci,id=beside,bus=slot-igb,addr=0.1,aer=on,disable-legacy=on
# lab: --allow 'AER: .*error message received' --allow 'PCIe Bus Error: ' --allow 'AER: subordinate device reset failed' --allow 'AER: device recovery failed'
# Errors that the bus reports (AER) reach the holder of a device as an event, and nothing hangs after them:
# nonfatal and fatal ones, those that the device does not survive, and correctable ones, of which there is
# nothing to tell. ERROR_ROUNDS is how often virtual functions are made amid errors.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
program=$LAB_BUILD/tests/lab-ioctl
log=$LAB_OUT/ioctl.log

# Runs a suite that says when it is ready, and injects an error then.
suite() { # NAME ADDRESS QEMU-ID ERROR
	step "$1 on $2: $4"
	"$program" "$1" "$2" >"$log" 2>&1 &
	wait_for grep -q ready "$log"
	lab-monitor "pcie_aer_inject_error $3 $4"
	wait $! || { cat "$log"; fail "$1 on $2: $4"; }
	printf '   %d checks\n' "$(grep -c '^ok' "$log")"
}

counted() { # ADDRESS KIND: how many errors of a kind the kernel has seen of a device
	sed -n 's/^TOTAL_ERR_.* //p' "/sys/bus/pci/devices/$1/aer_dev_$2"
}

load_uldf
for device in "$LAB_RNG" "$LAB_RNG_LOST"; do
	driver_unbind "$device"
done

suite error-mild "$LAB_RNG" rng COMP_TIME
expect_equal 'nonfatal errors' 1 "$(counted "$LAB_RNG" nonfatal)"
suite error "$LAB_RNG" rng MALF_TLP
suite error-mild "$LAB_RNG" rng POISON_TLP
expect_equal 'nonfatal errors' 2 "$(counted "$LAB_RNG" nonfatal)"

# ULDF_EVENTS_ERROR and _RESET
in_time=0
for error in COMP_TIME MALF_TLP COMP_TIME MALF_TLP; do
	suite error-anew "$LAB_RNG" rng "$error"
	! grep -q '^ok what is told: 0x6' "$log" || ((++in_time))
done
((in_time)) || fail 'it was never opened before the reset'

step 'a correctable error is the kernel'\''s affair'
"$program" error-none "$LAB_RNG" >"$log" 2>&1 &
wait_for grep -q ready "$log"
lab-monitor 'pcie_aer_inject_error -c rng 0x1'
wait $! || { cat "$log"; fail 'a correctable error'; }
expect_equal 'correctable errors' 1 "$(counted "$LAB_RNG" correctable)"

# QEMU's igb reports no errors, so that of a device beside it makes the kernel walk their bus.
beside=${LAB_IGB%.0}.1
step "errors of $beside while $LAB_IGB makes and ends virtual functions"
driver_unbind "$beside"
echo uldf >"/sys/bus/pci/devices/$beside/driver_override"
"$program" error-functions "$LAB_IGB" >"$log" 2>&1 &
pid=$!
wait_for grep -q ready "$log"
for ((i = 0; i < 400; i++)); do
	kill -0 "$pid" 2>/dev/null || break
	lab-monitor 'pcie_aer_inject_error beside COMP_TIME' >/dev/null
done
! kill -0 "$pid" 2>/dev/null || { cat "$log"; fail 'it hangs'; }
wait "$pid" || { cat "$log"; fail 'functions and errors at once'; }
(($(counted "$beside" nonfatal))) || fail 'no error came'

suite error-lost "$LAB_RNG_LOST" rng-lost MALF_TLP
rmmod uldf
