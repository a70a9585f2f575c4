// SPDX-License-Identifier: MIT
/*
 * What a holder hands on: a user without any privilege does all there is to do with the device and the
 * space that it was given, and can map just the part of a region that it was given.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"

static void fds_send(int socket_, const int *fds, int count)
{
	char room[CMSG_SPACE(2 * sizeof(int))] = {}, byte = 'x';
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = room,
				 .msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	need(sendmsg(socket_, &message, 0) == 1, "send descriptors");
}

static void fds_receive(int socket_, int *fds, int count)
{
	char room[CMSG_SPACE(2 * sizeof(int))], byte;
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = room,
				 .msg_controllen = sizeof(room)};

	need(recvmsg(socket_, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message),
	     "receive descriptors");
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&message)), count * sizeof(int));
}

/* Starts a process of user nobody that has this socket and nothing else. */
static pid_t nobody_start(void (*run)(int socket_, const struct address *device),
			  const struct address *device, int *out)
{
	int sockets[2];
	pid_t child;

	need(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), "sockets");
	fflush(stdout);
	child = fork();
	if (child) {
		close(sockets[1]);
		*out = sockets[0];
		return child;
	}
	need(dup2(sockets[1], 3) == 3 && !close_range(4, ~0U, 0), "close all else");
	user_become(NOBODY);
	run(3, device);
	fflush(stdout);
	_exit(check_failures() ? 1 : 0);
}

static void nobody_wait(pid_t child, const char *what)
{
	int status = 1;

	check(waitpid(child, &status, 0) == child && !status, "%s", what);
}

static void nothing_else_opens(const struct address *device)
{
	check_equal(-EACCES, device_open(device), "its node cannot be opened");
	check_equal(-EACCES, control_open(), "nor the control node");
}

static void drives(int socket_, const struct address *device)
{
	uint32_t *memory =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fds[2], fd, space, event = event_create();
	uint64_t value = 0;
	uint32_t id = 0;

	nothing_else_opens(device);
	fds_receive(socket_, fds, 2);
	fd = fds[0];
	space = fds[1];
	check_equal(0, region_read(fd, 0, EDU_IDENT, 4, &value), "nobody reads a register");
	check(value == EDU_IDENT_VALUE, "it is %#x", (unsigned int)value);
	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSI, 0, 1), "enables a vector");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_MSI, 0, 1, &event), "binds an eventfd");
	check_equal(0, attach(fd, space), "attaches");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	edu_raise(fd, 1);
	check(event_wait(event, PATIENCE), "is interrupted");
	edu_ack(fd, 1);
	check_equal(0, memory_register(space, memory, PAGE, 0, &id), "registers memory");
	check_equal(0, map(space, id, 0, 0x10000, PAGE, ULDF_MAP_READ | ULDF_MAP_WRITE), "maps it");
	memory[0] = 0x600df00d;
	check(edu_dma(fd, 0x10000, 64, false), "the device reads memory");
	memory[0] = 0;
	check(edu_dma(fd, 0x10000, 64, true), "and writes it");
	check(memory[0] == 0x600df00d, "what it had read");
	value = region_fd(fd, 0, 0, PAGE, 0);
	check((int)value >= 0, "a file for part of a region is made");
}

static void *part_map(int fd, uint64_t offset, size_t size, int protection, int flags)
{
	void *at = mmap(NULL, size, protection, flags, fd, offset);

	return at == MAP_FAILED ? NULL : at;
}

static void part_is_judged(int part)
{
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	char path[32];
	uint32_t word;

	check(!part_map(part, 0, 3 * PAGE, PROT_READ, MAP_SHARED) && errno == EINVAL,
	      "not beyond it");
	check(!part_map(part, 2 * PAGE, PAGE, PROT_READ, MAP_SHARED) && errno == EINVAL,
	      "not behind it");
	check(!part_map(part, 1ULL << 40, PAGE, PROT_READ, MAP_SHARED), "no other region");
	check(!part_map(part, ~0ULL << 12, PAGE, PROT_READ, MAP_SHARED), "nothing far away");
	check(!part_map(part, 0, PAGE, PROT_READ, MAP_PRIVATE) && errno == EINVAL, "not privately");
	check(!part_map(part, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED) && errno == EACCES,
	      "not for writing");
	check_equal(-ENOTTY, call(part, ULDF_DEVICE_INFO, &info), "no call");
	check(pread(part, &word, 4, 0) < 0, "no reading");
	check(pwrite(part, &word, 4, 0) < 0, "no writing");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", part);
	check(open(path, O_RDWR) < 0, "it is not opened anew");
}

