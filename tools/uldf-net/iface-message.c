// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/rtnetlink.h>
#include <string.h>
#include "iface.h"

static void parse_attributes(const uint8_t *at, size_t left, struct iface_state *state)
{
	struct rtattr attribute;
	uint32_t count;
	size_t size;

	while (left >= sizeof(attribute)) {
		memcpy(&attribute, at, sizeof(attribute));
		if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > left)
			return;
		size = attribute.rta_len - sizeof(attribute);
		if (attribute.rta_type == IFLA_ADDRESS && size == sizeof(state->mac))
			memcpy(state->mac, at + sizeof(attribute), size);
		if (attribute.rta_type == IFLA_MTU && size == sizeof(state->mtu))
			memcpy(&state->mtu, at + sizeof(attribute), size);
		if (attribute.rta_type == IFLA_PROMISCUITY && size == sizeof(count)) {
			memcpy(&count, at + sizeof(attribute), size);
			state->promiscuous = count;
		}
		size = RTA_ALIGN(attribute.rta_len);
		if (size > left)
			return;
		at += size;
		left -= size;
	}
}

enum iface_told iface_parse(const void *messages, size_t size, unsigned int index,
			    struct iface_state *state)
{
	enum iface_told told = IFACE_NOTHING;
	const uint8_t *at = messages;
	struct nlmsghdr header;
	struct ifinfomsg info;
	size_t step;

	for (; size >= sizeof(header); at += step, size -= step) {
		memcpy(&header, at, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > size)
			break;
		step = NLMSG_ALIGN(header.nlmsg_len) < size ? NLMSG_ALIGN(header.nlmsg_len) : size;
		if ((header.nlmsg_type != RTM_NEWLINK && header.nlmsg_type != RTM_DELLINK) ||
		    header.nlmsg_len < NLMSG_LENGTH(sizeof(info)))
			continue;
		memcpy(&info, at + NLMSG_HDRLEN, sizeof(info));
		/* A bridge describes its ports by such messages of AF_BRIDGE. */
		if ((unsigned int)info.ifi_index != index || info.ifi_family != AF_UNSPEC)
			continue;
		if (header.nlmsg_type == RTM_DELLINK)
			return IFACE_GONE;
		told = IFACE_STATE;
		parse_attributes(at + NLMSG_SPACE(sizeof(info)),
				 header.nlmsg_len > NLMSG_SPACE(sizeof(info))
					 ? header.nlmsg_len - NLMSG_SPACE(sizeof(info))
					 : 0,
				 state);
	}
	return told;
}
