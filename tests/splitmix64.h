/* SPDX-License-Identifier: MIT */
/* Sebastiano Vigna's splitmix64, for programs whose chance a seed repeats. */
#ifndef TESTS_SPLITMIX64_H
#define TESTS_SPLITMIX64_H

#include <stdint.h>

static inline uint64_t splitmix64_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* The next number of the sequence that a state stands for. */
static inline uint64_t splitmix64(uint64_t *state)
{
	return splitmix64_mix(*state += 0x9e3779b97f4a7c15);
}

#endif
