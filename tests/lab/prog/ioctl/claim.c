// SPDX-License-Identifier: MIT
/* Claims: who is refused and why, what a claim changes, and that it comes to an end whole. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ioctl.h"

static bool node_there(const struct address *device)
{
	char path[64];
	struct stat stat_;

	snprintf(path, sizeof(path), "/dev/uldf/%s", device->text);
	return !stat(path, &stat_) && S_ISCHR(stat_.st_mode);
}

static void bridges_are_refused(void)
{
	static const struct address bridges[] = {
		{.text = "0000:00:00.0", .devfn = 0},
		{.text = "0000:00:1f.0", .devfn = 0xf8},
	};
	char reason[96];

	for (size_t i = 0; i < sizeof(bridges) / sizeof(bridges[0]); i++) {
		check_equal(-EBUSY, claim(&bridges[i], reason), "%s is refused", bridges[i].text);
		check(strstr(reason, "bridge"), "as a bridge: \"%s\"", reason);
		check(!attribute(&bridges[i], "driver_override")[0] ||
			      !strcmp(attribute(&bridges[i], "driver_override"), "(null)"),
		      "its driver_override is left alone");
	}
}

static void a_claim_is_exclusive(const struct address *device)
{
	char reason[96];
	int fd, second;

	check_equal(0, claim(device, reason), "claim");
	check(!reason[0], "without a reason");
	check(node_there(device), "the node is there");
	check(!strcmp(attribute(device, "driver_override"), "uldf"), "driver_override is uldf");
	check_equal(-EBUSY, claim(device, reason), "claim twice");
	check(!strcmp(reason, "held by uldf"), "held by uldf: \"%s\"", reason);
	fd = device_open(device);
	check(fd >= 0, "open");
	second = device_open(device);
	check_equal(-EBUSY, second, "open twice");
	check(!(config_read(fd, 4, 2) & 4), "bus mastering is off");
	close(fd);
	fd = device_open(device);
	check(fd >= 0, "open again after close");
	close(fd);
}

static void modes_are_judged(const struct address *device)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/uldf/%s", device->text);
	fd = open(path, O_RDONLY);
	check(fd < 0 && errno == EACCES, "opening to read only is refused");
	fd = open(path, O_WRONLY);
	check(fd < 0 && errno == EACCES, "opening to write only is refused");
}

static void force_takes_an_open_device(const struct address *device)
{
	int fd = device_open(device), space = space_create(fd);
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	uint32_t reset = 99;
	uint64_t value;

	check_equal(0, attach(fd, space), "attach");
	check_equal(-EBUSY, release(device, 0, &reset), "release while open");
	check_equal(0, call(fd, ULDF_DEVICE_INFO, &info), "which changes nothing");
	check_equal(0, release(device, ULDF_RELEASE_FORCE, &reset), "release by force");
	check(reset == reset_expected(device), "it says how it was reset: %u", reset);
	check(!node_there(device), "the node is gone");
	check_equal(-ENODEV, call(fd, ULDF_DEVICE_INFO, &info), "info afterwards");
	check_equal(-ENODEV, call(fd, ULDF_DEVICE_RESET, NULL), "reset afterwards");
	check_equal(-ENODEV, region_read(fd, ULDF_REGION_CONFIG, 0, 4, &value), "read afterwards");
	check_equal(-ENODEV, region_write(fd, ULDF_REGION_CONFIG, 4, 2, 0), "write afterwards");
	check_equal(-ENODEV, attach(fd, space), "attach afterwards");
	check_equal(-ENODEV, release(device, 0, NULL), "release twice");
	check_equal(0, claim(device, NULL), "claim again while the old file is open");
	close(fd);
	close(space);
	fd = device_open(device);
	check(fd >= 0, "open the new claim");
	close(fd);
	check_equal(0, release(device, ULDF_RELEASE_REPROBE, NULL), "release with reprobe");
}

#define OPENED 300 /* times */

static struct {
	const struct address *device;
	atomic_bool ended;
	atomic_uint opened, lost;
} openings;

