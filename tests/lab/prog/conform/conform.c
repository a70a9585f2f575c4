// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "conform.h"

void expect(struct conform *c, const char *what, int err, int wanted)
{
	char reason[256];

	if (err == wanted && !err)
		return;
	uldf_reason(c->ctx, reason, sizeof(reason));
	if (err == wanted) {
		printf("   %s: refused: %s\n", what, reason);
		require("a refusal has a reason", reason[0]);
		return;
	}
	printf("FAIL %s: answered %d (%s), expected %d: %s\n", what, err, strerror(-err), wanted,
	       reason);
	exit(1);
}

void require(const char *what, bool good)
{
	if (good)
		return;
	printf("FAIL %s\n", what);
	exit(1);
}

void expect_reason(struct conform *c, const char *text)
{
	char reason[256];

	uldf_reason(c->ctx, reason, sizeof(reason));
	if (strstr(reason, text))
		return;
	printf("FAIL the reason is '%s', expected in it '%s'\n", reason, text);
	exit(1);
}

void conform_open_any(struct conform *c, const char *name)
{
	c->name = name;
	c->able = backend_ability(name);
	c->address = c->able->host ? strchr(name, ':') + 1 : name;
	expect(c, "open", uldf_device_open(c->ctx, name, &c->device), 0);
}

void conform_open(struct conform *c, const char *name)
{
	static const struct model *const models[] = {&edu_model, &e1000e_model, &nvme_model,
						     &igb_model, &ide_model};
	uint32_t id;

	conform_open_any(c, name);
	id = config_get(c, PCI_VENDOR_ID, 4);
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (models[i]->id == id)
			c->model = models[i];
	require("the device is known", c->model);
}

void conform_close(struct conform *c)
{
	uldf_device_close(c->device);
	c->device = NULL;
}

bool conform_masters(const struct conform *c)
{
	return c->able->spaces && (c->iommu || (c->bare && c->able->bare));
}

uint64_t reg_read(struct conform *c, unsigned int offset, unsigned int width)
{
	uint64_t value = 0;

	expect(c, "register read",
	       uldf_region_read(c->device, c->model->bar, offset, width, &value), 0);
	return value;
}

void reg_write(struct conform *c, unsigned int offset, unsigned int width, uint64_t value)
{
	expect(c, "register write",
	       uldf_region_write(c->device, c->model->bar, offset, width, value), 0);
}

void reg_wait(struct conform *c, unsigned int offset, uint32_t mask, uint32_t value)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int i = 0; i < PATIENCE; i++) {
		if ((reg_read(c, offset, 4) & mask) == value)
			return;
		nanosleep(&pause, NULL);
	}
	printf("FAIL register 0x%x never becomes 0x%x\n", offset, value);
	exit(1);
}

uint32_t config_get(struct conform *c, unsigned int offset, unsigned int width)
{
	uint32_t value = 0;

	expect(c, "configuration read", uldf_config_read(c->device, offset, width, &value), 0);
	return value;
}

void config_set(struct conform *c, unsigned int offset, unsigned int width, uint32_t value)
{
	expect(c, "configuration write", uldf_config_write(c->device, offset, width, value), 0);
}

void config_command(struct conform *c, uint32_t set, uint32_t clear)
{
	config_set(c, PCI_COMMAND, 2, (config_get(c, PCI_COMMAND, 2) | set) & ~clear);
}

int eventfd_new(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	require("an eventfd", fd >= 0);
	return fd;
}

uint64_t eventfd_count(int fd, int ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	uint64_t count = 0;

	if (poll(&wait, 1, ms) <= 0 || read(fd, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

void expect_count(const char *what, int fd, uint64_t wanted)
{
	uint64_t count = eventfd_count(fd, wanted ? PATIENCE : QUIET);

	if (count == wanted)
		return;
	printf("FAIL %s: signalled %d times, not %d\n", what, (int)count, (int)wanted);
	exit(1);
}

unsigned char *pages_new(void)
{
	void *pages = mmap(NULL, AREA_PAGES * PAGE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	require("pages of memory", pages != MAP_FAILED);
	return pages;
}

static sigjmp_buf faulted;

static void on_fault(int number)
{
	siglongjmp(faulted, number);
}

bool touch_faults(const void *address)
{
	struct sigaction action = {.sa_handler = on_fault}, before;
	volatile bool fault = false;

	sigaction(SIGBUS, &action, &before);
	if (sigsetjmp(faulted, 1))
		fault = true;
	else
		(void)*(const volatile uint32_t *)address;
	sigaction(SIGBUS, &before, NULL);
	return fault;
}

#define EDU_MASK ((1u << 28) - 1) /* of edu's DMA engine */

void fixture_init(struct conform *c, struct fixture *f)
{
	static const uint64_t bus[AREA_PAGES] = {0x100000, 0x110000, 0x8000000};

	*f = (struct fixture){};
	if (!c->iommu) {
		expect(c, "create a bare space",
		       uldf_space_create_bare(c->device, EDU_MASK, &f->space), 0);
		return;
	}
	f->area.cpu = pages_new();
	memcpy(f->area.bus, bus, sizeof(bus));
	expect(c, "create a space", uldf_space_create(c->device, &f->space), 0);
	expect(c, "register pages",
	       uldf_memory_register(f->space, f->area.cpu, AREA_PAGES * PAGE, ULDF_DMA_BOTH,
				    &f->memory),
	       0);
}

static void fixture_map(struct conform *c, struct fixture *f)
{
	struct uldf_mapping list[AREA_PAGES];

	for (unsigned int i = 0; i < AREA_PAGES; i++)
		list[i] = (struct uldf_mapping){f->memory, i * PAGE, f->area.bus[i], PAGE,
						ULDF_DMA_BOTH};
	expect(c, "map", uldf_space_map(f->space, list, AREA_PAGES), 0);
}

static void fixture_fill(struct conform *c, struct fixture *f)
{
	expect(c, "a buffer", uldf_buffer_create(f->space, AREA_PAGES * PAGE, &f->buffer), 0);
	f->area.cpu = f->buffer->address;
	for (unsigned int i = 0; i < AREA_PAGES; i++)
		f->area.bus[i] = f->buffer->bus + i * PAGE;
}

void fixture_attach(struct conform *c, struct fixture *f)
{
	expect(c, "attach", uldf_device_attach(c->device, f->space), 0);
	if (c->iommu)
		fixture_map(c, f);
	else
		fixture_fill(c, f);
	config_command(c, PCI_COMMAND_MASTER | c->model->decode, 0);
	c->model->start(c, &f->area);
}

void fixture_fini(struct conform *c, struct fixture *f)
{
	c->model->stop(c);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	require("a detached device masters no bus",
		!(config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER));
	uldf_buffer_destroy(f->buffer);
	uldf_space_destroy(f->space);
	if (f->memory)
		munmap(f->area.cpu, AREA_PAGES * PAGE);
}
