// SPDX-License-Identifier: GPL-2.0-or-later
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include "output.h"
#include "verbs.h"

const char *argp_program_version = "uldfctl " ULDF_VERSION;

enum {
	KEY_ALL = 'a',
	KEY_JSON = 'j',
	KEY_DRY_RUN = 'n',
	KEY_GROUP = 'g',
	KEY_UNBIND = 'u',
	KEY_FORCE = 'f',
	KEY_NO_REPROBE = 0x100,
	KEY_CHROME,
	KEY_MEMORY,
	KEY_COUNT,
};

#define OPTION_JSON                                            \
	{                                                      \
		"json", KEY_JSON, NULL, 0, "Answer in JSON", 0 \
	}
#define OPTION_DRY_RUN                                                            \
	{                                                                         \
		"dry-run", KEY_DRY_RUN, NULL, 0, "Only say what would be done", 0 \
	}

static error_t parse_verb(int key, char *arg, struct argp_state *state);

static const struct argp_option list_options[] = {
	{"all", KEY_ALL, NULL, 0, "Bridges too", 0},
	OPTION_JSON,
	{0},
};

static const struct argp list_argp = {
	.options = list_options,
	.parser = parse_verb,
	.args_doc = "[ADDRESS...]",
	.doc = "List PCI devices: what they are, who holds them, and whether they can be claimed.",
};

static const struct argp_option claim_options[] = {
	{"unbind", KEY_UNBIND, NULL, 0,
	 "Take the device from its driver first; refused while the host uses it, or where that "
	 "cannot be told",
	 0},
	{"force", KEY_FORCE, NULL, 0, "Take a device in use all the same, and say what is lost", 0},
	{"group", KEY_GROUP, NULL, 0, "With all that shares its IOMMU group, bridges left out", 0},
	OPTION_DRY_RUN,
	OPTION_JSON,
	{0},
};

static const struct argp claim_argp = {
	.options = claim_options,
	.parser = parse_verb,
	.args_doc = "ADDRESS...",
	.doc = "Claim devices that no host driver holds: all of them, or none.",
};

static const struct argp_option release_options[] = {
	{"no-reprobe", KEY_NO_REPROBE, NULL, 0, "Do not let the host's drivers take it again", 0},
	{"force", KEY_FORCE, NULL, 0, "Also what a program or a guest has open", 0},
	{"group", KEY_GROUP, NULL, 0, "With all that is claimed of its IOMMU group", 0},
	OPTION_DRY_RUN,
	OPTION_JSON,
	{0},
};

static const struct argp release_argp = {
	.options = release_options,
	.parser = parse_verb,
	.args_doc = "ADDRESS...",
	.doc = "Give claimed devices back to the host, reset.",
};

static const struct argp_option why_options[] = {
	{"memory", KEY_MEMORY, "MIB", 0, "How much RAM the guest is to have; 1024 without it", 0},
	OPTION_JSON,
	{0},
};

static const struct argp why_argp = {
	.options = why_options,
	.parser = parse_verb,
	.args_doc = "ADDRESS...",
	.doc = "Say whether a device can be given to a program and to a guest; if not, what is in "
	       "the "
	       "way, and what ends that.",
};

static const struct argp_option show_options[] = {
	OPTION_JSON,
	{0},
};

static const struct argp show_argp = {
	.options = show_options,
	.parser = parse_verb,
	.args_doc = "ADDRESS...",
	.doc = "Show what is known of a device, claimed or not: what it is, its regions, vectors "
	       "and resets, "
	       "its IOMMU group, who holds it and who has it open.",
};

static const struct argp_option peek_options[] = {
	{"count", KEY_COUNT, "N", 0, "Read N registers, one after the other", 0},
	OPTION_JSON,
	{0},
};

static const struct argp peek_argp = {
	.options = peek_options,
	.parser = parse_verb,
	.args_doc = "ADDRESS REGION OFFSET [WIDTH]",
	.doc = "Read registers of a claimed device that nobody has open; configuration space of "
	       "any.\v"
	       "REGION is config, bar0 to bar5 or rom. OFFSET is a number, and in config also the "
	       "name of a register: command, cap_exp+8, ecap_aer+4. WIDTH is 1, 2, 4 or 8 bytes, "
	       "else that of the register, or 4. A claimed device is opened and closed as by any "
	       "driver, and closing resets it as far as anything does.",
};

static const struct argp_option poke_options[] = {
	OPTION_DRY_RUN,
	OPTION_JSON,
	{0},
};

