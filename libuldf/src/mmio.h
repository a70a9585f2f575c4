/* SPDX-License-Identifier: MIT */
/* One access of one width to a mapped register. */
#ifndef ULDF_SRC_MMIO_H
#define ULDF_SRC_MMIO_H

#include <endian.h>
#include <stdint.h>

static inline uint64_t mmio_read(const volatile void *at, unsigned int width)
{
	switch (width) {
	case 1:
		return *(const volatile uint8_t *)at;
	case 2:
		return le16toh(*(const volatile uint16_t *)at);
	case 4:
		return le32toh(*(const volatile uint32_t *)at);
	default:
		return le64toh(*(const volatile uint64_t *)at);
	}
}

static inline void mmio_write(volatile void *at, unsigned int width, uint64_t value)
{
	switch (width) {
	case 1:
		*(volatile uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)at = htole16((uint16_t)value);
		break;
	case 4:
		*(volatile uint32_t *)at = htole32((uint32_t)value);
		break;
	default:
		*(volatile uint64_t *)at = htole64(value);
		break;
	}
}

#endif
