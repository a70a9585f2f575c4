// SPDX-License-Identifier: MIT
/*
 * Virtual functions of an 82576 network card: made by the holder of the physical one, left alone by host
 * drivers (the script has loaded igbvf, uio_pci_generic and pci-pf-stub), claimed and driven each by itself, gone with the owner.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"

#define MAILBOX	     0x800 /* of a virtual function: memory that the physical one sees */
#define MAILBOX_SIZE 0x40  /* there, from one function's to the next one's */

static void path_of(char path[128], const struct address *device, const char *file)
{
	snprintf(path, 128, "/sys/bus/pci/devices/%s/%s", device->text, file);
}

static unsigned int total(const struct address *device)
{
	unsigned int value = 0;
	char path[128];
	FILE *file;

	path_of(path, device, "sriov_totalvfs");
	file = fopen(path, "r");
	need(file && fscanf(file, "%u", &value) == 1, path);
	fclose(file);
	return value;
}

bool function_find(const struct address *device, unsigned int index, struct address *out)
{
	char path[128], name[16], link[128] = {};

	snprintf(name, sizeof(name), "virtfn%u", index);
	path_of(path, device, name);
	if (readlink(path, link, sizeof(link) - 1) < 0)
		return false;
	address_parse(strrchr(link, '/') + 1, out);
	return true;
}

static bool has_driver(const struct address *function)
{
	char path[128];

	path_of(path, function, "driver");
	return !access(path, F_OK);
}

static bool host_may_bind(const struct address *function, const char *driver)
{
	char path[128];
	FILE *file;
	bool done;

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/bind", driver);
	file = fopen(path, "w");
	need(file, path);
	setbuf(file, NULL);
	done = fputs(function->text, file) >= 0;
	fclose(file);
	return done || has_driver(function);
}

static void file_write(const struct address *device, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	path_of(path, device, name);
	file = fopen(path, "w");
	need(file && fputs(text, file) >= 0 && !fclose(file), path);
}

static void stub_write(const struct address *device, const char *name)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/pci-pf-stub/%s", name);
	file = fopen(path, "w");
	need(file && fputs(device->text, file) >= 0 && !fclose(file), path);
}

/* The script has loaded pci-pf-stub, which leaves its virtual functions behind. */
static void those_of_others_keep_a_claim_away(const struct address *device)
{
	struct address function;
	char reason[96];

	file_write(device, "sriov_drivers_autoprobe", "0");
	file_write(device, "driver_override", "pci-pf-stub");
	stub_write(device, "bind");
	file_write(device, "sriov_numvfs", "1");
	stub_write(device, "unbind");
	check(function_find(device, 0, &function), "its last driver left a virtual function");
	check_equal(-EBUSY, claim(device, reason), "claiming what has one");
	check(strstr(reason, "virtual"), "there is a reason: \"%s\"", reason);
	check(device_open(device) == -ENOENT, "nothing was claimed");
	stub_write(device, "bind");
	file_write(device, "sriov_numvfs", "0");
	stub_write(device, "unbind");
	file_write(device, "driver_override", "\n");
	file_write(device, "sriov_drivers_autoprobe", "1");
}

static void sleep_excludes_them(int fd)
{
	check_equal(0, functions(fd, 1), "make one");
	check_equal(-EBUSY, power(fd, 3), "no sleep above it");
	check_equal(0, power(fd, 0), "awake, as before");
	check_equal(0, functions(fd, 0), "end it");
	check_equal(0, power(fd, 3), "to sleep");
	check_equal(-EIO, functions(fd, 1), "none are made asleep");
	check_equal(0, power(fd, 0), "awake");
	check_equal(0, functions(fd, 2), "two are");
}

static unsigned int number_of(const struct address *device, const char *name)
{
	unsigned int value = 0;
	char path[128];
	FILE *file;

	path_of(path, device, name);
	file = fopen(path, "r");
	need(file && fscanf(file, "%x", &value) == 1, path);
	fclose(file);
	return value;
}

/* By each width: what the function itself answers there is all ones, and 0. */
static void the_kernel_fills_in(int fd, const struct address *function)
{
	unsigned int vendor = number_of(function, "vendor");
	unsigned int device = number_of(function, "device");
	unsigned int command = config_read(fd, 4, 2);

	check(config_read(fd, 0, 4) == (device << 16 | vendor), "it is %04x:%04x, not %08x", vendor,
	      device, config_read(fd, 0, 4));
	check(config_read(fd, 0, 2) == vendor && config_read(fd, 2, 2) == device, "by words");
	check(config_read(fd, 0, 1) == (vendor & 0xff) && config_read(fd, 1, 1) == vendor >> 8 &&
		      config_read(fd, 2, 1) == (device & 0xff) &&
		      config_read(fd, 3, 1) == device >> 8,
	      "by bytes");
	check(command & 2, "memory is decoded: %#x", command);
	check((config_read(fd, 4, 4) & 0xffff) == command &&
		      config_read(fd, 4, 1) == (command & 0xff) &&
		      config_read(fd, 5, 1) == command >> 8,
	      "so say other widths");
	config_write(fd, 4, 2, command & ~2U);
	check(config_read(fd, 4, 2) == command, "which its holder does not change");
}

