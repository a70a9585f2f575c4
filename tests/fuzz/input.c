// SPDX-License-Identifier: MIT
#include "input.h"
#include <stdio.h>
#include <string.h>

size_t input_copy(struct input *input, uint8_t *out, size_t size)
{
	if (size > input->left)
		size = input->left;
	if (size)
		memcpy(out, input->data, size);
	input->data += size;
	input->left -= size;
	return size;
}

uint64_t input_take(struct input *input, unsigned int width)
{
	uint8_t bytes[8] = {0};
	uint64_t value = 0;

	input_copy(input, bytes, width);
	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

int input_write_seed(const char *path, const uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "w");
	int bad;

	if (!file)
		return 1;
	bad = fwrite(data, 1, size, file) != size;
	return fclose(file) || bad;
}
