// SPDX-License-Identifier: MIT
/* What others may do while a function is at work. */
#include <linux/pci_regs.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include "model.h"

#define SLOW   8
#define OTHER  16
#define BAR_AT HOST_MEM32

static struct host host;
static struct vpci_bus *bus;
static struct model *slow, *other;
static sem_t begun, go;

static void slot_create(void)
{
	static uint8_t memory[0x1000] __attribute__((aligned(4096)));

	slow = model_create(256);
	slow->begun = &begun;
	slow->go = &go;
	model_bar(slow, 0, VPCI_BAR_MEM32, 0x2000, MODEL_NOT_FIXED);
	model_window(slow, 0, 0, 0x1000, memory);
}

static void slot_start(void)
{
	bus = host_bus(&host);
	sem_init(&begun, 0, 0);
	sem_init(&go, 0, 0);
	slot_create();
	other = model_create(256);
	model_add(other, bus, OTHER);
}

static void slot_end(void)
{
	vpci_bus_destroy(bus);
	sem_destroy(&begun);
	sem_destroy(&go);
	host_check_leaks();
}

TestSuite(slot, .init = slot_start, .fini = slot_end, .timeout = 60);

/* The slow function with its BAR decoded, which it is after a reset, too. */
static void slot_use(enum model_slow op)
{
	vpci_config_write(&slow->function.config, PCI_BASE_ADDRESS_0, 4, (uint32_t)BAR_AT);
	vpci_config_write(&slow->function.config, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	model_add(slow, bus, SLOW);
	cr_assert_eq(host_window_count(&host), 1);
	slow->slow = op;
}

/* Runs it in a thread of its own, until it is in the slow op. */
static pthread_t slot_begin(void *(*run)(void *))
{
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, run, NULL), 0);
	sem_wait(&begun);
	return thread;
}

static void slot_finish(pthread_t thread)
{
	sem_post(&go);
	pthread_join(thread, NULL);
}

static void slot_expect_nobody(void)
{
	cr_expect_eq(host_config_read(bus, SLOW, PCI_VENDOR_ID, 4), UINT32_MAX);
	host_config_write(bus, SLOW, PCI_COMMAND, 2, PCI_COMMAND_IO);
}

static void slot_expect_others(void)
{
	cr_expect_eq(host_config_read(bus, OTHER, PCI_VENDOR_ID, 4), 0x56781234);
	host_config_write(bus, OTHER, PCI_INTERRUPT_LINE, 1, 5);
	cr_expect_eq(host_config_read(bus, OTHER, PCI_INTERRUPT_LINE, 1), 5);
}

static void *slot_add(void *arg)
{
	model_add(slow, bus, SLOW);
	return arg;
}

Test(slot, a_function_that_is_being_attached_is_nobody)
{
	pthread_t thread;

	slow->slow = MODEL_SLOW_ATTACH;
	thread = slot_begin(slot_add);
	slot_expect_nobody();
	slot_expect_others();
	slot_finish(thread);
	cr_expect_eq(host_config_read(bus, SLOW, PCI_VENDOR_ID, 4), 0x56781234);
	cr_expect_eq(host_config_read(bus, SLOW, PCI_COMMAND, 2), 0);
}

static void *slot_add_in_vain(void *arg)
{
	cr_expect_eq(vpci_bus_add(bus, SLOW, &slow->function), -EIO);
	return arg;
}

Test(slot, a_function_that_cannot_be_attached_leaves_its_slot_empty)
{
	pthread_t thread;

	slow->slow = MODEL_SLOW_ATTACH;
	slow->attach_error = -EIO;
	thread = slot_begin(slot_add_in_vain);
	slot_expect_nobody();
	slot_finish(thread);
	cr_expect_eq(vpci_bus_remove(bus, SLOW), -ENODEV);
	vpci_function_destroy(&slow->function);
}

static void *slot_reset(void *arg)
{
	vpci_bus_reset(bus);
	return arg;
}

