// SPDX-License-Identifier: MIT
/* Registers of the e1000e model that the driver of this tree does not use, and those of its interrupts. */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "opened.h"

TestSuite(e1000e_registers, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

enum {
	CTRL = 0x0000,
	STATUS = 0x0008,
	EECD = 0x0010,
	EERD = 0x0014,
	CTRL_EXT = 0x0018,
	MDIC = 0x0020,
	ICR = 0x00c0,
	ICS = 0x00c8,
	IMS = 0x00d0,
	IMC = 0x00d8,
	EIAC = 0x00dc,
	IAM = 0x00e0,
	IVAR = 0x00e4,
	RCTL = 0x0100,
	EEWR = 0x102c,
	RDLEN = 0x2808,
	RAL = 0x5400,
	RAH = 0x5404,
	SWSM = 0x5b50,
};

#define CTRL_SLU (1u << 6)
#define CTRL_RST (1u << 26)
#define LSC	 (1u << 2)
#define RXT0	 (1u << 7)
#define RXQ0	 (1u << 20)
#define TXQ0	 (1u << 22)
#define OTHER	 (1u << 24)
#define ASSERTED (1u << 31)
#define READY	 (1u << 28)
#define ERROR	 (1u << 30)

static struct opened o;

static uint32_t get(unsigned int offset)
{
	return (uint32_t)opened_read(&o, offset, 4);
}

static void put(unsigned int offset, uint32_t value)
{
	opened_write(&o, offset, 4, value);
}

Test(e1000e_registers, what_is_malformed_is_einval_and_says_why)
{
	static const struct {
		const char *address;
		const char *reason;
	} cases[] = {
		{"model:e1000e?wire=x", "it has peer, tap and mac"},
		{"model:e1000e?peer=", "option peer is empty"},
		{"model:e1000e?tap=", "'' is no name of an interface"},
		{"model:e1000e?tap=0123456789abcdef", "1 to 15 characters"},
		{"model:e1000e?peer=a&tap=b", "leave one out"},
		{"model:e1000e?mac=", "option mac: '' is no address"},
		{"model:e1000e?mac=52:54:00:12:34", "is no address of one card"},
		{"model:e1000e?mac=52:54:00:12:34:5g", "is no address of one card"},
		{"model:e1000e?mac=52:54:00:12:34:567", "is no address of one card"},
		{"model:e1000e?mac=5:254:00:12:34:56", "is no address of one card"},
		{"model:e1000e?mac=53:54:00:12:34:56", "is no address of one card"},
		{"model:e1000e?mac=00:00:00:00:00:00", "is no address of one card"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		opened_expect_refusal(cases[i].address, -EINVAL, cases[i].reason);
}

Test(e1000e_registers, a_cable_has_two_ends)
{
	struct opened one, two;

	opened_init(&one, "model:e1000e?peer=a");
	opened_init(&two, "model:e1000e?peer=a");
	opened_expect_refusal("model:e1000e?peer=a", -EBUSY, "cable a already");
	opened_init(&o, "model:e1000e?peer=b");
	opened_fini(&one);
	opened_init(&one, "model:e1000e?peer=a");
	opened_expect_refusal("model:e1000e?peer=a", -EBUSY, "cable a already");
	opened_fini(&one);
	opened_fini(&two);
	opened_fini(&o);
}

static uint16_t nvm_read(unsigned int word)
{
	put(EERD, word << 2 | 1);
	opened_wait(&o, EERD, 2, 2);
	return (uint16_t)(get(EERD) >> 16);
}

Test(e1000e_registers, the_nvm_has_the_address_and_a_right_checksum)
{
	uint16_t sum = 0;
	uint32_t id;

	opened_init(&o, "model:e1000e?mac=52:54:00:AB:cd:ef");
	for (unsigned int i = 0; i < 64; i++)
		sum = (uint16_t)(sum + nvm_read(i));
	cr_expect(eq(uint, sum, 0xbaba));
	cr_expect(eq(uint, nvm_read(0), 0x5452));
	cr_expect(eq(uint, nvm_read(1), 0xab00));
	cr_expect(eq(uint, nvm_read(2), 0xefcd));
	cr_expect(eq(uint, nvm_read(0x3fff), 0), "there is no such word");
	cr_expect(eq(u32, get(RAL), 0xab005452));
	cr_expect(eq(u32, get(RAH), 0x8000efcd));
	put(EECD, 1 << 6);
	cr_expect(eq(u32, get(EECD) & 0x3c0, 0x3c0), "the bus of the NVM is granted");
	put(EEWR, 0x1234u << 16 | 5 << 2 | 1);
	cr_expect(eq(uint, nvm_read(5), 0x1234));
	cr_assert(eq(int, uldf_config_read(o.device, PCI_VENDOR_ID, 4, &id), 0));
	cr_expect(eq(u32, id, 0x10d38086));
	opened_fini(&o);
}

static uint32_t phy(uint32_t command, unsigned int index, uint16_t value)
{
	put(MDIC, command << 26 | 1u << 21 | index << 16 | value);
	opened_wait(&o, MDIC, READY, READY);
	return get(MDIC);
}

static uint16_t phy_read(unsigned int index)
{
	return (uint16_t)phy(2, index, 0);
}

Test(e1000e_registers, the_phy_answers_and_its_power_is_the_link)
{
	struct opened far;

	opened_init(&o, "model:e1000e?peer=a");
	cr_expect(eq(uint, phy_read(2), 0x0141));
	cr_expect(eq(uint, phy_read(3), 0x0cb1));
	put(MDIC, 2u << 26 | 2u << 21 | 2u << 16);
	cr_expect(eq(u32, get(MDIC) & (READY | ERROR), READY | ERROR), "no PHY at that address");
	put(CTRL, CTRL_SLU);
	cr_expect(eq(uint, phy_read(1) & 4, 0));
	cr_expect(eq(uint, phy_read(5), 0), "no partner");
	opened_init(&far, "model:e1000e?peer=a");
	opened_wait(&o, STATUS, 2, 2);
	cr_expect(eq(u32, get(ICR) & LSC, LSC));
	phy_read(1);
	cr_expect(eq(uint, phy_read(1) & 0x24, 0x24), "link, and autonegotiation complete");
	cr_expect(eq(uint, phy_read(17) & 0xec00, 0xac00), "1000 Mb/s, full duplex, resolved");
	opened_write(&far, CTRL, 4, CTRL_SLU);
	opened_wait(&far, STATUS, 2, 2);
	phy(1, 0, 0x1940);
	cr_expect(eq(u32, get(STATUS) & 2, 0), "a PHY without power has no link");
	opened_wait(&far, STATUS, 2, 0);
	phy(1, 0, 0x1140);
	opened_wait(&far, STATUS, 2, 2);
	cr_expect(eq(uint, phy_read(1) & 4, 0), "a link that was lost is told once");
	cr_expect(eq(uint, phy_read(1) & 4, 4));
	phy(1, 0, 0x0100);
	cr_expect(eq(u32, get(STATUS) & 2, 0), "10 Mb/s is no speed of this wire");
	phy(1, 0, 0x8000);
	opened_wait(&o, STATUS, 2, 2);
	put(CTRL, 0);
	cr_expect(eq(u32, get(STATUS) & 2, 0), "without SLU the MAC sees no link");
	cr_expect(eq(uint, phy_read(17) & 0x400, 0x400), "but the PHY has one");
	opened_fini(&far);
	opened_fini(&o);
}

Test(e1000e_registers, a_reset_takes_back_what_was_written)
{
	opened_init(&o, "model:e1000e?mac=52:54:00:00:00:01");
	for (int flr = 0; flr < 2; flr++) {
		put(RDLEN, 0x1000);
		put(RCTL, 2);
		put(RAL, 0);
		put(IMS, RXT0);
		put(ICS, RXT0);
		if (flr)
			cr_assert(eq(int, uldf_device_reset(o.device, NULL), 0));
		else
			put(CTRL, CTRL_RST);
		cr_expect(eq(u32, get(CTRL) & CTRL_RST, 0));
		cr_expect(eq(u32, get(EECD) & 1 << 9, 1 << 9));
		cr_expect(eq(u32, get(RDLEN), 0));
		cr_expect(eq(u32, get(RCTL), 0));
		cr_expect(eq(u32, get(IMS), 0));
		cr_expect(eq(u32, get(ICR), 0));
		cr_expect(eq(u32, get(RAL), 0x00005452), "the NVM is read again");
	}
	opened_fini(&o);
}

Test(e1000e_registers, ports_reach_the_registers)
{
	uint64_t value = 0;

	opened_init(&o, "model:e1000e");
	cr_assert(eq(int, uldf_config_write(o.device, PCI_COMMAND, 2, 7), 0));
	cr_assert(eq(int, uldf_region_write(o.device, ULDF_BAR0 + 2, 0, 4, RDLEN), 0));
	cr_assert(eq(int, uldf_region_write(o.device, ULDF_BAR0 + 2, 4, 4, 0x800), 0));
	cr_expect(eq(u32, get(RDLEN), 0x800));
	cr_assert(eq(int, uldf_region_read(o.device, ULDF_BAR0 + 2, 4, 4, &value), 0));
	cr_expect(eq(u64, value, 0x800));
	cr_assert(eq(int, uldf_region_write(o.device, ULDF_BAR0 + 2, 0, 4, UINT32_MAX), 0));
	cr_assert(eq(int, uldf_region_write(o.device, ULDF_BAR0 + 2, 4, 4, 1), 0));
	cr_assert(eq(int, uldf_region_read(o.device, ULDF_BAR0 + 2, 4, 4, &value), 0));
	cr_expect(eq(u64, value, 0), "there is no register");
	opened_fini(&o);
}

Test(e1000e_registers, parts_of_registers_are_read_and_only_whole_ones_written)
{
	opened_init(&o, "model:e1000e");
	put(RDLEN, 0x12380);
	opened_write(&o, RDLEN, 2, 0);
	opened_write(&o, RDLEN + 1, 1, 0);
	cr_expect(eq(u64, opened_read(&o, RDLEN + 1, 1), 0x23));
	cr_expect(eq(u64, opened_read(&o, RDLEN, 2), 0x2380));
	opened_write(&o, RAL, 8, 0x8000ffee00112233);
	cr_expect(eq(u32, get(RAL), 0x00112233));
	cr_expect(eq(u64, opened_read(&o, RAL, 8), 0x8000ffee00112233));
	cr_expect(eq(u32, get(0x1fffc), 0), "what is no register reads as zero");
	cr_expect(eq(u32, get(SWSM) & 1, 0));
	cr_expect(eq(u32, get(SWSM) & 1, 1), "the semaphore is taken by reading it");
	put(SWSM, 0);
	cr_expect(eq(u32, get(SWSM) & 1, 0));
	opened_fini(&o);
}

/* ---- interrupts */

Test(e1000e_registers, reading_the_causes_clears_them_unless_only_others_are_let_through)
{
	opened_init(&o, "model:e1000e");
	put(ICS, RXT0);
	cr_expect(eq(u32, get(ICR), RXT0));
	cr_expect(eq(u32, get(ICR), 0), "all are masked: a read clears");
	put(IMS, LSC);
	put(ICS, RXT0);
	cr_expect(eq(u32, get(ICR), RXT0));
	cr_expect(eq(u32, get(ICR), RXT0), "no interrupt is asserted: a read does not clear");
	put(ICS, LSC);
	cr_expect(eq(u32, get(ICR), ASSERTED | RXT0 | LSC));
	cr_expect(eq(u32, get(ICR), 0));
	cr_expect(eq(u32, get(IMS), LSC));
	put(IAM, LSC);
	put(CTRL_EXT, 1u << 27);
	put(ICS, LSC);
	get(ICR);
	cr_expect(eq(u32, get(IMS), 0), "by IAME the read masks, too");
	put(ICS, LSC | RXT0);
	put(ICR, LSC);
	cr_expect(eq(u32, get(ICR), RXT0), "writing ones clears");
	opened_fini(&o);
}

static eventfd_t fired(int fd)
{
	eventfd_t count = 0;

	eventfd_read(fd, &count);
	return count;
}

static void bind_vectors(enum uldf_irq_type type, unsigned int count, int *fds)
{
	for (unsigned int i = 0; i < count; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	cr_assert(eq(int, uldf_irq_enable(o.device, type, count), 0));
	cr_assert(eq(int, uldf_irq_bind(o.device, 0, count, fds), 0));
}

Test(e1000e_registers, a_message_is_sent_when_a_cause_becomes_pending)
{
	int fd;

	opened_init(&o, "model:e1000e");
	bind_vectors(ULDF_IRQ_MSI, 1, &fd);
	put(ICS, RXT0);
	cr_expect(eq(u64, fired(fd), 0));
	put(IMS, RXT0 | LSC);
	cr_expect(eq(u64, fired(fd), 1), "unmasked, what is set fires");
	put(ICS, RXT0);
	cr_expect(eq(u64, fired(fd), 0), "it is pending already");
	put(ICS, LSC);
	cr_expect(eq(u64, fired(fd), 1));
	get(ICR);
	put(ICS, RXT0);
	cr_expect(eq(u64, fired(fd), 1));
	put(IMC, UINT32_MAX);
	put(IMS, RXT0);
	cr_expect(eq(u64, fired(fd), 1), "it is still set");
	close(fd);
	opened_fini(&o);
}

Test(e1000e_registers, msix_has_a_vector_for_each_kind_of_cause)
{
	int fds[5];

	opened_init(&o, "model:e1000e");
	bind_vectors(ULDF_IRQ_MSIX, 5, fds);
	put(IVAR, 0x80000000 | 0x8 | (0x8 | 1) << 8 | (0x8 | 4) << 16);
	put(EIAC, RXQ0 | TXQ0);
	put(IMS, RXQ0 | TXQ0 | OTHER | LSC);
	for (int i = 0; i < 3; i++) {
		put(ICS, RXQ0);
		cr_expect(eq(u64, fired(fds[0]), 1), "EIAC clears the cause with each message");
	}
	cr_expect(eq(u64, fired(fds[1]), 0));
	put(ICS, TXQ0);
	cr_expect(eq(u64, fired(fds[1]), 1));
	cr_expect(eq(u32, get(ICS), 0));
	put(ICS, LSC);
	cr_expect(eq(u64, fired(fds[4]), 1), "a change of the link is an other cause");
	put(ICS, LSC);
	cr_expect(eq(u64, fired(fds[4]), 0), "which stays until it is read");
	cr_expect(eq(u32, get(ICR), ASSERTED | OTHER | LSC));
	put(ICS, LSC);
	cr_expect(eq(u64, fired(fds[4]), 1));
	put(ICR, UINT32_MAX);
	put(IAM, OTHER);
	put(CTRL_EXT, 1u << 24);
	put(ICS, LSC);
	cr_expect(eq(u64, fired(fds[4]), 1));
	cr_expect(eq(u32, get(IMS) & OTHER, 0), "by EIAME and IAM a message masks its cause");
	put(IVAR, 0);
	put(ICS, RXQ0);
	cr_expect(eq(u64, fired(fds[0]), 0), "no vector is assigned");
	put(IVAR, 0xf);
	put(ICS, RXQ0);
	for (unsigned int i = 0; i < 5; i++) {
		cr_expect(eq(u64, fired(fds[i]), 0), "there is no vector 7");
		close(fds[i]);
	}
	opened_fini(&o);
}
