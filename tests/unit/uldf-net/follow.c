// SPDX-License-Identifier: GPL-2.0-or-later
/* What the host sets at the interface reaches the card. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "fake.h"
#include "follow.h"

static struct bridge bridge;
static int ends[2];

static void init(void)
{
	cr_redirect_stderr();
	cr_redirect_stdout();
	fake_bridge_make(&bridge, ends);
	memcpy(fake.mac, "\2abcde", 6);
	fake.state = (struct iface_state){.mac = "\2abcd", .mtu = 1500};
	fake.state.mac[5] = 'e';
}

static void fini(void)
{
	fake_bridge_end(&bridge, ends);
}

TestSuite(follow, .init = init, .fini = fini, .timeout = 60);

/* The host tells @told, and the loop has a turn. */
static void tell(enum iface_told told)
{
	fake.told = told;
	eventfd_write(bridge.iface.fd, 1);
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	fake.told = IFACE_NOTHING;
}

static void begin(void)
{
	cr_assert(eq(int, bridge_init(&bridge), 0));
}

Test(follow, an_address_that_the_host_sets_is_the_cards)
{
	begin();
	memcpy(fake.state.mac, "\2fghij", 6);
	tell(IFACE_STATE);
	cr_expect(eq(int, memcmp(fake.mac, "\2fghij", 6), 0));
	cr_expect(eq(u32, fake.frame_max, 0));
}

Test(follow, the_card_is_promiscuous_while_the_interface_is)
{
	begin();
	fake.state.promiscuous = true;
	tell(IFACE_STATE);
	cr_expect(fake.promiscuous);
	fake.state.promiscuous = false;
	tell(IFACE_STATE);
	cr_expect(fake.promiscuous == false);
}

Test(follow, a_card_that_is_to_be_promiscuous_stays_so)
{
	fake.promiscuous = bridge.promiscuous = true;
	begin();
	fake.state.promiscuous = true;
	tell(IFACE_STATE);
	fake.state.promiscuous = false;
	tell(IFACE_STATE);
	cr_expect(fake.promiscuous);
}

Test(follow, a_larger_mtu_carries_longer_frames)
{
	begin();
	fake_send(ends[0], NULL, 1519);
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	cr_expect(eq(uint, fake.sent, 0));
	cr_expect(eq(u64, bridge.counts.unfit, 1));
	fake.state.mtu = 9212;
	tell(IFACE_STATE);
	cr_expect(eq(u32, fake.frame_max, 9212 + FOLLOW_OVERHEAD));
	fake_send(ends[0], NULL, 9212 + FOLLOW_OVERHEAD);
	fake_send(ends[0], NULL, 9213 + FOLLOW_OVERHEAD);
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	cr_expect(eq(uint, fake.sent, 1));
	cr_expect(eq(u32, fake.longest, 9212 + FOLLOW_OVERHEAD));
	cr_expect(eq(u64, bridge.counts.unfit, 2));
	fake.state.mtu = 1400;
	tell(IFACE_STATE);
	fake_send(ends[0], NULL, ULDF_E1000E_FRAME_MAX + 1);
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	cr_expect(eq(u64, bridge.counts.unfit, 3));
	cr_expect(eq(uint, fake.mtu_put_back, 0));
}

Test(follow, an_mtu_beyond_the_card_is_put_back_once)
{
	begin();
	fake.state.mtu = 9000;
	tell(IFACE_STATE);
	fake.state.mtu = 9213;
	tell(IFACE_STATE);
	tell(IFACE_STATE);
	cr_expect(eq(uint, fake.mtu_put_back, 1));
	cr_expect(eq(u32, fake.mtu, 9000));
	cr_expect(eq(u32, fake.frame_max, 9000 + FOLLOW_OVERHEAD));
	fake.state.mtu = 9000;
	tell(IFACE_STATE);
	fake.state.mtu = 9213;
	tell(IFACE_STATE);
	cr_expect(eq(uint, fake.mtu_put_back, 2));
	fflush(stderr);
	cr_expect_stderr_eq_str(
		"uldf-net: fake: MTU 9213 refused, the card carries up to 9212: back to 9000\n"
		"uldf-net: fake: MTU 9213 refused, the card carries up to 9212: back to 9000\n");
}

Test(follow, an_interface_is_followed_to_another_namespace)
{
	begin();
	cr_expect(eq(uint, fake.iface_opened, 1));
	tell(IFACE_GONE);
	cr_expect(eq(uint, fake.iface_opened, 2));
	memcpy(fake.state.mac, "\2fghij", 6);
	tell(IFACE_STATE);
	cr_expect(eq(int, memcmp(fake.mac, "\2fghij", 6), 0));
}

Test(follow, a_namespace_that_may_not_be_entered_is_said_and_frames_are_carried)
{
	begin();
	fake.iface_err = -EPERM;
	tell(IFACE_GONE);
	cr_expect(eq(uint, fake.iface_opened, 2));
	fake_send(ends[0], NULL, 20);
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
	cr_expect(eq(uint, fake.sent, 1));
	fflush(stderr);
	cr_expect_stderr_eq_str("uldf-net: fake: its address, MTU and promiscuity will not be "
				"followed: Operation not permitted (in another network namespace, "
				"that takes CAP_SYS_ADMIN)\n");
}
