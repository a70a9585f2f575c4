// SPDX-License-Identifier: MIT
/* The lock of a model, and the thread in which the device does what it does by itself. */
#include <errno.h>
#include <signal.h>
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

void model_wake(struct model *model)
{
	if (model->gone)
		return;
	model->work = true;
	pthread_cond_signal(&model->wake);
}

static void *engine_run(void *arg)
{
	struct model *model = arg;

	model_lock(model);
	while (!model->stop) {
		if (!model->work) {
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
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&model->thread, NULL, engine_run, model);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	model->running = !err;
	return err;
}

void model_engine_stop(struct model *model)
{
	if (!model->running)
		return;
	model_lock(model);
	model->stop = true;
	pthread_cond_signal(&model->wake);
	model_unlock(model);
	pthread_join(model->thread, NULL);
	model->running = false;
}
