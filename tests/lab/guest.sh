# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# For scripts that run guests in the lab host; source it after lib.sh.
PATH=$LAB_BUILD/bin:$PATH

guest_boot_limit=120 # seconds until a guest's script begins

# One start of a guest until it ends; one that does not come to its script in time is stopped.
guest_try() { # NAME INITRD APPEND [OPTION]...
	local log=$LAB_OUT/guest-$1.log initrd=$2 append=$3 deadline=$((SECONDS + guest_boot_limit)) vmm
	shift 3
	status=0
	uldf-vmm --kernel "$LAB_KERNEL" --initrd "$initrd" --append "console=ttyS0 quiet $append" \
		--memory 256M "$@" </dev/null >"$log" 2>&1 &
	vmm=$!
	until grep -qs '^guest: runs its script' "$log" || ! kill -0 "$vmm" 2>/dev/null; do
		if ((SECONDS >= deadline)); then
			kill "$vmm"
			break
		fi
		sleep 0.2
	done
	wait "$vmm" || status=$?
}

# Runs a guest until it ends, its serial output in guest-NAME.log; leaves the exit status in 'status'.
# Emulated in an emulator, a guest crashes or hangs while it boots once in a while: such a boot, and only
# a boot, is tried once more.
guest_run() { # NAME INITRD APPEND [OPTION]...
	guest_try "$@"
	guest_says "$1" 'guest: runs its script' || [[ $status != [34] ]] && return
	mv "$LAB_OUT/guest-$1.log" "$LAB_OUT/guest-$1.first-boot.log"
	step "The first boot of the guest '$1' has not reached its script (uldf-vmm: status $status)"
	guest_try "$@"
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
