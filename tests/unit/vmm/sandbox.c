// SPDX-License-Identifier: MIT
/* A child enters the sandbox and does one thing: by what is not allowed it ends with SIGSYS. */
#include "sandbox.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <linux/uldf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/un.h>
#include <termios.h>
#include <uldf/discover.h>
#include <unistd.h>

#include "control.h"
#include "thread.h"

#define REFUSED 99 /* status of a child that does not get into the sandbox */

static const struct vmm_sandbox nothing;
static char folder[] = "/tmp/sandbox-XXXXXX";
static char file[64];
static pid_t parent;
static int opened; /* the file, before there is a sandbox */

static void setup(void)
{
	cr_assert(ne(ptr, mkdtemp(folder), NULL));
	snprintf(file, sizeof(file), "%s/file", folder);
	opened = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cr_assert(ge(int, opened, 0));
	parent = getpid();
}

static void teardown(void)
{
	close(opened);
	unlink(file);
	rmdir(folder);
}

TestSuite(sandbox, .init = setup, .fini = teardown, .timeout = 120);

/* Return: what waitpid() tells of a child that calls @act in the sandbox, and exits with what that returns. */
static int status_of(const struct vmm_sandbox *needs, int (*act)(void))
{
	struct vmm_reason reason = {.text = ""};
	pid_t child = fork();
	int status;

	if (!child) {
		if (vmm_sandbox_enter(needs, &reason)) {
			fprintf(stderr, "%s\n", reason.text);
			_exit(REFUSED);
		}
		_exit(act());
	}
	cr_assert(gt(int, child, 0));
	cr_assert(eq(int, waitpid(child, &status, 0), child));
	return status;
}

static int exit_status(const struct vmm_sandbox *needs, int (*act)(void))
{
	int status = status_of(needs, act);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int executes(void)
{
	char *const arguments[] = {"true", NULL};

	return execv("/bin/true", arguments);
}

static int forks(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	return 0;
}

static int makes_a_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int sends_to_an_address(void)
{
	const struct sockaddr_in address = {.sin_family = AF_INET};

	return (int)sendto(STDOUT_FILENO, "", 1, 0, (const struct sockaddr *)&address,
			   sizeof(address));
}

static int maps_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return 0;
}

