/* SPDX-License-Identifier: MIT */
/* A driver that goes on whatever fails: what is played back to it may be anything. */
#ifndef TESTS_FUZZ_CARELESS_H
#define TESTS_FUZZ_CARELESS_H

#include <uldf.h>

/* Drives a device, and closes it. */
void careless_drive(struct uldf_device *device);

#endif
