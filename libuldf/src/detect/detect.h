/* SPDX-License-Identifier: MIT */
/*
 * Detectors: each looks at one kind of use of a device, and adds what it finds. detect.c runs the table of
 * them; one thread at a time for each uldf_usage.
 */
#ifndef ULDF_SRC_DETECT_DETECT_H
#define ULDF_SRC_DETECT_DETECT_H

#include <uldf/usage.h>
#include "ctx.h"
#include "detect/host.h"
#include "detect/node.h"

struct block_list;
struct open_list;

/**
 * struct detect - what is known of one device
 * @usage: the devices looked at together
 * @host: where to look
 * @address: its address as text
 * @path: its folder in sysfs, links resolved, root included
 * @driver: the driver that holds it, empty for none
 * @class_code: class, subclass and programming interface
 * @group: IOMMU group, or -1
 * @nodes: what its driver made, and the drivers of that
 * @blocks: its disks, and what stands on them
 * @findings: what was found
 * @count: how many findings
 * @room: findings that fit
 * @detector: the detector that runs
 * @err: the first failure, for want of memory
 */
struct detect {
	struct uldf_usage *usage;
	const struct detect_host *host;
	char address[ULDF_ADDRESS_TEXT];
	char path[PATH_MAX];
	char driver[32];
	uint32_t class_code;
	int group;
	struct node_list nodes;
	struct block_list *blocks;
	struct uldf_finding *findings;
	size_t count;
	size_t room;
	const struct detector *detector;
	int err;
};

/**
 * struct uldf_usage - devices looked at together
 * @ctx: context
 * @host: where to look
 * @hold: open exclusively, and keep open
 * @held: descriptors kept open
 * @held_paths: path of each
 * @held_count: how many
 * @opens: what all processes have open; NULL until it is asked for
 * @devices: the devices
 * @count: how many
 */
struct uldf_usage {
	struct uldf_ctx *ctx;
	const struct detect_host *host;
	bool hold;
	int *held;
	char **held_paths;
	size_t held_count;
	struct open_list *opens;
	struct detect *devices;
	size_t count;
};

/**
 * struct detector - one kind of use
 * @name: word for programs
 * @loss: what is lost when a device so used is taken all the same
 * @look: adds what it finds of the device
 */
struct detector {
	const char *name;
	const char *loss;
	void (*look)(struct detect *detect);
};

/**
 * detect_create() - look at devices of a host
 * @ctx: context
 * @host: where to look
 * @list: addresses
 * @count: how many
 * @hold: as of uldf_usage_create()
 * @out: out: as of uldf_usage_create()
 *
 * Return: as uldf_usage_create().
 */
int detect_create(struct uldf_ctx *ctx, const struct detect_host *host,
		  const struct uldf_address *list, size_t count, bool hold,
		  struct uldf_usage **out);

/**
 * detect_glance() - look at a device of a host without looking at processes, or opening anything
 * @ctx: context
 * @host: where to look
 * @address: the device
 * @buf: out: the uses, one line; empty for none
 * @size: bytes at @buf
 *
 * Return: 0, -ENODEV, -ENOMEM.
 */
int detect_glance(struct uldf_ctx *ctx, const struct detect_host *host,
		  const struct uldf_address *address, char *buf, size_t size);

/**
 * detect_used() - add a use
 * @detect: device
 * @fmt: what it is, as for printf()
 *
 * Return: the finding, to be given to detect_next().
 */
__attribute__((format(printf, 2, 3))) struct uldf_finding *detect_used(struct detect *detect,
								       const char *fmt, ...);

/**
 * detect_unknown() - add what a detector cannot tell
 * @detect: device
 * @fmt: why, as for printf()
 *
 * Return: the finding, to be given to detect_next().
 */
__attribute__((format(printf, 2, 3))) struct uldf_finding *detect_unknown(struct detect *detect,
									  const char *fmt, ...);

/**
 * detect_next() - say what ends a use
 * @finding: what detect_used() or detect_unknown() gave
 * @fmt: what to do, as for printf()
 */
__attribute__((format(printf, 2, 3))) void detect_next(struct uldf_finding *finding,
						       const char *fmt, ...);

/**
 * detect_hold() - open a node exclusively and keep it open
 * @detect: device
 * @path: the node
 * @flags: as for open(2)
 *
 * Return: 0, also when another device looked at holds it already; or a negative errno.
 */
int detect_hold(struct detect *detect, const char *path, int flags);

/* The detectors, one a file. */
void detect_bridge(struct detect *detect);
void detect_mount(struct detect *detect);
void detect_swap(struct detect *detect);
void detect_set(struct detect *detect);
void detect_loop(struct detect *detect);
void detect_export(struct detect *detect);
void detect_exclusive(struct detect *detect);
void detect_network(struct detect *detect);
void detect_netns(struct detect *detect);
void detect_vfio(struct detect *detect);
void detect_sriov(struct detect *detect);
void detect_display(struct detect *detect);
void detect_console(struct detect *detect);
void detect_input(struct detect *detect);
void detect_rdma(struct detect *detect);
void detect_i2c(struct detect *detect);
void detect_dma(struct detect *detect);
void detect_watchdog(struct detect *detect);
void detect_process(struct detect *detect);
void detect_kind(struct detect *detect);

#endif
