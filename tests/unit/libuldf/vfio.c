// SPDX-License-Identifier: MIT
/* Attachment and mappings of the vfio backend, on containers that ioctl() of this file makes up. */
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "fake.h"
#include "vfio/vfio.h"

TestSuite(vfio, .fini = fixture_check_leaks);

#define PAGE	  4096
#define CONTAINER 70000 /* the descriptor of the first container */
#define ROOM	  64

/* What a container of the kernel holds, and where it fails. */
static struct container {
	struct uldf_range list[ROOM];
	size_t count;
	unsigned int unmaps; /* calls */
	struct {
		uint64_t address, size;
	} stuck;	  /* no call that has these addresses unmaps anything */
	uint64_t refused; /* cannot be mapped: -EIO */
	bool deaf;	  /* nothing can be mapped: -EIO */
	int vanishes;	  /* configuration space that is gone after the next unmapping */
} container = {.refused = 1, .vanishes = -1}, second = {.refused = 1, .vanishes = -1};

static int container_map(struct container *c, const struct vfio_iommu_type1_dma_map *map)
{
	if (c->deaf || map->iova == c->refused)
		return -EIO;
	cr_assert(lt(sz, c->count, ROOM));
	c->list[c->count++] = (struct uldf_range){map->iova, map->iova + map->size - 1};
	return 0;
}

static int container_unmap(struct container *c, struct vfio_iommu_type1_dma_unmap *unmap)
{
	const bool all = unmap->flags & VFIO_DMA_UNMAP_FLAG_ALL;
	uint64_t first = unmap->iova, last = all ? UINT64_MAX : first + unmap->size - 1;

	c->unmaps++;
	if (c->stuck.size && c->stuck.address <= last && c->stuck.address + c->stuck.size > first)
		return -ENOMEM;
	unmap->size = 0;
	for (size_t i = c->count; i--;) {
		struct uldf_range range = c->list[i];

		if (range.first < first || range.last > last)
			continue;
		unmap->size += range.last - range.first + 1;
		c->list[i] = c->list[--c->count];
	}
	if (c->vanishes >= 0)
		cr_assert(eq(int, ftruncate(c->vanishes, 0), 0));
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	struct container *c = fd == CONTAINER ? &container : &second;
	va_list args;
	void *arg;
	int err;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd != CONTAINER && fd != CONTAINER + 1)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	err = request == VFIO_IOMMU_MAP_DMA ? container_map(c, arg) : container_unmap(c, arg);
	errno = -err;
	return err ? -1 : 0;
}

static bool container_has(uint64_t address)
{
	for (size_t i = 0; i < container.count; i++)
		if (container.list[i].first == address)
			return true;
	return false;
}

/* A device alone in its group, another one in another group, two spaces with a memory each. */
struct bench {
	struct uldf_ctx *ctx;
	struct vfio_group group, other_group;
	struct vfio_device vfio, other_vfio;
	struct uldf_device device, other;
	struct uldf_space *space[2];
	struct uldf_memory *memory[2];
	void *pages;
};

static uint16_t command(const struct bench *b)
{
	uint16_t value = 0;

	cr_assert(eq(int, (int)pread(b->vfio.config.fd, &value, 2, PCI_COMMAND), 2));
	return value;
}

static void device_init(struct uldf_device *device, struct uldf_ctx *ctx, struct vfio_device *vfio,
			struct vfio_group *group, int descriptor)
{
	const uint16_t value = PCI_COMMAND_MEMORY;
	int fd = memfd_create("config", MFD_CLOEXEC);

	cr_assert(eq(int, ftruncate(fd, 256), 0));
	cr_assert(eq(int, (int)pwrite(fd, &value, 2, PCI_COMMAND), 2));
	cr_assert(eq(int, pci_config_init(&vfio->config, fd, 0, 256), 0));
	group->container = descriptor;
	group->usable = (struct vfio_ranges){.list = {{0, 0xffffffff}}, .count = 1};
	vfio->group = group;
	device->ctx = ctx;
	device->ops = &vfio_backend;
	device->priv = vfio;
}

