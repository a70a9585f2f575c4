// SPDX-License-Identifier: MIT
/*
 * libdw is loaded by the first device that is checked: a program that checks nothing does not need it. It reads
 * debug information that stands in the mapped files, or below /usr/lib/debug; nothing is fetched.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "check/source.h"

/* Is the library a file of its own, and the address in it? */
static bool in_shared_library(uintptr_t address)
{
	Dl_info own, program, other;

	return dladdr((void *)(uintptr_t)source_find, &own) &&
	       dladdr((void *)getauxval(AT_ENTRY), &program) && dladdr((void *)address, &other) &&
	       own.dli_fbase != program.dli_fbase && own.dli_fbase == other.dli_fbase;
}

/* By name, where there is no debug information: public functions, and those of this decorator. */
static bool has_library_name(const char *name)
{
	static const char *const prefixes[] = {"uldf_", "check_", "checker_", "decorator_"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* Without libdw only names from symbol tables of the dynamic linker, which know exported functions. */
static void find_symbol(uintptr_t address, struct source_place *out)
{
	Dl_info info;

	if (!dladdr((void *)address, &info) || !info.dli_fname)
		snprintf(out->text, sizeof(out->text), "0x%" PRIxPTR, address);
	else if (info.dli_sname)
		snprintf(out->text, sizeof(out->text), "%s+0x%" PRIxPTR " in %s", info.dli_sname,
			 address + 1 - (uintptr_t)info.dli_saddr, info.dli_fname);
	else
		snprintf(out->text, sizeof(out->text), "0x%" PRIxPTR " in %s",
			 address + 1 - (uintptr_t)info.dli_fbase, info.dli_fname);
	out->own = in_shared_library(address) || has_library_name(out->text);
}

#if __has_include(<elfutils/libdwfl.h>)
#include <elfutils/libdwfl.h>

struct source {
	void *library;
	Dwfl *dwfl; /* NULL until the first address is looked for */
	Dwfl_Callbacks callbacks;
	__typeof__(dwfl_begin) *begin;
	__typeof__(dwfl_end) *end;
	__typeof__(dwfl_report_end) *report_end;
	__typeof__(dwfl_linux_proc_report) *proc_report;
	__typeof__(dwfl_addrmodule) *addrmodule;
	__typeof__(dwfl_module_getsrc) *getsrc;
	__typeof__(dwfl_lineinfo) *lineinfo;
	__typeof__(dwfl_module_addrinfo) *addrinfo;
	__typeof__(dwfl_module_info) *module_info;
};

static bool load(struct source *source)
{
	const struct {
		const char *name;
		void *at;
	} list[] = {
		{"dwfl_begin", &source->begin},
		{"dwfl_end", &source->end},
		{"dwfl_report_end", &source->report_end},
		{"dwfl_linux_proc_report", &source->proc_report},
		{"dwfl_addrmodule", &source->addrmodule},
		{"dwfl_module_getsrc", &source->getsrc},
		{"dwfl_lineinfo", &source->lineinfo},
		{"dwfl_module_addrinfo", &source->addrinfo},
		{"dwfl_module_info", &source->module_info},
		{"dwfl_linux_proc_find_elf", &source->callbacks.find_elf},
		{"dwfl_build_id_find_debuginfo", &source->callbacks.find_debuginfo},
	};
	void *symbol;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		symbol = dlsym(source->library, list[i].name);
		if (!symbol)
			return false;
		memcpy(list[i].at, &symbol, sizeof(symbol));
	}
	return true;
}

struct source *source_open(void)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
	if (source->library && load(source))
		return source;
	source_close(source);
	return NULL;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	if (source->dwfl)
		source->end(source->dwfl);
	if (source->library)
		dlclose(source->library);
	free(source);
}

static void report(struct source *source)
{
	source->dwfl = source->begin(&source->callbacks);
	if (source->dwfl && (source->proc_report(source->dwfl, getpid()) ||
			     source->report_end(source->dwfl, NULL, NULL))) {
		source->end(source->dwfl);
		source->dwfl = NULL;
	}
}

static const char *line_of(struct source *source, Dwfl_Module *module, uintptr_t address,
			   int *number)
{
	Dwfl_Line *line = source->getsrc(module, address);

	return line ? source->lineinfo(line, NULL, number, NULL, NULL, NULL) : NULL;
}

void source_find(struct source *source, const void *address, struct source_place *out)
{
	uintptr_t call = (uintptr_t)address - 1;
	const char *name, *file, *path = NULL;
	Dwfl_Module *module;
	GElf_Off offset = 0;
	GElf_Sym symbol;
	int number = 0;

	if (source && !source->dwfl)
		report(source);
	module = source && source->dwfl ? source->addrmodule(source->dwfl, call) : NULL;
	name = module ? source->addrinfo(module, call, &offset, &symbol, NULL, NULL, NULL) : NULL;
	if (!name) {
		find_symbol(call, out);
		return;
	}
	source->module_info(module, NULL, NULL, NULL, NULL, NULL, &path, NULL);
	file = line_of(source, module, call, &number);
	if (file)
		snprintf(out->text, sizeof(out->text), "%s() at %s:%d", name, file, number);
	else
		snprintf(out->text, sizeof(out->text), "%s+0x%" PRIx64 " in %s", name,
			 (uint64_t)offset + 1, path ? path : "?");
	out->own = in_shared_library(call) ||
		   (file ? strstr(file, "libuldf/src/") != NULL : has_library_name(name));
}
#else
struct source *source_open(void)
{
	return NULL;
}

void source_close(struct source *source)
{
}

void source_find(struct source *source, const void *address, struct source_place *out)
{
	find_symbol((uintptr_t)address - 1, out);
}
#endif
