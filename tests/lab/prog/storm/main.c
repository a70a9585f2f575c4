// SPDX-License-Identifier: MIT
/* lab-storm: rounds of random calls on devices that nobody holds, each judged when it is over. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define LATE_SECONDS 40 /* that a round may take beyond its time, until it is ended */

struct storm *storm;
int storm_file;

static struct {
	unsigned int seconds, round;
	uint64_t seed;
	bool seeded, verbose;
	const char *device[DEVICES], *plug[DEVICES];
	unsigned int devices, plugs;
} options = {.seconds = 60, .round = 20};

static const struct argp_option option_list[] = {
	{"seconds", 's', "N", 0, "how long it lasts (60)", 0},
	{"round", 'r', "N", 0, "how long each of its rounds lasts (20)", 0},
	{"seed", 'S', "N", 0, "draw what another run drew that printed this", 0},
	{"plug", 'p', "ADDRESS WORDS", 0,
	 "unplug this device, and plug it in by the monitor's device_add WORDS", 0},
	{"verbose", 'v', NULL, 0, "print each step", 0},
	{},
};

static error_t option_parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 's':
		options.seconds = atoi(arg);
		break;
	case 'r':
		options.round = atoi(arg);
		break;
	case 'S':
		options.seed = strtoull(arg, NULL, 0);
		options.seeded = true;
		break;
	case 'p':
		if (options.plugs == DEVICES)
			argp_error(state, "too many to plug");
		options.plug[options.plugs++] = arg;
		break;
	case 'v':
		options.verbose = true;
		break;
	case ARGP_KEY_ARG:
		if (options.devices == DEVICES)
			argp_error(state, "too many devices");
		options.device[options.devices++] = arg;
		break;
	case ARGP_KEY_END:
		if (!options.devices || !options.seconds || !options.round)
			argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp parser = {
	.options = option_list,
	.parser = option_parse,
	.args_doc = "ADDRESS...",
	.doc = "Does random things with devices from many threads and processes, and checks what "
	       "is left.",
};

/* ---- small things that others use ------------------------------------------------------------------ */

void say(const char *format, ...)
{
	char text[512], line[530];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	puts(text);
	fflush(stdout);
	snprintf(line, sizeof(line), "storm: %s\n", text);
	file_write("/dev/kmsg", line);
}

void need(bool is, const char *what)
{
	if (is)
		return;
	say("the storm cannot go on: %s (%s)", what, strerror(errno));
	_exit(3);
}

long file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text));
	ret = ret < 0 ? -errno : ret;
	close(fd);
	return ret;
}

uint64_t file_number(const char *path)
{
	char text[32] = {};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	close(fd);
	return length <= 0 ? ~0ULL : strtoull(text, NULL, 0);
}

/* ---- rounds ------------------------------------------------------------------------------------------ */

static void setup(void)
{
	storm_file = memfd_create("storm", MFD_CLOEXEC);
	need(storm_file >= 0 && !ftruncate(storm_file, sizeof(*storm)), "memory");
	storm = mmap(NULL, sizeof(*storm), PROT_READ | PROT_WRITE, MAP_SHARED, storm_file, 0);
	need(storm != MAP_FAILED, "memory");
	if (!options.seeded)
		need(getrandom(&options.seed, sizeof(options.seed), 0) == sizeof(options.seed),
		     "seed");
	storm->verbose = options.verbose;
	acts_init();
	for (unsigned int i = 0; i < options.devices; i++)
		device_add(options.device[i]);
	for (unsigned int i = 0; i < options.plugs; i++)
		need(plug_add(options.plug[i]), options.plug[i]);
	/* a killed worker's children become ours */
	need(!prctl(PR_SET_CHILD_SUBREAPER, 1), "reap the children of others");
}

static bool leader_ends(pid_t leader, unsigned int seconds)
{
	for (unsigned int i = 0; i < 10 * seconds; i++) {
		siginfo_t info = {};

		if (waitid(P_PID, leader, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid)
			return true;
		usleep(100000);
	}
	say("the round's leader has not ended");
	return false;
}

static bool round_make(unsigned int number, unsigned int seconds)
{
	pid_t leader;
	bool well;

	storm->round = number;
	storm->seed = mix(options.seed, number);
	storm->stop = false;
	storm->births = 0;
	say("round %u of seed %llu, %u s", number, (unsigned long long)options.seed, seconds);
	leader = fork();
	if (!leader) {
		setpgid(0, 0);
		round_run(seconds);
	}
	setpgid(leader, leader);
	well = leader_ends(leader, seconds + LATE_SECONDS);
	storm->stop = true;
	well &= aftermath_reap(leader);
	return well && aftermath_check();
}

/* The first round is what the memory of all others is compared with. */
static bool rounds_make(void)
{
	time_t end = time(NULL) + options.seconds;
	struct ledger first, last;
	unsigned int number = 0;
	bool well = true;

	do {
		time_t left = end - time(NULL);

		well = round_make(++number, left < options.round ? left : options.round);
		ledger_take(number == 1 ? &first : &last);
	} while (well && time(NULL) + 2 < end);
	if (number > 1)
		well &= ledger_compare(&first, &last);
	say("%u rounds, %u processes and others killed", number, storm->kills);
	return well;
}

int main(int argc, char **argv)
{
	bool well;

	if (argc > 1 && !strcmp(argv[1], "--heir"))
		return heir_main(argc, argv);
	argp_parse(&parser, argc, argv, 0, NULL, NULL);
	setup();
	well = rounds_make();
	acts_report();
	well &= !acts_useless();
	say("%s: --seed %llu", well ? "well" : "FAILED", (unsigned long long)options.seed);
	return well ? 0 : 1;
}
