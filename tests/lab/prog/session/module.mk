# SPDX-License-Identifier: MIT
LABPROGS += lab-session
lab-session.sources := tests/lab/prog/session/main.c
lab-session.uses    := uldf-drivers uldf
