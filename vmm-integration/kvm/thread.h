/* SPDX-License-Identifier: MIT */
/* A thread beside the main one, which can be got out of a system call that blocks. */
#ifndef VMM_THREAD_H
#define VMM_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#define VMM_THREAD_PATIENCE 100 /* milliseconds between two kicks of a thread that is to end */

/**
 * struct vmm_thread - a thread; zeroed memory is one that does not run
 * @id: the thread
 * @started: it runs, or is to be joined
 * @name: what tools call it
 * @run: what it does
 * @arg: argument of @run
 */
struct vmm_thread {
	pthread_t id;
	bool started;
	char name[16];
	void *(*run)(void *arg);
	void *arg;
};

/**
 * vmm_thread_start() - run a function in a thread of its own
 * @thread: thread that does not run
 * @name: what tools such as ps call it, at most 15 bytes
 * @run: the function
 * @arg: its argument
 *
 * The thread takes no signal but SIGUSR1, which is the kick: all others are the main thread's.
 *
 * Return: 0, -EAGAIN no more threads.
 */
int vmm_thread_start(struct vmm_thread *thread, const char *name, void *(*run)(void *), void *arg);

/**
 * vmm_thread_kick() - interrupt the system call that a thread is in
 * @thread: thread, running or not
 *
 * A kick just before the system call is lost: who waits for an end repeats it.
 */
void vmm_thread_kick(const struct vmm_thread *thread);

/**
 * vmm_thread_join() - wait for a thread's end
 * @thread: thread, running or not
 * @milliseconds: how long at most
 *
 * Return: whether it has ended.
 */
bool vmm_thread_join(struct vmm_thread *thread, unsigned int milliseconds);

#endif
