#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --shell gives a terminal in the lab host, in which the tree is the machine's own; the shell's status is the run's.
set -euo pipefail

lab=$(readlink -f "$(dirname "$0")/../lab")
work=$(mktemp -d)
terminal=
trap '[[ ! $terminal ]] || kill "$terminal" 2>/dev/null || :; rm -rf "$work"; rm -f "$shown"' EXIT
shown=$(dirname "$lab")/../../build/lab/shown.$$

fail() {
	printf '%s\n' "$1"
	tr -d '\r' <"$work/output" | tail -n 20
	exit 1
}

wait_for() { # TEXT
	local deadline=$((SECONDS + 600))
	until grep -qF "$1" "$work/output"; do
		if ((SECONDS >= deadline)) || ! kill -0 "$terminal" 2>/dev/null; then
			fail "not seen: $1"
		fi
		sleep 0.2
	done
}

if "$lab" --shell </dev/null >"$work/output" 2>&1; then
	fail 'a shell without a terminal'
fi
grep -q 'needs a terminal' "$work/output" || fail 'a shell without a terminal'

mkdir -p "$(dirname "$shown")"
mkfifo "$work/keys"
exec 3<>"$work/keys"
TERM=dumb script -qec "$lab --name shell-self --shell" /dev/null <"$work/keys" >"$work/output" 2>&1 &
terminal=$!
wait_for 'a shell in the lab host'
wait_for 'labhost'
echo "from outside" >"$shown"
# shellcheck disable=SC2016 # the shell in the host expands it
printf 'tty; hostname; cat build/lab/shown.%s; echo seen: $((6 * 7)) >>build/lab/shown.%s; echo end $?\n' "$$" "$$" >&3
wait_for 'end 0'
grep -q '/dev/hvc0' "$work/output" || fail 'no terminal'
grep -q 'seen: 42' "$shown" || fail 'the tree is not the one outside'
printf 'exit 7\n' >&3
status=0
wait "$terminal" || status=$?
((status == 7)) || fail "status $status, not 7"