Test(slot, a_function_that_is_being_reset_answers_nobody_and_holds_nobody_up)
{
	pthread_t thread;
	uint64_t value = 0;

	slot_use(MODEL_SLOW_RESET);
	thread = slot_begin(slot_reset);
	slot_expect_nobody();
	cr_expect_eq(vpci_bus_presence(bus, SLOW), VPCI_AWAY);
	cr_expect(vpci_bus_memory_read(bus, BAR_AT + 0x1000, 4, &value), "its BAR stays its own");
	cr_expect_eq(value, UINT32_MAX);
	cr_expect_eq(host_window_count(&host), 0);
	slot_expect_others();
	host_config_write(bus, OTHER, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_expect_eq(host_window_count(&host), 0, "what others do does not show it again");
	cr_expect_eq(vpci_bus_check(bus), 0);
	cr_expect_eq(slow->checks, 0);
	slot_finish(thread);
	cr_expect_eq(host_config_read(bus, SLOW, PCI_VENDOR_ID, 4), 0x56781234);
	cr_expect_eq(host_config_read(bus, SLOW, PCI_COMMAND, 2), PCI_COMMAND_MEMORY,
		     "what was written during the reset went nowhere");
	cr_expect_eq(slow->access_count, 0);
	cr_expect_eq(host_window_count(&host), 1);
	cr_expect_eq(vpci_bus_presence(bus, SLOW), VPCI_PRESENT);
}

static void *slot_read(void *arg)
{
	cr_expect_eq(host_memory_read(bus, BAR_AT + 0x1004, 4), 0x07060504);
	return arg;
}

static void *slot_read_quickly(void *arg)
{
	sem_post(&begun);
	cr_expect_eq(host_memory_read(bus, BAR_AT + 0x1000, 4), 0x03020100);
	return arg;
}

Test(slot, accesses_to_one_function_wait_for_each_other_and_for_no_one_else)
{
	pthread_t first, second;

	slot_use(MODEL_SLOW_BAR);
	first = slot_begin(slot_read);
	slow->slow = MODEL_QUICK;
	second = slot_begin(slot_read_quickly);
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	cr_expect_eq(slow->access_count, 0);
	slot_expect_others();
	slot_finish(first);
	pthread_join(second, NULL);
	cr_expect_eq(slow->access_count, 2);
	cr_expect_eq(slow->accesses[0].offset, 0x1004);
}

static void *slot_remove(void *arg)
{
	cr_expect_eq(vpci_bus_remove(bus, SLOW), 0);
	return arg;
}

static void *slot_read_or_find_nobody(void *arg)
{
	uint64_t value = 0;

	sem_post(&begun);
	if (vpci_bus_memory_read(bus, BAR_AT + 0x1000, 4, &value))
		cr_expect(value == 0x03020100 || value == UINT32_MAX);
	return arg;
}

static void *slot_remove_too(void *arg)
{
	sem_post(&begun);
	return slot_remove(arg);
}

/* Under AddressSanitizer a function that is used after it was destroyed shows. */
Test(slot, who_waits_for_a_function_that_is_removed_finds_it_or_nobody)
{
	for (unsigned int i = 0; i < 20; i++) {
		pthread_t threads[3];

		if (i)
			slot_create();
		slot_use(MODEL_SLOW_BAR);
		threads[0] = slot_begin(slot_read);
		slow->slow = MODEL_QUICK;
		threads[1] = slot_begin(i % 2 ? slot_remove_too : slot_read_or_find_nobody);
		threads[2] = slot_begin(i % 2 ? slot_read_or_find_nobody : slot_remove_too);
		slot_finish(threads[0]);
		pthread_join(threads[1], NULL);
		pthread_join(threads[2], NULL);
	}
	cr_expect_eq(vpci_bus_remove(bus, SLOW), -ENODEV);
}

Test(slot, a_function_that_leaves_is_nobody)
{
	pthread_t thread;

	slot_use(MODEL_SLOW_DETACH);
	thread = slot_begin(slot_remove);
	cr_expect_eq(host_config_read(bus, SLOW, PCI_VENDOR_ID, 4), UINT32_MAX);
	slot_expect_others();
	slot_finish(thread);
	cr_expect_eq(vpci_bus_remove(bus, SLOW), -ENODEV);
}

Test(slot, a_slot_is_free_while_what_stood_there_is_being_destroyed)
{
	pthread_t thread;

	slot_use(MODEL_SLOW_DESTROY);
	thread = slot_begin(slot_remove);
	model_add(model_create(256), bus, SLOW);
	cr_expect_eq(host_config_read(bus, SLOW, PCI_VENDOR_ID, 4), 0x56781234);
	slot_finish(thread);
}
