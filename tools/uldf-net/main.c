// SPDX-License-Identifier: GPL-2.0-or-later
/* uldf-net: a network card as an interface of the host, driven by this process. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "bridge.h"
#include "options.h"

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
	printf("uldf-net: sent %llu frames, received %llu; missed %llu, damaged %llu, dropped "
	       "%llu\n",
	       (unsigned long long)stats.sent, (unsigned long long)stats.received,
	       (unsigned long long)stats.missed, (unsigned long long)stats.errors,
	       (unsigned long long)(bridge->counts.refused + bridge->counts.unfit));
}

static int run_bridge(struct bridge *bridge)
{
	struct event *terminate = evsignal_new(bridge->base, SIGTERM, signalled, bridge);
	struct event *interrupt = evsignal_new(bridge->base, SIGINT, signalled, bridge);
	int err = -ENOMEM;

	if (!terminate || !interrupt || event_add(terminate, NULL) || event_add(interrupt, NULL)) {
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
	if (interrupt)
		event_free(interrupt);
	if (terminate)
		event_free(terminate);
	return err;
}

static int run_tap(struct bridge *bridge, const struct options *options)
{
	int err;

	err = uldf_e1000e_open(bridge->device, bridge->space, &options->nic, &bridge->nic);
	if (err == -ENOTSUP) {
		fprintf(stderr, "uldf-net: device %s: no network card of the Intel 82574 family\n",
			options->device);
		return err;
	}
	if (err)
		return complain(bridge->ctx, err, "cannot start the card");
	err = tap_open(&bridge->tap, options->tap, uldf_e1000e_mac(bridge->nic));
	if (err) {
		fprintf(stderr, "uldf-net: interface %s: %s\n", options->tap,
			err == -ENOENT ? "no /dev/net/tun: modprobe tun" : strerror(-err));
		uldf_e1000e_close(bridge->nic);
		return err;
	}
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
