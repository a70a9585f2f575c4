// SPDX-License-Identifier: MIT
/* The e1000e driver on two e1000e models: what one sends arrives at the other, if it is to. */
#include <poll.h>
#include <string.h>
#include "pair.h"

TestSuite(e1000e, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

static struct pair pair;

static const struct uldf_e1000e_options polled = {.polled = true};

Test(e1000e, the_link_comes_with_the_second_card_and_goes_with_it)
{
	struct uldf_e1000e_link link;

	side_init(&pair.left, "model:e1000e?peer=pair", &polled);
	cr_assert(eq(int, uldf_e1000e_link(pair.left.nic, &link), 0));
	cr_expect(not(link.up), "a cable with one end free");
	side_init(&pair.right, "model:e1000e?peer=pair", &polled);
	side_await_link(&pair.left, true);
	side_await_link(&pair.right, true);
	cr_assert(eq(int, uldf_e1000e_link(pair.left.nic, &link), 0));
	cr_expect(eq(uint, link.speed, 1000));
	cr_expect(link.full_duplex);
	side_fini(&pair.right);
	side_await_link(&pair.left, false);
	side_init(&pair.right, "model:e1000e?peer=pair", &polled);
	side_await_link(&pair.left, true);
	cr_expect(eq(int, uldf_model_unplug(pair.right.o.device), 0));
	side_await_link(&pair.left, false);
	pair_fini(&pair);
}

Test(e1000e, what_was_sent_without_a_link_leaves_when_it_comes)
{
	struct uldf_e1000e_frame frame = {.length = 60};
	size_t done;

	side_init(&pair.left, "model:e1000e?peer=pair", &polled);
	frame.bus = pair.left.buffer->bus;
	cr_assert(eq(int, uldf_e1000e_send(pair.left.nic, &frame, 1, &done), 0));
	poll(NULL, 0, 20);
	cr_expect(eq(sz, uldf_e1000e_sent(pair.left.nic), 0));
	side_init(&pair.right, "model:e1000e?peer=pair", &polled);
	for (unsigned int i = 0; i < 30000 && !uldf_e1000e_sent(pair.left.nic); i++)
		poll(NULL, 0, 1);
	cr_expect(eq(uint, uldf_e1000e_room(pair.left.nic), 255));
	pair_fini(&pair);
}

static void exchange(struct side *from, struct side *to, const size_t *sizes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		side_fill(from, 0, uldf_e1000e_mac(to->nic), sizes[i], (unsigned int)i);
		side_send_one(from, sizes[i]);
		side_receive(to, to->count + 1);
		cr_expect(side_has(to, sizes[i], (unsigned int)i), "%zu bytes", sizes[i]);
		cr_expect(eq(int, memcmp(to->frame + 6, uldf_e1000e_mac(from->nic), 6), 0));
	}
}

Test(e1000e, frames_of_every_size_arrive_both_ways)
{
	static const size_t sizes[] = {14, 59, 60, 61, 64, 512, 1513, 1514, 1518};
	static const size_t jumbo[] = {1519, 2047, 2048, 2049, 4096, 4097, 9000, 9018};
	struct uldf_e1000e_stats stats;

	pair_init(&pair, &polled);
	exchange(&pair.left, &pair.right, sizes, sizeof(sizes) / sizeof(sizes[0]));
	exchange(&pair.right, &pair.left, sizes, sizeof(sizes) / sizeof(sizes[0]));
	cr_assert(eq(int, uldf_e1000e_set_frame_max(pair.left.nic, 9018), 0));
	side_fill(&pair.left, 0, uldf_e1000e_mac(pair.right.nic), 1519, 0);
	side_send_one(&pair.left, 1519);
	pair_settle(&pair.left, &pair.right);
	cr_expect(eq(sz, pair.right.count, 9), "too long for a card that does not want long ones");
	cr_assert(eq(int, uldf_e1000e_set_frame_max(pair.right.nic, 9018), 0));
	exchange(&pair.left, &pair.right, jumbo, sizeof(jumbo) / sizeof(jumbo[0]));
	exchange(&pair.right, &pair.left, jumbo, sizeof(jumbo) / sizeof(jumbo[0]));
	cr_assert(eq(int, uldf_e1000e_stats(pair.left.nic, &stats), 0));
	cr_expect(eq(u64, stats.sent, 19));
	cr_expect(eq(u64, stats.received, 17));
	cr_expect(eq(u64, stats.missed, 0));
	cr_expect(eq(u64, stats.errors, 0));
	pair_fini(&pair);
}

