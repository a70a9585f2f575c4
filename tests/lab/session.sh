# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sessions of a driver: recorded with a device, replayed by nobody without one. A session is a WAY and the command that
# drives a device, which stands in it as DEVICE.

PATH=$LAB_BUILD/bin:$LAB_BUILD/tests:$PATH

nobody() { # COMMAND...
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

# Leaves what the command says in /run/session.WAY and the recording in /run/trace.WAY.
session_record() { # ADDRESS WAY COMMAND...
	local address=$1 way=$2
	shift 2
	step "on hardware, recorded and checked: $way"
	"${@/#DEVICE/record=/run/trace.$way:check=/run/mistakes:$address}" >"/run/session.$way"
	expect_equal 'mistakes' '' "$(cat /run/mistakes)"
	chmod 644 "/run/trace.$way"
	cp "/run/trace.$way" "$LAB_OUT/"
}

session_replay_once() { # WAY COMMAND...
	local way=$1
	shift 2
	nobody "${under[@]}" /run/replayer "${@/#DEVICE/replay:/run/trace.$way}" >/run/replayed 2>/run/said ||
		fail "replay of $way: $(cat /run/said)"
	cmp "/run/session.$way" /run/replayed
}

# So many times (REPLAYS), as often under load, and once under valgrind. The program is a copy: nobody need not be
# allowed to enter the folder that it was built in.
session_replay() { # WAY COMMAND...
	local i load=() under=() replays=${REPLAYS:-4}
	install -m 755 "$(command -v "$2")" /run/replayer
	step "replayed by nobody, without the device: $1"
	for ((i = 0; i < replays; i++)); do
		session_replay_once "$@"
	done
	step "the same under load: $1"
	for _ in 1 2 3; do
		while :; do :; done &
		load+=("$!")
	done
	for ((i = 0; i < replays; i++)); do
		session_replay_once "$@"
	done
	kill "${load[@]}"
	step "and under valgrind: $1"
	under=(valgrind -q --vgdb=no --fair-sched=yes --leak-check=full --error-exitcode=9)
	session_replay_once "$@"
}

# The session of lab-session, by interrupt or as its option says.
session_disk() { # record ADDRESS|replay WAY
	local verb=$1 way=${*: -1} option=()
	[[ $way == -* ]] && option=("$way")
	shift
	"session_$verb" "$@" lab-session "${option[@]}" DEVICE
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
