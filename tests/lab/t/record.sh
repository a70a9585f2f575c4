#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --timeout 300
# A session with the edu device is recorded, told by uldfctl trace, and replayed without device, module or root; the
# driver makes no mistakes, and meets faults with an error.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/session.sh
. "$LAB_FILES/session.sh"

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
uldfctl claim "$LAB_EDU"
said=$'10! = 3628800\nby DMA, there and back'

step 'recorded'
expect_equal 'what the driver says' "$said" "$(uldf-edu "record=/run/edu.trace:$LAB_EDU")"
cp /run/edu.trace "$LAB_OUT/"

step 'checked'
expect_equal 'what the driver says' "$said" "$(uldf-edu "check=/run/mistakes:$LAB_EDU")"
expect_equal 'mistakes' '' "$(cat /run/mistakes)"

step 'with faults'
expect_fail 'no interrupt: CAUSE is 0xffffffff' uldf-edu "fault=1,remove=5:$LAB_EDU"
expect_fail 'injected fault: ' uldf-edu "fault=1,alloc=1000:$LAB_EDU"
expect_fail 'no interrupt: CAUSE is 0x1' uldf-edu "fault=1,lost=1000:$LAB_EDU"
expect_equal 'what the driver says' "$said" "$(uldf-edu "$LAB_EDU")"
wait_for grep -qx 0 /sys/class/uldf/pinned_bytes

step 'told'
lines=$(uldfctl trace /run/edu.trace)
printf '%s\n' "$lines"
grep -q "device .* $LAB_EDU\$" <<<"$lines"
grep -q 'write BAR0 offset=0x98 width=8 value=0x5' <<<"$lines"
grep -q 'irq vector=0 count=1' <<<"$lines"
grep -q 'content memory=1 offset=0x800 ' <<<"$lines"
uldfctl trace --json /run/edu.trace >/run/edu.json
json_is trace /run/edu.json
python3 -c '
import json, sys
records = json.load(open("/run/edu.json"))["records"]
assert [r for r in records if r["kind"] == "irq"], "no interrupt"'
uldfctl trace --chrome "$LAB_OUT/edu.json" /run/edu.trace
python3 -c '
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
assert [e for e in events if e["ph"] == "X" and e["name"] == "write BAR0+0x98"], "no slice"
assert [e for e in events if e["ph"] == "i" and e["name"] == "irq"], "no instant"' "$LAB_OUT/edu.json"

step 'replayed by nobody, on a host without the device'
uldfctl release "$LAB_EDU"
rmmod uldf
chmod 644 /run/edu.trace
expect_equal 'what the driver says' "$said" "$(nobody "$(command -v uldf-edu)" replay:/run/edu.trace)"
nobody "$(command -v uldf-edu)" "check:replay:/run/edu.trace"
expect_fail 'not a recording' nobody "$(command -v uldf-edu)" replay:/etc/passwd
