// SPDX-License-Identifier: MIT
/* The driver over a card made of memory: what is written where, and that failures leave nothing. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include "e1000e-fake.h"

Test(e1000e, open_starts_both_rings_and_masters_the_bus)
{
	const uint8_t mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
	struct fixture f;

	fixture_open(&f, NULL);
	cr_expect(eq(int, memcmp(uldf_e1000e_mac(f.nic), mac, 6), 0));
	cr_expect(ne(uint, card.command & PCI_COMMAND_MASTER, 0));
	cr_expect(eq(uint, card.registers[E1000E_RDLEN / 4], 4096));
	cr_expect(eq(uint, card.registers[E1000E_TDLEN / 4], 4096));
	cr_expect(eq(uint, card.registers[E1000E_RDT / 4], 255));
	cr_expect(ne(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_EN, 0));
	cr_expect(eq(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_UPE, 0));
	cr_expect(ne(uint, card.registers[E1000E_TCTL / 4] & E1000E_TCTL_EN, 0));
	cr_expect(eq(uint, card.registers[E1000E_IMS / 4], 0));
	cr_expect(eq(int, uldf_e1000e_fd(f.nic), card.fd));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e, what_is_no_such_card_is_not_touched)
{
	struct fixture f;

	fixture_init(&f);
	card.id = 0x100e8086;
	card.registers[E1000E_IMC / 4] = 7;
	cr_expect(eq(int, uldf_e1000e_open(f.device, f.space, NULL, &f.nic), -ENOTSUP));
	cr_expect(eq(uint, card.registers[E1000E_IMC / 4], 7));
	cr_expect(eq(ptr, f.nic, (void *)0x1234));
	fixture_fini(&f);
}

Test(e1000e, a_reset_that_does_not_end_is_etimedout)
{
	struct fixture f;

	fixture_init(&f);
	card.hangs = true;
	cr_expect(eq(int, uldf_e1000e_open(f.device, f.space, NULL, &f.nic), -ETIMEDOUT));
	cr_expect(eq(ptr, f.nic, (void *)0x1234));
	fixture_fini(&f);
}

Test(e1000e, a_card_pulled_at_any_write_of_open_leaves_nothing)
{
	struct fixture f;
	int err = -ENODEV;

	for (int writes = 0; err; writes++) {
		cr_assert(lt(int, writes, 500));
		fixture_init(&f);
		card.writes = writes;
		err = uldf_e1000e_open(f.device, f.space, NULL, &f.nic);
		if (err)
			cr_expect(eq(int, err, -ENODEV));
		else
			uldf_e1000e_close(f.nic);
		fixture_fini(&f);
	}
}

Test(e1000e, causes_are_told_apart_and_armed_one_by_one)
{
	unsigned int events = 99;
	struct fixture f;

	fixture_open(&f, NULL);
	eventfd_write(card.fd, 1);
	card.registers[E1000E_ICR / 4] = E1000E_INT_RXO | E1000E_INT_LSC;
	cr_expect(eq(int, uldf_e1000e_events(f.nic, &events), 0));
	cr_expect(eq(uint, events, ULDF_E1000E_RECEIVED | ULDF_E1000E_LINK));
	cr_expect(eq(int, uldf_e1000e_events(f.nic, &events), 0));
	cr_expect(eq(uint, events, 0));
	cr_expect(eq(int, uldf_e1000e_arm(f.nic, ULDF_E1000E_SENT), 0));
	cr_expect(eq(uint, card.registers[E1000E_IMS / 4], E1000E_INT_TXDW));
	card.writes = 0;
	cr_expect(eq(int, uldf_e1000e_arm(f.nic, ULDF_E1000E_SENT), -ENODEV));
	cr_expect(eq(int, uldf_e1000e_events(f.nic, &events), -ENODEV));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e, an_address_that_is_set_is_the_receive_address_and_outlives_a_restart)
{
	static const uint8_t mac[6] = {0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee};
	static const uint8_t group[6] = {0x01, 0, 0x5e, 0, 0, 1}, none[6];
	struct fixture f;
	size_t lost;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	cr_expect(eq(int, uldf_e1000e_set_mac(f.nic, group), -EINVAL));
	cr_expect(eq(int, uldf_e1000e_set_mac(f.nic, none), -EINVAL));
	cr_expect(eq(uint, card.registers[E1000E_RAL0 / 4], 0x12005452));
	cr_expect(eq(uint, card.registers[E1000E_RAH0 / 4], 0x80005634));
	cr_expect(eq(int, uldf_e1000e_set_mac(f.nic, mac), 0));
	cr_expect(eq(int, memcmp(uldf_e1000e_mac(f.nic), mac, 6), 0));
	cr_expect(eq(uint, card.registers[E1000E_RAL0 / 4], 0xccbbaa02));
	cr_expect(eq(uint, card.registers[E1000E_RAH0 / 4], 0x8000eedd));
	cr_expect(eq(int, uldf_e1000e_restart(f.nic, &lost), 0));
	cr_expect(eq(uint, card.registers[E1000E_RAL0 / 4], 0xccbbaa02));
	cr_expect(eq(uint, card.registers[E1000E_RAH0 / 4], 0x8000eedd));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e, promiscuity_is_switched_while_it_receives)
{
	struct fixture f;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	cr_expect(eq(int, uldf_e1000e_set_promiscuous(f.nic, true), 0));
	cr_expect(ne(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_UPE, 0));
	cr_expect(ne(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_EN, 0));
	cr_expect(eq(int, uldf_e1000e_set_promiscuous(f.nic, false), 0));
	cr_expect(eq(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_UPE, 0));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

/* The card puts a frame of @length bytes in buffers from @at on; each buffer holds its own index. */

