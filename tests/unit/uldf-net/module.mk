# SPDX-License-Identifier: GPL-2.0-or-later
TESTS += unit-uldf-net
unit-uldf-net.sources  := tests/unit/uldf-net/options.c tools/uldf-net/options.c
unit-uldf-net.private  := tools/uldf-net libuldf/include
unit-uldf-net.packages := criterion