#define BURST  200
#define BURSTS 20

static unsigned int next_seed;

static void look_in_order(struct side *side)
{
	cr_assert(side_has(side, 60 + next_seed % 1455, next_seed), "frame %u", next_seed);
	next_seed++;
}

Test(e1000e, bursts_arrive_whole_and_in_order)
{
	struct uldf_e1000e_frame list[BURST];
	struct uldf_e1000e_stats sent, received;
	unsigned int seed = 0;

	pair_init(&pair, &polled);
	pair.right.look = look_in_order;
	for (unsigned int i = 0; i < BURSTS; i++) {
		for (unsigned int j = 0; j < BURST; j++, seed++) {
			uint32_t length = 60 + seed % 1455;

			side_fill(&pair.left, j, uldf_e1000e_mac(pair.right.nic), length, seed);
			list[j] = (struct uldf_e1000e_frame){
				.bus = pair.left.buffer->bus + j * PAIR_SLOT, .length = length};
		}
		side_send(&pair.left, list, BURST);
		side_receive(&pair.right, (size_t)(i + 1) * BURST);
	}
	cr_assert(eq(int, uldf_e1000e_stats(pair.left.nic, &sent), 0));
	cr_assert(eq(int, uldf_e1000e_stats(pair.right.nic, &received), 0));
	cr_expect(eq(u64, sent.sent, (uint64_t)BURST * BURSTS));
	cr_expect(eq(u64, received.received, sent.sent));
	cr_expect(eq(u64, received.received_bytes, sent.sent_bytes));
	cr_expect(eq(u64, received.missed, 0));
	pair_fini(&pair);
}

Test(e1000e, frames_that_find_no_buffer_are_missed_and_counted)
{
	struct uldf_e1000e_frame list[250];
	struct uldf_e1000e_stats stats;

	pair_init(&pair, &polled);
	for (unsigned int i = 0; i < 250; i++) {
		side_fill(&pair.left, i, uldf_e1000e_mac(pair.right.nic), 60, i);
		list[i] = (struct uldf_e1000e_frame){.bus = pair.left.buffer->bus + i * PAIR_SLOT,
						     .length = 60};
	}
	side_send(&pair.left, list, 250);
	side_send(&pair.left, list, 50);
	for (unsigned int i = 0; i < 30000; i++) {
		cr_assert(eq(int, uldf_e1000e_stats(pair.right.nic, &stats), 0));
		if (stats.received + stats.missed == 300)
			break;
		poll(NULL, 0, 1);
	}
	cr_expect(eq(u64, stats.received, 255), "one descriptor stays the driver's");
	cr_expect(eq(u64, stats.missed, 45));
	side_receive(&pair.right, 255);
	cr_expect(side_has(&pair.right, 60, 4), "those that came first are kept");
	pair_settle(&pair.left, &pair.right);
	cr_expect(eq(sz, pair.right.count, 255));
	pair_fini(&pair);
}

static void expect_arrival(const uint8_t *to, bool wanted)
{
	size_t before = pair.right.count;

	side_fill(&pair.left, 0, to, 70, 1);
	side_send_one(&pair.left, 70);
	pair_settle(&pair.left, &pair.right);
	cr_expect(eq(sz, pair.right.count, before + wanted), "to %02x:..:%02x", to[0], to[5]);
}

