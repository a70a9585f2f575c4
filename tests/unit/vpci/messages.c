// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "host.h"
#include "messages.h"

#define CAPABILITY 0x40
#define TABLE	   0x800u
#define PENDING	   0xc00u

static struct host host;
static const struct vpci_host services = {&host_ops, &host};
static struct vpci_config config;
static struct vpci_messages messages;

static void config_start(void)
{
	static const struct vpci_identity identity = {.vendor = 0x1af4};
	static const struct vpci_bar memory = {.type = VPCI_BAR_MEM32, .size = 0x1000};
	static const struct vpci_bar ports = {.type = VPCI_BAR_PORTS, .size = 0x1000};

	host_init(&host);
	vpci_config_init(&config, 256, &identity);
	cr_assert_eq(vpci_config_set_bar(&config, 0, &memory), 0);
	cr_assert_eq(vpci_config_set_bar(&config, 1, &ports), 0);
}

static void messages_start(void)
{
	config_start();
	cr_assert_eq(vpci_messages_init(&messages, &config, CAPABILITY, TABLE, PENDING, 3), 0);
	messages.requester = 0x18;
}

static void messages_end(void)
{
	vpci_messages_fini(&messages);
	host_check_leaks();
}

TestSuite(messages, .init = messages_start, .fini = messages_end);

static void set(uint32_t flags, uint32_t command)
{
	vpci_config_write(&config, CAPABILITY + PCI_MSIX_FLAGS, 2, flags);
	vpci_config_write(&config, PCI_COMMAND, 2, command);
	vpci_messages_follow(&messages, &services, &config);
}

static void write_entry(unsigned int vector, uint64_t address, uint32_t control)
{
	cr_expect(vpci_messages_write(&messages, &services, 0, TABLE + 16 * vector, 8, address));
	cr_expect(vpci_messages_write(&messages, &services, 0, TABLE + 16 * vector + 8, 8,
				      (uint64_t)control << 32 | vector));
}

static uint64_t pending(void)
{
	uint64_t value = UINT64_MAX;

	cr_expect(vpci_messages_read(&messages, 0, PENDING, 8, &value));
	return value;
}

Test(messages, the_capability_tells_of_the_table)
{
	uint64_t value;

	cr_expect_eq(vpci_config_read(&config, CAPABILITY, 1), PCI_CAP_ID_MSIX);
	cr_expect_eq(vpci_config_read(&config, CAPABILITY + PCI_MSIX_FLAGS, 2), 2);
	cr_expect_eq(vpci_config_read(&config, CAPABILITY + PCI_MSIX_TABLE, 4), TABLE);
	cr_expect_eq(vpci_config_read(&config, CAPABILITY + PCI_MSIX_PBA, 4), PENDING);
	cr_expect(vpci_messages_read(&messages, 0, TABLE + 12, 4, &value));
	cr_expect_eq(value, 1, "masked");
	cr_expect_not(vpci_messages_read(&messages, 0, TABLE + 48, 4, &value));
	cr_expect_not(vpci_messages_read(&messages, 1, TABLE, 4, &value));
	cr_expect_not(vpci_messages_write(&messages, &services, 0, PENDING, 8, 7));
}

Test(messages, places_that_do_not_fit_are_refused)
{
	struct vpci_messages other;

	config_start();
	cr_expect_eq(vpci_messages_init(&other, &config, CAPABILITY, TABLE, PENDING, 0), -EINVAL);
	cr_expect_eq(vpci_messages_init(&other, &config, CAPABILITY, TABLE, PENDING, 65), -EINVAL);
	cr_expect_eq(vpci_messages_init(&other, &config, CAPABILITY, TABLE | 1, PENDING, 3),
		     -EINVAL, "ports");
	cr_expect_eq(vpci_messages_init(&other, &config, CAPABILITY, TABLE | 2, PENDING, 3),
		     -EINVAL, "no BAR");
	cr_expect_eq(vpci_messages_init(&other, &config, CAPABILITY, 0xff0, PENDING, 3), -EINVAL);
	cr_expect_eq(vpci_messages_init(&other, &config, CAPABILITY, TABLE, TABLE, 3), -EINVAL);
	cr_expect_eq(vpci_messages_init(&other, &config, 0xfc, TABLE, PENDING, 3), -EINVAL);
}

