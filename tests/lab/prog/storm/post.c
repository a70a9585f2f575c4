// SPDX-License-Identifier: MIT
/* Descriptors that pass from process to process, and some that nobody receives. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storm.h"

static int post[2] = {-1, -1}; /* of all processes of a round: the first sends */

void post_init(void)
{
	need(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, post), "sockets");
}

union ancillary {
	struct cmsghdr header;
	char room[CMSG_SPACE(4 * sizeof(int))];
};

struct letter {
	int kind, device;
};

static long fds_send(int to, struct letter letter, const int *fds, unsigned int count)
{
	union ancillary ancillary = {};
	struct iovec data = {&letter, sizeof(letter)};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = &ancillary,
				 .msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	return sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static enum kind kind_pick(struct worker *w)
{
	return draw_percent(w, 60) ? DEVICE + draw_below(w, 2) : draw_below(w, KINDS);
}

static long post_send(struct worker *w)
{
	enum kind kind = kind_pick(w);
	int fd = slot_use(w, kind);

	if (fd < 0)
		return IDLE;
	return fds_send(post[0], (struct letter){kind, w->device - storm->device}, &fd, 1);
}

static long post_receive(struct worker *w)
{
	union ancillary ancillary = {};
	struct letter letter = {};
	struct iovec data = {&letter, sizeof(letter)};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = &ancillary,
				 .msg_controllen = sizeof(ancillary)};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(post[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	/* without room for a descriptor here it is lost on its way */
	if (!header || header->cmsg_len < CMSG_LEN(sizeof(fd)))
		return -EMFILE;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	w->device = &storm->device[letter.device];
	slot_keep(w, letter.kind, fd);
	return 0;
}

/* On its way when the socket is closed, alone or in a ring that only the kernel's collector breaks. */
static long post_lose(struct worker *w)
{
	bool ring = draw_percent(w, 50);
	int fds[3] = {slot_use(w, kind_pick(w))}, sockets[2];
	long ret;

	if (fds[0] < 0)
		return IDLE;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	fds[1] = sockets[0];
	fds[2] = sockets[1];
	ret = fds_send(sockets[0], (struct letter){}, fds, ring ? 3 : 1);
	close(sockets[0]);
	close(sockets[1]);
	return ret;
}

static const struct act acts[] = {
	ACT("post-send", 15, post_send),
	ACT("post-receive", 25, post_receive),
	ACT("post-lose", 3, post_lose),
};

const struct acts post_acts = {acts, COUNT(acts)};
