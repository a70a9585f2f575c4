# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += uldf-acpi
uldf-acpi.sources := $(addprefix tools/acpi/,main.c machine.c dump.c list.c)
uldf-acpi.uses := acpi-tables