Test(e1000e, a_card_receives_what_is_addressed_to_it)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t group[6] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x01};
	static const uint8_t other[6] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x07};
	uint8_t mac[6];

	pair_init(&pair, &polled);
	memcpy(mac, uldf_e1000e_mac(pair.right.nic), sizeof(mac));
	cr_expect(ne(int, memcmp(mac, uldf_e1000e_mac(pair.left.nic), 6), 0), "each has its own");
	cr_expect(eq(int, mac[0] & 3, 2), "locally administered, of one card");
	expect_arrival(mac, true);
	expect_arrival(all, true);
	expect_arrival(group, true);
	expect_arrival(other, false);
	cr_assert(eq(int, uldf_e1000e_set_promiscuous(pair.right.nic, true), 0));
	expect_arrival(other, true);
	cr_assert(eq(int, uldf_e1000e_set_promiscuous(pair.right.nic, false), 0));
	expect_arrival(other, false);
	cr_assert(eq(int, uldf_e1000e_set_mac(pair.right.nic, other), 0));
	expect_arrival(other, true);
	expect_arrival(mac, false);
	pair_fini(&pair);
}

Test(e1000e, a_reset_amid_frames_ends_them_and_nothing_else)
{
	struct uldf_e1000e_frame list[200];
	size_t done, lost, last;

	pair_init(&pair, &polled);
	for (unsigned int i = 0; i < 200; i++) {
		side_fill(&pair.left, i, uldf_e1000e_mac(pair.right.nic), 1500, i);
		list[i] = (struct uldf_e1000e_frame){.bus = pair.left.buffer->bus + i * PAIR_SLOT,
						     .length = 1500};
	}
	for (unsigned int i = 0; i < 5; i++) {
		cr_assert(eq(int, uldf_e1000e_send(pair.left.nic, list, 200, &done), 0));
		cr_assert(eq(int, uldf_e1000e_restart(pair.left.nic, &lost), 0));
		cr_expect(le(sz, lost, 200));
		side_await_link(&pair.left, true);
		pair_settle(&pair.left, &pair.right);
		last = pair.right.count;
		cr_assert(eq(int, uldf_e1000e_restart(pair.right.nic, &lost), 0));
		side_await_link(&pair.right, true);
		pair_settle(&pair.left, &pair.right);
		cr_expect(eq(sz, pair.right.count, last), "a reset drops what was not taken");
	}
	cr_assert(eq(int, uldf_device_reset(pair.left.o.device, NULL), 0));
	cr_assert(eq(int, uldf_e1000e_restart(pair.left.nic, &lost), 0));
	side_await_link(&pair.left, true);
	pair_settle(&pair.left, &pair.right);
	pair_fini(&pair);
}

/* Waits for the descriptor, and takes events until @wanted are among them. */
static void await_events(struct side *side, unsigned int wanted)
{
	struct pollfd wait = {.fd = uldf_e1000e_fd(side->nic), .events = POLLIN};
	unsigned int events = 0, now;

	while ((events & wanted) != wanted) {
		cr_assert(eq(int, uldf_e1000e_arm(side->nic, wanted & ~events), 0));
		cr_assert(eq(int, poll(&wait, 1, 30000), 1), "no interrupt for 0x%x", wanted);
		cr_assert(eq(int, uldf_e1000e_events(side->nic, &now), 0));
		events |= now;
	}
}

static void check_events(bool intx)
{
	const struct uldf_e1000e_options options = {.intx = intx};
	struct uldf_e1000e_frame frame = {.length = 60};
	size_t done;

	pair_init(&pair, &options);
	await_events(&pair.left, ULDF_E1000E_LINK);
	for (unsigned int i = 0; i < 20; i++) {
		side_fill(&pair.left, 0, uldf_e1000e_mac(pair.right.nic), 60, i);
		frame.bus = pair.left.buffer->bus;
		cr_assert(eq(int, uldf_e1000e_send(pair.left.nic, &frame, 1, &done), 0));
		await_events(&pair.left, ULDF_E1000E_SENT);
		cr_expect(eq(sz, uldf_e1000e_sent(pair.left.nic), 1));
		await_events(&pair.right, ULDF_E1000E_RECEIVED);
		side_receive(&pair.right, i + 1);
	}
	side_fini(&pair.right);
	await_events(&pair.left, ULDF_E1000E_LINK);
	side_fini(&pair.left);
}

Test(e1000e, messages_tell_of_frames_and_of_the_link)
{
	check_events(false);
}

Test(e1000e, intx_tells_of_frames_and_of_the_link)
{
	check_events(true);
}
