// SPDX-License-Identifier: MIT
/*
 * The processes of a round. Its leader keeps some workers, a quarter of them without privilege, kills one now
 * and then and starts another. Threads of workers fork, interrupt each other and execute this program anew.
 */
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define WORKERS	      12
#define THREADS	      3
#define NOBODY	      65534
#define FILES	      256 /* descriptors that a process may have, so that they run out at times */
#define LOCKED	      (4 << 20) /* bytes that one without privilege may pin */
#define LEAVE_SECONDS 5		/* that workers have to end by themselves */

/* Where a thread's own memory has its parts, each with an unmapped page behind it. */
#define ARGS_AT 0
#define LIST_AT (ARGS_AT + ARGS_ROOM + PAGE)
#define DATA_AT (LIST_AT + LIST_ROOM + PAGE)
#define ROOM	(DATA_AT + DATA_ROOM + PAGE)

static pid_t threads[THREADS]; /* of this process, those that began */
static uint8_t *rooms[THREADS];

/* ---- a thread ------------------------------------------------------------------------------------- */

/*
 * All that threads have of their own is mapped before the first of them begins: what a thread unmaps for a
 * moment must not become another's.
 */
void rooms_init(void)
{
	uint8_t *at = mmap(NULL, THREADS * ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED, "memory");
	for (int i = 0; i < THREADS; i++) {
		rooms[i] = at + i * ROOM;
		mprotect(rooms[i] + ARGS_AT, ARGS_ROOM, PROT_READ | PROT_WRITE);
		mprotect(rooms[i] + LIST_AT, LIST_ROOM, PROT_READ | PROT_WRITE);
		mprotect(rooms[i] + DATA_AT, DATA_ROOM, PROT_READ | PROT_WRITE);
	}
}

void worker_init(struct worker *w, uint64_t number, unsigned int index)
{
	*w = (struct worker){
		.number = number,
		.index = index,
		.args = rooms[index] + ARGS_AT,
		.list = rooms[index] + LIST_AT,
		.data = rooms[index] + DATA_AT,
		.now = &storm->now[storm->births_of_threads++ % NOWS],
	};
	threads[index] = gettid();
}

void worker_run(struct worker *w, unsigned int most)
{
	for (unsigned int i = 0; !storm->stop && (!most || i < most); i++)
		act_step(w);
}

struct begin {
	uint64_t number;
	unsigned int index;
};

static void *thread_main(void *arg)
{
	struct begin begin = *(struct begin *)arg;
	struct worker w;

	free(arg);
	worker_init(&w, begin.number, begin.index);
	worker_run(&w, 0);
	threads[begin.index] = 0;
	return NULL;
}

static bool thread_start(pthread_t *thread, uint64_t number, unsigned int index)
{
	struct begin *begin = malloc(sizeof(*begin));

	if (!begin)
		return false;
	*begin = (struct begin){number, index};
	if (!pthread_create(thread, NULL, thread_main, begin))
		return true;
	free(begin);
	return false;
}

/* ---- a worker ------------------------------------------------------------------------------------- */

static void limits_set(bool privileged)
{
	struct rlimit files = {FILES, FILES}, locked = {LOCKED, LOCKED}, core = {0, 0};

	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_CORE, &core);
	if (privileged)
		return;
	setrlimit(RLIMIT_MEMLOCK, &locked);
	need(!setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
		     !setresuid(NOBODY, NOBODY, NOBODY),
	     "become nobody");
}

