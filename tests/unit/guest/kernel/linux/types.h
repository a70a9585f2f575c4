/* SPDX-License-Identifier: MIT */
#ifndef UNIT_GUEST_TYPES_H
#define UNIT_GUEST_TYPES_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t s64;
typedef unsigned int gfp_t;

#endif
