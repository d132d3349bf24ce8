// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "wait": returns when a guest has ended, with the status of its launcher.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "config.h"
#include "sockets.h"
#include "verbs.h"

static const struct call wait_call = { .verb = "wait" };

static const struct option options[] = {
	{ "timeout",	required_argument, NULL, 't' },
	{ "help",	no_argument,       NULL, 'h' },
	{ 0 },
};

/* Waits on the connection.  False: it restarts, or ends without a word. */
static bool told(int fd, const char *name, __u64 deadline, int *status)
{
	char reply[CONTROL_REPLY_MAX + 1];
	ssize_t n = call_send(fd, &wait_call) ? control_hear(fd, reply, call_left(deadline)) : 0;

	if (n < 0 && errno == ETIMEDOUT) {
		*status = STATUS_TIMEOUT;
		return true;
	}
	if (n < 0) {
		*status = control_failed(name);
		return true;
	}
	if (!n)
		return false;
	if (control_is_ok(reply)) {
		*status = atoi(reply + strlen(CONTROL_OK)) & 255;
		return true;
	}
	printable(reply);
	complain("%s: %s", name, reply);
	*status = STATUS_CRASH;
	return true;
}

static int wait_for(const char *name, __u64 deadline)
{
	bool seen = false;
	int status;

	for (;;) {
		const int fd = call_open(name);
		pid_t launcher;
		bool known;

		if (fd < 0 && seen && errno == ENOENT) {
			complain("%s: has ended, and has not said how", name);
			return STATUS_CRASH;
		}
		if (fd < 0)
			return control_failed(name);
		seen = true;
		launcher = call_launcher(fd);
		known = told(fd, name, deadline, &status);
		close(fd);
		if (known) {
			call_settle(name, launcher, deadline);
			return status;
		}
		usleep(CALL_AGAIN_US);
	}
}

/* "wait [--timeout TIME] NAME" */
int wait_main(int argc, char **argv)
{
	struct config config = { 0 };
	char self[] = "lguest";
	int c;

	argv[0] = self;		/* for getopt's messages */
	while ((c = getopt_long(argc, argv, "t:h", options, NULL)) != -1) {
		if (c == 'h') {
			control_usage();
			return 0;
		}
		if (c == '?')
			return control_misused("wait has --timeout TIME");
		if (config_timeout(&config, optarg) || !config.timeout)
			return control_misused("--timeout takes a time: 60, 0.5, 2m, 1h");
	}
	if (argc - optind != 1)
		return control_misused("say which guest, one");
	return wait_for(argv[optind], config.timeout ? clock_ms() + config.timeout : 0);
}
