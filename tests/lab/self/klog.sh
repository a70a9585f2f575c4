#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The kernel log check finds what it is there to find, lets ordinary lines pass, and can be told what to expect.
set -euo pipefail

klog=$(dirname "$0")/../klog
log=$(mktemp)
trap 'rm -f "$log"' EXIT

check() { # WANTED-STATUS TEXT [OPTION]...
	local wanted=$1 text=$2 status=0
	shift 2
	printf '%s\n' "[    0.000000] Linux version" "$text" "[    9.000000] reboot: Power down" >"$log"
	"$klog" "$@" "$log" >/dev/null || status=$?
	if ((status != wanted)); then
		printf 'status %d, not %d: %s\n' "$status" "$wanted" "$text"
		exit 1
	fi
}

bad=(
	'WARNING: CPU: 0 PID: 1 at kernel/fork.c:1 copy_process+0x1/0x2'
	'WARNING: possible circular locking dependency detected'
	'BUG: kernel NULL pointer dereference, address: 0000000000000000'
	'BUG: sleeping function called from invalid context at mm/slab.h:1'
	'watchdog: BUG: soft lockup - CPU#0 stuck for 22s!'
	'kernel BUG at mm/gup.c:1!'
	'Oops: 0002 [#1] PREEMPT SMP NOPTI'
	'Call Trace:'
	'Kernel panic - not syncing: Attempted to kill init!'
	'general protection fault, probably for non-canonical address 0xdead: 0000 [#1]'
	'DMAR: DRHD: handling fault status reg 2'
	'DMAR: [DMA Write NO_PASID] Request device [00:06.0] fault addr 0xfffff000 [fault reason 0x05] PTE Write access is not set'
	'DMAR: [INTR-REMAP] Request device [00:07.0] fault index 0x1 [fault reason 0x25] Blocked a compatibility format interrupt request'
	'nvme 0000:00:08.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0001 address=0x1000 flags=0x0000]'
	'irq 22: nobody cared (try booting with the "irqpoll" option)'
	'rcu: INFO: rcu_preempt self-detected stall on CPU'
	'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'
	'INFO: task uldf-vmm:100 blocked for more than 120 seconds.'
	'BUG: Bad page state in process bash  pfn:12345'
	'refcount_t: underflow; use-after-free.'
	'UBSAN: array-index-out-of-bounds in drivers/x.c:1:1'
	'BUG: KASAN: use-after-free in uldf_close+0x1/0x2 [uldf]'
	'BUG kmalloc-64 (Tainted: G           O      ): Objects remaining in kmalloc-64 on __kmem_cache_shutdown()'
	'WARNING: possible recursive locking detected'
	'WARNING: possible irq lock inversion dependency detected'
	'WARNING: inconsistent lock state'
	'WARNING: suspicious RCU usage'
	'WARNING: bad unlock balance detected!'
	'WARNING: lock held when returning to user space!'
	'BUG: Invalid wait context'
	'INFO: trying to register non-static key.'
	'BUG: MAX_LOCKDEP_ENTRIES too low!'
	'turning off the locking correctness validator.'
	'BUG: scheduling while atomic: uldf-vmm/100/0x00000002'
	'BUG: workqueue leaked lock or atomic: kworker/0:1/0x00000001/12'
	'WARNING: CPU: 0 PID: 1 at kernel/dma/debug.c:1 check_unmap+0x1/0x2'
	'DMA-API: debugging out of memory - disabling'
	'DMA-API: cacheline tracking ENOMEM, dma-debug disabled'
	'WARNING: CPU: 0 PID: 1 at lib/debugobjects.c:1 debug_print_object+0x1/0x2'
	'ODEBUG: Out of memory. ODEBUG disabled'
	'kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'
	'kmemleak: Kernel memory leak detector disabled'
)
for line in "${bad[@]}"; do
	check 1 "[    5.000000] $line"
	check 1 "$line"
done

