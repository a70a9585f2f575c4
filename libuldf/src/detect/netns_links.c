// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "detect/netns.h"

/* What the thread is told, and answers. */
struct visit {
	const char *netns;
	int sock;
	int err;
};

/* A thread's namespace is its own: the rest of the process stays where it is. */
static void *visit_run(void *data)
{
	struct visit *visit = data;
	int fd = open(visit->netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		visit->err = -errno;
		return NULL;
	}
	if (setns(fd, CLONE_NEWNET)) {
		visit->err = -errno;
	} else {
		/* A socket stays in the namespace that it was made in. */
		visit->sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
		visit->err = visit->sock < 0 ? -errno : 0;
	}
	close(fd);
	return NULL;
}

static int netns_socket(const char *netns, int *out)
{
	struct visit visit = {.netns = netns, .sock = -1};
	pthread_t thread;
	int err = -pthread_create(&thread, NULL, visit_run, &visit);

	if (err)
		return err;
	pthread_join(thread, NULL);
	if (!visit.err)
		*out = visit.sock;
	return visit.err;
}

static void link_read(const struct nlmsghdr *header, netns_found *found, void *data)
{
	const struct ifinfomsg *link = NLMSG_DATA(header);
	int length = (int)IFLA_PAYLOAD(header);
	const char *name = NULL, *parent = NULL;

	for (const struct rtattr *at = IFLA_RTA(link); RTA_OK(at, length);
	     at = RTA_NEXT(at, length)) {
		if (at->rta_type == IFLA_IFNAME)
			name = RTA_DATA(at);
		else if (at->rta_type == IFLA_PARENT_DEV_NAME)
			parent = RTA_DATA(at);
	}
	if (name && parent)
		found(data, parent, name, link->ifi_flags & IFF_UP);
}

static int links_dump(int sock, netns_found *found, void *data)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			   .nlmsg_type = RTM_GETLINK,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.link = {.ifi_family = AF_UNSPEC},
	};
	_Alignas(struct nlmsghdr) char buf[32768];

	if (send(sock, &request, sizeof(request), 0) < 0)
		return -errno;
	for (;;) {
		ssize_t got = recv(sock, buf, sizeof(buf), 0);
		size_t left = got < 0 ? 0 : (size_t)got;

		if (got <= 0)
			return got < 0 ? -errno : -EPROTO;
		for (const struct nlmsghdr *header = (const void *)buf; NLMSG_OK(header, left);
		     header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type == NLMSG_DONE)
				return 0;
			if (header->nlmsg_type == NLMSG_ERROR)
				return -EPROTO;
			if (header->nlmsg_type == RTM_NEWLINK)
				link_read(header, found, data);
		}
	}
}

int netns_links(const char *netns, netns_found *found, void *data)
{
	int sock, err;

	err = netns_socket(netns, &sock);
	if (err)
		return err;
	err = links_dump(sock, found, data);
	close(sock);
	return err;
}
