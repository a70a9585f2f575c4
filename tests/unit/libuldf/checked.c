// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "checked.h"

void checked_found(const struct uldf_check_finding *finding, void *arg)
{
	struct checked *c = arg;

	c->found++;
	c->kind = finding->kind;
	snprintf(c->text, sizeof(c->text), "%s", finding->text);
	if (finding->made_depth)
		memcpy(c->made, finding->made, finding->made_depth * sizeof(void *));
	c->made_depth = finding->made_depth;
	snprintf(c->call_at, sizeof(c->call_at), "%s", finding->call_at ? finding->call_at : "");
	snprintf(c->made_at, sizeof(c->made_at), "%s", finding->made_at ? finding->made_at : "");
	cr_expect(eq(int, !finding->call_depth, finding->kind == ULDF_CHECK_NO_MASTER));
}

void checked_init(struct checked *c)
{
	memset(c, 0, sizeof(*c));
	wrapped_init(&c->w, &check_backend, check_wrap, NULL);
	cr_assert(eq(int, uldf_check_report(c->w.device, checked_found, c), 0));
	cr_assert(eq(int, uldf_space_create(c->w.device, &c->space), 0));
	cr_assert(eq(int, uldf_device_attach(c->w.device, c->space), 0));
	c->pages = engine_pages(4);
	cr_assert(eq(int,
		     uldf_memory_register(c->space, c->pages, 4 * PAGE, ULDF_DMA_BOTH, &c->memory),
		     0));
}

void checked_fini(struct checked *c)
{
	cr_expect(eq(int, uldf_memory_unregister(c->memory), 0));
	cr_expect(eq(int, uldf_device_detach(c->w.device), 0));
	uldf_space_destroy(c->space);
	munmap(c->pages, 4 * PAGE);
	wrapped_fini(&c->w);
}

void checked_expect(const struct checked *c, enum uldf_check_kind kind, const char *text)
{
	cr_expect(eq(uint, c->found, 1), "found %u, the last '%s'", c->found, c->text);
	cr_expect(eq(int, c->kind, kind), "found '%s'", c->text);
	cr_expect(strstr(c->text, text) != NULL, "'%s', expected in it '%s'", c->text, text);
}

int checked_map(struct checked *c, uint64_t address, uint64_t size)
{
	const struct uldf_mapping piece = {c->memory, 0, address, size, ULDF_DMA_BOTH};

	return uldf_space_map(c->space, &piece, 1);
}

int checked_unmap(struct checked *c, uint64_t address, uint64_t size)
{
	const struct uldf_mapping piece = {.address = address, .size = size};

	return uldf_space_unmap(c->space, &piece, 1);
}
