// SPDX-License-Identifier: MIT
/*
 * A map call whose answer cannot be written, because another thread takes the memory of the answer away, unmaps all
 * of its pieces, also behind one that the other thread has unmapped meanwhile. Writing the answer waits for
 * the other thread, by a userfaultfd that protects the page (ioctl_userfaultfd(2)).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#include "ioctl.h"

#define AT     0x1000000ULL
#define PIECES 3
#define BOTH   (ULDF_MAP_READ | ULDF_MAP_WRITE)

struct thief {
	int faults, space;
	void *page; /* of the answer */
	int ret;    /* of its unmap */
};

static int protect(void *page)
{
	struct uffdio_api api = {.api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP};
	struct uffdio_register all = {.range = {(uintptr_t)page, PAGE},
				      .mode = UFFDIO_REGISTER_MODE_WP};
	struct uffdio_writeprotect writes = {.range = {(uintptr_t)page, PAGE},
					     .mode = UFFDIO_WRITEPROTECT_MODE_WP};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	need(fd >= 0 && !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &all) &&
		     !ioctl(fd, UFFDIO_WRITEPROTECT, &writes),
	     "protect the page of the answer");
	return fd;
}

static void *steal(void *arg)
{
	struct thief *thief = arg;
	struct uffdio_range range = {(uintptr_t)thief->page, PAGE};
	struct uffd_msg message;

	need(read(thief->faults, &message, sizeof(message)) == sizeof(message), "a page fault");
	thief->ret = unmap(thief->space, AT, PAGE);
	munmap(thief->page, PAGE);
	need(!ioctl(thief->faults, UFFDIO_WAKE, &range), "let the call go on");
	return NULL;
}

void suite_answer(const struct address *device)
{
	uint8_t *memory =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct uldf_ioc_map *map =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = device_take(device), space = space_create(fd);
	struct uldf_ioc_mapping list[PIECES];
	struct thief thief;
	pthread_t thread;
	uint32_t id;

	need(memory != MAP_FAILED && map != MAP_FAILED && !attach(fd, space) &&
		     !memory_register(space, memory, PAGE, 0, &id),
	     "a space with memory");
	for (uint64_t i = 0; i < PIECES; i++)
		list[i] = (struct uldf_ioc_mapping){
			.address = AT + 2 * i * PAGE, .size = PAGE, .memory = id, .flags = BOTH};
	*map = (struct uldf_ioc_map){
		.argsz = sizeof(*map), .count = PIECES, .mappings = (uintptr_t)list};
	thief = (struct thief){.faults = protect(map), .space = space, .page = map, .ret = 1};
	need(!pthread_create(&thread, NULL, steal, &thief), "a thread");
	check_equal(-EFAULT, call(space, ULDF_SPACE_MAP, map), "a map whose answer is not written");
	pthread_join(thread, NULL);
	check_equal(0, thief.ret, "the other thread unmapped the first piece");
	check_equal(-ENOENT, unmap(space, AT + 2 * PAGE, PAGE), "the second is not mapped");
	check_equal(-ENOENT, unmap(space, AT + 4 * PAGE, PAGE), "nor the third");
	check_equal(0, memory_unregister(space, id), "nothing maps the memory");
	close(thief.faults);
	close(space);
	close(fd);
	munmap(memory, PAGE);
	check_equal(0, release(device, 0, NULL), "release");
}
