// SPDX-License-Identifier: GPL-2.0
/*
 * The first program: keeps a shell running, and buries the orphans.
 */
#include "user.h"

static int start_shell(void)
{
	char *argv[] = { "sh", NULL };
	int pid = fork();

	if (!pid)
		exit(fail("sh", exec("sh", argv)));
	return pid;
}

int main(void)
{
	int shell = start_shell(), pid;
	u32 status;

	for (;;) {
		pid = wait_for(-1, &status, 0);
		if (pid != shell)
			continue;
		say("init: the shell ended with status %x; here is another\n",
		    status);
		sleep_ms(100);
		shell = start_shell();
	}
}
