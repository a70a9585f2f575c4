// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tree.h"

struct tree tree;

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return tail <= length && !strcmp(text + length - tail, end);
}

static int tree_open(const char *path, int flags)
{
	int fd;

	if (tree.open_error && (!tree.refused || ends_with(path, tree.refused)))
		return tree.open_error;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	tree.opened++;
	return fd;
}

/* A file of a made-up /dev tells its number by its text, "b 8:0"; what else there is, the machine knows. */
static int tree_number(const char *path, struct detect_number *out)
{
	char target[PATH_MAX], text[32] = "", type;
	unsigned int major, minor;
	struct stat st;
	FILE *file;

	if (!realpath(path, target) || stat(target, &st))
		return -errno;
	*out = (struct detect_number){st.st_mode & S_IFMT, 0, 0};
	if (!strncmp(target, tree.root, strlen(tree.root)) && S_ISREG(st.st_mode)) {
		file = fopen(target, "re");
		if (!file)
			return -errno;
		if (fgets(text, sizeof(text), file) &&
		    sscanf(text, "%c %u:%u", &type, &major, &minor) == 3)
			*out = (struct detect_number){type == 'b' ? S_IFBLK : S_IFCHR, major,
						      minor};
		fclose(file);
	}
	return 0;
}

static int tree_links(const char *netns, netns_found *found, void *data)
{
	if (tree.netns_error)
		return tree.netns_error;
	if (!tree.netns || !ends_with(netns, tree.netns))
		return 0;
	found(data, "0000:00:07.0", "other0", true);
	found(data, "0000:00:06.0", "eth0", true);
	return 0;
}

static void tree_path(char out[PATH_MAX], const char *path)
{
	char *at = out + strlen(tree.root) + 1;

	snprintf(out, PATH_MAX, "%s/%s", tree.root, path);
	for (; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(out, 0755);
		*at = '/';
	}
}

void tree_write(const char *path, const char *fmt, ...)
{
	char whole[PATH_MAX];
	va_list args;
	FILE *file;

	tree_path(whole, path);
	file = fopen(whole, "we");
	cr_assert(ne(ptr, file, NULL), "%s", whole);
	va_start(args, fmt);
	vfprintf(file, fmt, args);
	va_end(args);
	fclose(file);
}

void tree_link(const char *target, const char *path)
{
	char whole[PATH_MAX];

	tree_path(whole, path);
	unlink(whole);
	cr_assert(eq(int, symlink(target, whole), 0), "%s", whole);
}

void tree_folder(const char *path)
{
	char whole[PATH_MAX];

	tree_path(whole, path);
	cr_assert(eq(int, mkdir(whole, 0755), 0), "%s", whole);
}

/* To what stands at @target below the root. */
static void tree_link_below(const char *target, const char *path)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s/%s", tree.root, target);
	tree_link(whole, path);
}

void tree_node(const char *path, const char *subsystem, const char *number)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	bool block = !strcmp(subsystem, "block");
	char folder[200], at[300], link[300];

	if (!strncmp(path, "sys/", 4))
		snprintf(folder, sizeof(folder), "%s", path);
	else
		snprintf(folder, sizeof(folder), TREE_DEVICE "/%s", path);
	snprintf(at, sizeof(at), "%s/subsystem", folder);
	snprintf(link, sizeof(link), "/sys/class/%s", subsystem);
	tree_link(link, at);
	snprintf(at, sizeof(at), "sys/class/%s/%s", subsystem, name);
	tree_link_below(folder, at);
	if (!number)
		return;
	snprintf(at, sizeof(at), "%s/dev", folder);
	tree_write(at, "%s\n", number);
	snprintf(at, sizeof(at), "dev/%s", name);
	tree_write(at, "%c %s\n", block ? 'b' : 'c', number);
	if (!block)
		return;
	snprintf(at, sizeof(at), "sys/block/%s", name);
	tree_link_below(folder, at);
}

void tree_process(unsigned int pid, const char *command, const char *target)
{
	char path[64], whole[PATH_MAX];

	snprintf(path, sizeof(path), "proc/%u/comm", pid);
	tree_write(path, "%s\n", command);
	snprintf(path, sizeof(path), "proc/%u/fd", pid);
	tree_path(whole, path);
	mkdir(whole, 0755);
	snprintf(path, sizeof(path), "proc/%u/ns/net", pid);
	tree_link("net:[4026531840]", path);
	snprintf(path, sizeof(path), "proc/%u/fd/7", pid);
	if (target)
		tree_link_below(target, path);
}

void tree_start(const char *driver, const char *class_code)
{
	char link[64];

	memset(&tree, 0, sizeof(tree));
	strcpy(tree.root, "/tmp/detect.XXXXXX");
	cr_assert(ne(ptr, mkdtemp(tree.root), NULL));
	tree.host = (struct detect_host){tree.root, tree_open, tree_number, tree_links};
	cr_assert(eq(int, uldf_ctx_create(&tree.ctx), 0));
	tree_process(1, "init", NULL);
	tree_link("pid:[4026531836]", "proc/self/ns/pid");
	tree_link("net:[4026531840]", "proc/self/ns/net");
	tree_write(TREE_DEVICE "/class", "%s\n", class_code);
	tree_link_below(TREE_DEVICE, "sys/bus/pci/devices/0000:00:06.0");
	if (!driver)
		return;
	snprintf(link, sizeof(link), "../../../bus/pci/drivers/%s", driver);
	tree_link(link, TREE_DEVICE "/driver");
}

static int tree_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void tree_stop(void)
{
	uldf_usage_destroy(tree.usage);
	uldf_ctx_destroy(tree.ctx);
	if (tree.root[0])
		nftw(tree.root, tree_remove, 16, FTW_DEPTH | FTW_PHYS);
	fixture_check_leaks();
}

size_t tree_look(bool hold, const struct uldf_finding **findings)
{
	static const struct uldf_address address = {.device = 6};

	uldf_usage_destroy(tree.usage);
	tree.usage = NULL;
	cr_assert(eq(int, detect_create(tree.ctx, &tree.host, &address, 1, hold, &tree.usage), 0));
	return uldf_usage_findings(tree.usage, 0, findings);
}

void tree_expect(const char *detector, enum uldf_verdict verdict, const char *what,
		 const char *next)
{
	const struct uldf_finding *findings;
	size_t count = tree_look(false, &findings), found = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(findings[i].detector, detector) || strcmp(findings[i].what, what))
			continue;
		found++;
		cr_expect(eq(int, findings[i].verdict, verdict), "%s", what);
		cr_expect(eq(str, (char *)findings[i].next, (char *)next));
		cr_expect(findings[i].loss[0] != '\0', "%s: nothing would be lost", what);
	}
	for (size_t i = 0; i < count && found != 1; i++)
		cr_log_warn("%s: '%s'", findings[i].detector, findings[i].what);
	cr_assert(eq(sz, found, 1), "%s: '%s'", detector, what);
	cr_expect(uldf_usage_verdict(tree.usage, 0) >= verdict);
}

void tree_expect_free(void)
{
	const struct uldf_finding *findings;
	size_t count = tree_look(false, &findings);

	cr_expect(eq(sz, count, 0), "%s", count ? findings[0].what : "");
	cr_expect(eq(int, uldf_usage_verdict(tree.usage, 0), ULDF_FREE));
}