Test(e1000e, a_card_that_hangs_is_started_again_with_empty_rings)
{
	struct uldf_e1000e_frame list[5];
	struct uldf_e1000e_stats stats;
	struct e1000e_tx_descriptor *ring;
	size_t done, lost = 99;
	struct fixture f;

	for (unsigned int i = 0; i < 5; i++)
		list[i] = (struct uldf_e1000e_frame){.bus = 0x1000 + i, .length = 60};
	fixture_open(&f, &(struct uldf_e1000e_options){.promiscuous = true});
	ring = (void *)(uintptr_t)card_pair(E1000E_TDBAL);
	cr_assert(eq(int, uldf_e1000e_send(f.nic, list, 5, &done), 0));
	card.registers[E1000E_GPTC / 4] = 7;
	card.command = PCI_COMMAND_MEMORY; /* as error recovery leaves it */
	cr_expect(eq(int, uldf_e1000e_restart(f.nic, &lost), 0));
	cr_expect(eq(sz, lost, 5));
	cr_expect(ne(uint, card.command & PCI_COMMAND_MASTER, 0));
	cr_expect(eq(uint, card.registers[E1000E_TDT / 4], 0));
	cr_expect(eq(uint, card.registers[E1000E_RDT / 4], 255));
	cr_expect(ne(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_UPE, 0));
	cr_expect(ne(uint, card.registers[E1000E_TCTL / 4] & E1000E_TCTL_EN, 0));
	cr_expect(eq(sz, uldf_e1000e_sent(f.nic), 0));
	cr_expect(eq(int, uldf_e1000e_send(f.nic, list, 5, &done), 0));
	ring[4].status = E1000E_TX_DD;
	cr_expect(eq(sz, uldf_e1000e_sent(f.nic), 5));
	cr_expect(eq(int, uldf_e1000e_stats(f.nic, &stats), 0));
	cr_expect(ge(u64, stats.sent, 7));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e, a_restart_that_fails_says_why_and_leaves_nothing_at_close)
{
	struct fixture f;
	size_t lost = 99;

	fixture_open(&f, NULL);
	card.hangs = true;
	cr_expect(eq(int, uldf_e1000e_restart(f.nic, &lost), -ETIMEDOUT));
	card.writes = 1;
	cr_expect(eq(int, uldf_e1000e_restart(f.nic, &lost), -ENODEV));
	cr_expect(eq(sz, lost, 99));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}
