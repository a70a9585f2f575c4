// SPDX-License-Identifier: MIT
#include "requests.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

static unsigned int powers, stops;
static bool broken;

static json_t *fake_stats(void *host)
{
	return broken ? NULL : json_pack("{s:i}", "version", 7);
}

static json_t *fake_devices(void *host)
{
	return broken ? NULL : json_pack("[s]", "first");
}

static void fake_power(void *host)
{
	powers += *(unsigned int *)host;
}

static void fake_stop(void *host)
{
	stops += *(unsigned int *)host;
}

static const struct vmm_request_ops ops = {fake_stats, fake_devices, fake_power, fake_stop};

static void expect_answer(const char *request, const char *wanted)
{
	unsigned int host = 1;
	char *text = vmm_request_answer(request, strlen(request), &ops, &host);

	cr_assert(ne(ptr, text, NULL));
	cr_expect(eq(str, text, (char *)wanted));
	free(text);
}

Test(requests, have_answers_of_a_line)
{
	expect_answer("{\"command\": \"stats\"}",
		      "{\"version\":1,\"ok\":true,\"stats\":{\"version\":7}}\n");
	expect_answer("{\"command\": \"devices\"}",
		      "{\"version\":1,\"ok\":true,\"devices\":[\"first\"]}\n");
	expect_answer(" {\"command\":\"power\"} ", "{\"version\":1,\"ok\":true}\n");
	cr_expect(eq(uint, powers, 1));
	expect_answer("{\"command\":\"stop\"}", "{\"version\":1,\"ok\":true}\n");
	cr_expect(eq(uint, stops, 1));
}

Test(requests, have_their_id_in_the_answer)
{
	expect_answer("{\"command\":\"power\",\"id\":[1,\"two\"]}",
		      "{\"version\":1,\"ok\":true,\"id\":[1,\"two\"]}\n");
	expect_answer(
		"{\"command\":\"dance\",\"id\":3}",
		"{\"version\":1,\"ok\":false,\"error\":\"there is no command 'dance': there are "
		"stats, devices, power and stop\",\"id\":3}\n");
}

Test(requests, that_are_wrong_do_nothing_and_say_why)
{
	static const struct {
		const char *request;
		const char *error;
	} rows[] = {
		{"", "not JSON"},
		{"stop", "not JSON"},
		{"{\"command\":\"stop\"", "not JSON"},
		{"{\"command\":\"stop\"}{}", "not JSON"},
		{"{\"command\":\"power\",\"command\":\"stop\"}", "not JSON"},
		{"{\"command\":\"stop\xff\"}", "not JSON"},
		{"[]", "a request is an object"},
		{"[\"stop\"]", "a request is an object"},
		{"{\"command\":1}", "a request is an object"},
		{"{\"Command\":\"stop\"}", "a request is an object"},
		{"{\"command\":\"stop \"}", "there is no command 'stop '"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned int host = 1;
		char *text =
			vmm_request_answer(rows[i].request, strlen(rows[i].request), &ops, &host);

		cr_assert(ne(ptr, text, NULL));
		cr_expect(ne(ptr, strstr(text, "\"ok\":false"), NULL), "%s", text);
		cr_expect(ne(ptr, strstr(text, rows[i].error), NULL), "%s", text);
		free(text);
	}
	cr_expect(zero(uint, powers + stops));
}

Test(requests, deep_nesting_is_refused)
{
	char request[4001];
	unsigned int host = 1;
	char *text;

	memset(request, '[', sizeof(request) - 1);
	request[sizeof(request) - 1] = 0;
	text = vmm_request_answer(request, sizeof(request) - 1, &ops, &host);
	cr_assert(ne(ptr, text, NULL));
	cr_expect(ne(ptr, strstr(text, "not JSON"), NULL), "%s", text);
	free(text);
}

Test(requests, what_cannot_be_had_is_said)
{
	broken = true;
	expect_answer("{\"command\":\"stats\"}",
		      "{\"version\":1,\"ok\":false,\"error\":\"stats cannot be had\"}\n");
	expect_answer("{\"command\":\"devices\"}",
		      "{\"version\":1,\"ok\":false,\"error\":\"devices cannot be had\"}\n");
}
