// SPDX-License-Identifier: MIT
#include <errno.h>
#include <event2/event.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "conform.h"

static const char *const type_names[] = {"INTx", "MSI", "MSI-X", "ISA"};

/* ---- refusals, of which no device notices anything */

static void check_type(struct conform *c, enum uldf_irq_type type)
{
	uint32_t most = uldf_device_info(c->device)->vectors[type];
	enum uldf_irq_type other = type == ULDF_IRQ_INTX ? ULDF_IRQ_MSI : ULDF_IRQ_INTX;
	int fds[2] = {eventfd_new(), STDIN_FILENO}, none = -1;

	if (!most) {
		expect(c, "enable a type that is lacking", uldf_irq_enable(c->device, type, 1),
		       -ENOTSUP);
		goto out;
	}
	expect(c, "enable no vectors", uldf_irq_enable(c->device, type, 0), -EINVAL);
	expect(c, "enable too many", uldf_irq_enable(c->device, type, most + 1), -EINVAL);
	expect(c, "enable one", uldf_irq_enable(c->device, type, 1), 0);
	if (uldf_device_info(c->device)->vectors[other])
		expect(c, "enable another type too", uldf_irq_enable(c->device, other, 1), -EBUSY);
	expect(c, "enable it again", uldf_irq_enable(c->device, type, 1), -EBUSY);
	expect(c, "bind a vector beyond", uldf_irq_bind(c->device, 1, 1, fds), -EINVAL);
	expect(c, "bind more than are enabled", uldf_irq_bind(c->device, 0, 2, fds), -EINVAL);
	expect(c, "bind so many that it wraps", uldf_irq_bind(c->device, 1, UINT32_MAX, fds),
	       -EINVAL);
	expect(c, "bind what is no eventfd", uldf_irq_bind(c->device, 0, 1, &fds[1]), -EINVAL);
	expect(c, "bind what is no descriptor", uldf_irq_bind(c->device, 0, 1, &(int){999}),
	       -EINVAL);
	expect(c, "bind", uldf_irq_bind(c->device, 0, 1, fds), 0);
	expect(c, "bind nothing", uldf_irq_bind(c->device, 0, 1, &none), 0);
	if (type != ULDF_IRQ_INTX) {
		expect(c, "mask INTx, which is not enabled", uldf_irq_mask(c->device), -EINVAL);
		expect(c, "have it unmasked", uldf_irq_bind_unmask(c->device, fds[0]), -EINVAL);
	} else {
		expect(c, "have it unmasked by what is no eventfd",
		       uldf_irq_bind_unmask(c->device, fds[1]), -EINVAL);
	}
	expect(c, "disable", uldf_irq_disable(c->device), 0);
	expect(c, "disable again", uldf_irq_disable(c->device), 0);
	expect(c, "bind after that", uldf_irq_bind(c->device, 0, 1, fds), -EINVAL);
	expect(c, "enable all", uldf_irq_enable(c->device, type, most), 0);
	expect(c, "disable all", uldf_irq_disable(c->device), 0);
out:
	close(fds[0]);
}

void check_irq(struct conform *c)
{
	printf("== interrupts: what is refused\n");
	expect(c, "enable an unknown type", uldf_irq_enable(c->device, ULDF_IRQ_TYPES, 1), -EINVAL);
	for (int type = ULDF_IRQ_INTX; type < ULDF_IRQ_TYPES; type++)
		check_type(c, (enum uldf_irq_type)type);
}

/* ---- delivery */

struct firing {
	struct conform *c;
	const struct area *area;
	enum uldf_irq_type type;
	int fd;
};

static void fire(struct firing *f)
{
	f->c->model->raise(f->c, f->area);
}

/* Takes the cause away, and with it what came of it meanwhile where messages are repeated. */
static void quiet(struct firing *f)
{
	f->c->model->quiet(f->c);
	if (f->c->model->repeats && f->type != ULDF_IRQ_INTX)
		eventfd_count(f->fd, QUIET / 5);
}

