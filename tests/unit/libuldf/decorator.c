// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "check/checker.h"
#include "engine.h"
#include "fake.h"
#include "fault/fault.h"
#include "record/recorder.h"

TestSuite(decorator, .fini = fixture_check_leaks);

Test(decorator, tables_lack_no_op)
{
	static const struct uldf_backend_ops *const tables[] = {&record_backend, &check_backend,
								&fault_backend, &replay_backend};
	/* Behind the name and what precedes the ops there are only pointers to functions. */
	const size_t first = offsetof(struct uldf_backend_ops, open) / sizeof(void *);
	/* Who asks for faults looks for the backend that tells of them. */
	const size_t fault = offsetof(struct uldf_backend_ops, dma_fault) / sizeof(void *);
	/* Decorators see each range by itself. */
	const size_t ranges = offsetof(struct uldf_backend_ops, unmap_ranges) / sizeof(void *);

	for (size_t i = 0; i < 4; i++) {
		void *const *op = (void *const *)tables[i];

		for (size_t j = first; j < sizeof(*tables[i]) / sizeof(void *); j++)
			cr_expect(op[j] != NULL || j == fault || j == ranges, "%s lacks op %zu",
				  tables[i]->name, j - first);
	}
}

/* Ops that a driver seldom needs: they pass, or are refused on purpose. */
Test(decorator, each_passes_virtual_functions_on_and_parts_of_regions_or_says_why_not)
{
	static const struct {
		const struct uldf_backend_ops *ops;
		int (*wrap)(struct uldf_device *outer, struct uldf_device *inner,
			    const char *value);
		const char *value;
		int map;
		const char *reason;
	} cases[] = {
		{&record_backend, record_wrap, "/dev/null", -ENOTSUP, "by a descriptor would pass"},
		{&check_backend, check_wrap, NULL, 0, ""},
		{&fault_backend, fault_wrap, "1,lost=0", -ENOTSUP, "by a descriptor would pass"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wrapped w;
		struct uldf_memory *memory = NULL;
		struct uldf_space *space;
		void *bar;
		int fd = -1;

		wrapped_init(&w, cases[i].ops, cases[i].wrap, cases[i].value);
		cr_expect(eq(int, uldf_device_functions(w.device, 3), 0), "case %zu", i);
		cr_expect(eq(uint, engine.functions, 3), "case %zu", i);
		cr_expect(eq(int, uldf_device_functions(w.device, 0), 0), "case %zu", i);
		cr_expect(eq(int, uldf_region_fd(w.device, 0, 0, PAGE, false, &fd), cases[i].map),
			  "case %zu", i);
		cr_expect(eq(int, fd, cases[i].map ? -1 : ENGINE_FD), "case %zu", i);
		/* Also of a caller that was not refused before. */
		cr_expect(eq(int, cases[i].ops->region_fd(w.device, 0, 0, PAGE, false, &fd),
			     cases[i].map),
			  "case %zu", i);
		if (cases[i].map)
			engine_expect_reason(w.ctx, cases[i].reason);
		cr_expect(eq(int, uldf_region_map(w.device, 0, 0, PAGE, &bar), cases[i].map),
			  "case %zu", i);
		if (!cases[i].map)
			uldf_region_unmap(w.device, bar, PAGE);
		cr_assert(eq(int, uldf_space_create(w.device, &space), 0));
		cr_expect(eq(int, uldf_memory_register_region(space, w.device, 0, 0, PAGE, &memory),
			     cases[i].map),
			  "case %zu", i);
		if (cases[i].map) {
			cr_expect(eq(int,
				     cases[i].ops->memory_region(space, memory, w.device, 0, 0),
				     cases[i].map));
			engine_expect_reason(w.ctx, "accesses by other devices would pass");
		}
		cr_expect(eq(int, uldf_memory_unregister(memory), 0), "case %zu", i);
		uldf_space_destroy(space);
		wrapped_fini(&w);
	}
}

/* The decorators, and what each is given. */
static const struct {
	const struct uldf_backend_ops *ops;
	int (*wrap)(struct uldf_device *outer, struct uldf_device *inner, const char *value);
	const char *value;
} decorators[] = {
	{&record_backend, record_wrap, "/dev/null"},
	{&check_backend, check_wrap, NULL},
	{&fault_backend, fault_wrap, "1,lost=0"},
};

#define DECORATORS (sizeof(decorators) / sizeof(decorators[0]))

/* A decorated device in a space with a page of memory. */
struct placed {
	struct wrapped w;
	struct uldf_space *space;
	struct uldf_memory *memory;
	uint8_t *page;
};

static void placed_init(struct placed *p, size_t decorator)
{
	wrapped_init(&p->w, decorators[decorator].ops, decorators[decorator].wrap,
		     decorators[decorator].value);
	p->page = engine_pages(1);
	cr_assert(eq(int, uldf_space_create(p->w.device, &p->space), 0));
	cr_assert(eq(int, uldf_device_attach(p->w.device, p->space), 0));
	cr_assert(eq(int, uldf_memory_register(p->space, p->page, PAGE, ULDF_DMA_BOTH, &p->memory),
		     0));
}

static void placed_fini(struct placed *p)
{
	cr_expect(eq(int, uldf_memory_unregister(p->memory), 0));
	cr_expect(eq(int, uldf_device_detach(p->w.device), 0));
	uldf_space_destroy(p->space);
	munmap(p->page, PAGE);
	wrapped_fini(&p->w);
}

static int map_at(struct uldf_space *space, struct uldf_memory *memory, uint64_t address)
{
	const struct uldf_mapping piece = {memory, 0, address, PAGE, ULDF_DMA_BOTH};

	return uldf_space_map(space, &piece, 1);
}

Test(decorator, each_passes_ranges_to_unmap_on)
{
	for (size_t i = 0; i < DECORATORS; i++) {
		struct uldf_unmapped unmapped = {};
		struct placed p;

		placed_init(&p, i);
		cr_expect(eq(int, map_at(p.space, p.memory, 0x1000), 0), "case %zu", i);
		cr_expect(eq(int, map_at(p.space, p.memory, 0x5000), 0), "case %zu", i);
		cr_expect(eq(int, uldf_space_unmap_range(p.space, 0, 0x4fff, &unmapped), 0),
			  "case %zu", i);
		cr_expect(unmapped.mappings == 1 && unmapped.bytes == PAGE, "case %zu", i);
		cr_expect(eq(int, uldf_memory_unregister(p.memory), -EBUSY), "case %zu", i);
		cr_expect(eq(int, uldf_space_unmap_range(p.space, 0, UINT64_MAX, NULL), 0),
			  "case %zu", i);
		placed_fini(&p);
	}
}

Test(decorator, each_shares_memory_between_spaces_of_its_device)
{
	for (size_t i = 0; i < DECORATORS; i++) {
		struct uldf_memory *shared, *none = (void *)0x1234;
		struct uldf_space *other;
		struct placed p;

		placed_init(&p, i);
		cr_assert(eq(int, uldf_space_create(p.w.device, &other), 0));
		cr_assert(eq(int, uldf_memory_share(p.memory, other, &shared), 0), "case %zu", i);
		cr_expect(eq(int, uldf_memory_share(shared, p.space, &none), -EEXIST));
		cr_expect(eq(ptr, none, (void *)0x1234));
		cr_expect(eq(int, map_at(other, shared, 0x1000), 0), "case %zu", i);
		cr_expect(eq(int, map_at(p.space, p.memory, 0x1000), 0), "case %zu", i);
		cr_expect(eq(int, uldf_space_unmap_range(p.space, 0, UINT64_MAX, NULL), 0));
		cr_expect(eq(int, uldf_memory_unregister(shared), -EBUSY), "case %zu", i);
		cr_expect(eq(int, uldf_space_unmap_range(other, 0, UINT64_MAX, NULL), 0));
		cr_expect(eq(int, uldf_memory_unregister(shared), 0), "case %zu", i);
		uldf_space_destroy(other);
		placed_fini(&p);
	}
}

Test(decorator, each_moves_its_device)
{
	for (size_t i = 0; i < DECORATORS; i++) {
		struct uldf_space *other;
		struct placed p;

		placed_init(&p, i);
		cr_assert(eq(int, uldf_space_create(p.w.device, &other), 0));
		cr_expect(eq(int, uldf_device_move(p.w.device, p.space), -EBUSY), "case %zu", i);
		cr_expect(eq(int, uldf_device_move(p.w.device, other), 0), "case %zu", i);
		cr_expect(eq(int, uldf_device_move(p.w.device, other), -EBUSY), "case %zu", i);
		cr_expect(eq(int, uldf_device_move(p.w.device, p.space), 0), "case %zu", i);
		uldf_space_destroy(other);
		placed_fini(&p);
	}
}

Test(decorator, each_revokes_spaces)
{
	for (size_t i = 0; i < DECORATORS; i++) {
		struct uldf_buffer *buffer;
		struct uldf_dma *dma;
		struct placed p;

		placed_init(&p, i);
		cr_assert(eq(int, uldf_dma_map(p.memory, 0, 1, ULDF_DMA_BOTH, &dma), 0));
		cr_assert(eq(int, uldf_buffer_create(p.space, PAGE, &buffer), 0));
		cr_expect(eq(int, map_at(p.space, p.memory, 0x1000), 0), "case %zu", i);
		cr_expect(eq(int, uldf_space_revoke(p.space), 0), "case %zu", i);
		cr_expect(eq(ptr, (void *)engine_reach(), NULL), "case %zu", i);
		cr_expect(eq(int, map_at(p.space, p.memory, 0x1000), -ESHUTDOWN), "case %zu", i);
		cr_expect(eq(int, uldf_space_revoke(p.space), 0), "case %zu", i);
		uldf_dma_unmap(dma);
		uldf_buffer_destroy(buffer);
		placed_fini(&p);
	}
}

Test(decorator, values_end_at_a_colon_that_no_backslash_precedes)
{
	static const struct {
		const char *rest, *value, *address;
	} cases[] = {
		{":0000:00:06.0", NULL, "0000:00:06.0"},
		{"=a b:kmod:x", "a b", "kmod:x"},
		{"=C\\:\\\\x:y", "C:\\x", "y"},
		{"=back\\slash:y", "back\\slash", "y"},
		{"=x\\\\:y:z", "x\\", "y:z"},
	};
	const char *address;
	struct uldf_ctx *ctx;
	char *value;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert(eq(int, decorator_parse(ctx, cases[i].rest, &value, &address), 0));
		cr_expect(eq(str, (char *)address, (char *)cases[i].address));
		if (cases[i].value)
			cr_expect(eq(str, value, (char *)cases[i].value));
		else
			cr_expect(value == NULL);
		free(value);
	}
	uldf_ctx_destroy(ctx);
}

