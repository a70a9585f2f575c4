/* SPDX-License-Identifier: MIT */
/* The options in a model's address: "NAME?OPTION=VALUE&OPTION=VALUE". */
#ifndef ULDF_SRC_MODEL_OPTIONS_H
#define ULDF_SRC_MODEL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uldf_ctx;

#define MODEL_OPTIONS 12

struct model_option {
	const char *name;
	const char *value;
};

struct model_options {
	struct uldf_ctx *ctx;
	char *text; /* holds names and values */
	const char *model;
	struct model_option list[MODEL_OPTIONS];
	size_t count;
};

/**
 * model_options_parse() - read what follows "model:" in an address
 * @ctx: context, for the reason of a failure
 * @rest: "NAME" or "NAME?OPTION=VALUE[&OPTION=VALUE]..."; %XX in a value is the character with that
 *	hexadecimal code
 * @out: name and options, freed with model_options_fini(); untouched on failure
 *
 * Return: 0, -EINVAL malformed, an option given twice, or more than MODEL_OPTIONS, -ENOMEM.
 */
int model_options_parse(struct uldf_ctx *ctx, const char *rest, struct model_options *out);

/* Frees what model_options_parse() made. */
void model_options_fini(struct model_options *options);

/**
 * model_options_check() - refuse options that a model does not have
 * @options: options
 * @names: those that it has, ended by NULL
 *
 * Return: 0, -EINVAL.
 */
int model_options_check(const struct model_options *options, const char *const *names);

/**
 * model_option_text() - the value of an option
 * @options: options
 * @name: of it
 *
 * Return: the value, or NULL.
 */
const char *model_option_text(const struct model_options *options, const char *name);

/**
 * model_option_size() - the value of an option as a number of bytes
 * @options: options
 * @name: of it
 * @out: the bytes; untouched when there is no such option, and on failure
 *
 * The value is a decimal number, with K, M, G or T behind it for powers of 1024.
 *
 * Return: 0, -EINVAL.
 */
int model_option_size(const struct model_options *options, const char *name, uint64_t *out);

#endif