static void bench_init(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	cr_assert(eq(int, uldf_ctx_create(&b->ctx), 0));
	device_init(&b->device, b->ctx, &b->vfio, &b->group, CONTAINER);
	device_init(&b->other, b->ctx, &b->other_vfio, &b->other_group, CONTAINER + 1);
	b->pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert(ne(ptr, b->pages, MAP_FAILED));
	for (unsigned int i = 0; i < 2; i++) {
		cr_assert(eq(int, uldf_space_create(&b->device, &b->space[i]), 0));
		cr_assert(eq(int,
			     uldf_memory_register(b->space[i], b->pages, 4 * PAGE, ULDF_DMA_BOTH,
						  &b->memory[i]),
			     0));
	}
}

static void bench_fini(struct bench *b)
{
	for (unsigned int i = 0; i < 2; i++)
		uldf_space_destroy(b->space[i]);
	uldf_ctx_destroy(b->ctx);
	munmap(b->pages, 4 * PAGE);
	close(b->vfio.config.fd);
	close(b->other_vfio.config.fd);
}

/* Attaches the device to space 0, and has it master the bus. */
static void bench_start(struct bench *b)
{
	cr_assert(eq(int, uldf_device_attach(&b->device, b->space[0]), 0));
	cr_assert(eq(int, pci_config_write(&b->vfio.config, PCI_COMMAND, 2, 6), 0));
	cr_assert(eq(u16, command(b) & PCI_COMMAND_MASTER, PCI_COMMAND_MASTER));
}

static int map_at(struct bench *b, unsigned int space, uint64_t address)
{
	const struct uldf_mapping piece = {b->memory[space], 0, address, PAGE, ULDF_DMA_BOTH};

	return uldf_space_map(b->space[space], &piece, 1);
}

static int unmap_at(struct bench *b, unsigned int space, uint64_t address)
{
	const struct uldf_mapping piece = {.address = address, .size = PAGE};

	return uldf_space_unmap(b->space[space], &piece, 1);
}

/* Gives space 1 a mapping at @address, by a device that leaves it again. */
static void map_beside(struct bench *b, uint64_t address)
{
	cr_assert(eq(int, uldf_device_attach(&b->device, b->space[1]), 0));
	cr_assert(eq(int, map_at(b, 1, address), 0));
	cr_assert(eq(int, uldf_device_detach(&b->device), 0));
}

Test(vfio, a_move_takes_the_group_to_the_mappings_of_the_other_space)
{
	struct bench b;

	bench_init(&b);
	map_beside(&b, 0x20000);
	bench_start(&b);
	cr_assert(eq(int, map_at(&b, 0, 0x10000), 0));
	cr_expect(eq(int, uldf_device_move(&b.device, b.space[1]), 0));
	cr_expect(container_has(0x20000) && !container_has(0x10000));
	cr_expect(eq(u16, command(&b) & PCI_COMMAND_MASTER, PCI_COMMAND_MASTER));
	cr_expect(eq(int, uldf_device_move(&b.device, b.space[1]), -EBUSY));
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}

Test(vfio, a_device_that_goes_while_it_moves_is_attached_to_no_space)
{
	struct bench b;

	bench_init(&b);
	bench_start(&b);
	container.vanishes = b.vfio.config.fd;
	cr_expect(eq(int, uldf_device_move(&b.device, b.space[1]), -EIO));
	fixture_expect_reason(b.ctx, "attached to no space: its command register");
	cr_expect(not(b.vfio.attached));
	cr_expect(eq(uint, b.group.attached, 0));
	cr_expect(eq(ptr, b.group.space, NULL));
	for (unsigned int i = 0; i < 2; i++) {
		const struct vfio_space *space = b.space[i]->priv;

		cr_expect(eq(ptr, space->groups.lh_first, NULL));
	}
	bench_fini(&b);
}

Test(vfio, a_device_that_is_gone_stays_in_its_space)
{
	struct bench b;

	bench_init(&b);
	bench_start(&b);
	cr_assert(eq(int, ftruncate(b.vfio.config.fd, 0), 0));
	cr_expect(eq(int, uldf_device_move(&b.device, b.space[1]), -ENODEV));
	cr_expect(b.vfio.attached);
	cr_expect(eq(ptr, b.group.space, b.space[0]->priv));
	cr_expect(eq(int, uldf_device_detach(&b.device), -ENODEV));
	cr_expect(not(b.vfio.attached));
	cr_expect(eq(ptr, b.group.space, NULL));
	bench_fini(&b);
}

