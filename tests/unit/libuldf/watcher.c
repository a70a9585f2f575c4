// SPDX-License-Identifier: MIT
#include <sys/eventfd.h>
#include <unistd.h>
#include "eventfds.h"
#include "fake.h"
#include "watcher.h"

TestSuite(watcher, .fini = fixture_check_leaks);
TestSuite(eventfds, .fini = fixture_check_leaks);

struct seen {
	int out; /* signalled for each call */
	unsigned int index;
	bool keep;
};

static bool pass_on(void *arg, unsigned int index, int fd)
{
	struct seen *seen = arg;

	eventfds_drain(fd);
	seen->index = index;
	eventfds_signal(seen->out);
	return seen->keep;
}

static uint64_t count_of(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

Test(watcher, what_is_watched_is_passed_on_until_it_is_not)
{
	struct seen seen = {.out = eventfd(0, EFD_CLOEXEC), .keep = true};
	int in = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct watcher *watcher;

	cr_assert(eq(int, watcher_create(pass_on, &seen, &watcher), 0));
	watcher_lock(watcher);
	watcher_watch(watcher, 2, in);
	watcher_unlock(watcher);
	for (int i = 0; i < 3; i++) {
		eventfds_signal(in);
		cr_expect(eq(u64, count_of(seen.out), 1));
		cr_expect(eq(uint, seen.index, 2));
	}
	watcher_lock(watcher);
	seen.keep = false;
	watcher_unlock(watcher);
	eventfds_signal(in);
	cr_expect(eq(u64, count_of(seen.out), 1));
	eventfds_signal(in);
	watcher_destroy(watcher);
	cr_expect(eq(u64, count_of(in), 1), "what is watched no more is left alone");
	close(in);
	close(seen.out);
}

Test(watcher, destroy_takes_null)
{
	watcher_destroy(NULL);
}

Test(eventfds, only_eventfds_are_eventfds)
{
	int fds[] = {eventfd(0, EFD_CLOEXEC), -1, STDIN_FILENO};

	cr_expect(eq(int, eventfds_check(fds, 2), 0));
	cr_expect(eq(int, eventfds_check(fds, 3), -EINVAL));
	cr_expect(eq(int, eventfds_check(&(int){-2}, 1), -EINVAL));
	close(fds[0]);
	cr_expect(eq(int, eventfds_check(fds, 1), -EINVAL));
}
