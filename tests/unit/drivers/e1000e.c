// SPDX-License-Identifier: MIT
/* The driver over a card made of memory: what is written where, and that failures leave nothing. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>
#include <sys/eventfd.h>
#include "backend.h"
#include "e1000e-card.h"

static struct card {
	uint32_t registers[0x6000 / 4];
	uint32_t id;
	uint32_t command;
	bool hangs; /* its reset does not end */
	int writes; /* how many succeed before it is gone; -1 for all */
	unsigned int pinned;
	unsigned int mapped;
	unsigned int irqs;
	int fd;
} card;

static int card_open(struct uldf_device *device, const char *rest)
{
	device->info.vectors[ULDF_IRQ_INTX] = 1;
	device->info.vectors[ULDF_IRQ_MSI] = 1;
	device->regions[ULDF_BAR0] = (struct uldf_region){.size = 0x20000, .writable = true};
	device->regions[ULDF_CONFIG] = (struct uldf_region){.size = 4096, .writable = true};
	card = (struct card){.id = 0x10d38086, .writes = -1, .fd = -1};
	return 0;
}

static void card_close(struct uldf_device *device)
{
}

static int card_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out)
{
	if (index == ULDF_CONFIG) {
		*out = offset == PCI_COMMAND ? card.command : card.id;
		return 0;
	}
	if (!card.writes)
		return -ENODEV;
	*out = card.registers[offset / 4];
	if (offset == E1000E_ICR)
		card.registers[offset / 4] = 0;
	return 0;
}

static int card_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value)
{
	if (index == ULDF_CONFIG) {
		card.command = (uint32_t)value;
		return 0;
	}
	if (!card.writes)
		return -ENODEV;
	if (card.writes > 0)
		card.writes--;
	if (offset == E1000E_CTRL && value & E1000E_CTRL_RST && !card.hangs) {
		memset(card.registers, 0, sizeof(card.registers));
		card.registers[E1000E_EECD / 4] = E1000E_EECD_AUTO_RD;
		card.registers[E1000E_RAL0 / 4] = 0x12005452;
		card.registers[E1000E_RAH0 / 4] = 0x80005634;
		return 0;
	}
	card.registers[offset / 4] = (uint32_t)value;
	return 0;
}

static int card_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	card.irqs += count;
	return 0;
}

static int card_irq_disable(struct uldf_device *device)
{
	card.irqs = 0;
	return 0;
}

static int card_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			 const int *fds)
{
	card.fd = *fds;
	return 0;
}

static int card_attach(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static int card_space_create(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static void card_space_destroy(struct uldf_space *space)
{
}

static int card_register(struct uldf_space *space, struct uldf_memory *memory)
{
	card.pinned++;
	return 0;
}

static int card_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	card.pinned--;
	return 0;
}

/* Bus addresses are those of the process, so that the test can play the card's part. */
static int card_map(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	list->address = (uintptr_t)list->memory->address + list->offset;
	card.mapped++;
	return 0;
}

static int card_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	card.mapped--;
	return 0;
}

static const struct uldf_backend_ops card_ops = {
	.name = "card",
	.open = card_open,
	.close = card_close,
	.region_read = card_read,
	.region_write = card_write,
	.irq_enable = card_irq_enable,
	.irq_disable = card_irq_disable,
	.irq_bind = card_irq_bind,
	.attach = card_attach,
	.space_create = card_space_create,
	.space_destroy = card_space_destroy,
	.memory_register = card_register,
	.memory_unregister = card_unregister,
	.map_anywhere = card_map,
	.unmap = card_unmap,
};

struct fixture {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space;
	struct uldf_e1000e *nic;
};

static void fixture_init(struct fixture *f)
{
	f->nic = (void *)0x1234;
	cr_assert(eq(int, uldf_ctx_create(&f->ctx), 0));
	cr_assert(eq(int, device_open_backend(f->ctx, &card_ops, "", &f->device), 0));
	cr_assert(eq(int, uldf_space_create(f->device, &f->space), 0));
	cr_assert(eq(int, uldf_device_attach(f->device, f->space), 0));
}