Test(vfio, a_move_that_leaves_a_group_mate_behind_does_not_stop_the_device)
{
	struct bench b;

	bench_init(&b);
	bench_start(&b);
	b.group.attached++;
	container.unmaps = 0;
	cr_expect(eq(int, uldf_device_move(&b.device, b.space[1]), -EBUSY));
	fixture_expect_reason(b.ctx, "stays attached to its space");
	cr_expect(eq(u16, command(&b) & PCI_COMMAND_MASTER, PCI_COMMAND_MASTER));
	cr_expect(eq(uint, container.unmaps, 0));
	b.group.attached--;
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}

Test(vfio, a_move_that_the_other_space_refuses_leaves_the_device_in_its_own)
{
	static const struct {
		uint64_t refused; /* the kernel answers -EIO */
		uint64_t last;	  /* of the addresses that the IOMMU has */
	} cases[] = {{0x20000, 0xffffffff}, {1, 0x1ffff}};

	for (size_t i = 0; i < 2; i++) {
		struct bench b;

		bench_init(&b);
		map_beside(&b, 0x20000);
		bench_start(&b);
		cr_assert(eq(int, map_at(&b, 0, 0x10000), 0));
		container.refused = cases[i].refused;
		b.group.usable.list[0].last = cases[i].last;
		cr_expect(eq(int, uldf_device_move(&b.device, b.space[1]), -ERANGE));
		container.refused = 1;
		cr_expect(b.vfio.attached);
		cr_expect(container_has(0x10000) && !container_has(0x20000));
		cr_expect(eq(u16, command(&b) & PCI_COMMAND_MASTER, PCI_COMMAND_MASTER));
		cr_expect(eq(int, uldf_device_detach(&b.device), 0));
		cr_expect(eq(sz, container.count, 0));
		bench_fini(&b);
	}
}

Test(vfio, a_move_that_no_space_takes_ends_in_none_with_mastering_off)
{
	struct bench b;

	bench_init(&b);
	map_beside(&b, 0x20000);
	bench_start(&b);
	cr_assert(eq(int, map_at(&b, 0, 0x10000), 0));
	container.deaf = true;
	cr_expect(eq(int, uldf_device_move(&b.device, b.space[1]), -EIO));
	fixture_expect_reason(b.ctx, "neither the new one takes it, nor the old");
	cr_expect(not(b.vfio.attached));
	cr_expect(eq(u16, command(&b) & PCI_COMMAND_MASTER, 0));
	container.deaf = false;
	cr_expect(eq(int, uldf_device_move(&b.device, b.space[1]), 0), "and can be attached");
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}

Test(vfio, a_container_that_keeps_mappings_takes_no_space)
{
	struct bench b;

	bench_init(&b);
	bench_start(&b);
	cr_assert(eq(int, map_at(&b, 0, 0x10000), 0));
	container.stuck.address = 0x10000;
	container.stuck.size = PAGE;
	cr_expect(eq(int, uldf_device_detach(&b.device), -EIO));
	cr_expect(eq(u16, command(&b) & PCI_COMMAND_MASTER, 0));
	cr_expect(eq(int, uldf_device_attach(&b.device, b.space[1]), -EIO));
	fixture_expect_reason(b.ctx, "keeps mappings of the space that it left");
	container.stuck.size = 0;
	cr_expect(eq(int, uldf_device_attach(&b.device, b.space[1]), 0));
	cr_expect(eq(sz, container.count, 0));
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}

Test(vfio, what_the_kernel_had_not_mapped_is_unmapped_like_the_rest)
{
	struct uldf_unmapped unmapped;
	struct bench b;

	bench_init(&b);
	bench_start(&b);
	for (uint64_t i = 0; i < 3; i++)
		cr_assert(eq(int, map_at(&b, 0, 0x10000 + 2 * i * PAGE), 0));
	container.count--;
	cr_expect(eq(int, uldf_space_unmap_range(b.space[0], 0, UINT64_MAX, &unmapped), 0));
	cr_expect(unmapped.mappings == 3 && unmapped.bytes == 3 * PAGE);
	cr_expect(eq(sz, container.count, 0));
	cr_expect(eq(int, map_at(&b, 0, 0x10000), 0));
	container.count--;
	cr_expect(eq(int, unmap_at(&b, 0, 0x10000), 0));
	cr_expect(eq(int, unmap_at(&b, 0, 0x10000), -ENOENT));
	cr_expect(eq(int, uldf_memory_unregister(b.memory[0]), 0));
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}

