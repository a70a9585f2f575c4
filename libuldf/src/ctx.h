/* SPDX-License-Identifier: MIT */
/* The context from the inside: where a failure leaves its reason. */
#ifndef ULDF_SRC_CTX_H
#define ULDF_SRC_CTX_H

#include <pthread.h>
#include <sys/queue.h>
#include <uldf/ctx.h>

#define CTX_REASON 256

struct uldf_ctx {
	pthread_mutex_t lock; /* protects reason */
	char reason[CTX_REASON];
	pthread_mutex_t vfio_lock; /* protects vfio_groups and who is in them */
	LIST_HEAD(, vfio_group) vfio_groups;
};

/**
 * ctx_fail() - keep the reason of a failure
 * @ctx: context
 * @err: negative errno
 * @fmt: one line that names the thing and what to do, as for printf
 *
 * Characters that a terminal would act on (names of mount points are anybody's) become '?', and
 * what is too long is cut off.
 *
 * Return: @err, so that a failing function can end with it.
 */
__attribute__((format(printf, 3, 4))) int ctx_fail(struct uldf_ctx *ctx, int err, const char *fmt,
						   ...);

/**
 * ctx_printable() - replace the characters that a terminal would act on by '?'
 * @text: one line
 */
void ctx_printable(char *text);

/**
 * ctx_strerror() - what an error number means
 * @err: negative errno
 *
 * Return: text in a constant; safe against other threads, as strerror() is not.
 */
const char *ctx_strerror(int err);

#endif
