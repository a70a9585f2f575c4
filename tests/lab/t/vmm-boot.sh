#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --iommu none --timeout 1800
# uldf-vmm boots the stock kernel with one and two processors, the guest has no complaints, and each way
# in which it can end gives the exit status that --help promises.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

cat >/run/look.sh <<'END'
lspci
echo "guest: has $(nproc) processors"
echo "guest: uses the clock $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
	echo "guest: core $(cat "$cpu/topology/core_id") of package $(cat "$cpu/topology/physical_package_id")"
done
date -u '+guest: it is %Y-%m-%d'
hwclock -u -r
grep 'System RAM' /proc/iomem
END
cat >/run/end.sh <<'END'
for word in $(cat /proc/cmdline); do
	case $word in
	end=reset) reboot -f ;;
	end=terminal)
		exec 3</dev/input/event0
		echo 'guest: waits'
		read -r line
		echo "guest: heard $line"
		dd of=/dev/null bs=24 count=1 <&3 2>/dev/null
		echo 'guest: heard the button'
		while :; do sleep 1; done
		;;
	end=button)
		# What is pressed before it is open, nobody hears.
		exec 3</dev/input/event0
		echo 'guest: awaits the button'
		dd of=/dev/null bs=24 count=1 <&3 2>/dev/null
		echo 'guest: heard the button'
		;;
	end=flood)
		echo 'guest: floods its console'
		yes >/dev/console &
		yes >/dev/console
		;;
	esac
done
END
"$LAB_FILES/guest-initrd" --bare --script /run/look.sh /run/look.img
"$LAB_FILES/guest-initrd" --bare --module button --module evdev --script /run/end.sh /run/end.img

modprobe_kvm
guest_kernel=$LAB_KERNEL
for cpus in 1 2; do
	options=()
	((cpus > 1)) || options=(--memory 2560M --stats /run/stats.json)
	step "The stock kernel with $cpus processors${options[*]:+, and with RAM above 4 GiB}"
	guest_works "cpus$cpus" /run/look.img '' --cpus "$cpus" "${options[@]}"
	guest_said "cpus$cpus" "guest: has $cpus processors"
	guest_said "cpus$cpus" "guest: core $((cpus - 1)) of package 0"
	guest_said "cpus$cpus" 'guest: uses the clock kvm-clock'
	guest_said "cpus$cpus" "$(date -u '+guest: it is %Y-%m-%d')"
	guest_said "cpus$cpus" '00:00.0 Host bridge'
done
python3 - /run/stats.json <<'END'
import json, sys
stats = json.load(open(sys.argv[1]))
kvm = stats["kvm"]
print("   exits: %(exits)d, of ports %(io_exits)d, of memory %(mmio_exits)d" % kvm)
assert stats["version"] == 1 and stats["processors"] == 1 and stats["memory_bytes"] == 2560 << 20
assert kvm["exits"] > kvm["io_exits"] > 1000, kvm
END
guest_said cpus1 '100000000-11fffffff : System RAM'
guest_kernel=$LAB_PLAIN_KERNEL

step 'A reset is told apart, by ACPI and by the keyboard controller'
guest_run reset /run/end.img end=reset
expect_equal 'exit status' 2 "$status"
guest_run reset-keyboard /run/end.img 'reboot=k end=reset'
expect_equal 'exit status' 2 "$status"

step 'A triple fault is told apart'
guest_run crash /run/end.img 'reboot=t end=reset'
expect_equal 'exit status' 3 "$status"

