/* SPDX-License-Identifier: MIT */
/* A device that answers each call and writes memory when told: what a seed is recorded with. */
#ifndef TESTS_FUZZ_SEED_H
#define TESTS_FUZZ_SEED_H

/**
 * seed_record() - record the careless driver's session with such a device
 * @path: file
 *
 * Return: 0, or why not, a negative errno.
 */
int seed_record(const char *path);

#endif
