/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host of a few devices, in place of libuldf's and sysfs's: remembers what was done to it. */
#ifndef UNIT_ULDFCTL_HOST_H
#define UNIT_ULDFCTL_HOST_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include "binding.h"
#include "verbs.h"

#define HOST_DEVICES 4

/* The device with this number is 0000:00:0N.0. */
struct host_device {
	struct uldf_host_device seen;
	int claim_error;  /* of a claim that no driver stands in the way of */
	int unbind_error; /* of sysfs */
	int release_error;
	bool overridden;      /* to be ours: a release gives it back to nobody */
	const char *usage;    /* what is found, with the advice to end it */
	const char *open;     /* in which process it is open */
	const char *unknown;  /* what cannot be told, likewise */
	const char *later;    /* what is found from the second time on */
	const char *taken_by; /* the driver that takes it when the last one has been looked up */
	unsigned int looks, claims, releases, reprobes, unbinds;
	bool reprobed_by_release;
};

struct host {
	struct host_device devices[HOST_DEVICES];
	bool signals_were_open; /* while something was claimed, released or bound */
	int raise;		/* a signal that comes with the first claim */
	int check_error;	/* may this process claim? */
	unsigned int holding;	/* answers that hold devices, not destroyed yet */
	bool unbound_unheld;	/* a device was unbound that nothing held */
};

extern struct host host;

/* Criterion runs each test in a process of its own: the host begins with devices nobody holds. */
void host_init(void);

/* Gives a device to a driver of the host. */
void host_bind(unsigned int n, const char *driver);

/* Runs "uldfctl claim" on the first @count devices. */
int host_claim(size_t count, bool unbind, bool dry_run, bool json);

/* Runs "uldfctl claim --unbind --force" on the first device. */
int host_claim_force(void);

/* Runs "uldfctl claim --group" on the first device. */
int host_claim_group(bool unbind, bool dry_run);

/* Runs "uldfctl release --force" on the first device. */
int host_release_force(void);

/* Runs "uldfctl release" on the first @count devices, with drivers asked, and what was asked for in JSON ended. */
int host_release(size_t count, bool group, bool dry_run, bool json);

#endif
