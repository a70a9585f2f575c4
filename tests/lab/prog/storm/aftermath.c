// SPDX-License-Identifier: MIT
/* What must hold when a round is over: no process is stuck, nothing is kept, all devices can be had. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define SETTLE_SECONDS 60
#define TRY_SECONDS    120 /* that claiming and releasing all devices may take */
#define MASTER	       4   /* in the command register */

/* ---- processes --------------------------------------------------------------------------------------- */

/* Of /proc/PID/stat: the state, and the process group. */
static bool stat_read(const char *process, char *state, pid_t *group)
{
	char path[300], text[512], *end;
	FILE *file;
	int parent;
	bool read;

	snprintf(path, sizeof(path), "/proc/%s/stat", process);
	file = fopen(path, "r");
	read = file && fgets(text, sizeof(text), file);
	if (file)
		fclose(file);
	/* a program's name may have parentheses */
	end = read ? strrchr(text, ')') : NULL;
	return end && sscanf(end + 1, " %c %d %d", state, &parent, group) == 3;
}

static void file_print(const char *path)
{
	char line[256];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		say("  %.*s", (int)strcspn(line, "\n"), line);
	if (file)
		fclose(file);
}

static void stacks_print(const char *process)
{
	char path[300], other[600];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%s/task", process);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		say("thread %s of process %s:", entry->d_name, process);
		snprintf(other, sizeof(other), "%s/%s/stack", path, entry->d_name);
		file_print(other);
	}
	if (folder)
		closedir(folder);
}

/* Prints where each process is that @group has, or, with 0, that waits and cannot be killed. */
static unsigned int stuck_print(pid_t group, bool print)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	unsigned int count = 0;
	pid_t its_group;
	char state;

	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    !stat_read(entry->d_name, &state, &its_group) ||
		    (group ? its_group != group : state != 'D'))
			continue;
		count++;
		if (print)
			stacks_print(entry->d_name);
	}
	if (folder)
		closedir(folder);
	return count;
}

/* What threads did that are still there. */
static void now_print(void)
{
	char path[64];

	for (int i = 0; i < NOWS; i++) {
		const struct now *now = &storm->now[i];

		snprintf(path, sizeof(path), "/proc/%d/task/%d", now->process, now->thread);
		if (now->thread && !access(path, F_OK))
			say("thread %d of process %d was in step %llu: %s", now->thread,
			    now->process, (unsigned long long)now->step, act_name(now->act));
	}
}

bool aftermath_reap(pid_t group)
{
	time_t end = time(NULL) + STUCK_SECONDS;
	int status;
	pid_t child;

	kill(-group, SIGKILL);
	while ((child = waitpid(-group, &status, WNOHANG)) >= 0) {
		if (child) {
			if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
				storm->crashed = WTERMSIG(status);
			continue;
		}
		if (time(NULL) > end) {
			say("%u processes do not end", stuck_print(group, false));
			stuck_print(group, true);
			now_print();
			return false;
		}
		/* one that was forked at the moment */
		kill(-group, SIGKILL);
		usleep(10000);
	}
	return true;
}

/* ---- what was left ------------------------------------------------------------------------------------ */

static bool number_becomes(const char *path, uint64_t wanted)
{
	for (int i = 0; i < SETTLE_SECONDS * 10; i++) {
		if (file_number(path) == wanted)
			return true;
		usleep(100000);
	}
	say("%s is %llu, should be %llu", path, (unsigned long long)file_number(path),
	    (unsigned long long)wanted);
	return false;
}

static bool nobody_waits(void)
{
	for (int i = 0; i < SETTLE_SECONDS * 10; i++) {
		if (!stuck_print(0, false))
			return true;
		usleep(100000);
	}
	say("some processes wait and cannot be killed");
	stuck_print(0, true);
	return false;
}

/* ---- the devices -------------------------------------------------------------------------------------- */

static bool good(const struct device *device, bool is, const char *what)
{
	if (!is)
		say("%s: %s", device->text, what);
	return is;
}

