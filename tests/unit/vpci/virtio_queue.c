// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include "ring.h"
#include "virtio_queue.h"

#define SIZE 8

static const struct vpci_virtio_memory memory = {.at = ring_memory};
static struct vpci_virtio_queue queue;
static struct vpci_virtio_chain chain;
static struct ring ring;

/* A queue that is set up and not started. */
static void queue_prepare(uint16_t size)
{
	ring_clear();
	ring_init(&ring, size, RING_RAM);
	vpci_virtio_queue_init(&queue, VPCI_VIRTIO_QUEUE_MOST);
	queue.size = size;
	queue.desc = ring.desc;
	queue.avail = ring.avail;
	queue.used = ring.used;
}

static void queue_start(void)
{
	queue_prepare(SIZE);
	cr_assert_eq(vpci_virtio_queue_start(&queue, &memory), 0);
}

TestSuite(virtio_queue, .init = queue_start);

static void expect_refused(const char *what)
{
	cr_expect_eq(vpci_virtio_queue_start(&queue, &memory), -EPROTO, "%s", what);
	cr_expect(queue.broken, "%s", what);
	cr_expect_not(queue.started, "%s", what);
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), -EPROTO, "%s", what);
}

static void expect_broken(const char *what)
{
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), -EPROTO, "%s", what);
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), -EPROTO, "%s: it stays so", what);
}

Test(virtio_queue, sizes_that_are_no_power_of_two_are_refused)
{
	static const uint16_t sizes[] = {0, 3, 9, 513, 1024, 65535};

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		queue_prepare(SIZE);
		queue.size = sizes[i];
		expect_refused("size");
	}
}

Test(virtio_queue, rings_that_are_not_aligned_are_refused)
{
	queue_prepare(SIZE);
	queue.desc += 8;
	expect_refused("descriptors");
	queue_prepare(SIZE);
	queue.avail += 1;
	expect_refused("driver's ring");
	queue_prepare(SIZE);
	queue.used += 2;
	expect_refused("device's ring");
}

Test(virtio_queue, rings_outside_of_memory_are_refused)
{
	static const uint64_t addresses[] = {0, RING_RAM + RING_RAM_SIZE - 16, UINT64_MAX - 15};

	for (unsigned int i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		queue_prepare(SIZE);
		queue.desc = addresses[i];
		expect_refused("descriptors");
		queue_prepare(SIZE);
		queue.avail = addresses[i];
		expect_refused("driver's ring");
		queue_prepare(SIZE);
		queue.used = addresses[i];
		expect_refused("device's ring");
	}
}

Test(virtio_queue, the_largest_queue_is_taken)
{
	queue_prepare(VPCI_VIRTIO_QUEUE_MOST);
	cr_expect_eq(vpci_virtio_queue_start(&queue, &memory), 0);
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), 0);
}

Test(virtio_queue, a_queue_that_is_not_started_has_nothing)
{
	queue_prepare(SIZE);
	ring_add(&ring, (struct ring_piece[]){{RING_BUFFERS, 4, false}}, 1);
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), 0);
}

