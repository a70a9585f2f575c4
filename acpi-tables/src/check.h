/* SPDX-License-Identifier: MIT */
/*
 * Is the platform one that tables can describe? All of its numbers are untrusted until these said 0.
 * Failures are -EINVAL or -E2BIG, with the reason as a static text.
 */
#ifndef ACPI_TABLES_CHECK_H
#define ACPI_TABLES_CHECK_H

#include <errno.h>
#include <stdint.h>

#include <acpi/platform.h>

/* Everything about a platform: what this header's other functions look at included. */
int acpi_check_platform(const struct acpi_platform *p, const char **reason);

/* Segment numbers, bus ranges, ECAM, each window and route by itself (check-segment.c). */
int acpi_check_segments(const struct acpi_platform *p, const char **reason);

/* The virtio-iommu, if there is one; segments are known to be good (check-viommu.c). */
int acpi_check_viommu(const struct acpi_platform *p, const char **reason);

/* Memory against memory, windows of ports against each other, devices' ports likewise (overlap.c). */
int acpi_check_overlaps(const struct acpi_platform *p, const char **reason);

static inline int acpi_refuse(const char **reason, int error, const char *text)
{
	*reason = text;
	return error;
}

/* 0 if @n elements at @array are there and not more than @max. */
static inline int acpi_check_count(const void *array, size_t n, size_t max)
{
	return n > max ? -E2BIG : n && !array ? -EINVAL : 0;
}

#endif
