// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ctx.h"
#include "model/options.h"

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)tolower((unsigned char)digit);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Replaces each %XX in place. */
static int value_decode(char *value)
{
	char *to = value;

	for (const char *from = value; *from; from++, to++) {
		int high, low;

		*to = *from;
		if (*from != '%')
			continue;
		high = hex_value(from[1]);
		low = high < 0 ? -1 : hex_value(from[2]);
		if (low < 0 || !(high | low))
			return -EINVAL;
		*to = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return 0;
}

static int option_add(struct model_options *options, char *text)
{
	struct model_option *option = &options->list[options->count];
	char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return ctx_fail(options->ctx, -EINVAL,
				"model:%s: '%s' is no option: an option is NAME=VALUE, with & "
				"before the next one",
				options->model, text);
	*equals = '\0';
	if (model_option_text(options, text))
		return ctx_fail(options->ctx, -EINVAL, "model:%s: option %s is given twice",
				options->model, text);
	if (options->count == MODEL_OPTIONS)
		return ctx_fail(options->ctx, -EINVAL, "model:%s: more than %d options",
				options->model, MODEL_OPTIONS);
	if (value_decode(equals + 1))
		return ctx_fail(options->ctx, -EINVAL,
				"model:%s: option %s: %% stands before two hexadecimal digits that "
				"are not 00; write %%25 for %% itself",
				options->model, text);
	*option = (struct model_option){.name = text, .value = equals + 1};
	options->count++;
	return 0;
}

int model_options_parse(struct uldf_ctx *ctx, const char *rest, struct model_options *out)
{
	struct model_options options = {.ctx = ctx, .text = strdup(rest)};
	char *next, *text;
	int err = 0;

	if (!options.text)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	options.model = options.text;
	next = strchr(options.text, '?');
	if (next)
		*next++ = '\0';
	while (!err && (text = strsep(&next, "&")))
		err = option_add(&options, text);
	if (err) {
		free(options.text);
		return err;
	}
	*out = options;
	return 0;
}

void model_options_fini(struct model_options *options)
{
	free(options->text);
}

static bool name_is_known(const char *name, const char *const *names)
{
	while (*names)
		if (!strcmp(*names++, name))
			return true;
	return false;
}

/* "file, size and serial" */
static void names_join(const char *const *names, char *text, size_t size)
{
	size_t used = 0;

	snprintf(text, size, "no options");
	for (size_t i = 0; names[i] && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 !i		? ""
					 : names[i + 1] ? ", "
							: " and ",
					 names[i]);
}

int model_options_check(const struct model_options *options, const char *const *names)
{
	char known[128];

	for (size_t i = 0; i < options->count; i++) {
		if (name_is_known(options->list[i].name, names))
			continue;
		names_join(names, known, sizeof(known));
		return ctx_fail(options->ctx, -EINVAL, "model:%s: no option %s: it has %s",
				options->model, options->list[i].name, known);
	}
	return 0;
}

const char *model_option_text(const struct model_options *options, const char *name)
{
	for (size_t i = 0; i < options->count; i++)
		if (!strcmp(options->list[i].name, name))
			return options->list[i].value;
	return NULL;
}

int model_option_size(const struct model_options *options, const char *name, uint64_t *out)
{
	static const char units[] = "KMGT";
	const char *text = model_option_text(options, name), *unit;
	uint64_t value;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (!isdigit((unsigned char)*text) || errno || (*end && (!unit || end[1])) ||
	    (unit && __builtin_mul_overflow(value, UINT64_C(1) << 10 * (unit - units + 1), &value)))
		return ctx_fail(options->ctx, -EINVAL,
				"model:%s: option %s: '%s' is no size: a number of bytes, or one "
				"with K, M, G or T",
				options->model, name, text);
	*out = value;
	return 0;
}
