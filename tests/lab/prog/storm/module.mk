# SPDX-License-Identifier: MIT
LABPROGS += lab-storm
lab-storm.sources := $(wildcard tests/lab/prog/storm/*.c)
lab-storm.include := kmod/include/uapi
lab-storm.private := tests