/* The vector must have signalled the eventfd: once, but where messages are repeated. */
static void expect_fired(struct firing *f, const char *what, int fd)
{
	if (f->c->model->repeats && f->type != ULDF_IRQ_INTX)
		require(what, eventfd_count(fd, PATIENCE));
	else
		expect_count(what, fd, 1);
}

/* An eventfd that is bound, of which only our own descriptor is left. */
static int bound_eventfd(struct conform *c)
{
	int fd = eventfd_new(), ours = dup(fd);

	require("a duplicate", ours >= 0);
	expect(c, "bind", uldf_irq_bind(c->device, 0, 1, &fd), 0);
	close(fd);
	return ours;
}

static void check_intx_masking(struct firing *f)
{
	struct conform *c = f->c;

	fire(f);
	expect_count("INTx arrives once, although it stays asserted", f->fd, 1);
	expect_count("and not again", f->fd, 0);
	expect(c, "unmask", uldf_irq_unmask(c->device), 0);
	expect_count("INTx that is still asserted arrives again", f->fd, 1);
	expect_count("and not again", f->fd, 0);
	quiet(f);
	expect(c, "unmask", uldf_irq_unmask(c->device), 0);
	expect_count("INTx that is not asserted does not", f->fd, 0);
	expect(c, "mask", uldf_irq_mask(c->device), 0);
	fire(f);
	expect_count("masked INTx does not arrive", f->fd, 0);
	expect(c, "unmask", uldf_irq_unmask(c->device), 0);
	expect_count("but does once it is unmasked", f->fd, 1);
	quiet(f);
}

static void check_intx_resample(struct firing *f)
{
	int resample = eventfd_new(), ours = dup(resample);
	struct conform *c = f->c;
	uint64_t one = 1;

	expect(c, "unmask", uldf_irq_unmask(c->device), 0);
	expect(c, "have it unmasked by an eventfd", uldf_irq_bind_unmask(c->device, resample), 0);
	close(resample);
	fire(f);
	expect_count("INTx arrives", f->fd, 1);
	require("the eventfd is signalled", write(ours, &one, sizeof(one)) == sizeof(one));
	expect_count("the eventfd unmasks INTx", f->fd, 1);
	expect_count("and is read in doing so", ours, 0);
	quiet(f);
	require("the eventfd is signalled", write(ours, &one, sizeof(one)) == sizeof(one));
	expect_count("INTx that is not asserted stays away", f->fd, 0);
	fire(f);
	expect_count("INTx arrives", f->fd, 1);
	expect(c, "end that", uldf_irq_bind_unmask(c->device, -1), 0);
	require("the eventfd is signalled", write(ours, &one, sizeof(one)) == sizeof(one));
	expect_count("it unmasks INTx no more", f->fd, 0);
	quiet(f);
	expect(c, "unmask", uldf_irq_unmask(c->device), 0);
	close(ours);
}

static void check_messages(struct firing *f)
{
	fire(f);
	expect_fired(f, "a message arrives once", f->fd);
	quiet(f);
	expect_count("and not again", f->fd, 0);
	fire(f);
	expect_fired(f, "another arrives once", f->fd);
	quiet(f);
}

/* Where one of two eventfds is none, neither is bound and both vectors keep what they had. */
static void check_all_or_none(struct firing *f)
{
	int fds[2] = {eventfd_new(), STDIN_FILENO};

	expect(f->c, "bind one eventfd and one thing else", uldf_irq_bind(f->c->device, 0, 2, fds),
	       -EINVAL);
	fire(f);
	expect_fired(f, "a vector whose binding failed signals the one before", f->fd);
	require("and not the new one", !eventfd_count(fds[0], 0));
	quiet(f);
	close(fds[0]);
}