static void counts_are_judged(int fd, const struct address *device)
{
	unsigned int most = total(device);
	struct address function;

	check_equal(-EINVAL, functions(fd, most + 1), "more than there can be");
	check_equal(-EINVAL, functions(fd, ~0U), "many more");
	check_equal(0, functions(fd, 0), "none, as before");
	check_equal(0, functions(fd, most), "as many as there can be");
	check(function_find(device, most - 1, &function), "the last of them is there");
	check_equal(0, functions(fd, 2), "fewer");
	check(!function_find(device, 2, &function), "the third is gone");
	check_equal(0, functions(fd, 2), "as many as there are");
}

static void no_driver_takes_them(int fd, const struct address *device)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	struct address function;

	for (unsigned int i = 0; i < 2; i++) {
		need(function_find(device, i, &function), "find it");
		check(!has_driver(&function), "%s has no driver", function.text);
		check(!host_may_bind(&function, "igbvf"), "nor can it be bound by hand");
		check(device_open(&function) == -ENOENT, "nor is it claimed");
		/* a driver that takes whatever it is given */
		file_write(&function, "driver_override", "uio_pci_generic");
		check(!host_may_bind(&function, "uio_pci_generic"), "its DMA is nobody else's");
		file_write(&function, "driver_override", "uldf");
	}
	check_equal(-EBUSY, call(fd, ULDF_DEVICE_RESET, &reset), "no reset beneath them");
}

static void one_is_driven(int fd, const struct address *device)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	struct address function;
	int virtual_, space;
	uint32_t how = 99;
	uint64_t value = 0;
	volatile uint32_t *at;

	need(function_find(device, 1, &function), "find it");
	virtual_ = device_take(&function);
	check_equal(0, call(virtual_, ULDF_DEVICE_INFO, &info), "info");
	check(info.devfn == function.devfn && info.bus == function.bus, "of the function");
	check(info.vectors[ULDF_VECTOR_MSIX] == 3, "with 3 vectors: %u",
	      info.vectors[ULDF_VECTOR_MSIX]);
	the_kernel_fills_in(virtual_, &function);
	check_equal(0, region_write(virtual_, 0, MAILBOX, 4, 0x12345678), "write a register");
	check_equal(0, region_read(fd, 0, MAILBOX + MAILBOX_SIZE, 4, &value), "the other side");
	check(value == 0x12345678, "sees it: %#x", (unsigned int)value);
	at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, virtual_, 0);
	check(at != MAP_FAILED && at[MAILBOX / 4] == 0x12345678, "and so does a mapping");
	space = space_create(virtual_);
	check(space >= 0 && !attach(virtual_, space), "it attaches to a space of its own");
	config_write(virtual_, 4, 2, config_read(virtual_, 4, 2) | 4);
	check(config_read(virtual_, 4, 2) & 4, "it is a bus master");
	check_equal(0, call(virtual_, ULDF_DEVICE_RESET, &reset), "reset");
	check(reset.method == ULDF_RESET_FLR, "by FLR: %u", reset.method);
	check(!(config_read(virtual_, 4, 2) & 4), "which ends that");
	check_equal(-EBUSY, functions(fd, 0), "none are ended while one is claimed");
	check_equal(-EBUSY, functions(fd, 3), "nor more made");
	check_equal(-EOPNOTSUPP, functions(virtual_, 1), "it makes none itself");
	check_equal(0, release(&function, ULDF_RELEASE_REPROBE | ULDF_RELEASE_FORCE, &how),
		    "release it");
	check(how == ULDF_RESET_FLR, "it was reset: %u", how);
	check(!has_driver(&function), "no driver took it then");
	munmap((void *)at, PAGE);
	close(space);
	close(virtual_);
	check_equal(0, functions(fd, 0), "end them");
	check(!function_find(device, 0, &function), "they are gone");
}

static _Atomic bool resets_end;

static void *resets(void *device)
{
	while (!resets_end) {
		file_write(device, "reset", "1");
		usleep(10000);
	}
	return NULL;
}

/* Does it answer? A device that is not there reads as ones. */
static bool answers(const struct address *function)
{
	uint16_t status = 0xffff;
	char path[128];
	FILE *file;

	path_of(path, function, "config");
	file = fopen(path, "r");
	need(file && !fseek(file, 6, SEEK_SET) && fread(&status, sizeof(status), 1, file) == 1,
	     path);
	fclose(file);
	return status != 0xffff;
}

