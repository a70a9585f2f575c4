/* SPDX-License-Identifier: MIT */
#ifndef ULDF_USAGE_H
#define ULDF_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uldf/discover.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum uldf_verdict - what detectors answer about a device
 * @ULDF_FREE: nothing of the host uses it
 * @ULDF_UNKNOWN: a detector cannot tell; whoever takes the device refuses
 * @ULDF_USED: the host uses it
 */
enum uldf_verdict {
	ULDF_FREE = 0,
	ULDF_UNKNOWN = 1,
	ULDF_USED = 2,
};

/**
 * struct uldf_opener - a process that has a device open
 * @pid: the process; 0 for none
 * @program: its name
 * @user: number of the user that it runs as (real user id); -1 where it cannot be told
 * @started: when the process was started, seconds since 1970 (UTC); 0 where it cannot be told. Linux does not tell
 *           when it opened the device.
 */
struct uldf_opener {
	int pid;
	char program[32];
	int64_t user;
	int64_t started;
};

/**
 * struct uldf_finding - one use of a device, or one reason why a detector cannot tell
 * @verdict: ULDF_USED or ULDF_UNKNOWN
 * @detector: name of the detector, one word for programs: "mount", "process"; a constant
 * @what: the use: "/dev/sda1 mounted on /mnt"; or why it is unknown
 * @next: what ends the use: "umount /mnt"; never empty
 * @loss: what is lost when the device is taken all the same; a constant, never empty
 * @opener: of detector "process", for a use: who has it open; all zero of other findings, and where "process" only
 *          counts
 */
struct uldf_finding {
	enum uldf_verdict verdict;
	const char *detector;
	char what[256];
	char next[256];
	const char *loss;
	struct uldf_opener opener;
};

struct uldf_usage;

/**
 * uldf_usage_create() - find what the host uses devices for
 * @ctx: context
 * @list: addresses of the devices
 * @count: how many
 * @hold: open what can be opened exclusively (disks, the group of vfio) and keep it open, so that nobody
 *        else begins to use it; a mount tried meanwhile fails
 * @out: out: what was found, destroyed with uldf_usage_destroy(); untouched on failure
 *
 * Reads /sys and /proc, and the files and memory maps of all processes. Without the permission to do
 * so devices that a driver holds are ULDF_UNKNOWN. A device is taken from its driver while the
 * object is there, with @hold, so that what was found free stays so.
 *
 * Return: 0, -ENODEV no such device, -ENOMEM.
 */
int uldf_usage_create(struct uldf_ctx *ctx, const struct uldf_address *list, size_t count,
		      bool hold, struct uldf_usage **out);

/**
 * uldf_usage_findings() - what was found about one device
 * @usage: what was found
 * @index: of the device in the list given to uldf_usage_create()
 * @findings: out: array that lives as long as @usage; in the order in which the uses are to be ended
 *
 * Return: how many; 0 for a free device.
 */
size_t uldf_usage_findings(const struct uldf_usage *usage, size_t index,
			   const struct uldf_finding **findings);

/**
 * uldf_usage_verdict() - the worst that was found about one device
 * @usage: what was found
 * @index: of the device in the list given to uldf_usage_create()
 *
 * Return: the verdict.
 */
enum uldf_verdict uldf_usage_verdict(const struct uldf_usage *usage, size_t index);

/**
 * uldf_usage_destroy() - forget what was found, and close what is held open
 * @usage: what was found, or NULL
 */
void uldf_usage_destroy(struct uldf_usage *usage);

#ifdef __cplusplus
}
#endif

#endif
