/* SPDX-License-Identifier: MIT */
/* An open model, in a space with memory. */
#ifndef TESTS_UNIT_MODEL_OPENED_H
#define TESTS_UNIT_MODEL_OPENED_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <uldf.h>

/* Seconds that a test may take. It is one for all suites: Criterion 2.4.1 leaks memory where they differ. */
#define OPENED_TIMEOUT 120

struct opened {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space;
};

/* Opens a model by its address, attaches it and switches bus mastering on. */
void opened_init(struct opened *o, const char *address);
/* The same, in a space for a device that knows the bits of @mask of an address. */
void opened_init_masked(struct opened *o, const char *address, uint64_t mask);
void opened_fini(struct opened *o);

uint64_t opened_read(struct opened *o, unsigned int offset, unsigned int width);
void opened_write(struct opened *o, unsigned int offset, unsigned int width, uint64_t value);

/* Reads a register until the bits under @mask are @value. */
void opened_wait(struct opened *o, unsigned int offset, uint32_t mask, uint32_t value);

/* Fails the test unless opening @address answers @err, for a reason with @text in it. */
void opened_expect_refusal(const char *address, int err, const char *text);

/* The .fini of every suite: LeakSanitizer never reports from Criterion's workers by itself. */
void opened_check_leaks(void);

#endif
