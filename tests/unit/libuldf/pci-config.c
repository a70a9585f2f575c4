// SPDX-License-Identifier: MIT
/* Bus mastering, in a file that stands for a configuration space. */
#include <linux/pci_regs.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fake.h"
#include "pci_config.h"

TestSuite(pci_config, .fini = fixture_check_leaks);

static struct pci_config config;

static uint16_t command(void)
{
	uint16_t value = 0;

	cr_assert(eq(int, (int)pread(config.fd, &value, 2, PCI_COMMAND), 2));
	return value;
}

static void config_open(uint16_t value)
{
	int fd = memfd_create("config", MFD_CLOEXEC);

	cr_assert(ge(int, fd, 0));
	cr_assert(eq(int, ftruncate(fd, 256), 0));
	cr_assert(eq(int, (int)pwrite(fd, &value, 2, PCI_COMMAND), 2));
	cr_assert(eq(int, pci_config_init(&config, fd, 0, 256), 0));
}

Test(pci_config, mastering_that_was_on_is_on_again_after_a_while)
{
	bool on = false;

	config_open(PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
	cr_expect(eq(int, pci_config_master(&config, true), 0));
	cr_assert(eq(int, pci_config_suspend_master(&config, &on), 0));
	cr_expect(on);
	cr_expect(eq(u16, command(), PCI_COMMAND_MEMORY));
	cr_assert(eq(int, pci_config_write(&config, PCI_COMMAND, 2, 6), 0));
	cr_expect(eq(u16, command(), PCI_COMMAND_MEMORY),
		  "the holder cannot switch it on meanwhile");
	cr_assert(eq(int, pci_config_resume_master(&config, on), 0));
	cr_expect(eq(u16, command(), PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY));
	cr_expect(eq(u16, config.command, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY));
	close(config.fd);
}

Test(pci_config, mastering_that_was_off_stays_off_and_is_the_holders_again)
{
	bool on = true;

	config_open(PCI_COMMAND_MEMORY);
	cr_expect(eq(int, pci_config_master(&config, true), 0));
	cr_assert(eq(int, pci_config_suspend_master(&config, &on), 0));
	cr_expect(not(on));
	cr_assert(eq(int, pci_config_resume_master(&config, on), 0));
	cr_expect(eq(u16, command(), PCI_COMMAND_MEMORY));
	cr_assert(eq(int, pci_config_write(&config, PCI_COMMAND, 2, 4), 0));
	cr_expect(eq(u16, command() & PCI_COMMAND_MASTER, PCI_COMMAND_MASTER));
	close(config.fd);
}

Test(pci_config, a_device_that_is_gone_is_not_suspended)
{
	bool on = true;

	config_open(PCI_COMMAND_MASTER);
	cr_assert(eq(int, ftruncate(config.fd, 0), 0));
	cr_expect(eq(int, pci_config_suspend_master(&config, &on), -EIO));
	cr_expect(on);
	close(config.fd);
}

#define EXPRESS 0x40 /* where the PCI Express capability is */

static void pending_set(uint16_t status)
{
	cr_assert(eq(int, (int)pwrite(config.fd, &status, 2, EXPRESS + PCI_EXP_DEVSTA), 2));
}

static void *complete_later(void *arg)
{
	usleep(30000);
	*(bool *)arg = true;
	pending_set(0);
	return NULL;
}

Test(pci_config, a_device_is_drained_when_no_transaction_is_pending)
{
	static const uint8_t list = EXPRESS, express[] = {PCI_CAP_ID_EXP, 0};
	bool completed = false;
	pthread_t thread;

	config_open(PCI_COMMAND_MEMORY);
	pci_config_drain(&config);
	cr_assert(eq(int, (int)pwrite(config.fd, &list, 1, PCI_CAPABILITY_LIST), 1));
	cr_assert(eq(int, (int)pwrite(config.fd, express, 2, EXPRESS), 2));
	pci_config_drain(&config);
	pending_set(UINT16_MAX);
	pci_config_drain(&config);
	pending_set(PCI_EXP_DEVSTA_TRPND);
	cr_assert(eq(int, pthread_create(&thread, NULL, complete_later, &completed), 0));
	pci_config_drain(&config);
	cr_expect(completed);
	pthread_join(thread, NULL);
	close(config.fd);
}
