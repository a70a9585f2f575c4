/* SPDX-License-Identifier: MIT */
/* Who uses a disk that may be hostile: requests of every kind, in an order that the fuzzer's bytes choose. */
#ifndef TESTS_FUZZ_DISK_USER_H
#define TESTS_FUZZ_DISK_USER_H

#include <uldf/drivers/disk.h>
#include "input.h"

/**
 * disk_user() - use a disk, then close it
 * @disk: disk
 * @space: space of its device
 * @input: what to do
 *
 * Ends the process when a request completes that was not submitted, or completes twice, or when a call that a
 * loop makes waits for seconds.
 */
void disk_user(struct uldf_disk *disk, struct uldf_space *space, struct input *input);

/**
 * disk_user_options() - options that the fuzzer's bytes choose
 * @input: bytes
 *
 * Return: options; registers are reached by calls.
 */
struct uldf_disk_options disk_user_options(struct input *input);

#endif
