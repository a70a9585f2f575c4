/* SPDX-License-Identifier: MIT */
/* Registers are little-endian whatever this machine is (PCI 3.0 section 6.1). */
#ifndef VPCI_SRC_LITTLE_ENDIAN_H
#define VPCI_SRC_LITTLE_ENDIAN_H

#include <stdint.h>

/**
 * vpci_le_load() - read a register out of bytes
 * @bytes: @width of them
 * @width: 0..8
 *
 * Return: the value.
 */
static inline uint64_t vpci_le_load(const uint8_t *bytes, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

/**
 * vpci_le_store() - write a register into bytes
 * @bytes: @width of them
 * @width: 0..8
 * @value: its lowest @width bytes are stored
 */
static inline void vpci_le_store(uint8_t *bytes, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

#endif