Test(vfio, a_mapping_that_the_kernel_keeps_stays_in_the_space)
{
	struct uldf_unmapped unmapped;
	struct bench b;

	bench_init(&b);
	bench_start(&b);
	for (uint64_t i = 0; i < 3; i++)
		cr_assert(eq(int, map_at(&b, 0, 0x10000 + i * PAGE), 0));
	container.stuck.address = 0x11000;
	container.stuck.size = PAGE;
	cr_expect(eq(int, uldf_space_unmap_range(b.space[0], 0, UINT64_MAX, &unmapped), -EIO));
	fixture_expect_reason(b.ctx, "part of it may be mapped still");
	cr_expect(eq(sz, container.count, 1));
	cr_expect(eq(int, map_at(&b, 0, 0x11000), -EEXIST));
	cr_expect(eq(int, map_at(&b, 0, 0x12000), 0));
	cr_expect(eq(int, unmap_at(&b, 0, 0x11000), -EIO));
	cr_expect(eq(int, uldf_memory_unregister(b.memory[0]), -EBUSY));
	container.stuck.size = 0;
	cr_expect(eq(int, uldf_space_unmap_range(b.space[0], 0, UINT64_MAX, &unmapped), 0));
	cr_expect(unmapped.mappings == 2 && unmapped.bytes == 2 * PAGE);
	cr_expect(eq(int, uldf_memory_unregister(b.memory[0]), 0));
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}

Test(vfio, a_space_is_revoked_though_the_kernel_keeps_a_mapping)
{
	struct bench b;

	bench_init(&b);
	bench_start(&b);
	cr_assert(eq(int, map_at(&b, 0, 0x10000), 0));
	cr_assert(eq(int, map_at(&b, 0, 0x12000), 0));
	container.stuck.address = 0x10000;
	container.stuck.size = PAGE;
	cr_expect(eq(int, uldf_space_revoke(b.space[0]), -EIO));
	cr_expect(eq(sz, container.count, 1));
	cr_expect(eq(int, map_at(&b, 0, 0x14000), -ESHUTDOWN));
	container.stuck.size = 0;
	cr_expect(eq(int, uldf_space_revoke(b.space[0]), 0));
	cr_expect(eq(sz, container.count, 0));
	cr_expect(eq(int, uldf_memory_unregister(b.memory[0]), 0));
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}

/* Attaches the other device, too: the space has two groups, of which the other one comes first. */
static void bench_start_both(struct bench *b)
{
	bench_start(b);
	cr_assert(eq(int, uldf_device_attach(&b->other, b->space[0]), 0));
}

static void bench_stop_both(struct bench *b)
{
	cr_expect(eq(int, uldf_device_detach(&b->other), 0));
	cr_expect(eq(int, uldf_device_detach(&b->device), 0));
}

static void keep(struct container *c, uint64_t address)
{
	c->stuck.address = address;
	c->stuck.size = PAGE;
}

Test(vfio, a_mapping_that_one_group_refuses_and_another_keeps_is_ended_later)
{
	struct bench b;

	bench_init(&b);
	bench_start_both(&b);
	container.refused = 0x10000;
	cr_expect(eq(int, map_at(&b, 0, 0x10000), -EIO));
	cr_expect(container.count == 0 && second.count == 0);
	keep(&second, 0x10000);
	cr_expect(eq(int, map_at(&b, 0, 0x10000), -EIO));
	cr_expect(container.count == 0 && second.count == 1);
	cr_expect(eq(int, map_at(&b, 0, 0x10000), -EEXIST));
	cr_expect(eq(int, uldf_memory_unregister(b.memory[0]), -EBUSY));
	second.stuck.size = 0;
	cr_expect(eq(int, uldf_space_unmap_range(b.space[0], 0, UINT64_MAX, NULL), 0));
	cr_expect(eq(sz, second.count, 0));
	cr_expect(eq(int, uldf_memory_unregister(b.memory[0]), 0));
	bench_stop_both(&b);
	bench_fini(&b);
}

