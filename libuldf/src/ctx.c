// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ctx.h"

int uldf_ctx_create(struct uldf_ctx **out)
{
	struct uldf_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		return -ENOMEM;
	pthread_mutex_init(&ctx->lock, NULL);
	pthread_mutex_init(&ctx->vfio_lock, NULL);
	LIST_INIT(&ctx->vfio_groups);
	*out = ctx;
	return 0;
}

void uldf_ctx_destroy(struct uldf_ctx *ctx)
{
	if (!ctx)
		return;
	pthread_mutex_destroy(&ctx->vfio_lock);
	pthread_mutex_destroy(&ctx->lock);
	free(ctx);
}

void uldf_reason(struct uldf_ctx *ctx, char *buf, size_t size)
{
	if (!size)
		return;
	pthread_mutex_lock(&ctx->lock);
	snprintf(buf, size, "%s", ctx->reason);
	pthread_mutex_unlock(&ctx->lock);
}

void ctx_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int ctx_fail(struct uldf_ctx *ctx, int err, const char *fmt, ...)
{
	char text[CTX_REASON];
	va_list args;

	/* Formatted aside: an argument may be the reason that is there now. */
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ctx_printable(text);
	pthread_mutex_lock(&ctx->lock);
	memcpy(ctx->reason, text, sizeof(text));
	pthread_mutex_unlock(&ctx->lock);
	return err;
}

const char *ctx_strerror(int err)
{
	const char *text = strerrordesc_np(-err);

	return text ? text : "unknown error";
}
