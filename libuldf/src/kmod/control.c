// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "kmod/abi.h"

static int control_open(struct uldf_ctx *ctx, int *out)
{
	int fd = open(KMOD_CONTROL, O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		*out = fd;
		return 0;
	}
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return ctx_fail(ctx, -ENOENT, "uldf.ko is not loaded: modprobe uldf");
	case EACCES:
	case EPERM:
		return ctx_fail(ctx, -EPERM,
				"no permission to open " KMOD_CONTROL ": be root (members of group "
				"uldf may only open what root has claimed)");
	default:
		return ctx_fail(ctx, -errno, KMOD_CONTROL ": %s", ctx_strerror(-errno));
	}
}

int kmod_control_check(struct uldf_ctx *ctx)
{
	int fd = -1, err = control_open(ctx, &fd);

	if (!err)
		close(fd);
	return err;
}

int kmod_control_claim(struct uldf_ctx *ctx, const struct uldf_address *address, bool group)
{
	struct uldf_ioc_claim claim = {
		.argsz = sizeof(claim),
		.flags = group ? ULDF_CLAIM_GROUP : 0,
		.segment = address->segment,
		.bus = address->bus,
		.devfn = (uint8_t)(address->device << 3 | address->function),
	};
	char text[ULDF_ADDRESS_TEXT];
	int fd = -1, err;

	err = control_open(ctx, &fd);
	if (err)
		return err;
	if (ioctl(fd, ULDF_CLAIM, &claim))
		err = -errno;
	close(fd);
	if (!err)
		return 0;
	uldf_address_format(address, text);
	if (claim.reason[0])
		return ctx_fail(ctx, err, "device %s: %.*s%s", text, (int)sizeof(claim.reason),
				claim.reason, err == -ENODEV ? ": see uldfctl list" : "");
	return ctx_fail(ctx, err, "device %s: cannot claim it: %s", text, ctx_strerror(err));
}

int kmod_reset_read(uint32_t number, enum uldf_reset *out)
{
	_Static_assert((int)ULDF_RESET_BY_NOTHING == (int)ULDF_RESET_NONE &&
			       (int)ULDF_RESET_BY_QUIESCE == (int)ULDF_RESET_QUIESCED &&
			       (int)ULDF_RESET_BY_FUNCTION == (int)ULDF_RESET_FUNCTION &&
			       (int)ULDF_RESET_BY_FLR == (int)ULDF_RESET_FLR &&
			       (int)ULDF_RESET_BY_AF == (int)ULDF_RESET_AF &&
			       (int)ULDF_RESET_BY_PM == (int)ULDF_RESET_PM &&
			       (int)ULDF_RESET_BY_BUS == (int)ULDF_RESET_BUS,
		       "resets have the ABI's numbers");
	if (number > ULDF_RESET_BUS)
		return -EPROTO;
	*out = (enum uldf_reset)number;
	return 0;
}

int kmod_control_release(struct uldf_ctx *ctx, const struct uldf_address *address,
			 unsigned int giving, enum uldf_reset *reset)
{
	_Static_assert((int)ULDF_GIVING_TO_DRIVERS == ULDF_RELEASE_REPROBE &&
			       (int)ULDF_GIVING_GROUP == ULDF_RELEASE_GROUP &&
			       (int)ULDF_GIVING_BY_FORCE == ULDF_RELEASE_FORCE,
		       "giving has the ABI's flags");
	struct uldf_ioc_release release = {
		.argsz = sizeof(release),
		.flags = giving,
		.segment = address->segment,
		.bus = address->bus,
		.devfn = (uint8_t)(address->device << 3 | address->function),
	};
	char text[ULDF_ADDRESS_TEXT];
	int fd = -1, err;

	err = control_open(ctx, &fd);
	if (err)
		return err;
	if (ioctl(fd, ULDF_RELEASE, &release))
		err = -errno;
	close(fd);
	uldf_address_format(address, text);
	if (!err && !kmod_reset_read(release.reset, reset))
		return 0;
	if (!err)
		return ctx_fail(ctx, -EPROTO,
				"device %s: released, but uldf.ko is newer than libuldf and tells "
				"of a reset (%u) unknown to it",
				text, (unsigned int)release.reset);
	if (err == -ENODEV)
		return ctx_fail(ctx, err, "device %s: not claimed: see uldfctl list", text);
	if (err == -EBUSY)
		return ctx_fail(ctx, err, "device %s: %.*s", text, (int)sizeof(release.reason),
				release.reason);
	return ctx_fail(ctx, err, "device %s: cannot release it: %s", text, ctx_strerror(err));
}
