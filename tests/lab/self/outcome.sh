#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A lab run fails for what it must fail for: the script's status, a planted kernel warning in the host's
# or a guest's log, a host that dies, a script that does not end. Two runs go on at once.
set -euo pipefail

lab=$(dirname "$0")/../lab
script=$(mktemp --suffix=.sh)
trap 'rm -f "$script"' EXIT
cat >"$script" <<'END'
# lab: --name self --memory 1024 --timeout 60 --allow 'planted and expected'
case $1 in
status) echo "it is $2"; exit "$2" ;;
kernel) echo "WARNING: planted $2" >/dev/kmsg ;;
guest) echo 'ACPI Error: planted' >"$LAB_OUT/guest-1.log" ;;
death) echo c >/proc/sysrq-trigger ;;
sleep) sleep 100 ;;
esac
END

check() { # WANTED-STATUS WANTED-OUTPUT [LAB-OPTION]... -- [ARGUMENT]...
	local wanted=$1 regex=$2 options=() output status=0
	shift 2
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	output=$("$lab" "${options[@]}" "$script" "$@" 2>&1) || status=$?
	if ((status != wanted)) || [[ ! $output =~ $regex ]]; then
		printf "lab %s: status %d, not %d, or its output is not '%s':\n%s\n" \
			"${options[*]} $*" "$status" "$wanted" "$regex" "$output"
		exit 1
	fi
	printf 'as it should be: %s %s: %d\n' "${options[*]}" "$*" "$status"
}

check 7 'it is 7' -- status 7 &
first=$!
check 0 '' -- kernel 'and expected'
wait "$first"
check 123 'WARNING: planted here' -- kernel 'here' &
first=$!
check 123 'ACPI Error: planted' -- guest
wait "$first"
check 125 'the host died' -- death &
first=$!
check 124 'time is up' --timeout 3 -- sleep
wait "$first"
check 125 'no device' --device nonesuch -- status 0
check 125 'unknown option' --nonesuch 1 -- status 0
