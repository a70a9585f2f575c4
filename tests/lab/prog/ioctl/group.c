// SPDX-License-Identifier: MIT
/*
 * An 8254x network card and an edu device in one IOMMU group, on a bus of their own: they are claimed and released together, share
 * one space, and are reset with their bus when nobody has the other open.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <linux/capability.h>
#include <unistd.h>

#include "ioctl.h"

#define RDBAL 0x2800 /* of the card: a register that holds what is written */

/* Finds the other device of the group, which is no bridge. */
static void mate_find(const struct address *device, struct address *mate)
{
	char path[128];
	struct dirent *entry;
	unsigned int class = 0;
	bool found = false;
	FILE *file;
	DIR *list;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group/devices", device->text);
	list = opendir(path);
	need(list, path);
	while (!found && (entry = readdir(list))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, device->text))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.20s/class", entry->d_name);
		file = fopen(path, "r");
		need(file && fscanf(file, "%x", &class) == 1, path);
		fclose(file);
		found = class >> 16 != 6;
		if (found)
			address_parse(entry->d_name, mate);
	}
	closedir(list);
	need(found, "a mate");
}

static void alone_is_refused(const struct address *device, const struct address *mate)
{
	char reason[96];

	check_equal(-EBUSY, claim(device, reason), "claiming one of two");
	check(strstr(reason, mate->text), "the other is named: \"%s\"", reason);
	check(device_open(device) == -ENOENT, "it has no node");
	check_equal(-ENODEV, release(device, 0, NULL), "there is nothing to release");
	check_equal(-ENODEV, release(device, ULDF_RELEASE_GROUP, NULL), "nor of the group");
}

static void override_set(const struct address *device, const char *driver)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", device->text);
	out = fopen(path, "w");
	need(out && fprintf(out, "%s\n", driver) > 0 && !fclose(out), path);
}

static void driver_bind(const struct address *device, const char *driver, const char *file)
{
	char path[128];
	FILE *out;

	override_set(device, driver);
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/%s", driver[0] ? driver : "pci-stub",
		 file);
	out = fopen(path, "w");
	need(out && fputs(device->text, out) >= 0 && !fclose(out), path);
}

/* The script has loaded pci-stub. */
static void none_where_one_is_held(const struct address *device, const struct address *mate)
{
	char reason[96];

	driver_bind(mate, "pci-stub", "bind");
	check_equal(-EBUSY, claim(device, reason), "claiming beside a driver's device");
	check(strstr(reason, "pci-stub"), "the driver is named: \"%s\"", reason);
	check_equal(-EBUSY, claim_group(device, reason), "claiming the group that a driver uses");
	check(reason[0], "there is a reason: \"%s\"", reason);
	check(device_open(device) == -ENOENT, "nothing was claimed");
	driver_bind(mate, "", "unbind");
}

/*
 * One that is only kept for us is left alone when the other is released; nobody asked for its claim.
 */
static void one_that_was_not_claimed_is_left_alone(const struct address *device,
						   const struct address *mate)
{
	override_set(device, "uldf");
	check_equal(0, claim(mate, NULL), "claim one beside one that is kept for us");
	check_equal(0, release(mate, ULDF_RELEASE_GROUP | ULDF_RELEASE_REPROBE, NULL),
		    "release all that is claimed of the group");
	check(device_open(device) == -ENOENT, "the other is not claimed now");
	override_set(device, "");
	release(device, 0, NULL);
}

static int reset_method(int fd)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	int ret = call(fd, ULDF_DEVICE_RESET, &reset);

	return ret ?: (int)reset.method;
}

static bool bus_master(int fd)
{
	return config_read(fd, 4, 2) & 4;
}