static int makes_code_of_data(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? 1 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static int traces(void)
{
	return (int)syscall(SYS_ptrace, 0, 0, 0, 0);
}

static int signals_another_process(void)
{
	return (int)syscall(SYS_tgkill, parent, parent, 0);
}

static int renames(void)
{
	return rename("/nowhere", "/nowhere/else");
}

static int types_for_others(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static int makes_a_machine(void)
{
	return ioctl(STDIN_FILENO, KVM_CREATE_VM, 0);
}

static int claims_a_device(void)
{
	return ioctl(STDIN_FILENO, ULDF_CLAIM, NULL);
}

static int becomes_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int reads_limits_of_another(void)
{
	struct rlimit limit;

	return prlimit(parent, RLIMIT_NOFILE, NULL, &limit);
}

static int becomes_owner(void)
{
	return fcntl(STDIN_FILENO, F_SETOWN, getpid());
}

static const struct {
	const char *what;
	int (*act)(void);
} forbidden[] = {
	{"execve", executes},
	{"fork", forks},
	{"socket", makes_a_socket},
	{"sendto with an address", sends_to_an_address},
	{"mmap of code", maps_code},
	{"mprotect of data to code", makes_code_of_data},
	{"ptrace", traces},
	{"a signal to another process", signals_another_process},
	{"rename", renames},
	{"TIOCSTI", types_for_others},
	{"KVM_CREATE_VM", makes_a_machine},
	{"ULDF_CLAIM", claims_a_device},
	{"PR_SET_DUMPABLE", becomes_dumpable},
	{"limits of another process", reads_limits_of_another},
	{"F_SETOWN", becomes_owner},
};

Test(sandbox, what_is_not_allowed_ends_the_process_by_sigsys)
{
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		cr_expect(eq(int, exit_status(&nothing, forbidden[i].act), -SIGSYS), "%s",
			  forbidden[i].what);
}

static void *execute(void *arg)
{
	executes();
	return NULL;
}

static int executes_in_a_thread(void)
{
	struct vmm_thread thread = {.started = false};

	if (vmm_thread_start(&thread, "other", execute, NULL))
		return 1;
	while (!vmm_thread_join(&thread, VMM_THREAD_PATIENCE))
		;
	return 0;
}

Test(sandbox, a_thread_that_is_made_in_it_is_in_it)
{
	cr_expect(eq(int, exit_status(&nothing, executes_in_a_thread), -SIGSYS));
}

static int awaken[2];

static void *execute_when_told(void *arg)
{
	char byte;

	if (read(awaken[0], &byte, 1) == 1)
		executes();
	return NULL;
}

Test(sandbox, a_thread_from_before_makes_no_other_calls_either)
{
	struct vmm_reason reason;
	pid_t child;
	int status;

	cr_assert(zero(int, pipe(awaken)));
	child = fork();
	if (!child) {
		struct vmm_thread thread = {.started = false};

		if (vmm_thread_start(&thread, "before", execute_when_told, NULL) ||
		    vmm_sandbox_enter(&nothing, &reason) || write(awaken[1], "x", 1) != 1)
			_exit(REFUSED);
		while (!vmm_thread_join(&thread, VMM_THREAD_PATIENCE))
			;
		_exit(0);
	}
	cr_assert(eq(int, waitpid(child, &status, 0), child));
	cr_expect(eq(int, WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGSYS));
}

/* ---- what goes on working */

static void *allocate(void *arg)
{
	char *memory = malloc(1 << 20);

	if (memory)
		memset(memory, 1, 1 << 20);
	free(memory);
	return NULL;
}

static int runs_threads(void)
{
	struct vmm_thread threads[4] = {{.started = false}};

	for (int i = 0; i < 4; i++)
		if (vmm_thread_start(&threads[i], "worker", allocate, NULL))
			return 1;
	for (int i = 0; i < 4; i++) {
		vmm_thread_kick(&threads[i]);
		while (!vmm_thread_join(&threads[i], VMM_THREAD_PATIENCE))
			;
	}
	return 0;
}

static int uses_memory(void)
{
	char *bytes = malloc(1 << 10);

	for (size_t size = 1 << 11; bytes && size <= 1 << 26; size <<= 1) {
		char *larger = realloc(bytes, size);

		if (!larger)
			return 1;
		bytes = larger;
		bytes[size - 1] = 1;
	}
	free(bytes);
	return !bytes;
}

static int uses_descriptors(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct termios terminal;
	eventfd_t count;

	tcgetattr(STDIN_FILENO, &terminal);
	if (eventfd_write(fd, 1) || eventfd_read(fd, &count) || fcntl(fd, F_SETFL, O_NONBLOCK))
		return 1;
	if (ioctl(fd, KVM_RUN, 0) != -1 || ioctl(fd, ULDF_DEVICE_INFO, NULL) != -1 ||
	    ioctl(fd, TUNSETCARRIER, NULL) != -1)
		return 1;
	return close(fd);
}

/* As the model of a disk does with its file. A file system without holes refuses to make one. */
static int flushes_and_punches(void)
{
	const int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	char block[512] = "";

	if (pwrite(opened, block, sizeof(block), 0) < 0 || pread(opened, block, 1, 0) < 0)
		return 1;
	if (fdatasync(opened))
		return 1;
	return fallocate(opened, punch, 0, sizeof(block)) && errno != EOPNOTSUPP;
}

static int prints_and_exits(void)
{
	fprintf(stderr, "%s", "");
	printf("%s", "");
	fflush(NULL);
#ifndef __SANITIZE_ADDRESS__ /* its exit looks for leaks, from a process of its own */
	exit(0);
#endif
	return 0;
}

static int reads_sysfs(void)
{
	FILE *stat = fopen("/proc/self/status", "re");
	int fd = open("/sys/kernel", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return !stat || fd < 0;
}

/* As a device is looked up that is opened anew, whether there is one or not. */
static int looks_for_a_device(void)
{
	const struct uldf_address address = {.segment = 0};
	struct uldf_host_device host;
	struct uldf_ctx *ctx;
	int error;

	if (uldf_ctx_create(&ctx))
		return 1;
	error = uldf_discover_one(ctx, &address, &host);
	uldf_ctx_destroy(ctx);
	return error && error != -ENODEV;
}

static const struct {
	const char *what;
	int (*act)(void);
} allowed[] = {
	{"threads", runs_threads},
	{"memory", uses_memory},
	{"descriptors", uses_descriptors},
	{"the file of a disk", flushes_and_punches},
	{"printing", prints_and_exits},
	{"sysfs", reads_sysfs},
	{"looking for a device", looks_for_a_device},
};

Test(sandbox, what_a_vmm_does_goes_on_working)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		cr_expect(eq(int, exit_status(&nothing, allowed[i].act), 0), "%s", allowed[i].what);
}

/* ---- files */

static int opens_for_writing(void)
{
	return open(file, O_RDWR | O_CLOEXEC) < 0 ? errno : 0;
}

static int makes_a_file(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s-new", file);
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) < 0 ? errno : 0;
}

static int empties_a_file(void)
{
	return open(file, O_RDWR | O_TRUNC | O_CLOEXEC) < 0 ? errno : 0;
}

static int removes(void)
{
	return unlink(file) ? errno : 0;
}

Test(sandbox, no_file_is_opened_for_writing_made_emptied_or_removed)
{
	cr_expect(eq(int, exit_status(&nothing, opens_for_writing), EACCES));
	cr_expect(eq(int, exit_status(&nothing, makes_a_file), EACCES));
	cr_expect(eq(int, exit_status(&nothing, empties_a_file), EACCES));
	cr_expect(eq(int, exit_status(&nothing, removes), EACCES));
}

static bool kernel_has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static int reads_passwords(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int opens_null_again(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC) < 0 ? errno : 0;
}

Test(sandbox, landlock_leaves_the_devices_that_are_open_and_the_sockets_folder)
{
	const struct vmm_sandbox socket = {.socket = file};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (!kernel_has_landlock())
		cr_skip("this kernel has no Landlock");
	cr_expect(eq(int, exit_status(&nothing, reads_passwords), EACCES));
	cr_expect(eq(int, exit_status(&nothing, opens_null_again), 0));
	cr_expect(eq(int, exit_status(&socket, removes), 0));
	close(fd);
}

/* ---- the control socket */

static struct event_base *base;

static json_t *no_object(void *host)
{
	return json_object();
}

static void no_power(void *host)
{
}

static void stop_loop(void *host)
{
	event_base_loopbreak(base);
}

static const struct vmm_request_ops requests = {no_object, no_object, no_power, stop_loop};

/* Serves a socket in the sandbox until it is told to stop. Return: exit status. */
static int serve(const char *path, int ready)
{
	const struct vmm_sandbox needs = {.socket = path};
	struct vmm_control control = {.path = NULL};
	struct vmm_reason reason;

	base = event_base_new();
	if (vmm_control_open(&control, base, path, &requests, NULL, &reason) ||
	    vmm_sandbox_enter(&needs, &reason) || write(ready, "x", 1) != 1)
		return REFUSED;
	event_base_dispatch(base);
	vmm_control_close(&control);
	event_base_free(base);
	return 0;
}

static void ask(const char *path, const char *request, const char *wanted)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[128] = "";

	strcpy(address.sun_path, path);
	cr_assert(zero(int, connect(fd, (struct sockaddr *)&address, sizeof(address))));
	cr_assert(eq(sz, (size_t)write(fd, request, strlen(request)), strlen(request)));
	cr_assert(gt(int, (int)read(fd, answer, sizeof(answer) - 1), 0));
	cr_expect(eq(str, answer, (char *)wanted));
	close(fd);
}

