// SPDX-License-Identifier: MIT
/* When a thread that does not call is taken to wait. */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include "caller.h"

TestSuite(caller, .timeout = 60);

/* The driver's thread: it called, and does now what it is told. */
struct driver {
	struct caller caller;
	pthread_t thread;
	sem_t called, go;
	bool spin, stop;
};

static void *drive(void *arg)
{
	struct driver *driver = arg;

	caller_enter(&driver->caller);
	caller_leave(&driver->caller);
	sem_post(&driver->called);
	while (!__atomic_load_n(&driver->stop, __ATOMIC_SEQ_CST))
		if (!__atomic_load_n(&driver->spin, __ATOMIC_SEQ_CST))
			sem_wait(&driver->go);
	return NULL;
}

static void driver_init(struct driver *driver, bool spin)
{
	*driver = (struct driver){.spin = spin};
	sem_init(&driver->called, 0, 0);
	sem_init(&driver->go, 0, 0);
	cr_assert(eq(int, pthread_create(&driver->thread, NULL, drive, driver), 0));
	sem_wait(&driver->called);
}

static void driver_fini(struct driver *driver)
{
	__atomic_store_n(&driver->stop, true, __ATOMIC_SEQ_CST);
	sem_post(&driver->go);
	pthread_join(driver->thread, NULL);
	sem_destroy(&driver->called);
	sem_destroy(&driver->go);
}

static void pass(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Fails by the test's time limit. */
static void await(struct driver *driver)
{
	while (!caller_waits(&driver->caller))
		pass();
}

Test(caller, a_thread_that_sleeps_waits_until_it_runs_or_calls)
{
	struct driver driver;

	driver_init(&driver, false);
	await(&driver);
	cr_expect(caller_waits_still(&driver.caller));
	cr_expect(caller_waits_still(&driver.caller), "looking changes nothing");
	sem_post(&driver.go);
	do
		pass();
	while (caller_waits_still(&driver.caller));
	await(&driver);
	caller_enter(&driver.caller);
	cr_expect(not(caller_waits_still(&driver.caller)), "somebody calls");
	cr_expect(not(caller_waits(&driver.caller)));
	driver_fini(&driver);
}

Test(caller, a_thread_that_runs_waits_once_it_was_seen_running_again_and_again)
{
	struct driver driver;
	unsigned int looks = 0;

	driver_init(&driver, true);
	do {
		pass();
		looks++;
	} while (!caller_waits(&driver.caller));
	cr_expect(ge(uint, looks, 3));
	cr_expect(caller_waits_still(&driver.caller));
	caller_shown(&driver.caller);
	cr_expect(not(caller_waits_still(&driver.caller)), "it has not looked yet");
	cr_expect(not(caller_waits(&driver.caller)));
	await(&driver);
	driver_fini(&driver);
}
