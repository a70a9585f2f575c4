// SPDX-License-Identifier: MIT
/* A TAP interface of the host as a wire (Linux Documentation/networking/tuntap.rst). */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "ctx.h"
#include "model/e1000e/wire.h"

struct tap {
	struct wire wire;
	int fd;	    /* -1 once the interface is gone */
	bool waits; /* a frame found no room */
};

static struct tap *tap_of(struct wire *wire)
{
	return (struct tap *)wire;
}

static void tap_close(struct wire *wire)
{
	struct tap *tap = tap_of(wire);

	if (tap->fd >= 0)
		close(tap->fd);
	free(tap);
}

/* Was the interface deleted? Then the descriptor is always ready, and of no use. */
static bool is_gone(int err)
{
	return err != EAGAIN && err != EINTR && err != EIO && err != ENOMEM && err != ENOBUFS;
}

static void tap_lose(struct tap *tap)
{
	close(tap->fd);
	tap->fd = -1;
}

/* The host's stack does not pad frames: the MAC at the far end of a wire does. */
static size_t tap_receive(struct wire *wire, void *frame)
{
	struct tap *tap = tap_of(wire);
	ssize_t size;

	if (tap->fd < 0)
		return 0;
	size = read(tap->fd, frame, WIRE_FRAME);
	if (size <= 0) {
		if (!size || is_gone(errno))
			tap_lose(tap);
		return 0;
	}
	if (size < WIRE_SHORT) {
		memset((char *)frame + size, 0, (size_t)(WIRE_SHORT - size));
		size = WIRE_SHORT;
	}
	return (size_t)size;
}

/* An interface that is down takes nothing, and says EIO. */
static int tap_send(struct wire *wire, const void *frame, size_t size)
{
	struct tap *tap = tap_of(wire);

	tap->waits = false;
	if (tap->fd < 0 || write(tap->fd, frame, size) >= 0 || errno != EAGAIN)
		return 0;
	tap->waits = true;
	return -EAGAIN;
}

static void tap_carrier(struct wire *wire, bool on)
{
	int carrier = on;

	/* Kernels from 4.20 on know carriers; without, the interface has one always. */
	if (tap_of(wire)->fd >= 0)
		ioctl(tap_of(wire)->fd, TUNSETCARRIER, &carrier);
}

static bool tap_up(struct wire *wire)
{
	return tap_of(wire)->fd >= 0;
}

static int tap_fd(struct wire *wire, short *events)
{
	*events = POLLIN | (tap_of(wire)->waits ? POLLOUT : 0);
	return tap_of(wire)->fd;
}

static const struct wire_ops tap_ops = {
	.close = tap_close,
	.receive = tap_receive,
	.send = tap_send,
	.carrier = tap_carrier,
	.up = tap_up,
	.fd = tap_fd,
};

int wire_wrap_tap(int fd, struct wire **out)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	if (!tap) {
		close(fd);
		return -ENOMEM;
	}
	tap->wire.ops = &tap_ops;
	tap->fd = fd;
	*out = &tap->wire;
	return 0;
}

static const char *attach_strerror(int err)
{
	switch (err) {
	case -EPERM:
		return "not yours: ip tuntap add mode tap user USER gives it to a user";
	case -EBUSY:
		return "another process has it open";
	case -EINVAL:
		return "no TAP, or one with other flags: make it with ip tuntap add mode tap";
	default:
		return ctx_strerror(err);
	}
}

/* Attaches to an interface that is there: TUNSETIFF would make one that is not. */
static int tap_attach(struct uldf_ctx *ctx, int fd, const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int probe, err;

	memcpy(request.ifr_name, name, strlen(name));
	probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (probe < 0)
		return ctx_fail(ctx, -errno, "model:e1000e: no socket: %s", ctx_strerror(-errno));
	err = ioctl(probe, SIOCGIFINDEX, &request) ? -errno : 0;
	close(probe);
	if (err)
		return ctx_fail(ctx, err,
				"model:e1000e: no interface %s: make it with ip tuntap add %s mode "
				"tap",
				name, name);
	memset(&request.ifr_ifru, 0, sizeof(request.ifr_ifru));
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (!ioctl(fd, TUNSETIFF, &request))
		return 0;
	err = -errno;
	return ctx_fail(ctx, err, "model:e1000e: cannot attach to interface %s: %s", name,
			attach_strerror(err));
}

int wire_open_tap(struct uldf_ctx *ctx, const char *name, struct wire **out)
{
	int fd, err;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return ctx_fail(
			ctx, -EINVAL,
			"model:e1000e: option tap: '%s' is no name of an interface: 1 to %d "
			"characters",
			name, IFNAMSIZ - 1);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		return ctx_fail(ctx, err, "model:e1000e: cannot open /dev/net/tun: %s%s",
				ctx_strerror(err), err == -ENOENT ? ": modprobe tun" : "");
	}
	err = tap_attach(ctx, fd, name);
	if (err) {
		close(fd);
		return err;
	}
	err = wire_wrap_tap(fd, out);
	return err ? ctx_fail(ctx, err, "out of memory") : 0;
}
