// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>
#include "mounts.h"

/* One word of a line, not NUL-terminated. */
struct word {
	const char *text;
	size_t length;
};

/* Takes the next word of the line at *@text; an empty one at the line's end. */
static struct word word_next(const char **text)
{
	struct word word;

	*text += strspn(*text, " \t");
	word.text = *text;
	word.length = strcspn(*text, " \t\n");
	*text += word.length;
	return word;
}

static bool word_is(struct word word, const char *text)
{
	return strlen(text) == word.length && !memcmp(word.text, text, word.length);
}

static bool word_is_node(struct word word, const char *name)
{
	return word.length > 5 && !memcmp(word.text, "/dev/", 5) &&
	       word_is((struct word){word.text + 5, word.length - 5}, name);
}

static const char *line_next(const char *text)
{
	text += strcspn(text, "\n");
	return *text ? text + 1 : text;
}

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' && text[1] <= '7' &&
	       text[2] >= '0' && text[2] <= '7';
}

/* The kernel writes blanks, newlines and backslashes as \ooo. */
static void word_unescape(struct word word, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < word.length && used + 1 < size; i++) {
		const char *at = word.text + i;

		if (*at == '\\' && word.length - i > 3 && is_octal(at + 1)) {
			out[used++] =
				(char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			i += 3;
		} else {
			out[used++] = *at;
		}
	}
	if (size)
		out[used] = '\0';
}

/* "36 35 98:0 /root /mount/point options [optional]... - type source options" */
static bool mount_is_of(const char *line, const struct mounts_block *block, struct word *point)
{
	unsigned int major, minor;
	struct word word;

	word_next(&line);
	word_next(&line);
	word = word_next(&line);
	if (!word.length || sscanf(word.text, "%u:%u", &major, &minor) != 2)
		return false;
	word_next(&line);
	*point = word_next(&line);
	if (major == block->major && minor == block->minor)
		return true;
	do {
		word = word_next(&line);
	} while (word.length && !word_is(word, "-"));
	word_next(&line);
	return word_is_node(word_next(&line), block->name);
}

bool mounts_find(const char *mountinfo, const struct mounts_block *block, char *path, size_t size)
{
	struct word point;

	for (; *mountinfo; mountinfo = line_next(mountinfo)) {
		if (!mount_is_of(mountinfo, block, &point))
			continue;
		word_unescape(point, path, size);
		return true;
	}
	return false;
}

bool mounts_find_swap(const char *swaps, const char *name)
{
	for (; *swaps; swaps = line_next(swaps)) {
		const char *line = swaps;

		if (word_is_node(word_next(&line), name))
			return true;
	}
	return false;
}

bool mounts_find_route(const char *routes, const char *interface)
{
	for (; *routes; routes = line_next(routes)) {
		const char *line = routes;

		if (word_is(word_next(&line), interface) && word_is(word_next(&line), "00000000"))
			return true;
	}
	return false;
}

/* "destination prefix source prefix next-hop metric references use flags interface" */
bool mounts_find_route6(const char *routes, const char *interface)
{
	for (; *routes; routes = line_next(routes)) {
		const char *line = routes;
		struct word prefix;

		word_next(&line);
		prefix = word_next(&line);
		for (unsigned int i = 0; i < 7; i++)
			word_next(&line);
		if (word_is(prefix, "00") && word_is(word_next(&line), interface))
			return true;
	}
	return false;
}