static void the_bus_resets_them(const struct address *device, const struct address *mate)
{
	int fd = device_open(device), other, space;
	uint64_t value = 0;

	need(fd >= 0, "open");
	space = space_create(fd);
	need(space >= 0 && !attach(fd, space), "attach");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	check_equal(0, region_write(fd, 0, RDBAL, 4, 0x1230), "a register is set");
	other = device_open(mate);
	need(other >= 0, "open the other");
	check_equal(-EOPNOTSUPP, reset_method(fd), "no reset while the other is open");
	check(bus_master(fd), "which leaves bus mastering on");
	check(!region_read(fd, 0, RDBAL, 4, &value) && value == 0x1230, "and registers alone");
	close(other);
	check_equal(ULDF_RESET_BUS, reset_method(fd), "reset with the bus");
	check(!bus_master(fd), "bus mastering is off");
	check(!region_read(fd, 0, RDBAL, 4, &value) && !value, "the register was reset");
	other = device_open(mate);
	check(!region_read(other, 0, EDU_IDENT, 4, &value) && value == EDU_IDENT_VALUE,
	      "the other answers");
	close(other);
	close(space);
	close(fd);
}

static void they_share_a_space(const struct address *device, const struct address *mate)
{
	int fd = device_open(device), other = device_open(mate), space, second;

	need(fd >= 0 && other >= 0, "open both");
	space = space_create(fd);
	second = space_create(other);
	need(space >= 0 && second >= 0, "create spaces");
	check_equal(0, attach(fd, space), "attach one");
	check_equal(-EBUSY, attach(other, second), "the other to another space");
	check_equal(0, attach(other, space), "the other to the same");
	close(second);
	close(space);
	close(other);
	close(fd);
}

static int nobody_opens(void *arg)
{
	int fd;

	user_become(NOBODY);
	fd = device_open(arg);
	return fd < 0 ? fd : 0;
}

static int root_without_rawio_opens(void *arg)
{
	int fd;

	capability_drop(CAP_SYS_RAWIO);
	fd = device_open(arg);
	return fd < 0 ? fd : 0;
}

/* The nodes' modes let everybody open them. */
static void one_user_has_them(struct address *device, struct address *mate)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/uldf/%s", device->text);
	need(!chmod(path, 0666), path);
	snprintf(path, sizeof(path), "/dev/uldf/%s", mate->text);
	need(!chmod(path, 0666), path);
	fd = device_open(device);
	need(fd >= 0, "open");
	check_equal(-EBUSY, in_child(nobody_opens, mate), "another user opens the other");
	check_equal(0, in_child(root_without_rawio_opens, mate), "the same user does");
	close(fd);
	check_equal(0, in_child(nobody_opens, mate), "another user, when the first has closed his");
	check_equal(0, in_child(root_without_rawio_opens, device), "and the first again");
}

static void both_are_released(const struct address *device, const struct address *mate)
{
	int fd = device_open(device), other = device_open(mate);
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	uint32_t reset = 99;

	check_equal(-EBUSY, release(device, 0, &reset), "releasing one of two");
	check_equal(-EBUSY, release(device, ULDF_RELEASE_GROUP, &reset), "releasing both, open");
	check_equal(0, call(fd, ULDF_DEVICE_INFO, &info), "which changes nothing");
	close(fd);
	check_equal(-EBUSY, release(device, ULDF_RELEASE_GROUP, &reset),
		    "releasing both while the mate is open");
	fd = device_open(device);
	check(fd >= 0, "after which the other can be opened again");
	check_equal(0, release(device, ULDF_RELEASE_GROUP | ULDF_RELEASE_FORCE, &reset),
		    "releasing both, by force");
	check(reset == ULDF_RESET_BUS, "the bus was reset: %u", reset);
	check_equal(-ENODEV, call(fd, ULDF_DEVICE_INFO, &info), "the one is gone");
	check_equal(-ENODEV, call(other, ULDF_DEVICE_INFO, &info), "the other is gone");
	check(device_open(mate) == -ENOENT, "and its node");
	close(other);
	close(fd);
}

static _Atomic bool done;

/* ---- closed at once ------------------------------------------------------------------------------ */

#define ROUNDS 24

struct closer {
	pthread_barrier_t *together;
	int fd;
	unsigned int delay_us;
};

static void *close_together(void *arg)
{
	const struct closer *closer = arg;

	pthread_barrier_wait(closer->together);
	usleep(closer->delay_us);
	close(closer->fd);
	return NULL;
}

/* Reads a file again and again whose reading takes a lock of a device. */
static void *read_often(void *arg)
{
	const char *path = arg;
	char text[64];
	int fd = -1;

	while (!done) {
		if (fd < 0 || pread(fd, text, sizeof(text), 0) < 0) {
			/* that of a claim is gone with it */
			close(fd);
			fd = open(path, O_RDONLY | O_CLOEXEC);
		}
	}
	close(fd);
	return NULL;
}

