# SPDX-License-Identifier: MIT
LABPROGS += lab-wire
lab-wire.sources := tests/lab/prog/wire/main.c
lab-wire.uses    := uldf-drivers uldf
