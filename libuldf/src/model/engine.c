// SPDX-License-Identifier: MIT
/* The lock of a model, and the thread in which the device does what it does by itself. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "eventfds.h"
#include "model/model.h"

void model_lock(struct model *model)
{
	pthread_mutex_lock(&model->turn);
	pthread_mutex_lock(&model->lock);
	pthread_mutex_unlock(&model->turn);
}

void model_unlock(struct model *model)
{
	pthread_mutex_unlock(&model->lock);
}

/* Ends the wait of the thread; the model is locked. */
static void engine_signal(struct model *model)
{
	if (model->polls)
		eventfds_signal(model->kick);
	else
		pthread_cond_signal(&model->wake);
}

void model_wake(struct model *model)
{
	if (model->gone)
		return;
	model->work = true;
	engine_signal(model);
}

void model_watch(struct model *model, int fd, short events)
{
	model->watched = fd;
	model->await = events;
}

/* Waits for the descriptor that the model watches, too. */
static void engine_poll(struct model *model)
{
	struct pollfd list[] = {
		{.fd = model->watched, .events = model->await},
		{.fd = model->kick, .events = POLLIN},
	};

	model->polls = true;
	model_unlock(model);
	poll(list, 2, -1);
	model_lock(model);
	model->polls = false;
	eventfds_drain(model->kick);
	if (list[0].revents)
		model->work = true;
}

static void *engine_run(void *arg)
{
	struct model *model = arg;

	model_lock(model);
	while (!model->stop) {
		if (!model->work) {
			if (model->watched >= 0 && !model->gone)
				engine_poll(model);
			else
				pthread_cond_wait(&model->wake, &model->lock);
			continue;
		}
		model->work = false;
		if (!model->gone && model->ops->work(model))
			model->work = true;
		/* Between two pieces of work drivers reach the registers. */
		model_unlock(model);
		model_lock(model);
	}
	model_unlock(model);
	return NULL;
}

int model_engine_start(struct model *model)
{
	sigset_t all, before;
	int err;

	if (!model->ops->work)
		return 0;
	if (model->watched >= 0) {
		model->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (model->kick < 0)
			return -errno;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&model->thread, NULL, engine_run, model);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	model->running = !err;
	if (err && model->kick >= 0) {
		close(model->kick);
		model->kick = -1;
	}
	return err;
}

void model_engine_stop(struct model *model)
{
	if (!model->running)
		return;
	model_lock(model);
	model->stop = true;
	engine_signal(model);
	model_unlock(model);
	pthread_join(model->thread, NULL);
	model->running = false;
	if (model->kick >= 0)
		close(model->kick);
	model->kick = -1;
}