static const struct argp poke_argp = {
	.options = poke_options,
	.parser = parse_verb,
	.args_doc = "ADDRESS REGION OFFSET VALUE [WIDTH]",
	.doc = "Write a register of a claimed device that nobody has open.\v"
	       "REGION, OFFSET and WIDTH are those of 'uldfctl peek'. A register of configuration "
	       "space is read back. The device is closed then, which resets it as far as anything "
	       "does: what was written lasts only where nothing resets it.",
};

static const struct argp_option reset_options[] = {
	OPTION_DRY_RUN,
	OPTION_JSON,
	{0},
};

static const struct argp reset_argp = {
	.options = reset_options,
	.parser = parse_verb,
	.args_doc = "ADDRESS...",
	.doc = "Reset claimed devices that nobody has open, and say by which method.",
};

static const struct argp_option trace_options[] = {
	{"chrome", KEY_CHROME, "OUT", 0,
	 "Write a trace that chrome://tracing and Perfetto read, instead of printing", 0},
	OPTION_JSON,
	{0},
};

static const struct argp trace_argp = {
	.options = trace_options,
	.parser = parse_verb,
	.args_doc = "FILE",
	.doc = "Print a recording: what went on between a driver and the device that it opened as "
	       "record=FILE:ADDRESS.",
};

/* For people. */
#define VERBS "list, show, why, claim, release, peek, poke, reset or trace"

/* What the words behind a verb and its options are. */
enum operand {
	OPERAND_NONE,
	OPERAND_ANY_ADDRESSES, /* none is all */
	OPERAND_ADDRESSES,
	OPERAND_READ,  /* a device, a region, an offset, a width */
	OPERAND_WRITE, /* the same, with a value */
	OPERAND_FILE,
};

static const struct {
	struct verb verb;
	const struct argp *argp;
	const char *full_name; /* for the usage text */
	enum operand operand;
} verbs[] = {
	{{"list", verb_list}, &list_argp, "uldfctl list", OPERAND_ANY_ADDRESSES},
	{{"show", verb_show}, &show_argp, "uldfctl show", OPERAND_ADDRESSES},
	{{"claim", verb_claim}, &claim_argp, "uldfctl claim", OPERAND_ADDRESSES},
	{{"release", verb_release}, &release_argp, "uldfctl release", OPERAND_ADDRESSES},
	{{"why", verb_why}, &why_argp, "uldfctl why", OPERAND_ADDRESSES},
	{{"peek", verb_peek}, &peek_argp, "uldfctl peek", OPERAND_READ},
	{{"poke", verb_poke}, &poke_argp, "uldfctl poke", OPERAND_WRITE},
	{{"reset", verb_reset}, &reset_argp, "uldfctl reset", OPERAND_ADDRESSES},
	{{"trace", verb_trace}, &trace_argp, "uldfctl trace", OPERAND_FILE},
};

bool address_equal(const struct uldf_address *a, const struct uldf_address *b)
{
	return a->segment == b->segment && a->bus == b->bus && a->device == b->device &&
	       a->function == b->function;
}

static void add_address(struct arguments *arguments, const char *text, struct argp_state *state)
{
	struct uldf_address *more;

	more = reallocarray(arguments->addresses, arguments->count + 1, sizeof(*more));
	if (!more) {
		argp_failure(state, OUTPUT_FAILED, 0, "out of memory");
		return;
	}
	arguments->addresses = more;
	if (uldf_address_parse(text, &more[arguments->count]))
		argp_error(state, "%s: not an address such as 0000:00:06.0", text);
	for (size_t i = 0; i < arguments->count; i++)
		if (address_equal(&more[i], &more[arguments->count]))
			argp_error(state, "%s: named twice", text);
	arguments->count++;
}

static enum operand operand_of(const struct verb *verb)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verb == &verbs[i].verb)
			return verbs[i].operand;
	return OPERAND_NONE;
}

static void add_access_word(struct arguments *arguments, const char *text, struct argp_state *state)
{
	const char *wrong = access_take(&arguments->access, arguments->words++, text,
					operand_of(arguments->verb) == OPERAND_WRITE);

	if (wrong)
		argp_error(state, "%s: %s", text, wrong);
}

