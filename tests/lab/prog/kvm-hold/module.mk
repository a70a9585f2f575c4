# SPDX-License-Identifier: MIT
LABPROGS += lab-kvm-hold
lab-kvm-hold.sources := tests/lab/prog/kvm-hold/main.c
