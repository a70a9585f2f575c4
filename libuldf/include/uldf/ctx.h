/* SPDX-License-Identifier: MIT */
#ifndef ULDF_CTX_H
#define ULDF_CTX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: struct uldf_ctx - what a program's use of the library hangs on
 *
 * Opaque. Keeps the reason of the last failure. Create one per thread that wants reasons of its
 * own; devices and spaces made from one context may be used as their own thread rules say.
 */
struct uldf_ctx;

/**
 * uldf_ctx_create() - create a context
 * @out: the context, owned by the caller; untouched on failure
 *
 * Return: 0, or -ENOMEM.
 */
int uldf_ctx_create(struct uldf_ctx **out);

/**
 * uldf_ctx_destroy() - destroy a context
 * @ctx: context, or NULL; every object made from it must be gone
 */
void uldf_ctx_destroy(struct uldf_ctx *ctx);

/**
 * uldf_reason() - why the last call on this context failed, for a person to read
 * @ctx: context
 * @buf: where the text goes, always NUL-terminated when @size > 0
 * @size: bytes at @buf; 256 hold every reason
 *
 * One line without a newline that names the thing and what to do ("device 0000:00:06.0: held by
 * ata_piix"); empty when nothing has failed. Safe against other threads.
 */
void uldf_reason(struct uldf_ctx *ctx, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif
