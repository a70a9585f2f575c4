# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# For the scripts that run tests beside each other: keeps the output of each in the folder 'logs', counts what passed
# and what failed, and says it at the end. LAB_JOBS is how many go on at a time.
cores=$(nproc)
# Each keeps one core busy, except while it waits for a timer, a link or a reset.
jobs=${LAB_JOBS:-$((cores + 1))}
passed=0 failed=0
declare -A name_of=() start_of=() suite_of=()

log_of() { # NAME: print where its output goes
	mkdir -p "$(dirname "$logs/$1")"
	echo "$logs/$1.log"
}

# Counts what has ended, and tells of it.
ended() { # NAME STATUS SECONDS [suite]
	local name=$1 good=$(($2 == 0)) bad=$(($2 != 0))
	if [[ ${4-} ]]; then
		good=0 bad=0
		if [[ $(grep -xE '[0-9]+ passed, [0-9]+ failed' "$logs/$name.log") =~ ^([0-9]+)' passed, '([0-9]+)' failed'$ ]]; then
			good=${BASH_REMATCH[1]} bad=${BASH_REMATCH[2]}
		fi
		# It may fail although all its tests passed, and has if there were none.
		((bad)) || bad=$(($2 != 0 || good == 0))
	fi
	((passed += good, failed += bad))
	if ((bad)); then
		printf 'FAIL %s (%d s)\n' "$name" "$3"
		tail -n 40 "$logs/$name.log" | sed 's/^/     | /'
		return 1
	fi
	printf 'ok   %s%s (%d s)\n' "$name" "${4:+: $good tests}" "$3"
}

single() { # NAME COMMAND...: a test by itself
	local start=$SECONDS status=0
	"${@:2}" >"$(log_of "$1")" 2>&1 || status=$?
	ended "$1" "$status" "$((SECONDS - start))"
}

# Begins a test beside others, as soon as so many have not begun or have ended.
beside() { # NAME COMMAND...
	while ((${#name_of[@]} >= jobs)); do
		wait_for_one
	done
	"${@:2}" >"$(log_of "$1")" 2>&1 &
	name_of[$!]=$1
	start_of[$!]=$SECONDS
}

# The same for a command that says 'N passed, N failed' of its own tests.
suite() { # NAME COMMAND...
	beside "$@"
	suite_of[$!]=suite
}

wait_for_one() {
	local pid status=0
	wait -n -p pid "${!name_of[@]}" || status=$?
	ended "${name_of[$pid]}" "$status" "$((SECONDS - start_of[$pid]))" "${suite_of[$pid]-}"
	unset "name_of[$pid]" "start_of[$pid]" "suite_of[$pid]"
}

longest_first() { # SCRIPT...: by the time that each allows itself
	local script limit
	for script; do
		limit=$(sed -n 's/^# lab:.*--timeout \([0-9]*\).*/\1/p' "$script" | head -n 1)
		printf '%s %s\n' "${limit:-300}" "$script"
	done | sort -s -k 1,1rn | cut -d ' ' -f 2-
}

finish() {
	while ((${#name_of[@]})); do
		wait_for_one
	done
	printf '%d passed, %d failed\n' "$passed" "$failed"
	((failed == 0))
	exit
}

trap 'kill $(jobs -p) 2>/dev/null; wait; exit 130' INT TERM
