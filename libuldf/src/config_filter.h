/* SPDX-License-Identifier: MIT */
/*
 * Which bits of a device's configuration space are its holder's to write, for backends whose kernel
 * driver leaves more open than that. Pure.
 */
#ifndef ULDF_SRC_CONFIG_FILTER_H
#define ULDF_SRC_CONFIG_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_FILTERED 256 /* above, in the extended capabilities, nothing is the holder's */

/**
 * struct config_filter - what each bit does when it is written
 * @open: it takes the value
 * @clear: it is cleared by writing 1
 */
struct config_filter {
	uint8_t open[CONFIG_FILTERED];
	uint8_t clear[CONFIG_FILTERED];
};

/**
 * config_filter_init() - make a filter for a device
 * @filter: the filter; bus mastering is closed
 * @config: the configuration space of a function with a type 0 header, as read from it
 */
void config_filter_init(struct config_filter *filter, const uint8_t config[CONFIG_FILTERED]);

/**
 * config_filter_master() - open or close the bus master bit
 * @filter: the filter
 * @open: whether the holder may switch it
 */
void config_filter_master(struct config_filter *filter, bool open);

/**
 * config_filter_byte() - what to write to one byte
 * @filter: the filter
 * @offset: of the byte
 * @old: what the byte is
 * @wanted: what the holder wants it to be
 * @out: what to write; untouched when nothing is to be written
 *
 * Return: true when something is to be written.
 */
bool config_filter_byte(const struct config_filter *filter, unsigned int offset, uint8_t old,
			uint8_t wanted, uint8_t *out);

#endif