static void check_unbound(struct firing *f)
{
	int none = -1, old = f->fd;

	expect(f->c, "bind nothing", uldf_irq_bind(f->c->device, 0, 1, &none), 0);
	fire(f);
	expect_count("an unbound vector signals nothing", f->fd, 0);
	quiet(f);
	f->fd = bound_eventfd(f->c);
	if (f->type == ULDF_IRQ_INTX)
		expect(f->c, "unmask", uldf_irq_unmask(f->c->device), 0);
	eventfd_count(f->fd, QUIET); /* that it came before may be told or not */
	fire(f);
	expect_fired(f, "the new eventfd is signalled", f->fd);
	require("the old one is not", !eventfd_count(old, 0));
	quiet(f);
	close(old);
	expect(f->c, "disable", uldf_irq_disable(f->c->device), 0);
	fire(f);
	expect_count("a disabled vector signals nothing", f->fd, 0);
	quiet(f);
}

static void count_fired(uint64_t count, void *arg)
{
	*(uint64_t *)arg += count;
}

static void check_event(struct firing *f)
{
	const struct timeval limit = {.tv_sec = PATIENCE / 1000};
	struct event_base *base = event_base_new();
	struct uldf_irq_event *event = NULL;
	uint64_t fired = 0;

	require("a loop", base);
	expect(f->c, "an event",
	       uldf_irq_event_new(base, f->c->device, 0, count_fired, &fired, &event), 0);
	fire(f);
	event_base_loopexit(base, &limit);
	while (!fired && !event_base_loop(base, EVLOOP_ONCE) && !event_base_got_exit(base))
		;
	require("the event calls back", fired);
	require("once", fired == 1 || (f->c->model->repeats && f->type != ULDF_IRQ_INTX));
	f->c->model->quiet(f->c);
	uldf_irq_event_free(event);
	event_base_free(base);
}

static void check_delivery(struct conform *c, const struct area *area, enum uldf_irq_type type,
			   unsigned int count)
{
	struct firing f = {.c = c, .area = area, .type = type};
	const struct timespec settle = {.tv_nsec = 20000000};

	printf("== interrupts: %s\n", type_names[type]);
	/* QEMU's e1000e does not survive MSI-X while it throttles another type. */
	nanosleep(&settle, NULL);
	expect(c, "enable", uldf_irq_enable(c->device, type, count), 0);
	/* Controllers look at what is enabled when they start. */
	if (area)
		c->model->start(c, area);
	check_event(&f);
	f.fd = bound_eventfd(c);
	if (type == ULDF_IRQ_INTX) {
		expect(c, "unmask", uldf_irq_unmask(c->device), 0);
		check_intx_masking(&f);
		check_intx_resample(&f);
	} else {
		check_messages(&f);
	}
	if (count > 1)
		check_all_or_none(&f);
	check_unbound(&f);
	close(f.fd);
}

/* The most that is needed here of a type, 0 where it is not to be had. */
static unsigned int vectors_of(struct conform *c, enum uldf_irq_type type)
{
	uint32_t most = uldf_device_info(c->device)->vectors[type];

	/* QEMU's e1000e has its MSI-X vectors assigned by registers of its own. */
	if (type == ULDF_IRQ_MSIX && c->model == &e1000e_model)
		return 0;
	return most > 2 ? 2 : most;
}

void check_irq_delivery(struct conform *c)
{
	struct fixture f;

	config_command(c, c->model->decode, 0);
	if (c->model->raises_alone)
		check_delivery(c, NULL, c->model->line, 1);
	if (!conform_masters(c))
		return;
	fixture_init(c, &f);
	fixture_attach(c, &f);
	for (int type = ULDF_IRQ_INTX; type < ULDF_IRQ_TYPES; type++)
		if (vectors_of(c, (enum uldf_irq_type)type))
			check_delivery(c, &f.area, (enum uldf_irq_type)type,
				       vectors_of(c, (enum uldf_irq_type)type));
	fixture_fini(c, &f);
}
