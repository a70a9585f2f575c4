# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For scripts that have ACPICA judge ACPI tables, which stand in files in the current folder: iasl disassembles every one
# and compiles the DSDT again, acpiexec loads DSDT, FADT and FACS together and evaluates what an operating system would.

for tool in iasl acpiexec; do
	command -v "$tool" >/dev/null ||
		{ echo "$tool is missing: apt-get install acpica-tools" >&2; exit 2; }
done

passed=0 failed=0
# verdict STATUS WHAT [COMPLAINT]
verdict() {
	if (($1 == 0)); then
		((passed++))
		echo "ok   $2"
	else
		((failed++))
		printf 'FAIL %s\n%s\n' "$2" "${3-}"
	fi
}

# expect WHAT GOT WANTED
expect() {
	[[ $2 == "$3" ]]
	verdict $? "$1" "     got    ${2:-nothing}"$'\n'"     wanted $3"
}

# The last line is 'N passed, N failed'.
verdicts() {
	echo "$passed passed, $failed failed"
	((failed == 0))
	exit
}

# complaints FILE: lines in which ACPICA complains. acpiexec's self-test wants a PM2 register and
# general-purpose events, which a machine need not have; iasl prints its counts of errors.
complaints() {
	grep -iE 'error|warning|remark|exception|failed|invalid|incorrect|unknown|mismatch|AE_' "$1" |
		grep -vE '^Unexpected AE_(BAD_ADDRESS|BAD_PARAMETER) from .*\(aetests-[0-9]+\)$' |
		grep -vE ' returned AE_OK$|^Compilation successful\. 0 Errors, 0 Warnings, 0 Remarks'
}

# judge_rsdp NAME: iasl cannot read it by itself
judge_rsdp() {
	local sums
	sums=$(od -An -v -tu1 -w1 rsdp.dat |
		awk '{ all += $1; if (NR <= 20) first += $1 } END { print NR, first % 256, all % 256 }')
	expect "$1: RSDP length and checksums" "$sums" '36 0 0'
	expect "$1: RSDP signature and revision" "$(head -c 8 rsdp.dat)$(od -An -tu1 -j15 -N1 rsdp.dat)" \
		'RSD PTR    2'
}

# judge_files NAME: every other table disassembles, and what came of the DSDT compiles
judge_files() {
	local table status tables=(xsdt facp facs apic mcfg dsdt)
	# iasl knows the VIOT since 20210331.
	[[ ! -e viot.dat || $(iasl -ht) != *VIOT* ]] || tables+=(viot)
	for table in "${tables[@]}"; do
		iasl -d "$table.dat" >log 2>&1
		status=$?
		[[ -s $table.dsl ]] || status=1
		cat "$table.dsl" >>log
		complaints log >complaint && status=1
		verdict "$status" "$1: iasl -d $table" "$(<complaint)"
	done
	iasl -tc dsdt.dsl >log 2>&1
	status=$?
	complaints log >complaint && status=1
	grep -q '^Compilation successful' log || status=1
	verdict "$status" "$1: iasl -tc dsdt" "$(<complaint)"
}

