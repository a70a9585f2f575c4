/* SPDX-License-Identifier: MIT */
/* The bytes that libFuzzer gives, taken one after the other; behind their end are zeros. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
	const uint8_t *data;
	size_t left;
};

/**
 * input_take() - take a number
 * @input: bytes
 * @width: how many of them, 1..8, little-endian
 *
 * Return: the number.
 */
uint64_t input_take(struct input *input, unsigned int width);

/**
 * input_copy() - take bytes
 * @input: bytes
 * @out: where they go
 * @size: the most of them
 *
 * Return: how many were left to be copied, up to @size.
 */
size_t input_copy(struct input *input, uint8_t *out, size_t size);

/**
 * input_write_seed() - write a file to begin with
 * @path: file
 * @data: its bytes
 * @size: how many
 *
 * Return: 0, or 1 when it could not be written: an exit status.
 */
int input_write_seed(const char *path, const uint8_t *data, size_t size);

#endif
