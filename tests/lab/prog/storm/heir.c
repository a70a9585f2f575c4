// SPDX-License-Identifier: MIT
/* This program, executed by one of its own processes, which leaves it descriptors of devices and spaces. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "storm.h"

#define MOST_STEPS 100

long heir_exec(struct worker *w)
{
	char texts[16][32], memory[16], number[24];
	char *argv[COUNT(texts) + 5] = {"lab-storm", "--heir", memory, number};
	int count = slots_export(texts, COUNT(texts));
	sigset_t interrupt;

	for (int i = 0; i < count; i++)
		argv[4 + i] = texts[i];
	/* not this descriptor itself, which others of this process need */
	snprintf(memory, sizeof(memory), "%d", fcntl(storm_file, F_DUPFD, 3));
	snprintf(number, sizeof(number), "%llu", (unsigned long long)mix(w->number, w->step));
	/* until there is a handler again */
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &interrupt, NULL);
	execv("/proc/self/exe", argv);
	pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
	return -errno;
}

int heir_main(int argc, char **argv)
{
	struct worker w;
	sigset_t none;

	if (argc < 4)
		return 2;
	storm_file = atoi(argv[2]);
	storm = mmap(NULL, sizeof(*storm), PROT_READ | PROT_WRITE, MAP_SHARED, storm_file, 0);
	/* a process that had no room for one more descriptor leaves none */
	if (storm == MAP_FAILED)
		return 0;
	acts_init();
	guard_init();
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	memory_init();
	windows_init();
	rooms_init();
	slots_init();
	for (int i = 4; i < argc; i++)
		slot_import(argv[i]);
	memory_start();
	worker_init(&w, strtoull(argv[3], NULL, 10), 0);
	w.nested = true;
	worker_run(&w, MOST_STEPS);
	return 0;
}
