# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# For scripts that run guests in the lab host; source it after lib.sh.
PATH=$LAB_BUILD/bin:$PATH

# Its kernel is as patient as the host's (machine.sh).
guest_append='console=ttyS0 quiet rcupdate.rcu_cpu_stall_timeout=200 watchdog_thresh=60'

# What they boot: the stock kernel without its compression. Where the file as it is matters, a test takes LAB_KERNEL.
guest_kernel=$LAB_PLAIN_KERNEL

# What every guest's uldf-vmm is told besides.
guest_options=()

# Runs a guest until it ends, its serial output in guest-NAME.log; leaves the exit status in 'status'.
guest_run() { # NAME INITRD APPEND [OPTION]...
	local log=$LAB_OUT/guest-$1.log initrd=$2 append=$3
	shift 3
	status=0
	uldf-vmm --kernel "$guest_kernel" --initrd "$initrd" --append "$guest_append $append" \
		--memory 256M "${guest_options[@]}" "$@" </dev/null >"$log" 2>&1 || status=$?
}

# The same for a guest that is to do its job and power off.
guest_works() { # NAME INITRD APPEND [OPTION]...
	guest_run "$@"
	if ((status)) || ! guest_says "$1" 'guest: script ended with status 0'; then
		sed 's/^/   guest| /' "$LAB_OUT/guest-$1.log"
		fail "the guest '$1' did not do its job (uldf-vmm: status $status)"
	fi
}

guest_says() { # NAME TEXT
	grep -qF -- "$2" "$LAB_OUT/guest-$1.log"
}

guest_said() { # NAME TEXT
	guest_says "$@" || fail "the guest '$1' did not say '$2'"
}

free_hugepages() {
	sed -n 's/^HugePages_Free: *//p' /proc/meminfo
}

# Has the kernel note the calls of functions.
calls_noted() { # FUNCTION...
	mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
	printf '%s\n' "$@" >/sys/kernel/tracing/set_ftrace_filter
	echo function >/sys/kernel/tracing/current_tracer
}

# How often the kernel called a function since then.
calls_of() { # FUNCTION
	grep -cF ": $1 <-" /sys/kernel/tracing/trace || :
}

# KVM was told of the device of each guest that there was, and that it has it no more.
kvm_knew_of_devices() { # GUESTS
	local started
	step 'KVM was told which guests have a device'
	started=$(calls_of kvm_arch_start_assignment)
	grep -F ': kvm_arch_start_assignment <-' /sys/kernel/tracing/trace | sed 's/.*: /   /' | sort | uniq -c
	((started >= $1)) || fail "$started assignments begun for $1 guests"
	expect_equal 'assignments that ended' "$started" "$(calls_of kvm_arch_end_assignment)"
}