static void fixture_open(struct fixture *f, const struct uldf_e1000e_options *options)
{
	fixture_init(f);
	cr_assert(eq(int, uldf_e1000e_open(f->device, f->space, options, &f->nic), 0));
}

/* After a close, or an open that failed, nothing of the driver is left. */
static void fixture_fini(struct fixture *f)
{
	cr_expect(eq(uint, card.pinned, 0));
	cr_expect(eq(uint, card.mapped, 0));
	cr_expect(eq(uint, card.irqs, 0));
	cr_expect(eq(uint, card.command & PCI_COMMAND_MASTER, 0));
	uldf_space_destroy(f->space);
	uldf_device_close(f->device);
	uldf_ctx_destroy(f->ctx);
}

static uint64_t pair(unsigned int low)
{
	return card.registers[low / 4] | (uint64_t)card.registers[low / 4 + 1] << 32;
}

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

static void count_bytes(const void *frame, size_t length, void *arg)
{
	*(size_t *)arg += length + *(const uint8_t *)frame;
}

Test(e1000e, frames_are_received_from_where_the_card_put_them)
{
	struct e1000e_rx_descriptor *ring;
	size_t sum = 0, done = 99;
	struct fixture f;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	ring = (void *)(uintptr_t)pair(E1000E_RDBAL);
	for (unsigned int i = 0; i < 3; i++) {
		*(uint8_t *)(uintptr_t)ring[i].address = 7;
		ring[i].length = 100;
		ring[i].status = E1000E_RX_DD | E1000E_RX_EOP;
	}
	ring[1].errors = 1;
	cr_expect(eq(int, uldf_e1000e_receive(f.nic, 2, count_bytes, &sum, &done), 0));
	cr_expect(eq(sz, done, 2));
	cr_expect(eq(sz, sum, 107));
	cr_expect(eq(uint, card.registers[E1000E_RDT / 4], 1));
	cr_expect(eq(int, uldf_e1000e_receive(f.nic, 64, count_bytes, &sum, &done), 0));
	cr_expect(eq(sz, done, 1));
	cr_expect(eq(sz, sum, 214));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e, a_batch_is_sent_by_one_write_and_what_does_not_fit_is_left)
{
	struct uldf_e1000e_frame list[300];
	struct e1000e_tx_descriptor *ring;
	struct fixture f;
	size_t done = 99;

	for (unsigned int i = 0; i < 300; i++)
		list[i] = (struct uldf_e1000e_frame){.bus = 0x1000 + i, .length = 60 + i};
	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	ring = (void *)(uintptr_t)pair(E1000E_TDBAL);
	card.writes = 1;
	cr_expect(eq(int, uldf_e1000e_send(f.nic, list, 300, &done), 0));
	card.writes = -1;
	cr_expect(eq(sz, done, 255));
	cr_expect(eq(uint, card.registers[E1000E_TDT / 4], 255));
	cr_expect(eq(u64, ring[254].address, 0x1000 + 254));
	cr_expect(eq(sz, uldf_e1000e_sent(f.nic), 0));
	ring[254].status = E1000E_TX_DD;
	cr_expect(eq(sz, uldf_e1000e_sent(f.nic), 255));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e, a_batch_with_an_impossible_frame_is_refused_whole)
{
	static const uint32_t lengths[] = {0, 13, 1519, 65536, UINT32_MAX};
	struct uldf_e1000e_frame list[2] = {{.length = 60}};
	struct fixture f;
	size_t done = 99;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	for (unsigned int i = 0; i < 5; i++) {
		list[1].length = lengths[i];
		cr_expect(eq(int, uldf_e1000e_send(f.nic, list, 2, &done), -EINVAL));
	}
	cr_expect(eq(sz, done, 99));
	cr_expect(eq(uint, card.registers[E1000E_TDT / 4], 0));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
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
