/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for what reset a device. Pure. */
#ifndef TOOLS_ULDFCTL_RESET_HOW_H
#define TOOLS_ULDFCTL_RESET_HOW_H

#include <uldf.h>

/* For people: "reset (FLR)", "not reset". */
const char *reset_how_text(enum uldf_reset how);

/* For programs: "flr", "none"; NULL for a number that is no enum uldf_reset. */
const char *reset_how_word(uint64_t how);

#endif
