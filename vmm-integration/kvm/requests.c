// SPDX-License-Identifier: MIT
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *refuse(const char *format, const char *what)
{
	return json_pack("{s:i, s:b, s:o}", "version", 1, "ok", 0, "error",
			 json_sprintf(format, what));
}

static json_t *succeed(void)
{
	return json_pack("{s:i, s:b}", "version", 1, "ok", 1);
}

/* An answer that has a member; takes over the reference. */
static json_t *tell(const char *name, json_t *member)
{
	if (!member)
		return refuse("%s cannot be had", name);
	return json_pack("{s:i, s:b, s:o}", "version", 1, "ok", 1, name, member);
}

static json_t *run(const char *command, const struct vmm_request_ops *ops, void *host)
{
	if (!strcmp(command, "stats"))
		return tell("stats", ops->stats(host));
	if (!strcmp(command, "devices"))
		return tell("devices", ops->devices(host));
	if (!strcmp(command, "power"))
		ops->power(host);
	else if (!strcmp(command, "stop"))
		ops->stop(host);
	else
		return refuse("there is no command '%s': there are stats, devices, power and stop",
			      command);
	return succeed();
}

static json_t *answer(const json_t *request, const struct vmm_request_ops *ops, void *host)
{
	const char *command = json_string_value(json_object_get(request, "command"));
	json_t *id = json_object_get(request, "id");
	json_t *result;

	if (!command)
		return refuse("%s", "a request is an object with the member \"command\", a string");
	result = run(command, ops, host);
	if (result && id && json_object_set(result, "id", id)) {
		json_decref(result);
		result = NULL;
	}
	return result;
}

static char *write_line(const json_t *result)
{
	char *text = json_dumps(result, JSON_COMPACT), *line = NULL;

	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

char *vmm_request_answer(const char *line, size_t length, const struct vmm_request_ops *ops,
			 void *host)
{
	json_error_t error;
	json_t *request, *result;
	char *text = NULL;

	request = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	result = request ? answer(request, ops, host) : refuse("not JSON: %s", error.text);
	if (result)
		text = write_line(result);
	json_decref(result);
	json_decref(request);
	return text;
}
