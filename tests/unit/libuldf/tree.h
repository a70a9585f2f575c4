/* SPDX-License-Identifier: MIT */
/* A host made up of files in a folder: /sys, /proc, /dev and /run as detectors read them. */
#ifndef TESTS_UNIT_LIBULDF_TREE_H
#define TESTS_UNIT_LIBULDF_TREE_H

#include "detect/detect.h"
#include "fake.h"

/* The device that tests look at, 0000:00:06.0. */
#define TREE_DEVICE "sys/devices/pci0000:00/0000:00:06.0"

/* Criterion runs each test in a process of its own: one tree is enough. */
struct tree {
	char root[64];
	struct detect_host host;
	struct uldf_ctx *ctx;
	int open_error;	     /* what opening a node fails with; 0 for none */
	const char *refused; /* the end of the only path that open_error is for; NULL for all */
	unsigned int opened; /* nodes */
	const char *netns; /* end of the path of the namespace that has the interface "eth0", up */
	int netns_error;   /* that looking into a namespace answers */
	struct uldf_usage *usage;
};

extern struct tree tree;

/* Makes a host with init, and the device, held by @driver unless it is NULL. */
void tree_start(const char *driver, const char *class_code);

/* Ends it; the .fini of suites. */
void tree_stop(void);

/* Makes a file below the root, and the folders that lead to it. */
__attribute__((format(printf, 2, 3))) void tree_write(const char *path, const char *fmt, ...);

/* Makes a link below the root whose target is @target. */
void tree_link(const char *target, const char *path);

/* Makes a folder below the root. */
void tree_folder(const char *path);

/*
 * Makes a node below the device: "host0/block/sda" of subsystem "block" with number "8:0", which may be
 * NULL. Block devices get their file in /dev.
 */
void tree_node(const char *path, const char *subsystem, const char *number);

/* Makes a process, with a file that leads to @target, which may be NULL. */
void tree_process(unsigned int pid, const char *command, const char *target);

/* Looks at the device, and expects one finding of this detector, that says so. */
void tree_expect(const char *detector, enum uldf_verdict verdict, const char *what,
		 const char *next);

/* Looks at the device, and expects nothing. */
void tree_expect_free(void);

/* Looks at the device; how many findings there are. */
size_t tree_look(bool hold, const struct uldf_finding **findings);

#endif
