// SPDX-License-Identifier: GPL-2.0-or-later
/* uldf-net: a network card as an interface of the host, driven by this process. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "bridge.h"
#include "options.h"
#include "stats.h"

/* Says what is wrong, with the library's reason if it has one. */
static int complain(struct uldf_ctx *ctx, int err, const char *what)
{
	char reason[256];

	uldf_reason(ctx, reason, sizeof(reason));
	fprintf(stderr, "uldf-net: %s: %s\n", what, reason[0] ? reason : strerror(-err));
	return err;
}

static void signalled(evutil_socket_t signal, short what, void *arg)
{
	bridge_end(arg, 0, NULL);
}

static void tell_stats(const struct bridge *bridge)
{
	struct uldf_e1000e_stats stats;

	if (uldf_e1000e_stats(bridge->nic, &stats))
		return;
	stats_print(stdout, &stats, &bridge->counts);
}

static void asked(evutil_socket_t signal, short what, void *arg)
{
	tell_stats(arg);
}

static int listen_to(struct bridge *bridge, int signal, event_callback_fn fn, struct event **out)
{
	*out = evsignal_new(bridge->base, signal, fn, bridge);
	return !*out || event_add(*out, NULL) ? -ENOMEM : 0;
}

static int run_bridge(struct bridge *bridge)
{
	struct event *signals[3] = {0};
	int err;

	if ((err = listen_to(bridge, SIGTERM, signalled, &signals[0])) ||
	    (err = listen_to(bridge, SIGINT, signalled, &signals[1])) ||
	    (err = listen_to(bridge, SIGUSR1, asked, &signals[2]))) {
		complain(bridge->ctx, err, "cannot wait for signals");
		goto out;
	}
	err = bridge_init(bridge);
	if (err)
		goto out;
	printf("uldf-net: %s is device %s\n", bridge->tap.name,
	       uldf_device_info(bridge->device)->address);
	err = bridge_run(bridge);
	tell_stats(bridge);
	bridge_fini(bridge);
out:
	for (unsigned int i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i])
			event_free(signals[i]);
	return err;
}

static int run_tap(struct bridge *bridge, const struct options *options)
{
	int err;

	err = uldf_e1000e_open(bridge->device, bridge->space, &options->nic, &bridge->nic);
	if (err)
		return complain(bridge->ctx, err, "cannot start the card");
	err = tap_open(&bridge->tap, options->tap, uldf_e1000e_mac(bridge->nic));
	if (err) {
		fprintf(stderr, "uldf-net: interface %s: %s\n", options->tap,
			err == -ENOENT ? "no /dev/net/tun: modprobe tun" : strerror(-err));
		uldf_e1000e_close(bridge->nic);
		return err;
	}
	if (options->offload)
		err = tap_offload(&bridge->tap);
	if (err)
		fprintf(stderr, "uldf-net: interface %s: cannot offload: %s: try --no-offload\n",
			bridge->tap.name, strerror(-err));
	else
		err = run_bridge(bridge);
	tap_close(&bridge->tap);
	return err;
}

/* Nothing confines a device in a bare space: it is for machines without an IOMMU. */
static int run_device(struct bridge *bridge, const struct options *options)
{
	int err;

	if (uldf_device_info(bridge->device)->translated)
		err = uldf_space_create(bridge->device, &bridge->space);
	else
		err = uldf_space_create_bare(bridge->device, UINT64_MAX, &bridge->space);
	if (err)
		return complain(bridge->ctx, err, "cannot give it memory");
	err = uldf_device_attach(bridge->device, bridge->space);
	if (err)
		complain(bridge->ctx, err, "cannot give it memory");
	else
		err = run_tap(bridge, options);
	return err;
}

int main(int argc, char **argv)
{
	struct bridge bridge = {0};
	struct options options;
	int err = -ENOMEM;

	options_parse(&options, argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	bridge.polled = options.nic.polled;
	bridge.promiscuous = options.nic.promiscuous;
	bridge.offload = options.offload;
	bridge.base = event_base_new();
	if (!bridge.base || uldf_ctx_create(&bridge.ctx)) {
		fprintf(stderr, "uldf-net: out of memory\n");
		goto out;
	}
	err = uldf_device_open(bridge.ctx, options.device, &bridge.device);
	if (err) {
		complain(bridge.ctx, err, "cannot open it");
		goto out;
	}
	err = run_device(&bridge, &options);
	uldf_device_close(bridge.device);
	uldf_space_destroy(bridge.space);
out:
	uldf_ctx_destroy(bridge.ctx);
	if (bridge.base)
		event_base_free(bridge.base);
	return exit_status(err);
}