Test(vfio, what_one_group_kept_is_unmapped_though_the_other_has_it_no_more)
{
	struct bench b;

	for (unsigned int revoke = 0; revoke < 2; revoke++) {
		bench_init(&b);
		bench_start_both(&b);
		cr_assert(eq(int, map_at(&b, 0, 0x10000), 0));
		cr_assert(eq(int, map_at(&b, 0, 0x12000), 0));
		keep(&container, 0x10000);
		cr_expect(eq(int, revoke ? uldf_space_revoke(b.space[0]) : unmap_at(&b, 0, 0x10000),
			     -EIO));
		cr_expect(container_has(0x10000) && container_has(0x12000) != revoke);
		cr_expect(eq(int, uldf_memory_unregister(b.memory[0]), -EBUSY));
		container.stuck.size = 0;
		cr_expect(eq(int, revoke ? uldf_space_revoke(b.space[0]) : unmap_at(&b, 0, 0x10000),
			     0));
		cr_expect(not(container_has(0x10000)));
		if (!revoke)
			cr_expect(eq(int, unmap_at(&b, 0, 0x12000), 0));
		cr_expect(container.count == 0 && second.count == 0);
		cr_expect(eq(int, uldf_memory_unregister(b.memory[0]), 0));
		bench_stop_both(&b);
		bench_fini(&b);
	}
}

Test(vfio, a_device_that_joins_a_revoked_space_reaches_nothing)
{
	struct bench b;

	bench_init(&b);
	bench_start(&b);
	cr_assert(eq(int, map_at(&b, 0, 0x10000), 0));
	keep(&container, 0x10000);
	cr_expect(eq(int, uldf_space_revoke(b.space[0]), -EIO));
	cr_expect(eq(int, uldf_device_attach(&b.other, b.space[0]), 0));
	cr_expect(eq(sz, second.count, 0));
	container.stuck.size = 0;
	cr_expect(eq(int, uldf_space_revoke(b.space[0]), 0));
	cr_expect(eq(sz, container.count, 0));
	bench_stop_both(&b);
	bench_fini(&b);
}

Test(vfio, a_space_that_cannot_map_says_so_whatever_the_pieces)
{
	struct bench b;

	bench_init(&b);

	struct uldf_mapping piece = {b.memory[0], 0, 0, 0, ULDF_DMA_BOTH};
	cr_expect(eq(int, uldf_space_map(b.space[0], &piece, 1), -ENXIO));
	cr_expect(eq(int, uldf_space_map_anywhere(b.space[0], &piece, 1), -ENXIO));
	bench_start(&b);
	cr_expect(eq(int, uldf_space_map_anywhere(b.space[0], &piece, 1), -EINVAL));
	cr_assert(eq(int, uldf_space_revoke(b.space[0]), 0));
	cr_expect(eq(int, uldf_space_map_anywhere(b.space[0], &piece, 1), -ESHUTDOWN));
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}

Test(vfio, shared_memory_stays_mapped_when_the_first_space_is_destroyed)
{
	struct uldf_memory *shared;
	struct bench b;

	bench_init(&b);
	cr_assert(eq(int, uldf_memory_share(b.memory[0], b.space[1], &shared), 0));
	cr_assert(eq(int, uldf_device_attach(&b.device, b.space[1]), 0));

	const struct uldf_mapping piece = {shared, 0, 0x10000, PAGE, ULDF_DMA_BOTH};
	cr_assert(eq(int, uldf_space_map(b.space[1], &piece, 1), 0));
	uldf_space_destroy(b.space[0]);
	b.space[0] = NULL;
	cr_expect(container_has(0x10000));
	cr_expect(eq(int, uldf_memory_unregister(shared), -EBUSY));
	cr_expect(eq(int, unmap_at(&b, 1, 0x10000), 0));
	cr_expect(eq(int, uldf_memory_unregister(shared), 0));
	cr_expect(eq(int, uldf_device_detach(&b.device), 0));
	bench_fini(&b);
}
