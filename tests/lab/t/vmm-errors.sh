#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --device nvme --timeout 500
# Whatever is wrong at the start, uldf-vmm says in one line what it is and what to do, and fails.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

echo 'while :; do sleep 1; done' >/run/ever.sh
"$LAB_FILES/guest-initrd" --bare --script /run/ever.sh /run/ever.img

refuses() { # REGEX [OPTION]...: uldf-vmm with the stock kernel fails with one line that matches
	refuses_kernel "$1" "$LAB_KERNEL" --initrd /run/ever.img "${@:2}"
}
refuses_kernel() { # REGEX KERNEL [OPTION]...
	local regex=$1 output status=0
	shift
	output=$(timeout $((200 * LAB_SLOW)) "${wrapper[@]}" uldf-vmm --kernel "$@" 2>&1 >/dev/null </dev/null) || status=$?
	expect_equal "exit status of uldf-vmm --kernel $*" 1 "$status"
	[[ $output =~ ^uldf-vmm:\ $regex ]] || fail "said '$output', not '$regex'"
	[[ $output != *$'\n'* ]] || fail "more than a line: $output"
	printf '   refused: %s\n' "$output"
}
wrapper=()

step 'bad kernels'
head -c 4096 "$LAB_KERNEL" >/run/short
head -c 1M "$LAB_KERNEL" >/run/truncated
: >/run/empty
refuses_kernel 'kernel /nowhere: No such file' /nowhere
refuses_kernel 'kernel /etc: not a regular file' /etc
refuses_kernel 'kernel /run/empty: empty' /run/empty
refuses_kernel 'kernel /etc/passwd: not a bzImage' /etc/passwd
refuses_kernel 'kernel /bin/busybox: not a bzImage' /bin/busybox
refuses_kernel 'kernel /run/short: truncated' /run/short
refuses_kernel 'kernel /run/truncated: truncated' /run/truncated

step 'no KVM'
refuses "/dev/kvm: .*: load KVM with 'modprobe"
modprobe_kvm
wrapper=(setpriv --reuid 65534 --clear-groups)
install -m 644 "$LAB_KERNEL" /run/kernel # where the tree lies may be closed to others
refuses_kernel '/dev/kvm: no permission: run as root or join the group kvm' /run/kernel \
	--initrd /run/ever.img
wrapper=()

step 'bad sizes'
refuses '--memory: at least 32M' --memory 1M
refuses '--memory: a guest here has [0-9]+ bits' --memory 9999999G
refuses 'kernel .*: it does not fit into one piece of the guest.s RAM: give --memory more' --memory 40M
refuses 'guest RAM: .*nr_hugepages' --hugepages
refuses '--stats /nowhere/stats: No such file' --stats /nowhere/stats
refuses '--append: the kernel takes a command line of [0-9]+ bytes' --append "$(printf '%5000s' x)"
truncate -s 300M /run/large
refuses_kernel 'kernel .*: the initrd does not fit .*: give --memory more' "$LAB_KERNEL" \
	--initrd /run/large --memory 256M
refuses_kernel 'initrd /nowhere: No such file' "$LAB_KERNEL" --initrd /nowhere
rm /run/large

step 'no module'
refuses 'device 0000:00:09.0: uldf.ko is not loaded: modprobe uldf' --device "$LAB_EDU"

step 'bad devices'
load_uldf
refuses 'device 0000:00:1f.7: no such device' --device 0000:00:1f.7
refuses 'nonsense: not an address such as' --device nonsense
refuses "device $LAB_EDU: not claimed: uldfctl claim $LAB_EDU" --device "$LAB_EDU"
modprobe nvme
wait_for disk_of "$LAB_NVME"
refuses "device $LAB_NVME: not claimed: uldfctl claim $LAB_NVME" --device "$LAB_NVME"
expect_equal "the disk's driver" nvme "$(driver_of "$LAB_NVME")"
uldfctl claim "$LAB_EDU"
refuses '--memory: 65536 MiB are pinned for the devices, and the host has [0-9]+ MiB available: give less' \
	--memory 64G --device "$LAB_EDU"
refuses "device $LAB_EDU: open already" --device "$LAB_EDU" --device "$LAB_EDU"
refuses "device $LAB_EDU: --dma identity is for devices of uldf.ko that stand behind no IOMMU" --device "$LAB_EDU" \
	--dma identity
uldfctl claim --unbind "$LAB_NVME"
refuses "device $LAB_EDU: slot 3 of the guest's bus is taken" --device "$LAB_NVME,slot=3" \
	--device "$LAB_EDU,slot=3"
nothing_is_pinned

step 'a device that another guest has'
uldf-vmm --kernel "$guest_kernel" --initrd /run/ever.img --append "$guest_append" \
	--device "$LAB_EDU" </dev/null >"$LAB_OUT/guest-ever.log" 2>&1 &
other=$!
wait_for guest_says ever 'guest: runs its script'
refuses "device $LAB_EDU: open already" --device "$LAB_EDU"
huge=$(sed -n 's/^AnonHugePages: *\([0-9]*\) kB/\1/p' "/proc/$other/smaps_rollup")
echo "   $huge KiB of its 524288 are huge pages"
((huge > 400000)) || fail 'its RAM is not in huge pages'
status=0
kill -TERM "$other"
wait "$other" || status=$?
expect_equal 'exit status after SIGTERM' 4 "$status"
nothing_is_pinned

step 'too little RLIMIT_MEMLOCK'
# Root may pin without limit, by a capability that the guest's owner need not have.
wrapper=(setpriv --bounding-set=-ipc_lock prlimit --memlock=1048576)
refuses 'cannot pin [0-9]+ bytes: RLIMIT_MEMLOCK is 1048576 bytes' --device "$LAB_EDU"
nothing_is_pinned
wrapper=()

step "too few descriptors for a device's interrupts"
"$LAB_FILES/guest-initrd" --bare --module nvme --script /run/ever.sh /run/nvme.img
uldf-vmm --kernel "$LAB_KERNEL" --initrd /run/nvme.img --append "$guest_append" \
	--cpus 2 --device "$LAB_NVME" </dev/null >"$LAB_OUT/guest-few.log" 2>&1 &
guest=$!
# It runs its processors, and the guest's driver, for which three vectors take the place of INTx, is not loaded yet.
wait_for eval "grep -qsx vcpu1 /proc/$guest/task/*/comm"
limit=0
while [[ -e /proc/$guest/fd/$limit ]]; do
	limit=$((limit + 1))
done
prlimit --pid "$guest" --nofile="$limit:$limit"
wait_for guest_says few 'interrupt vector'
kill -TERM "$guest"
wait "$guest" || :
grep -a 'uldf-vmm:' "$LAB_OUT/guest-few.log"
guest_said few "device $LAB_NVME: no descriptor left for its interrupt vector 2"
guest_said few "raise the limit of open files (ulimit -n), $limit now"
nothing_is_pinned

uldfctl release "$LAB_EDU" "$LAB_NVME"
rmmod uldf