static bool is_master(const struct device *device)
{
	char bytes[8] = {};

	return device_read(device, "config", bytes, sizeof(bytes)) && bytes[4] & MASTER;
}

/* Whether a device's first register is what it is to be; says what it is instead, and where it is thought to be. */
static bool edu_answers(const struct device *device, int fd)
{
	uint32_t word = 0, command = 0, bar = 0;
	ssize_t got = pread(fd, &word, 4, 0);

	if (got == 4 && word == 0x010000ed)
		return true;
	pread(fd, &command, 4, REGION_AT(ULDF_REGION_CONFIG) + 0x04);
	pread(fd, &bar, 4, REGION_AT(ULDF_REGION_CONFIG) + 0x10);
	say("%s: has no registers: %zd bytes, %#x; command %#x, BAR 0 %#x", device->text, got, word,
	    command & 0xffff, bar);
	return false;
}

static bool drive(const struct device *device, int fd)
{
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	struct uldf_ioc_device_space space = {.argsz = sizeof(space)};
	struct uldf_ioc_device_attach attach = {.argsz = sizeof(attach)};
	uint16_t vendor = 0;
	bool well;

	well = good(device, !ioctl(fd, ULDF_DEVICE_INFO, &info), "does not tell of itself") &&
	       good(device,
		    pread(fd, &vendor, 2, REGION_AT(ULDF_REGION_CONFIG)) == 2 &&
			    vendor == device->vendor,
		    "does not answer");
	if (device->id == EDU_ID)
		well &= edu_answers(device, fd);
	if (!well || !device->translated)
		return well;
	well = good(device, !ioctl(fd, ULDF_DEVICE_SPACE, &space), "has no space");
	attach.space = space.fd;
	return well && good(device, !ioctl(fd, ULDF_DEVICE_ATTACH, &attach), "does not attach");
}

static bool try_device(const struct device *device)
{
	int fd;
	bool well;

	if (!good(device, !control_claim(device, ULDF_CLAIM_GROUP), "is not claimed"))
		return false;
	fd = device_open(device);
	well = good(device, fd >= 0, "does not open") && drive(device, fd);
	if (fd >= 0)
		close(fd);
	well &= good(device, !control_release(device, ULDF_RELEASE_GROUP), "is not released");
	return good(device, !is_master(device), "is a bus master when it was released") && well;
}

/* In a process of its own, which may get stuck. */
static void try_all(void)
{
	bool well = true;

	for (uint32_t i = 0; i < storm->device_count; i++)
		well &= good(&storm->device[i],
			     !device_claimed(&storm->device[i]) || !is_master(&storm->device[i]),
			     "is a bus master, and nobody has it");
	well &= plugs_restore();

	for (uint32_t i = 0; i < storm->device_count; i++) {
		const struct device *device = &storm->device[i];

		if (device->virtual_)
			well &= good(device, !device_present(device),
				     "a virtual function was left");
		else if (device_present(device))
			well &= try_device(device);
	}
	_exit(well ? 0 : 1);
}

static bool devices_can_be_had(void)
{
	int status = 1;
	pid_t child = fork(), ended;

	if (!child) {
		setpgid(0, 0);
		try_all();
	}
	setpgid(child, child);
	for (int i = 0; i < TRY_SECONDS * 2 * 10; i++) {
		ended = waitpid(child, &status, WNOHANG);
		if (ended == child)
			return WIFEXITED(status) && !WEXITSTATUS(status);
		usleep(100000);
	}
	say("devices were not claimed and released in time");
	stuck_print(child, true);
	aftermath_reap(child);
	return false;
}

bool aftermath_check(void)
{
	bool well = true;

	if (storm->crashed)
		say("a process of the storm ended by itself: %d", storm->crashed);
	well &= !storm->crashed;
	well &= number_becomes("/sys/class/uldf/pinned_bytes", 0);
	well &= nobody_waits();
	well &= number_becomes("/sys/module/uldf/refcnt", 0);
	well &= devices_can_be_had();
	well &= number_becomes("/sys/class/uldf/pinned_bytes", 0);
	return well;
}
