// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tap.h"

int tap_open(struct tap *tap, const char *wanted, const uint8_t mac[6])
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", wanted);
	if (ioctl(fd, TUNSETIFF, &request)) {
		/* What it says of an interface that is there, but is no TAP. */
		if (errno == EINVAL && if_nametoindex(wanted))
			errno = EBUSY;
		goto err_close;
	}
	*tap = (struct tap){.fd = fd};
	memcpy(tap->name, request.ifr_name, sizeof(tap->name));
	request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(request.ifr_hwaddr.sa_data, mac, 6);
	if (ioctl(fd, SIOCSIFHWADDR, &request))
		goto err_close;
	err = tap_carrier(tap, false);
	if (err) {
		close(fd);
		return err;
	}
	return 0;
err_close:
	err = -errno;
	close(fd);
	return err;
}

int tap_offload(struct tap *tap)
{
	const unsigned int offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;

	return ioctl(tap->fd, TUNSETOFFLOAD, offloads) ? -errno : 0;
}

void tap_close(struct tap *tap)
{
	close(tap->fd);
	tap->fd = -1;
}

int tap_carrier(struct tap *tap, bool up)
{
	int carrier = up;

	return ioctl(tap->fd, TUNSETCARRIER, &carrier) ? -errno : 0;
}