Test(virtio_queue, a_buffer_of_several_pieces_is_read_and_written_as_one)
{
	const struct ring_piece pieces[] = {{RING_BUFFERS, 2, false},
					    {RING_BUFFERS + 0x100, 3, false},
					    {RING_BUFFERS + 0x200, 2, true},
					    {RING_BUFFERS + 0x300, 4, true}};
	uint8_t bytes[8] = {0};

	memcpy(ring_memory(NULL, RING_BUFFERS, 2), "ab", 2);
	memcpy(ring_memory(NULL, RING_BUFFERS + 0x100, 3), "cde", 3);
	ring_add(&ring, pieces, 4);
	cr_assert_eq(vpci_virtio_queue_take(&queue, &chain), 1);
	cr_expect_eq(chain.head, 0);
	cr_expect_eq(vpci_virtio_chain_read(&chain, bytes, sizeof(bytes)), 5);
	cr_expect_eq(memcmp(bytes, "abcde", 5), 0);
	cr_expect_eq(vpci_virtio_chain_read(&chain, bytes, 3), 3);
	cr_expect_eq(vpci_virtio_chain_room(&chain), 6);
	cr_expect_eq(vpci_virtio_chain_write(&chain, 1, "wxyz", 4), 4);
	cr_expect_eq(memcmp(ring_memory(NULL, RING_BUFFERS + 0x200, 2), "\0w", 2), 0);
	cr_expect_eq(memcmp(ring_memory(NULL, RING_BUFFERS + 0x300, 4), "xyz\0", 4), 0);
	cr_expect_eq(vpci_virtio_chain_write(&chain, 4, "12345", 5), 2);
	cr_expect_eq(vpci_virtio_chain_at(&chain, 5, 1),
		     (uint8_t *)ring_memory(NULL, RING_BUFFERS + 0x303, 1));
	cr_expect_eq(vpci_virtio_chain_at(&chain, 2, 4),
		     (uint8_t *)ring_memory(NULL, RING_BUFFERS + 0x300, 1));
	cr_expect_null(vpci_virtio_chain_at(&chain, 1, 2), "in two pieces");
	cr_expect_null(vpci_virtio_chain_at(&chain, 5, 2), "beyond the end");
	cr_expect_null(vpci_virtio_chain_at(&chain, 6, 1));
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), 0);
}

Test(virtio_queue, pieces_of_no_bytes_are_left_out_wherever_they_point)
{
	ring_add(&ring, (struct ring_piece[]){{0, 0, false}, {UINT64_MAX, 0, true}}, 2);
	cr_assert_eq(vpci_virtio_queue_take(&queue, &chain), 1);
	cr_expect_eq(chain.count, 0);
	cr_expect_eq(vpci_virtio_chain_room(&chain), 0);
	cr_expect_null(vpci_virtio_chain_at(&chain, 0, 1));
}

Test(virtio_queue, a_buffer_outside_of_memory_breaks_the_queue)
{
	static const struct ring_piece pieces[] = {
		{0, 1, false},
		{RING_RAM - 1, 2, false},
		{RING_RAM + RING_RAM_SIZE - 1, 2, true},
		{RING_RAM + RING_RAM_SIZE, 1, true},
		{UINT64_MAX, UINT32_MAX, true},
	};

	for (unsigned int i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		queue_start();
		ring_add(&ring, &pieces[i], 1);
		expect_broken("address");
	}
}

Test(virtio_queue, a_chain_that_bites_its_tail_breaks_the_queue)
{
	ring_describe(&ring, 0, RING_BUFFERS, 1, VRING_DESC_F_NEXT, 1);
	ring_describe(&ring, 1, RING_BUFFERS, 1, VRING_DESC_F_NEXT, 0);
	ring_give(&ring, 0);
	expect_broken("loop");
}

Test(virtio_queue, a_chain_of_too_many_descriptors_breaks_the_queue)
{
	struct ring_piece pieces[VPCI_VIRTIO_CHAIN_MOST + 1];

	for (unsigned int i = 0; i <= VPCI_VIRTIO_CHAIN_MOST; i++)
		pieces[i] = (struct ring_piece){RING_BUFFERS, i % 2, false};
	queue_prepare(2 * SIZE);
	cr_assert_eq(vpci_virtio_queue_start(&queue, &memory), 0);
	ring_add(&ring, pieces, VPCI_VIRTIO_CHAIN_MOST);
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), 1);
	ring_add(&ring, pieces, VPCI_VIRTIO_CHAIN_MOST + 1);
	expect_broken("length");
}