static error_t add_operand(struct arguments *arguments, char *text, struct argp_state *state)
{
	switch (operand_of(arguments->verb)) {
	case OPERAND_ANY_ADDRESSES:
	case OPERAND_ADDRESSES:
		add_address(arguments, text, state);
		return 0;
	case OPERAND_READ:
	case OPERAND_WRITE:
		add_access_word(arguments, text, state);
		return 0;
	case OPERAND_FILE:
		if (arguments->file)
			argp_error(state, "%s: one file at a time", text);
		arguments->file = text;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void add_memory(struct arguments *arguments, const char *text, struct argp_state *state)
{
	char *end;

	arguments->memory = strtoull(text, &end, 10);
	if (end == text || *end || !arguments->memory || arguments->memory >> 40)
		argp_error(state, "%s: not a number of MiB", text);
}

static void add_count(struct arguments *arguments, const char *text, struct argp_state *state)
{
	uint64_t count;

	if (!place_number(text, &count) || !count || count > ACCESS_COUNT_MOST)
		argp_error(state, "%s: not a number from 1 to %d", text, ACCESS_COUNT_MOST);
	arguments->access.count = count;
}

/* What is missing at the end of the line. */
static void check_operands(struct arguments *arguments, struct argp_state *state)
{
	enum operand operand = operand_of(arguments->verb);
	const char *wrong;

	if (operand == OPERAND_ADDRESSES && !arguments->count)
		argp_error(state, "say which devices: see uldfctl list");
	if (operand == OPERAND_FILE && !arguments->file)
		argp_error(state, "say which file");
	if (operand != OPERAND_READ && operand != OPERAND_WRITE)
		return;
	wrong = access_finish(&arguments->access, arguments->words, operand == OPERAND_WRITE);
	if (wrong)
		argp_error(state, "%s", wrong);
}

static error_t parse_verb(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_ALL:
		arguments->all = true;
		return 0;
	case KEY_JSON:
		arguments->json = true;
		return 0;
	case KEY_DRY_RUN:
		arguments->dry_run = true;
		return 0;
	case KEY_GROUP:
		arguments->group = true;
		return 0;
	case KEY_UNBIND:
		arguments->unbind = true;
		return 0;
	case KEY_FORCE:
		arguments->force = true;
		return 0;
	case KEY_NO_REPROBE:
		arguments->reprobe = false;
		return 0;
	case KEY_MEMORY:
		add_memory(arguments, arg, state);
		return 0;
	case KEY_COUNT:
		add_count(arguments, arg, state);
		return 0;
	case KEY_CHROME:
		arguments->chrome = arg;
		return 0;
	case ARGP_KEY_ARG:
		return add_operand(arguments, arg, state);
	case ARGP_KEY_END:
		check_operands(arguments, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* The verb's own options and arguments are all that follows it. */
static error_t parse_main(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
			if (strcmp(arg, verbs[i].verb.name))
				continue;
			arguments->verb = &verbs[i].verb;
			state->argv[state->next - 1] = (char *)verbs[i].full_name;
			argp_parse(verbs[i].argp, state->argc - state->next + 1,
				   state->argv + state->next - 1, 0, NULL, arguments);
			state->next = state->argc;
			return 0;
		}
		argp_error(state, "%s: say " VERBS, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "say what to do: " VERBS);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp main_argp = {
	.parser = parse_main,
	.args_doc =
		"list|show|why|claim|release|peek|poke|reset|trace [OPTION...] [ADDRESS...|FILE]",
	.doc = "Hand PCI devices of this host to programs and guests, and take them back.\v"
	       "  list [--all] [--json] [ADDRESS...]\n"
	       "  show [--json] ADDRESS...\n"
	       "  why [--memory MIB] [--json] ADDRESS...\n"
	       "  claim [--unbind [--force]] [--group] [--dry-run] [--json] ADDRESS...\n"
	       "  release [--no-reprobe] [--force] [--group] [--dry-run] [--json] ADDRESS...\n"
	       "  peek [--count N] [--json] ADDRESS REGION OFFSET [WIDTH]\n"
	       "  poke [--dry-run] [--json] ADDRESS REGION OFFSET VALUE [WIDTH]\n"
	       "  reset [--dry-run] [--json] ADDRESS...\n"
	       "  trace [--json] [--chrome OUT] FILE\n\n"
	       "An ADDRESS is dddd:bb:dd.f or bb:dd.f. 'uldfctl VERB --help' explains a verb.\n\n"
	       "Exit status:\n"
	       "  0  done\n"
	       "  1  failed otherwise\n"
	       "  3  no such device, or not claimed\n"
	       "  4  held by a driver, in use, open, claimed already, a bridge, not alone in its "
	       "IOMMU "
	       "group, or taken by uldf again\n"
	       "  5  no permission, or policy\n"
	       "  6  uldf.ko is not loaded\n"
	       "  64 the command line is wrong",
};

void arguments_init(struct arguments *arguments, int argc, char **argv)
{
	*arguments = (struct arguments){.reprobe = true, .access = {.count = 1}};
	argp_err_exit_status = OUTPUT_USAGE;
	argp_parse(&main_argp, argc, argv, ARGP_IN_ORDER, NULL, arguments);
}

void arguments_fini(struct arguments *arguments)
{
	free(arguments->addresses);
}