/* The PCI core makes none of a device that reads as ones, as it does amid its reset. */
static bool made_at_last(int fd, unsigned int count)
{
	for (int i = 0; i < 50; i++) {
		int ret = functions(fd, count);

		if (!ret)
			return true;
		need(ret == -EIO || ret == -ENOMEM, "a reset is what prevents it");
		usleep(20000);
	}
	return false;
}

/* An admin resets the physical function, again and again, while its holder makes virtual ones. */
static void resets_leave_them(int fd, const struct address *device)
{
	unsigned int most = total(device), answered = 0;
	struct address function;
	pthread_t thread;

	for (int round = 0; round < 4; round++) {
		resets_end = false;
		need(!pthread_create(&thread, NULL, resets, (void *)device), "thread");
		check(made_at_last(fd, most), "make them amid resets");
		resets_end = true;
		pthread_join(thread, NULL);
		for (unsigned int i = 0; i < most; i++)
			answered += function_find(device, i, &function) && answers(&function);
		check_equal(0, functions(fd, 0), "end them");
	}
	check(answered == 4 * most, "%u of %u functions answer", answered, 4 * most);
}

/* Holds the device with two virtual functions until it is killed. */
static pid_t owner_start(const struct address *device)
{
	int ready[2];
	char byte;
	pid_t child;

	need(!pipe(ready), "pipe");
	fflush(stdout);
	child = fork();
	if (!child) {
		int fd = device_open(device);

		if (fd < 0 || functions(fd, 2) || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	close(ready[1]);
	need(read(ready[0], &byte, 1) == 1, "an owner");
	close(ready[0]);
	return child;
}

static void they_end_with_the_owner(const struct address *device)
{
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	pid_t owner = owner_start(device);
	struct address function, other;
	int virtual_, space, fd;
	uint64_t value;

	need(function_find(device, 0, &function), "find one");
	virtual_ = device_take(&function);
	space = space_create(virtual_);
	need(space >= 0 && !attach(virtual_, space), "attach it");
	config_write(virtual_, 4, 2, config_read(virtual_, 4, 2) | 4);
	check_equal(0, vectors(virtual_, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, 3), "vectors");
	kill(owner, SIGKILL);
	waitpid(owner, NULL, 0);
	check_equal(-ENODEV, call(virtual_, ULDF_DEVICE_INFO, &info), "it went with its owner");
	check_equal(-ENODEV, region_read(virtual_, 0, 0, 4, &value), "its registers, too");
	check(device_open(&function) == -ENOENT, "and its node");
	check(!function_find(device, 0, &other), "and the other one");
	fd = device_open(device);
	check(fd >= 0, "the physical one is still claimed");
	check(!region_read(fd, 0, 8, 4, &value) && value != 0xffffffff, "and answers");
	check_equal(0, functions(fd, 1), "and can make new ones");
	need(function_find(device, 0, &function), "find it");
	close(virtual_);
	virtual_ = device_take(&function);
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL),
		    "release it with one that is open");
	check_equal(-ENODEV, call(virtual_, ULDF_DEVICE_INFO, &info), "which is gone");
	check(!function_find(device, 0, &other), "wholly");
	close(space);
	close(virtual_);
	close(fd);
}

static _Atomic bool done;

static void *claim_often(void *arg)
{
	struct address function;

	while (!done) {
		if (!function_find(arg, 0, &function) || claim(&function, NULL))
			continue;
		close(device_open(&function));
		release(&function, 0, NULL);
	}
	return NULL;
}

static void *open_often(void *arg)
{
	while (!done) {
		int fd = device_open(arg);

		if (fd < 0)
			continue;
		functions(fd, 2);
		functions(fd, 1);
		close(fd);
	}
	return NULL;
}

static void *take_often(void *arg)
{
	while (!done) {
		claim(arg, NULL);
		usleep(300000);
		release(arg, ULDF_RELEASE_FORCE, NULL);
	}
	return NULL;
}

static void at_once(struct address *device)
{
	void *(*const run[])(void *) = {claim_often, open_often, take_often};
	struct address function;
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		need(!pthread_create(&threads[i], NULL, run[i], device), "thread");
	sleep(3);
	done = true;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	check(!function_find(device, 0, &function), "none are left");
	check(device_open(device) == -ENOENT, "nor a claim");
}

void suite_functions(const struct address *device)
{
	struct address copy = *device;
	int fd;

	those_of_others_keep_a_claim_away(&copy);
	fd = device_take(&copy);
	counts_are_judged(fd, &copy);
	sleep_excludes_them(fd);
	no_driver_takes_them(fd, &copy);
	one_is_driven(fd, &copy);
	resets_leave_them(fd, &copy);
	close(fd);
	they_end_with_the_owner(&copy);
	at_once(&copy);
}
