# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For scripts that run in the lab host; source it first:  . "$LAB_FILES/lib.sh"
set -euo pipefail

step() { # TEXT: say what is done next
	printf '== %s\n' "$*"
}

fail() { # TEXT: end the script as failed
	printf 'FAIL: %s\n' "$*"
	exit 1
}

# The command must fail, by an exit status of its own and not a signal, and say what REGEX matches.
expect_fail() { # REGEX COMMAND [ARGUMENT]...
	local regex=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	((status)) || fail "should have failed: $*"
	((status < 126)) || fail "ended with status $status: $*: $output"
	[[ $output =~ $regex ]] || fail "said '$output', not '$regex': $*"
	printf '   refused: %s\n' "$output"
}

# Until the command succeeds; its output is dropped. A slow machine may need long for what a fast one does at once.
wait_for() { # COMMAND [ARGUMENT]...
	local deadline=$((SECONDS + 120 * LAB_SLOW))
	until "$@" >/dev/null 2>&1; do
		((SECONDS < deadline)) || fail "did not come true in time: $*"
		sleep 0.1
	done
}

expect_equal() { # WHAT WANTED FOUND
	[[ $2 == "$3" ]] || fail "$1 is '$3', should be '$2'"
}

# A process as a refusal names it: a regular expression.
process_regex() { # PID
	printf '\\(process %d, started [0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2} UTC\\)' "$1"
}

modprobe_kvm() {
	local module=kvm_amd
	grep -qw vmx /proc/cpuinfo && module=kvm_intel
	modprobe "$module"
	[[ -w /dev/kvm ]] || fail "$module gives no /dev/kvm"
}

driver_of() { # ADDRESS: print the driver that holds the device, nothing if none does
	local link=/sys/bus/pci/devices/$1/driver
	[[ ! -e $link ]] || basename "$(readlink "$link")"
}

driver_unbind() { # ADDRESS: from the driver that holds it, if one does
	[[ ! $(driver_of "$1") ]] || echo "$1" >"/sys/bus/pci/devices/$1/driver/unbind"
}

# The disk a storage controller gave rise to, as in /dev/sda. Below an NVMe controller there may be a hidden
# path only, nvme0c0n1, to a disk that stands below no controller, nvme0n1.
disk_of() { # ADDRESS
	local block
	for block in /sys/block/*; do
		if [[ $(readlink -f "$block") == */"$1"/* ]]; then
			block=/dev/$(sed 's/^\(nvme[0-9]*\)c[0-9]*n/\1n/' <<<"${block##*/}")
			[[ -b $block ]] || return 1
			echo "$block"
			return
		fi
	done
	return 1
}

interface_of() { # ADDRESS: print the network interface of a card
	local net
	for net in "/sys/bus/pci/devices/$1"/net/*; do
		[[ -e $net ]] || return 1
		echo "${net##*/}"
	done
}

load_uldf() {
	insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
}

# Whoever held memory, nothing stays of it; the last of it may be unpinned a little later.
nothing_is_pinned() {
	wait_for eval '[[ $(</sys/class/uldf/pinned_bytes) == 0 ]]'
}

# A document of uldfctl's is what its schema says of the verb.
json_is() { # FORM FILE...
	python3 - "$LAB_FILES/../../tools/uldfctl/uldfctl.schema.json" "$@" <<-'END' || fail "JSON of form '$1'"
		import json, sys
		from jsonschema import Draft202012Validator
		schema, form, *files = sys.argv[1:]
		schema = json.load(open(schema))
		Draft202012Validator.check_schema(schema)
		schema.pop("anyOf")
		judge = Draft202012Validator({**schema, "$ref": "#/$defs/" + form})
		errors = [(file, error) for file in files for error in judge.iter_errors(json.load(open(file)))]
		for file, error in errors:
		    print(file, "/".join(map(str, error.absolute_path)), error.message)
		sys.exit(bool(errors))
	END
}