Test(decorator, large_batches_pass_through)
{
	static struct uldf_mapping list[300];
	struct uldf_memory *memory;
	struct uldf_space *space;
	struct uldf_device *outer;
	struct checker *checker;
	struct fixture f;

	fixture_init(&f);
	outer = calloc(1, sizeof(*outer));
	outer->ctx = f.ctx;
	outer->ops = &check_backend;
	cr_assert(eq(int, check_wrap(outer, f.device, NULL), 0));
	checker = outer->priv;
	cr_assert(eq(int, uldf_space_create(outer, &space), 0));
	cr_assert(eq(int,
		     uldf_memory_register(space, (void *)checker, 0x200000, ULDF_DMA_BOTH, &memory),
		     0));
	for (size_t i = 0; i < 300; i++)
		list[i] = (struct uldf_mapping){memory, i * PAGE, 0, PAGE, ULDF_DMA_BOTH};
	cr_expect(eq(int, uldf_space_map_anywhere(space, list, 300), 0));
	cr_expect(eq(sz, fake.pieces, 300));
	cr_expect(fake.piece.memory != memory && fake.piece.memory != NULL);
	cr_expect(eq(u64, list[299].address, FAKE_ADDRESS + 299 * PAGE));
	uldf_space_destroy(space);
	uldf_device_close(outer);
	uldf_ctx_destroy(f.ctx);
}