good=(
	'Command line: console=ttyS0 panic=-1 oops=panic'
	'iommu: Default domain type: Translated'
	'DMAR: IOMMU enabled'
	'DMAR-IR: Enabled IRQ remapping in x2apic mode'
	'AppArmor: AppArmor sha1 policy hashing enabled'
	'ACPI: PM: Preparing to enter system sleep state S5'
	'Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar'
	'DMA-API: preallocated 65536 debug entries'
	'DMA-API: debugging enabled by kernel config'
	'kmemleak: Kernel memory leak detector initialized (mem pool available: 15000)'
	'kasan: KernelAddressSanitizer initialized'
)
for line in "${good[@]}"; do
	check 0 "[    5.000000] $line" --guest
done

guest=(
	'ACPI BIOS Error (bug): Could not resolve symbol [\_SB.PCI0], AE_NOT_FOUND'
	'ACPI Warning: GPE0 is zero (20220331/tbfadt-1)'
	'ACPI Error: Aborting method \_SB.PCI0._OSC due to previous error (AE_AML_ERROR)'
	"pci 0000:00:01.0: can't claim BAR 4 [io  0xc000-0xc00f]: no compatible bridge window"
	'pci 0000:00:02.0: BAR 0: no space for [mem size 0x00020000]'
)
for line in "${guest[@]}"; do
	check 1 "[    5.000000] $line" --guest
	check 0 "[    5.000000] $line"
done

check 0 '[    5.000000] DMAR: DRHD: handling fault status reg 2' --allow 'DMAR: .*fault'
check 1 '[    5.000000] DMAR: DRHD: handling fault status reg 2' --allow 'irq .*: nobody cared'

report='[    5.0] ------------[ cut here ]------------
[    5.0] WARNING: CPU: 0 PID: 1 at drivers/x.c:1 x_probe+0x1/0x2 [x]
[    5.0] Call Trace:
[    5.0]  <TASK>
[    5.0] ---[ end trace 0000000000000000 ]---'
check 1 "$report"
check 0 "$report" --allow 'x_probe'
check 1 "$report" --allow 'y_probe'
check 1 "$report"$'\n[    6.0] Call Trace:' --allow 'x_probe'
check 1 "${report%$'\n'*}" --allow 'x_probe'

# What is printed of it fits a screen.
long=${report/'<TASK>'/$'<TASK>\n[    5.0]  ? y_leftover+0x1/0x2\n[    5.0]  x_call+0x1/0x2 [x]\n[    5.0] RAX: 0 RBX: 0'}
printf '%s\n' "$long" >"$log"
printed=$("$klog" "$log") && exit 1
[[ $printed == *x_probe*x_call*'end trace'* && $printed != *y_leftover* && $printed != *RAX* ]]

# A trace that no report stands around comes with the lines that say why, and a long report leaves room for others.
printf '[    5.0] %s\n' before 'sysfs: cannot create' 'CPU: 0 PID: 1 Comm: x' 'Call Trace:' ' <TASK>' ' x_call+0x1/0x2 [x]' \
	' ? y_leftover+0x1/0x2' after >"$log"
printed=$("$klog" "$log") && exit 1
[[ $printed == *'cannot create'*'Comm: x'*'Call Trace:'*x_call* && $printed != *y_leftover* && $printed != *after* ]]
{
	printf '[    5.0] WARNING: x ------------[ cut here ]------------\n'
	printf '[    5.0]  x_%s+0x1/0x2 [x]\n' {1..100}
	printf '[    5.0] ---[ end trace 0000000000000000 ]---\n'
} >"$log"
printed=$("$klog" "$log") && exit 1
[[ $printed == *x_20+* && $printed != *x_40+* ]]

# The serial port of a guest does not send zeros.
printf 'guest: b\0\0y\n' >"$log"
"$klog" "$log"
status=0
"$klog" --guest "$log" >/dev/null || status=$?
((status == 1))

status=0
"$klog" "$log.is-not-there" 2>/dev/null || status=$?
((status == 2))
