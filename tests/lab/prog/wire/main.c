// SPDX-License-Identifier: MIT
/*
 * lab-wire ADDRESS IP: a session with a network card, the same each time: asks three times who has IP (RFC 826).
 * The answers go to stdout.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uldf.h>
#include <uldf/dma.h>
#include <uldf/drivers/e1000e.h>

#define ROUNDS	 3
#define LIMIT_MS 60000

struct arp {
	uint8_t to[6], from[6];
	uint16_t type, hardware, protocol;
	uint8_t sizes[2];
	uint16_t operation;
	uint8_t sender[6], sender_ip[4], target[6], target_ip[4];
};

_Static_assert(sizeof(struct arp) == 42, "RFC 826");

struct wire {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space;
	struct uldf_buffer *buffer;
	struct uldf_e1000e *nic;
	unsigned int answers;
};

static void must(struct wire *w, const char *what, int err)
{
	char reason[256];

	if (!err)
		return;
	uldf_reason(w->ctx, reason, sizeof(reason));
	fprintf(stderr, "lab-wire: %s (%s): %s\n", what, strerror(-err), reason);
	exit(1);
}

static void take(const void *frame, size_t length, bool checked, void *arg)
{
	const struct arp *arp = frame;
	struct wire *w = arg;

	if (length < sizeof(*arp) || ntohs(arp->type) != 0x0806 || ntohs(arp->operation) != 2)
		return;
	w->answers++;
	fwrite(arp, sizeof(*arp), 1, stdout);
}

/* Sleeps until something happens, and takes what is there. */
static void serve(struct wire *w)
{
	struct pollfd waiting = {.fd = uldf_e1000e_fd(w->nic), .events = POLLIN};
	unsigned int events;
	size_t done;

	must(w, "arm", uldf_e1000e_arm(w->nic, ULDF_E1000E_RECEIVED | ULDF_E1000E_LINK));
	if (poll(&waiting, 1, LIMIT_MS) != 1)
		must(w, "wait", -ETIMEDOUT);
	must(w, "events", uldf_e1000e_events(w->nic, &events));
	must(w, "receive", uldf_e1000e_receive(w->nic, 64, take, w, &done));
	uldf_e1000e_sent(w->nic);
}

static void ask(struct wire *w, const uint8_t ip[4])
{
	const uint8_t *mac = uldf_e1000e_mac(w->nic);
	struct uldf_e1000e_frame frame = {.bus = w->buffer->bus, .length = sizeof(struct arp)};
	struct arp *arp = w->buffer->address;
	size_t done = 0;

	memset(arp, 0, sizeof(*arp));
	memset(arp->to, 0xff, 6);
	memcpy(arp->from, mac, 6);
	arp->type = htons(0x0806);
	arp->hardware = htons(1);
	arp->protocol = htons(0x0800);
	arp->sizes[0] = 6;
	arp->sizes[1] = 4;
	arp->operation = htons(1);
	memcpy(arp->sender, mac, 6);
	memcpy(arp->sender_ip, ip, 3);
	arp->sender_ip[3] = 77;
	memcpy(arp->target_ip, ip, 4);
	must(w, "send", uldf_e1000e_send(w->nic, &frame, 1, &done));
}

int main(int argc, char **argv)
{
	struct uldf_e1000e_link link = {0};
	struct wire w = {0};
	uint8_t ip[4];

	if (argc != 3 || inet_pton(AF_INET, argv[2], ip) != 1 || uldf_ctx_create(&w.ctx)) {
		fprintf(stderr, "usage: lab-wire ADDRESS IP\n");
		return 2;
	}
	must(&w, "open", uldf_device_open(w.ctx, argv[1], &w.device));
	must(&w, "space", uldf_space_create_masked(w.device, UINT32_MAX, &w.space));
	must(&w, "attach", uldf_device_attach(w.device, w.space));
	must(&w, "buffer", uldf_buffer_create(w.space, 4096, &w.buffer));
	must(&w, "card", uldf_e1000e_open(w.device, w.space, NULL, &w.nic));
	for (;;) {
		must(&w, "link", uldf_e1000e_link(w.nic, &link));
		if (link.up)
			break;
		serve(&w);
	}
	for (unsigned int i = 0; i < ROUNDS; i++) {
		ask(&w, ip);
		while (w.answers <= i)
			serve(&w);
	}
	uldf_e1000e_close(w.nic);
	uldf_buffer_destroy(w.buffer);
	must(&w, "detach", uldf_device_detach(w.device));
	uldf_space_destroy(w.space);
	uldf_device_close(w.device);
	uldf_ctx_destroy(w.ctx);
	return 0;
}