Test(sandbox, the_control_socket_answers_and_is_removed)
{
	char path[64], byte;
	int ready[2], status;
	pid_t child;

	snprintf(path, sizeof(path), "%s/socket", folder);
	cr_assert(zero(int, pipe(ready)));
	child = fork();
	if (!child)
		_exit(serve(path, ready[1]));
	close(ready[1]);
	cr_assert(eq(int, (int)read(ready[0], &byte, 1), 1));
	ask(path, "{\"command\": \"stats\"}\n", "{\"version\":1,\"ok\":true,\"stats\":{}}\n");
	ask(path, "{\"command\": \"stop\"}\n", "{\"version\":1,\"ok\":true}\n");
	cr_assert(eq(int, waitpid(child, &status, 0), child));
	cr_expect(zero(int, status));
	if (kernel_has_landlock())
		cr_expect(ne(int, access(path, F_OK), 0));
	unlink(path);
}

/* ---- privileges */

/* Return: the number after a name in /proc/self/status; UINT64_MAX for none. */
static uint64_t status_number(const char *name, int radix)
{
	FILE *status = fopen("/proc/self/status", "re");
	size_t length = strlen(name);
	uint64_t number = UINT64_MAX;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, name, length) && line[length] == ':')
			number = strtoull(line + length + 1, NULL, radix);
	if (status)
		fclose(status);
	return number;
}

static int has_no_privileges(void)
{
	static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapAmb"};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (status_number(sets[i], 16))
			return 1 + (int)i;
	if (!geteuid() && status_number("CapBnd", 16))
		return 10;
	if (status_number("NoNewPrivs", 10) != 1)
		return 11;
	return status_number("Seccomp", 10) == 2 ? 0 : 12;
}

static int has_rawio_only(void)
{
	const uint64_t rawio = 1ULL << 17;

	if (status_number("CapEff", 16) != rawio || status_number("CapPrm", 16) != rawio)
		return 1;
	return status_number("CapInh", 16) || status_number("CapBnd", 16) ? 2 : 0;
}

Test(sandbox, no_capability_is_left_and_none_comes_back)
{
	cr_expect(eq(int, exit_status(&nothing, has_no_privileges), 0));
}

Test(sandbox, identity_keeps_rawio_alone)
{
	const struct vmm_sandbox needs = {.rawio = true};

	if (!(status_number("CapEff", 16) & 1ULL << 17))
		cr_skip("this user has no CAP_SYS_RAWIO");
	cr_expect(eq(int, exit_status(&needs, has_rawio_only), 0));
}
