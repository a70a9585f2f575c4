# SPDX-License-Identifier: MIT
LABPROGS += lab-cost
lab-cost.sources  := $(wildcard tests/lab/prog/cost/*.c)
lab-cost.uses     := uldf
lab-cost.private  := kmod/include/uapi