static unsigned long resets(const struct address *device)
{
	unsigned long count = 0;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/uldf/%s/resets", device->text);
	file = fopen(path, "r");
	need(file && fscanf(file, "%lu", &count) == 1, path);
	fclose(file);
	return count;
}

/* One opens both and closes them at once: whoever is the last resets the bus. */
static bool round_resets(const struct address *device, const struct address *mate,
			 unsigned int delay_us)
{
	const struct address *of[2] = {device, mate};
	unsigned long before[2];
	pthread_barrier_t together;
	struct closer closer[2];
	pthread_t thread[2];

	need(!pthread_barrier_init(&together, NULL, 2), "a barrier");
	for (int i = 0; i < 2; i++) {
		closer[i] = (struct closer){&together, device_open(of[i]), i * delay_us};
		need(closer[i].fd >= 0, "open");
		before[i] = resets(of[i]);
	}
	for (int i = 0; i < 2; i++)
		need(!pthread_create(&thread[i], NULL, close_together, &closer[i]), "thread");
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&together);
	return resets(device) > before[0] || resets(mate) > before[1];
}

static void closed_at_once_they_are_reset(struct address *device, struct address *mate)
{
	unsigned int reset = 0, released = 0;
	pthread_t reader[2];
	char path[2][128];
	uint32_t how;

	snprintf(path[0], sizeof(path[0]), "/sys/class/uldf/%s/interrupts", mate->text);
	snprintf(path[1], sizeof(path[1]), "/sys/bus/pci/devices/%s/driver_override", mate->text);
	done = false;
	for (int i = 0; i < 2; i++)
		need(!pthread_create(&reader[i], NULL, read_often, path[i]), "thread");
	for (unsigned int i = 0; i < ROUNDS; i++) {
		need(!claim_group(device, NULL), "claim both");
		reset += round_resets(device, mate, i * 1000);
		how = ULDF_RESET_NONE;
		need(!release(device, ULDF_RELEASE_GROUP, &how), "release both");
		released += how == ULDF_RESET_BUS;
	}
	done = true;
	for (int i = 0; i < 2; i++)
		pthread_join(reader[i], NULL);
	check(reset == ROUNDS, "the bus was reset after %u of %u closes at once", reset, ROUNDS);
	check(released == ROUNDS, "and so say %u releases", released);
}

/* ---- all at once ---------------------------------------------------------------------------------- */

static void *claim_often(void *arg)
{
	while (!done)
		if (!claim_group(arg, NULL))
			release(arg, ULDF_RELEASE_GROUP | ULDF_RELEASE_FORCE, NULL);
	return NULL;
}

static void *reset_often(void *arg)
{
	while (!done) {
		int fd = device_open(arg);

		if (fd < 0)
			continue;
		reset_method(fd);
		close(fd);
	}
	return NULL;
}

/* Claims and releases from both ends, and resets of the bus that they share. */
static void at_once(struct address *device, struct address *mate)
{
	void *(*const run[])(void *) = {claim_often, claim_often, reset_often, reset_often};
	pthread_t threads[4];

	done = false;
	for (int i = 0; i < 4; i++)
		need(!pthread_create(&threads[i], NULL, run[i], i % 2 ? mate : device), "thread");
	sleep(3);
	done = true;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	check(device_open(device) == -ENOENT && device_open(mate) == -ENOENT,
	      "all that was claimed was released");
}

void suite_group(const struct address *device)
{
	struct address one = *device, mate;
	char reason[96];

	mate_find(&one, &mate);
	alone_is_refused(&one, &mate);
	none_where_one_is_held(&one, &mate);
	one_that_was_not_claimed_is_left_alone(&one, &mate);
	check_equal(0, claim_group(&one, reason), "claim both: \"%s\"", reason);
	check_equal(-EBUSY, claim_group(&one, reason), "claim both again: \"%s\"", reason);
	the_bus_resets_them(&one, &mate);
	they_share_a_space(&one, &mate);
	one_user_has_them(&one, &mate);
	both_are_released(&one, &mate);
	closed_at_once_they_are_reset(&one, &mate);
	at_once(&one, &mate);
}
