// SPDX-License-Identifier: MIT
/* Serial ports that the kernel writes its messages to. */
#include <stdlib.h>
#include <string.h>
#include "detect/detect.h"

/* A line of /proc/consoles begins with the console's name. */
static bool console_is_listed(const char *consoles, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = consoles; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (!strncmp(line, name, length) && strchr(" \t", line[length]))
			return true;
	return false;
}

void detect_console(struct detect *detect)
{
	const struct node *node = NULL;
	char path[PATH_MAX], *consoles = NULL;

	if (host_path(detect->host, path, "/proc/consoles"))
		consoles = host_text(path);
	while ((node = nodes_next(&detect->nodes, "tty", node))) {
		if (!consoles)
			detect_next(detect_unknown(detect, "whether %s is a console cannot be read",
						   node->name),
				    "mount /proc");
		else if (console_is_listed(consoles, node->name))
			detect_next(
				detect_used(detect, "the kernel's console is on %s", node->name),
				"boot without console=%s", node->name);
	}
	free(consoles);
}
