# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += uldf-acpi
uldf-acpi.sources := $(addprefix tools/acpi/,main.c table.c purpose.c)