Test(virtio_queue, a_chain_of_all_descriptors_is_taken)
{
	struct ring_piece pieces[SIZE];

	for (unsigned int i = 0; i < SIZE; i++)
		pieces[i] = (struct ring_piece){RING_BUFFERS + i, 1, i >= 4};
	ring_add(&ring, pieces, SIZE);
	cr_assert_eq(vpci_virtio_queue_take(&queue, &chain), 1);
	cr_expect_eq(chain.count, SIZE);
	cr_expect_eq(chain.readable, 4);
}

Test(virtio_queue, descriptors_that_there_are_not_break_the_queue)
{
	ring_give(&ring, SIZE);
	expect_broken("head");
	queue_start();
	ring_describe(&ring, 0, RING_BUFFERS, 1, VRING_DESC_F_NEXT, 0xffff);
	ring_give(&ring, 0);
	expect_broken("next");
}

Test(virtio_queue, a_piece_to_read_behind_one_to_write_breaks_the_queue)
{
	ring_add(&ring, (struct ring_piece[]){{RING_BUFFERS, 1, true}, {RING_BUFFERS, 1, false}},
		 2);
	expect_broken("order");
}

Test(virtio_queue, an_indirect_descriptor_breaks_the_queue)
{
	ring_describe(&ring, 0, RING_BUFFERS, 16, VRING_DESC_F_INDIRECT, 0);
	ring_give(&ring, 0);
	expect_broken("indirect");
}

Test(virtio_queue, an_index_that_is_too_far_ahead_breaks_the_queue)
{
	ring_set_index(&ring, SIZE + 1);
	expect_broken("ahead");
	queue_start();
	ring_set_index(&ring, 0xffff);
	expect_broken("behind");
}

Test(virtio_queue, indices_wrap)
{
	uint32_t head, written;

	for (unsigned int i = 0; i < 70000; i++) {
		uint16_t given = ring_add(
			&ring,
			(struct ring_piece[]){{RING_BUFFERS, 4, false}, {RING_BUFFERS, 4, true}},
			2);

		cr_assert_eq(vpci_virtio_queue_take(&queue, &chain), 1);
		cr_assert_eq(chain.head, given);
		vpci_virtio_queue_put(&queue, chain.head, i);
		vpci_virtio_queue_publish(&queue);
		cr_assert(ring_get(&ring, &head, &written));
		cr_assert_eq(head, given);
		cr_assert_eq(written, i);
	}
}

Test(virtio_queue, what_is_put_is_seen_once_it_is_published)
{
	uint32_t head, written;

	vpci_virtio_queue_put(&queue, 5, 100);
	vpci_virtio_queue_put(&queue, 2, 0);
	cr_expect_not(ring_get(&ring, &head, &written));
	cr_expect(vpci_virtio_queue_publish(&queue));
	cr_assert(ring_get(&ring, &head, &written));
	cr_expect_eq(head, 5);
	cr_expect_eq(written, 100);
	cr_assert(ring_get(&ring, &head, &written));
	cr_expect_eq(head, 2);
	cr_expect_eq(written, 0);
	cr_expect_not(ring_get(&ring, &head, &written));
}

Test(virtio_queue, a_driver_that_wants_no_interrupt_gets_none)
{
	ring_set_flags(&ring, VRING_AVAIL_F_NO_INTERRUPT);
	cr_expect_not(vpci_virtio_queue_publish(&queue));
	ring_set_flags(&ring, 0);
	cr_expect(vpci_virtio_queue_publish(&queue));
}

Test(virtio_queue, a_full_queue_is_taken_and_no_more)
{
	for (unsigned int i = 0; i < SIZE; i++)
		ring_add(&ring, (struct ring_piece[]){{RING_BUFFERS, 4, true}}, 1);
	for (unsigned int i = 0; i < SIZE; i++)
		cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), 1);
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), 0);
}

Test(virtio_queue, a_reset_mends_a_queue)
{
	ring_give(&ring, SIZE);
	expect_broken("head");
	vpci_virtio_queue_init(&queue, 64);
	cr_expect_eq(queue.size, 64);
	cr_expect_eq(vpci_virtio_queue_take(&queue, &chain), 0);
}
