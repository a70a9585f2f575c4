# SPDX-License-Identifier: MIT
LABPROGS += lab-ioctl
lab-ioctl.sources := $(wildcard tests/lab/prog/ioctl/*.c)
lab-ioctl.include := kmod/include/uapi
