# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# For tests/check-kernels and tests/debug-kernel, which try uldf.ko on several kernels: runs commands, keeps
# their output in the folder 'logs', counts what passed and what failed.
passed=0 failed=0

# What a kernel must stand.
# shellcheck disable=SC2034
module_tests=(tests/lab/t/{ioctl,device,regions,functions,line,handover,aer,bare,uldfctl}.sh tests/lab/t/conform-*.sh)

check() { # NAME COMMAND...
	local name=$1 start=$SECONDS outcome=ok
	shift
	"$@" >"$logs/$name.log" 2>&1 || outcome=FAIL
	printf '%-4s %s (%d s)\n' "$outcome" "$name" "$((SECONDS - start))"
	if [[ $outcome == ok ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		tail -n 40 "$logs/$name.log" | sed 's/^/     | /'
		return 1
	fi
}

finish() {
	printf '%d passed, %d failed\n' "$passed" "$failed"
	((failed == 0))
	exit
}