/* Begins without any descriptor: one without privilege has only those that others send. */
static void worker_main(uint64_t number, bool privileged)
{
	pthread_t thread[THREADS];
	unsigned int started = 0;

	slots_init();
	memory_start();
	limits_set(privileged);
	while (started < THREADS && thread_start(&thread[started], mix(number, started), started))
		started++;
	for (unsigned int i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	_exit(started == THREADS ? 0 : 1);
}

/* The end of a process that nobody meant to end so. */
static void end_judge(int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		storm->crashed = WTERMSIG(status);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		storm->crashed = 1000 + WEXITSTATUS(status);
}

/* ---- what threads do with processes --------------------------------------------------------------- */

static void child_main(struct worker *w, unsigned int most, bool executes)
{
	bool company = draw_percent(w, 30);
	pthread_t thread;

	w->nested = true;
	w->now = &storm->now[storm->births_of_threads++ % NOWS];
	for (size_t i = 0; i < COUNT(threads); i++)
		threads[i] = 0;
	threads[w->index] = gettid();
	if (company && thread_start(&thread, mix(w->number, 1), (w->index + 1) % THREADS))
		pthread_detach(thread);
	worker_run(w, most);
	if (executes)
		heir_exec(w);
	_exit(0);
}

/*
 * A child with all descriptors and mappings, that is killed after a while, or ends by itself, or executes this
 * program anew.
 */
static long child_make(struct worker *w, bool executes)
{
	unsigned int most = 1 + draw_below(w, 60), wait = draw_ms(w, 300);
	uint64_t number = mix(w->number, w->step);
	bool killed = draw_percent(w, 70);
	int status;
	pid_t child;

	if (w->nested)
		return IDLE;
	child = fork();
	if (!child) {
		w->number = number;
		child_main(w, most, executes);
	}
	if (child < 0)
		return -errno;
	if (killed) {
		usleep(1000 * wait);
		kill(child, SIGKILL);
		storm->kills++;
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	end_judge(status);
	return 0;
}

static long process_fork(struct worker *w)
{
	return child_make(w, false);
}

static long process_exec(struct worker *w)
{
	return child_make(w, true);
}

/* Interrupts whatever call another thread is in. */
static long process_interrupt(struct worker *w)
{
	pid_t thread = threads[draw_below(w, THREADS)];

	if (!thread || thread == gettid())
		return IDLE;
	return tgkill(getpid(), thread, SIGUSR1) ? -errno : 0;
}

static const struct act acts[] = {
	ACT("fork", 4, process_fork),
	ACT("interrupt", 10, process_interrupt),
	ACT("exec", 2, process_exec),
};

const struct acts process_acts = {acts, COUNT(acts)};

/* ---- the leader ------------------------------------------------------------------------------------ */

struct place_of_worker {
	pid_t process;
	bool privileged, plugs;
};

static void start(struct place_of_worker *place)
{
	uint32_t birth = storm->births++;

	place->process = fork();
	if (place->process)
		return;
	if (place->plugs)
		plug_run();
	worker_main(mix(storm->seed, birth), place->privileged);
}

/* Starts another where one has ended. */
static void reap(struct place_of_worker *places, size_t count, bool again)
{
	int status;
	pid_t child;

	while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
		end_judge(status);
		for (size_t i = 0; i < count; i++) {
			if (places[i].process != child)
				continue;
			places[i].process = 0;
			if (again)
				start(&places[i]);
		}
	}
}

static bool any_left(const struct place_of_worker *places, size_t count)
{
	bool left = false;

	for (size_t i = 0; i < count; i++)
		left |= places[i].process > 0;
	return left;
}

void round_run(unsigned int seconds)
{
	struct place_of_worker places[WORKERS + 1] = {};
	struct worker chance = {.chance = mix(storm->seed, ~0ULL)};
	time_t end = time(NULL) + seconds;

	guard_init();
	memory_init();
	windows_init();
	rooms_init();
	post_init();
	for (size_t i = 0; i < COUNT(places); i++) {
		places[i].privileged = i % 4 != 3;
		places[i].plugs = i == WORKERS;
		start(&places[i]);
	}
	while (time(NULL) < end) {
		struct place_of_worker *victim = &places[draw_below(&chance, WORKERS)];

		usleep(500000 + 1000 * draw_ms(&chance, 4000));
		if (victim->process > 0 && !kill(victim->process, SIGKILL))
			storm->kills++;
		reap(places, COUNT(places), true);
	}
	storm->stop = true;
	/* those that are left now are killed in the midst of a call */
	for (int i = 0; i < LEAVE_SECONDS * 10 && any_left(places, COUNT(places)); i++) {
		usleep(100000);
		reap(places, COUNT(places), false);
	}
	_exit(0);
}