Test(messages, a_vector_that_is_open_is_sent)
{
	set(PCI_MSIX_FLAGS_ENABLE, PCI_COMMAND_MASTER);
	write_entry(2, 0xfee02000, 0);
	vpci_messages_send(&messages, &services, 2);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host.last_sent.address, 0xfee02000);
	cr_expect_eq(host.last_sent.data, 2);
	cr_expect_eq(host.last_sent.requester, 0x18);
	cr_expect_eq(pending(), 0);
}

Test(messages, a_vector_that_is_masked_is_sent_once_when_it_is_not_any_more)
{
	set(PCI_MSIX_FLAGS_ENABLE, PCI_COMMAND_MASTER);
	vpci_messages_send(&messages, &services, 1);
	vpci_messages_send(&messages, &services, 1);
	cr_expect_eq(host.sent, 0);
	cr_expect_eq(pending(), 2);
	write_entry(1, 0xfee01000, 0);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(pending(), 0);
}

Test(messages, the_masked_function_and_one_that_does_not_master_hold_all)
{
	write_entry(0, 0xfee01000, 0);
	set(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL, PCI_COMMAND_MASTER);
	vpci_messages_send(&messages, &services, 0);
	cr_expect_eq(host.sent, 0);
	set(PCI_MSIX_FLAGS_ENABLE, 0);
	cr_expect_eq(host.sent, 0);
	set(PCI_MSIX_FLAGS_ENABLE, PCI_COMMAND_MASTER);
	cr_expect_eq(host.sent, 1);
}

Test(messages, without_msix_nothing_is_sent_or_pending)
{
	write_entry(0, 0xfee01000, 0);
	set(0, PCI_COMMAND_MASTER);
	vpci_messages_send(&messages, &services, 0);
	set(PCI_MSIX_FLAGS_ENABLE, PCI_COMMAND_MASTER);
	cr_expect_eq(host.sent, 0);
	cr_expect_eq(pending(), 0);
}

Test(messages, vectors_that_there_are_not_are_not_sent)
{
	static const unsigned int vectors[] = {3, 63, 64, 0xffff, UINT32_MAX};

	set(PCI_MSIX_FLAGS_ENABLE, PCI_COMMAND_MASTER);
	for (unsigned int i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		vpci_messages_send(&messages, &services, vectors[i]);
	cr_expect_eq(pending(), 0);
}

Test(messages, a_message_to_memory_goes_nowhere)
{
	set(PCI_MSIX_FLAGS_ENABLE, PCI_COMMAND_MASTER);
	write_entry(0, 0x1000, 0);
	vpci_messages_send(&messages, &services, 0);
	cr_expect_eq(host.sent, 0);
	cr_expect_eq(pending(), 0);
}

Test(messages, a_message_that_the_vmm_did_not_take_stays_pending)
{
	set(PCI_MSIX_FLAGS_ENABLE, PCI_COMMAND_MASTER);
	write_entry(0, 0xfee01000, 0);
	host.send_error = -EAGAIN;
	vpci_messages_send(&messages, &services, 0);
	cr_expect_eq(pending(), 1);
	vpci_messages_retry(&messages, &services);
	cr_expect_eq(pending(), 1);
	host.send_error = 0;
	vpci_messages_retry(&messages, &services);
	cr_expect_eq(pending(), 0);
	cr_expect_eq(host.sent, 1);
}

Test(messages, a_reset_forgets)
{
	set(PCI_MSIX_FLAGS_ENABLE, PCI_COMMAND_MASTER);
	vpci_messages_send(&messages, &services, 1);
	vpci_messages_reset(&messages);
	cr_expect_eq(pending(), 0);
	write_entry(1, 0xfee01000, 0);
	vpci_messages_send(&messages, &services, 1);
	cr_expect_eq(host.sent, 0, "MSI-X is off");
}
