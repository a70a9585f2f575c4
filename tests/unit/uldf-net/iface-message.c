// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "iface.h"

#define INDEX 7

static _Alignas(4) uint8_t bytes[1024];
static size_t size;
static struct iface_state state;

static void put_header(uint16_t type, uint8_t family, int index)
{
	struct nlmsghdr header = {.nlmsg_type = type,
				  .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg))};
	struct ifinfomsg info = {.ifi_family = family, .ifi_index = index};

	memcpy(&bytes[size], &header, sizeof(header));
	memcpy(&bytes[size + NLMSG_HDRLEN], &info, sizeof(info));
	size += header.nlmsg_len;
}

/* Appends to the message that began at @start. */
static void put_attribute(size_t start, uint16_t type, const void *value, uint16_t length)
{
	struct rtattr attribute = {.rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(length)};
	uint32_t total;

	memcpy(&bytes[size], &attribute, sizeof(attribute));
	memcpy(&bytes[size + sizeof(attribute)], value, length);
	size += RTA_SPACE(length);
	total = (uint32_t)(size - start);
	memcpy(&bytes[start], &total, sizeof(total));
}

static void put_link(uint8_t family, int index, const char *mac, uint32_t mtu, uint32_t promiscuity)
{
	size_t start = size;

	put_header(RTM_NEWLINK, family, index);
	put_attribute(start, IFLA_IFNAME, "uldf0", 6);
	put_attribute(start, IFLA_ADDRESS, mac, 6);
	put_attribute(start, IFLA_MTU, &mtu, sizeof(mtu));
	put_attribute(start, IFLA_PROMISCUITY, &promiscuity, sizeof(promiscuity));
}

static void init(void)
{
	size = 0;
	state = (struct iface_state){.mac = {1, 2, 3, 4, 5, 6}, .mtu = 1500};
}

TestSuite(iface_message, .init = init);

Test(iface_message, the_last_of_several_messages_counts)
{
	put_link(AF_UNSPEC, INDEX, "abcdef", 9000, 0);
	put_link(AF_UNSPEC, INDEX, "ABCDEF", 1400, 2);
	cr_expect(eq(int, iface_parse(bytes, size, INDEX, &state), IFACE_STATE));
	cr_expect(eq(int, memcmp(state.mac, "ABCDEF", 6), 0));
	cr_expect(eq(u32, state.mtu, 1400));
	cr_expect(state.promiscuous);
}

Test(iface_message, other_interfaces_and_families_and_kinds_are_passed_over)
{
	put_link(AF_UNSPEC, INDEX + 1, "abcdef", 9000, 1);
	put_link(AF_BRIDGE, INDEX, "abcdef", 9000, 1);
	put_header(RTM_NEWADDR, AF_UNSPEC, INDEX);
	put_header(RTM_DELLINK, AF_BRIDGE, INDEX);
	put_header(RTM_DELLINK, AF_UNSPEC, INDEX + 1);
	cr_expect(eq(int, iface_parse(bytes, size, INDEX, &state), IFACE_NOTHING));
	cr_expect(eq(u32, state.mtu, 1500));
	cr_expect(state.promiscuous == false);
}

Test(iface_message, an_interface_that_is_deleted_is_gone)
{
	put_link(AF_UNSPEC, INDEX, "abcdef", 9000, 1);
	put_header(RTM_DELLINK, AF_UNSPEC, INDEX);
	cr_expect(eq(int, iface_parse(bytes, size, INDEX, &state), IFACE_GONE));
}

Test(iface_message, what_a_message_lacks_stays)
{
	uint32_t mtu = 1400;

	put_header(RTM_NEWLINK, AF_UNSPEC, INDEX);
	put_attribute(0, IFLA_MTU, &mtu, sizeof(mtu));
	cr_expect(eq(int, iface_parse(bytes, size, INDEX, &state), IFACE_STATE));
	cr_expect(eq(u32, state.mtu, 1400));
	cr_expect(eq(int, memcmp(state.mac, "\1\2\3\4\5\6", 6), 0));
}

/* The sanitizers see a read beyond what there is. */
Test(iface_message, messages_cut_anywhere_and_of_any_length_are_survived)
{
	uint8_t *copy;

	put_link(AF_UNSPEC, INDEX, "abcdef", 9000, 1);
	for (size_t cut = 0; cut <= size; cut++) {
		copy = malloc(cut + 1);
		memcpy(copy, bytes, cut);
		iface_parse(copy, cut, INDEX, &state);
		free(copy);
	}
	for (size_t at = 0; at < size; at++) {
		for (unsigned int value = 0; value < 256; value++) {
			copy = malloc(size);
			memcpy(copy, bytes, size);
			copy[at] = (uint8_t)value;
			iface_parse(copy, size, INDEX, &state);
			free(copy);
		}
	}
	cr_expect(eq(int, iface_parse(bytes, size - 1, INDEX, &state), IFACE_NOTHING));
}
