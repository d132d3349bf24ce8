/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of a process that does something in the sandbox. */
#ifndef LAUNCHER_UNIT_FILTERED_H
#define LAUNCHER_UNIT_FILTERED_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"

/* The child's end. */
static inline int end_in(const struct config *how, void (*act)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (!sandbox_find_user(how) || !sandbox_enter(how))
			_exit(report_failure());
		act();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static inline bool is_killed(void (*act)(void))
{
	static const struct config config = { .kernel = "k" };
	int status = end_in(&config, act);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

#endif /* LAUNCHER_UNIT_FILTERED_H */