# answers COMMAND...: the answer to the n-th goes to file answer.n, from 1. Fails if ACPICA complained
# anywhere. acpiexec takes a second to start, so it gets as many as its batch can hold, 1 KiB.
answers() {
	local batch='' first=0 n=0 command
	rm -f answer.* complaint
	touch complaint
	for command; do
		if ((${#batch} + ${#command} > 1000)); then
			evaluate "$first" "$batch" || return 1
			batch='' first=$n
		fi
		batch+=${batch:+;}$command
		((++n))
	done
	evaluate "$first" "$batch" || return 1
	[[ ! -s complaint ]]
}

# evaluate FIRST BATCH
evaluate() {
	acpiexec -b "$2" dsdt.dat facp.dat facs.dat >log 2>&1 || { cat log >complaint; return 1; }
	awk -v n="$1" '/^Evaluating / { n++; on = 1 } on { print > ("answer." n) }' log
	complaints log >>complaint
	return 0
}

# The answer as digits: all bytes of a buffer, or all integers without leading zeros.
bytes() {
	sed -nE 's|.*[0-9A-F]{4}: (([0-9A-F]{2} )+) *//.*|\1|p' "answer.$1" 2>/dev/null | tr -d ' \n'
}
integers() {
	sed -nE 's/.*\[Integer\] = 0*([0-9A-F]+)$/\1/p' "answer.$1" 2>/dev/null | paste -sd ' '
}

uuid='5B 4D DB 33 F7 1F 1C 40 96 57 74 41 C0 3D D7 66'
other='5B 4D DB 33 F7 1F 1C 40 96 57 74 41 C0 3D D7 67'
# UUID | revision | buffer | answer | what is asked; %C is what the platform grants of all bits
osc_cases=(
	"$uuid|1|00 00 00 00 1F 00 00 00 10 00 00 00|00000000 1F000000 10000000|the PCIe capability"
	"$uuid|1|00 00 00 00 1F 00 00 00 00 00 00 00|00000000 1F000000 00000000|nothing"
	"$uuid|1|00 00 00 00 1F 01 00 00 1F 00 00 00|10000000 1F010000 %C000000|all"
	"$uuid|1|01 00 00 00 1F 01 00 00 FF FF FF FF|11000000 1F010000 %C000000|all, as a query"
	"$uuid|2|00 00 00 00 1F 00 00 00 10 00 00 00|08000000 1F000000 00000000|revision 2"
	"$uuid|0|00 00 00 00 1F 00 00 00 10 00 00 00|08000000 1F000000 00000000|revision 0"
	"$other|1|00 00 00 00 1F 00 00 00 1F 00 00 00|04000000 1F000000 1F000000|another UUID"
	"$other|2|01 00 00 00 1F 00 00 00 1F 00 00 00|05000000 1F000000 1F000000|another UUID, query"
	"00|1|00 00 00 00 1F 00 00 00 1F 00 00 00|04000000 1F000000 1F000000|a UUID of one byte"
	"$other|1|00 00 00 00|04000000|another UUID, short buffer"
	"$uuid|1|00 00 00 00|02000000|a buffer of 4 bytes"
	"$uuid|1|00 00 00 00 1F 00 00 00|02000000 1F000000|a buffer of 8 bytes"
	"$uuid|1|00 00 00 00 1F 00 00 00 10 00 00|02000000 1F000000 100000|a buffer of 11 bytes"
	"$uuid|1|00 00 00|000000|a buffer of 3 bytes"
	"$uuid|1|00 00 00 00 1F 00 00 00 10 00 00 00 AA|00000000 1F000000 10000000 AA|13 bytes"
)

# judge_osc NAME BRIDGE GRANTED
judge_osc() {
	local i id revision buffer answer what commands=()
	for i in "${osc_cases[@]}"; do
		IFS='|' read -r id revision buffer answer what <<<"$i"
		commands+=("execute $2._OSC ($id) $revision 3 ($buffer)")
	done
	answers "${commands[@]}"
	verdict $? "$1: acpiexec runs $2._OSC" "$(<complaint)"
	for i in "${!osc_cases[@]}"; do
		IFS='|' read -r id revision buffer answer what <<<"${osc_cases[i]}"
		answer=${answer//%C/$3}
		expect "$1: $2._OSC: $what" "$(bytes $((i + 1)))" "${answer// /}"
	done
}

# routes GSI COUNT: what _PRT says where the pins of neighbouring devices take the COUNT GSIs from GSI on in turn
routes() {
	local device pin
	for device in {0..31}; do
		for pin in {0..3}; do
			printf '%X %X 0 %X ' $((device << 16 | 0xffff)) "$pin" $(($1 + (device + pin) % $2))
		done
	done
}

end='7900'

# judge_machine NAME CPUS WINDOWS ECAM ROUTES: the objects of the first segment; WINDOWS is a regular expression
judge_machine() {
	local last
	last=$(printf 'C%03X' $(($2 - 1)))
	answers 'execute \_SB.PCI0._CRS' 'execute \_SB.PCI0._PRT' 'execute \_SB.PCI0._STA' \
		'execute \_SB.PCI0._SEG' 'execute \_SB.PCI0._BBN' 'execute \_SB.MBRD._CRS' \
		'execute \_SB.MBRD._STA' 'execute \_SB.PCI0.PMIO._CRS' 'execute \_SB.PCI0.COM1._CRS' \
		'execute \_SB.PCI0.COM1._STA' "execute \\_SB.$last._UID" "execute \\_SB.$last._STA" \
		'execute \_S5'
	verdict $? "$1: acpiexec loads and evaluates" "$(<complaint)"
	[[ $(bytes 1) =~ ^${3// /}$ ]]
	verdict $? "$1: PCI0._CRS" "     got    $(bytes 1)"$'\n'"     wanted ${3// /}"
	expect "$1: PCI0._PRT" "$(integers 2) " "$5"
	expect "$1: PCI0 _STA, _SEG, _BBN" "$(integers 3) $(integers 4) $(integers 5)" 'F 0 0'
	expect "$1: MBRD._CRS reserves ECAM" "$(bytes 6)" "${4// /}"
	expect "$1: MBRD._STA" "$(integers 7)" B
	expect "$1: PMIO._CRS" "$(bytes 8)" "470100060006010447010406040601024701080608060104${end}"
	expect "$1: COM1 _CRS, _STA" "$(bytes 9) $(integers 10)" "4701F803F8030108221000$end F"
	expect "$1: $last _UID, _STA" "$(integers 11) $(integers 12)" "$(printf '%X F' $(($2 - 1)))"
	expect "$1: _S5" "$(integers 13)" '5 5 0 0'
}

# All names that the specification predefines. acpiexec makes up arguments for methods, of the wrong
# types for _OSC, and says so itself.
judge_predefined() {
	local status=0
	acpiexec -b 'execute predefined;integrity' dsdt.dat facp.dat facs.dat >log 2>&1 || status=1
	complaints log | grep -v '_OSC: Argument #[14] type mismatch - Found \[Integer\]' >complaint && status=1
	grep -q '_CRS  *returned AE_OK' log || status=1
	verdict "$status" "$1: acpiexec evaluates all predefined names" "$(<complaint)"
}