static void *open_again_and_again(void *unused)
{
	while (!openings.ended) {
		int fd = device_open(openings.device);

		if (fd < 0)
			continue;
		for (int i = 0; i < 3; i++) {
			struct uldf_ioc_device_info info = {.argsz = sizeof(info)};

			openings.lost += call(fd, ULDF_DEVICE_INFO, &info) != 0;
			usleep(100);
		}
		openings.opened++;
		close(fd);
	}
	return NULL;
}

/* Whoever has opened a device keeps it: a release comes before or after. */
static void no_release_takes_an_open_device(const struct address *device)
{
	unsigned int refused = 0, other = 0;
	pthread_t thread;

	openings.device = device;
	check_equal(0, claim(device, NULL), "claim");
	need(!pthread_create(&thread, NULL, open_again_and_again, NULL), "a thread");
	while (openings.opened < OPENED) {
		int answer = release(device, 0, NULL);

		refused += answer == -EBUSY;
		other += answer && answer != -EBUSY;
		if (!answer)
			other += claim(device, NULL) != 0;
	}
	openings.ended = true;
	pthread_join(thread, NULL);
	printf("# %u releases were refused\n", refused);
	check(refused && !other, "a release takes it or is refused");
	check(!openings.lost, "and none takes it from who has opened it");
	check_equal(0, release(device, 0, NULL), "release");
}

/* Compiled before the structure grew: what it has no room for is not written. */
static void an_old_program_claims(const struct address *device)
{
	const size_t size = offsetof(struct uldf_ioc_claim, reset);
	uint8_t *page =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uldf_ioc_claim *arg = (void *)(page + PAGE - size);
	int control = control_open();
	bool kept = true;

	need(page != MAP_FAILED, "memory");
	memset(page, 0x5a, 2 * PAGE);
	memset(arg, 0, size);
	arg->argsz = size;
	arg->segment = device->segment;
	arg->bus = device->bus;
	arg->devfn = device->devfn;
	check_equal(0, call(control, ULDF_CLAIM, arg), "claim by %zu bytes, as at first", size);
	for (size_t i = PAGE; i < 2 * PAGE; i++)
		kept &= page[i] == 0x5a;
	check(kept, "nothing is written behind them");
	munmap(page + PAGE, PAGE);
	check_equal(-EBUSY, call(control, ULDF_CLAIM, arg), "and again, with nothing behind them");
	check(!strcmp(arg->reason, "held by uldf"), "which has its reason: \"%.96s\"", arg->reason);
	release(device, 0, NULL);
	munmap(page, PAGE);
	close(control);
}

static void override_is_restored(const struct address *device)
{
	attribute_set(device, "driver_override", "nosuchdriver");
	check_equal(0, claim(device, NULL), "claim with a driver_override");
	check_equal(0, release(device, 0, NULL), "release");
	check(!strcmp(attribute(device, "driver_override"), "nosuchdriver"),
	      "driver_override is what it was");
	attribute_set(device, "driver_override", "\n");

	check_equal(0, claim(device, NULL), "claim");
	driver_write("unbind", device->text);
	check(!node_there(device), "unbinding ends the claim");
	check(!strcmp(attribute(device, "driver_override"), "(null)"), "and restores the override");
	check_equal(-ENODEV, release(device, 0, NULL), "there is nothing to release");
}

static void the_admin_may_bind(const struct address *device)
{
	attribute_set(device, "driver_override", "uldf");
	driver_write("bind", device->text);
	check(node_there(device), "driver_override uldf and bind make a claim");
	check_equal(0, release(device, 0, NULL), "release");
	check(!strcmp(attribute(device, "driver_override"), "uldf"), "the override stays");
	attribute_set(device, "driver_override", "\n");
}

void suite_claim(const struct address *device)
{
	bridges_are_refused();
	a_claim_is_exclusive(device);
	modes_are_judged(device);
	force_takes_an_open_device(device);
	no_release_takes_an_open_device(device);
	an_old_program_claims(device);
	override_is_restored(device);
	the_admin_may_bind(device);
}
