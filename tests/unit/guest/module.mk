# SPDX-License-Identifier: MIT
# The pure part of uldf_guest.ko, with what it takes of the kernel's headers in kernel/.
TESTS += unit-guest
unit-guest.sources := tests/unit/guest/table.c vmm-integration/guest/table.c
unit-guest.private := tests/unit/guest/kernel vmm-integration/guest
unit-guest.packages := criterion
