// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "iface.h"

#define OWN_NAMESPACE "/proc/thread-self/ns/net"

static int request_state(const struct iface *iface)
{
	const struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			   .nlmsg_type = RTM_GETLINK,
			   .nlmsg_flags = NLM_F_REQUEST},
		.info = {.ifi_index = (int)iface->index},
	};

	return send(iface->fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* Opens the socket; the thread is in the namespace of the interface. */
static int listen_here(struct iface *iface, const struct tap *tap)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	struct ifreq name;
	int err;

	if (ioctl(tap->fd, TUNGETIFF, &name))
		return -errno;
	iface->index = if_nametoindex(name.ifr_name);
	if (!iface->index)
		return -errno;
	iface->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (iface->fd < 0)
		return -errno;
	err = bind(iface->fd, (const struct sockaddr *)&address, sizeof(address))
		      ? -errno
		      : request_state(iface);
	if (err)
		iface_close(iface);
	return err;
}

static bool is_same_file(int one, int other)
{
	struct stat a, b;

	return !fstat(one, &a) && !fstat(other, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* A socket belongs to the namespace that its thread is in when it opens the socket. */
int iface_open(struct iface *iface, const struct tap *tap)
{
	int there, here, err;

	iface->fd = -1;
	there = ioctl(tap->fd, TUNGETDEVNETNS);
	if (there < 0)
		return -errno;
	here = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	if (here < 0) {
		err = -errno;
		goto out_there;
	}
	if (is_same_file(here, there)) {
		err = listen_here(iface, tap);
		goto out_here;
	}
	if (setns(there, CLONE_NEWNET)) {
		err = -errno;
		goto out_here;
	}
	err = listen_here(iface, tap);
	if (setns(here, CLONE_NEWNET) && !err) {
		err = -errno;
		iface_close(iface);
	}
out_here:
	close(here);
out_there:
	close(there);
	return err;
}

void iface_close(struct iface *iface)
{
	if (iface->fd >= 0)
		close(iface->fd);
	iface->fd = -1;
}

enum iface_told iface_read(struct iface *iface, struct iface_state *state)
{
	enum iface_told told = IFACE_NOTHING, now;
	struct sockaddr_nl from;
	socklen_t length = sizeof(from);
	uint8_t bytes[32768];
	ssize_t size;

	for (unsigned int i = 0; i < 64; i++) {
		size = recvfrom(iface->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from,
				&length);
		/* The kernel dropped messages: ask for the state. */
		if (size < 0 && errno == ENOBUFS) {
			request_state(iface);
			continue;
		}
		if (size < 0)
			break;
		if (from.nl_pid)
			continue;
		now = iface_parse(bytes, (size_t)size, iface->index, state);
		if (now == IFACE_GONE)
			return now;
		told = now == IFACE_STATE ? now : told;
	}
	return told;
}

int iface_set_mtu(struct iface *iface, uint32_t mtu)
{
	const struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		struct rtattr attribute;
		uint32_t mtu;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			   .nlmsg_type = RTM_SETLINK,
			   .nlmsg_flags = NLM_F_REQUEST},
		.info = {.ifi_index = (int)iface->index},
		.attribute = {.rta_len = RTA_LENGTH(sizeof(mtu)), .rta_type = IFLA_MTU},
		.mtu = mtu,
	};

	return send(iface->fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}