static void maps(int socket_, const struct address *device)
{
	volatile uint32_t *at, *second;
	int part;
	char byte;

	nothing_else_opens(device);
	fds_receive(socket_, &part, 1);
	part_is_judged(part);
	at = part_map(part, 0, 2 * PAGE, PROT_READ, MAP_SHARED);
	second = part_map(part, PAGE, PAGE, PROT_READ, MAP_SHARED);
	need(at && second, "map the part");
	check(at[EDU_IDENT / 4] == EDU_IDENT_VALUE, "nobody sees the device: %#x",
	      at[EDU_IDENT / 4]);
	check(mprotect((void *)at, PAGE, PROT_READ | PROT_WRITE) < 0 && errno == EACCES,
	      "and cannot make it writable");
	check(!is_gone(second), "its second page, too");
	need(write(socket_, "x", 1) == 1 && read(socket_, &byte, 1) == 1, "wait for the close");
	check(is_gone(at) && is_gone(second), "it is gone after the close");
	check(!part_map(part, 0, PAGE, PROT_READ, MAP_SHARED) && errno == ENODEV,
	      "and not mapped anew");
	need(write(socket_, "x", 1) == 1 && read(socket_, &byte, 1) == 1,
	     "wait for the next holder");
	check(is_gone(at), "it stays gone when somebody else has the device");
	check(!part_map(part, 0, PAGE, PROT_READ, MAP_SHARED) && errno == ENODEV,
	      "and is not mapped");
}

static void a_part_is_handed(const struct address *device, int fd)
{
	int socket_, part = region_fd(fd, 0, 0, 2 * PAGE, 0);
	volatile uint32_t *own;
	uint64_t value;
	pid_t child;
	char byte;

	need(part >= 0, "make a file for part of the region");
	check(fcntl(part, F_GETFD) == FD_CLOEXEC, "it is closed on exec");
	child = nobody_start(maps, device, &socket_);
	fds_send(socket_, &part, 1);
	need(read(socket_, &byte, 1) == 1, "it is mapped");
	config_write(fd, 4, 2, config_read(fd, 4, 2) & ~2);
	own = part_map(part, 0, PAGE, PROT_READ, MAP_SHARED);
	check(own && is_gone(own), "with decoding off it is gone");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 2);
	check(own && !is_gone(own), "with decoding on it is back");
	close(fd);
	check(is_gone(own), "the part is gone with the device's close");
	need(write(socket_, "x", 1) == 1 && read(socket_, &byte, 1) == 1, "which nobody sees");
	fd = device_open(device);
	need(fd >= 0 && !region_read(fd, 0, 0, 4, &value), "open the device again");
	need(write(socket_, "x", 1) == 1, "tell it");
	nobody_wait(child, "nobody could map the part, and nothing else");
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL),
		    "release while the part's file is open");
	check(is_gone(own), "nothing there");
	munmap((void *)own, PAGE);
	close(part);
	close(fd);
	close(socket_);
}

static void a_writable_part(int fd)
{
	int part = region_fd(fd, 0, 0, PAGE, ULDF_REGION_FD_WRITE);
	volatile uint32_t *at = part_map(part, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	need(at, "map a writable part");
	at[EDU_LIVENESS / 4] = 5;
	check(at[EDU_LIVENESS / 4] == ~5U, "writing through it reaches the device");
	munmap((void *)at, PAGE);
	close(part);
}

void suite_hand(const struct address *device)
{
	int fds[2], socket_, fd = device_take(device);
	pid_t child;

	fds[0] = fd;
	fds[1] = space_create(fd);
	need(fds[1] >= 0, "create a space");
	child = nobody_start(drives, device, &socket_);
	fds_send(socket_, fds, 2);
	nobody_wait(child, "nobody drove the device");
	close(socket_);
	close(fds[1]);
	a_writable_part(fd);
	a_part_is_handed(device, fd);
}