# A terminal of its own for uldf-vmm, with someone to type on it what follows each text.
type_to_guest() { # NAME APPEND {TEXT-AWAITED TYPED}...: leaves the exit status in 'status'
	local log=$LAB_OUT/guest-$1.log guest
	mkfifo "/run/keys-$1"
	status=0
	script -qfec "stty -a >/run/stty-before; uldf-vmm --kernel '$guest_kernel' --initrd /run/end.img --append \
		'$guest_append $2'; s=\$?; stty -a >/run/stty-after; exit \$s" "$log" \
		<"/run/keys-$1" >/dev/null &
	guest=$!
	exec 8>"/run/keys-$1"
	shift 2
	while (($#)); do
		wait_for grep -q "$1" "$log"
		printf '%b' "$2" >&8
		shift 2
	done
	wait "$guest" || status=$?
	exec 8>&-
	cmp /run/stty-before /run/stty-after || fail 'the terminal is not as it was'
}

step 'The guest hears what is typed; Ctrl-A p presses its power button, and Ctrl-A x ends it'
type_to_guest typed end=terminal 'guest: waits' 'a word\n' 'guest: heard a word' '\x01p' 'guest: heard the button' '\x01x'
expect_equal 'exit status' 4 "$status"

# Each thread of a process is in the sandbox.
sandboxed() { # PID
	local task
	for task in "/proc/$1/task"/*; do
		printf '   %-8s %s\n' "$(<"$task/comm")" \
			"$(sed -n 's/^\(Cap...\|NoNewPrivs\|Seccomp\):\t/\1 /p' "$task/status" | tr '\n' ' ')"
		expect_equal "capabilities of $(<"$task/comm")" 0 "$(grep -c '^Cap...:.*[1-9a-f]' "$task/status")"
		grep -q '^NoNewPrivs:.1$' "$task/status" || fail 'it can get new privileges'
		grep -q '^Seccomp:.2$' "$task/status" || fail 'its system calls are not filtered'
	done
	expect_equal 'threads' 'devices output uldf-vmm vcpu0' "$(sort "/proc/$1/task"/*/comm | xargs)"
}

step 'The control socket tells of the guest and presses its power button, and all threads are in the sandbox'
status=0
uldf-vmm --kernel "$guest_kernel" --initrd /run/end.img --append "$guest_append end=button" --control /run/control \
	</dev/null >"$LAB_OUT/guest-control.log" 2>&1 &
guest=$!
wait_for grep -q 'guest: awaits the button' "$LAB_OUT/guest-control.log"
sandboxed "$guest"
expect_fail '^uldf-vmm: --control /run/control: Address already in use$' \
	uldf-vmm --kernel "$guest_kernel" --control /run/control </dev/null
python3 - /run/control <<'END'
import json, socket, sys
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
lines = client.makefile("rw")
def ask(command):
    print(json.dumps({"command": command, "id": command}), file=lines, flush=True)
    answer = json.loads(lines.readline())
    assert answer["version"] == 1 and answer["id"] == command, answer
    return answer
first = ask("stats")["stats"]["kvm"]["exits"]
assert ask("stats")["stats"]["kvm"]["exits"] >= first > 1000
assert ask("devices")["devices"] == []
assert not ask("dance")["ok"]
assert ask("power")["ok"]
END
wait "$guest" || status=$?
expect_equal 'exit status' 0 "$status"
guest_said control 'guest: heard the button'
expect_fail '' ls /run/control

step 'A guest whose output nobody reads any more ends when it is told to'
mkfifo /run/output
exec 9<>/run/output
takes_more() {
	dd if=/dev/zero of=/run/output bs=1 count=1 oflag=nonblock conv=notrunc
}
stalls() {
	! takes_more && sleep 1 && ! takes_more
}
uldf-vmm --kernel "$guest_kernel" --initrd /run/end.img --append "$guest_append end=flood" \
	--cpus 2 --memory 256M </dev/null >/run/output &
guest=$!
timeout $((200 * LAB_SLOW)) grep -qm1 'guest: floods' <&9
# Most of the pipe is filled from here: the guest alone would take a minute.
dd if=/dev/zero of=/run/output bs=4096 count=64 oflag=nonblock conv=notrunc 2>/dev/null || :
wait_for stalls
SECONDS=0 status=0
kill -TERM "$guest"
wait "$guest" || status=$?
exec 9>&-
expect_equal 'exit status' 4 "$status"
((SECONDS < 60 * LAB_SLOW)) || fail "it took $SECONDS s"
