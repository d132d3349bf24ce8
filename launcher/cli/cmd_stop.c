// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "stop": the guest ends as if its power were cut, and its launcher
 * when the disks are written, which may take a while; who does not want to wait
 * for that can have the launcher killed.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "sockets.h"
#include "verbs.h"

#define STOP		"stop"
#define TIMEOUT_S	60
#define TIMEOUT_MAX_S	86400

static unsigned int timeout_s = TIMEOUT_S;
static bool may_kill;

/* 0: nobody knows */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[256], *name_end;
	pid_t parent = 0;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	name_end = strrchr(text, ')');
	if (name_end)
		sscanf(name_end, ") %*c %d", &parent);
	fclose(f);
	return parent;
}

/*
 * The process of the guest below a launcher that waits for one; 0: there is none.  (Not all
 * kernels have a list of a process's children: CONFIG_PROC_CHILDREN.)
 */
static pid_t child_of(pid_t launcher)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	pid_t child = 0;

	while (processes && !child && (entry = readdir(processes))) {
		const pid_t pid = atoi(entry->d_name);

		if (pid > 0 && parent_of(pid) == launcher)
			child = pid;
	}
	if (processes)
		closedir(processes);
	return child;
}

static bool has_gone(int fd)
{
	char reply[CONTROL_REPLY_MAX + 1];
	ssize_t n;

	do
		n = control_hear(fd, reply, CALL_END_MS);
	while (n > 0);
	return !n || errno != ETIMEDOUT;
}

/*
 * Who listens is the launcher, or its parent.  A child hears of its parent's end, gives
 * the terminal back and ends, too: but not as long as it is stopped.
 */
static int kill_launcher(const char *name, int fd)
{
	const pid_t launcher = call_launcher(fd);
	pid_t child;

	if (launcher <= 1)
		return control_failed(name);
	child = child_of(launcher);
	if (kill(launcher, SIGKILL) < 0)
		return control_failed(name);
	if (child)
		kill(child, SIGCONT);
	if (!has_gone(fd) && child)
		kill(child, SIGKILL);
	call_settle(name, launcher, clock_ms() + CALL_END_MS);
	complain("%s: has not ended by itself: its launcher (%d) was killed", name, launcher);
	return 0;
}

/*
 * Tells it to stop.  1 if it did, 0 if it ended without having understood, which
 * may be for a restart, -1 and errno if it does neither in time.
 */
static int tell(int fd, __u64 deadline)
{
	char reply[CONTROL_REPLY_MAX + 1];
	bool understood = false;
	ssize_t n;

	if (send(fd, STOP, strlen(STOP), MSG_NOSIGNAL) < 0)
		return 0;
	do {
		n = control_hear(fd, reply, call_left(deadline));
		understood |= n > 0 && control_is_ok(reply);
	} while (n > 0);
	return n < 0 ? -1 : understood;
}

static int too_slow(const char *name)
{
	complain("%s: has not ended in %u s (with --kill its launcher would be killed)", name,
		 timeout_s);
	return STATUS_CRASH;
}

/* Returns a status, or -1: it may have heard nothing, and is to be asked again. */
static int end(const char *name, int fd, __u64 deadline)
{
	const int told = tell(fd, deadline);

	if (!told)
		return -1;
	if (told > 0 && call_settle(name, call_launcher(fd), deadline))
		return 0;
	if (told < 0 && errno != ETIMEDOUT)
		return control_failed(name);
	return may_kill ? kill_launcher(name, fd) : too_slow(name);
}

/* Returns a status. */
static int stop(const char *name)
{
	const __u64 deadline = clock_ms() + timeout_s * 1000ull;
	bool seen = false;
	int fd, ret;

	for (;;) {
		fd = call_open(name);
		if (fd < 0)
			return seen && errno == ENOENT ? 0 : control_failed(name);
		seen = true;
		ret = end(name, fd, deadline);
		close(fd);
		if (ret >= 0)
			return ret;
		usleep(CALL_AGAIN_US);
	}
}

static const struct option options[] = {
	{ "timeout",	required_argument, NULL, 't' },
	{ "kill",	no_argument,       NULL, 'k' },
	{ "help",	no_argument,       NULL, 'h' },
	{ 0 },
};

static bool good_timeout(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > TIMEOUT_MAX_S)
		return false;
	timeout_s = value;
	return true;
}

/* Returns what is wrong, or NULL; optind is where names are. */
static const char *parse(int argc, char **argv, bool *help)
{
	int c;

	timeout_s = TIMEOUT_S;
	may_kill = false;
	*help = false;
	while ((c = getopt_long(argc, argv, "t:kh", options, NULL)) != -1) {
		if (c == '?')
			return "stop has --timeout SECONDS and --kill";
		if (c == 't' && !good_timeout(optarg))
			return "--timeout takes a number of seconds, at most 86400";
		may_kill |= c == 'k';
		*help |= c == 'h';
	}
	return optind < argc || *help ? NULL : "say which guests";
}

/* "stop [OPTION]... NAME..." */
int stop_main(int argc, char **argv)
{
	char self[] = "lguest";
	int worst = 0, status;
	const char *wrong;
	bool help;

	argv[0] = self;		/* for getopt's messages */
	wrong = parse(argc, argv, &help);
	if (wrong)
		return control_misused(wrong);
	if (help) {
		control_usage();
		return 0;
	}
	for (; optind < argc; optind++) {
		status = stop(argv[optind]);
		if (status)
			worst = status;
	}
	return worst;
}
