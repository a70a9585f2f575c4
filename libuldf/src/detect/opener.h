/* SPDX-License-Identifier: MIT */
/* Who has a device open: the user and the beginning of a process, as /proc has them. detect/process.c calls it. */
#ifndef ULDF_SRC_DETECT_OPENER_H
#define ULDF_SRC_DETECT_OPENER_H

#include <uldf/usage.h>
#include "detect/host.h"

/** OPENER_SINCE - bytes that hold what opener_since() writes, NUL included */
#define OPENER_SINCE 48

/**
 * opener_find() - look a process up
 * @host: host
 * @pid: the process
 * @command: its name
 * @out: out: what is known of it
 */
void opener_find(const struct detect_host *host, pid_t pid, const char *command,
		 struct uldf_opener *out);

/**
 * opener_since() - say when a process was started
 * @opener: the process
 * @buf: out: ", started 2026-01-31 12:00:00 UTC"; empty where the time is not known
 */
void opener_since(const struct uldf_opener *opener, char buf[OPENER_SINCE]);

#endif
