# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sessions of lab-session: recorded with a device, replayed by nobody without one.

PATH=$LAB_BUILD/bin:$LAB_BUILD/tests:$PATH

nobody() { # COMMAND...
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

# Leaves what was read in /run/session.WAY and the recording in /run/trace.WAY. WAY: an option, or "interrupt".
session_record() { # ADDRESS WAY
	local option=$2
	[[ $option == -* ]] || option=
	step "on hardware, recorded and checked: $2"
	# shellcheck disable=SC2086 # no option at all
	lab-session $option "record=/run/trace.$2:check=/run/mistakes:$1" >"/run/session.$2"
	expect_equal 'mistakes' '' "$(cat /run/mistakes)"
	chmod 644 "/run/trace.$2"
	cp "/run/trace.$2" "$LAB_OUT/"
}

# The blocks that lab-session reads, in its order, on a disk that it has written.
session_expect() { # DISK FILE
	local last
	last=$(($(blockdev --getsz "$1") - 8))
	{
		dd if="$1" bs=512 count=128
		dd if="$1" bs=512 skip=1000 count=1
		dd if="$1" bs=512 skip=2048 count=64
		dd if="$1" bs=512 skip="$last" count=8
	} 2>/dev/null | cmp - "$2"
}

session_replay_once() { # WAY [COMMAND]...
	local way=$1 option=$1
	shift
	[[ $option == -* ]] || option=
	# shellcheck disable=SC2086 # no option at all
	nobody "$@" "$(command -v lab-session)" $option "replay:/run/trace.$way" >/run/replayed 2>/run/said ||
		fail "replay of $way: $(cat /run/said)"
	cmp "/run/session.$way" /run/replayed
}

session_replay() { # WAY
	local load=()
	step "replayed by nobody, without the device: $1"
	for _ in {1..25}; do
		session_replay_once "$1"
	done
	step "the same under load: $1"
	for _ in 1 2 3; do
		while :; do :; done &
		load+=("$!")
	done
	for _ in {1..25}; do
		session_replay_once "$1"
	done
	kill "${load[@]}"
}
