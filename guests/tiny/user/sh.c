// SPDX-License-Identifier: GPL-2.0
/*
 * The shell: COMMAND [ARGUMENTS] [< FILE] [> FILE] [>> FILE] [&], and
 * comments that start with #.
 */
#include "user.h"

#define LINE_SIZE	256

struct command {
	char *argv[ARG_COUNT];
	const char *in, *out;
	u32 out_flags;
	bool background;
};

static const char help[] =
	"built in: help, exit, wait, kill PID\n"
	"programs: ls cat echo write cp rm ps df date uptime sync poweroff\n"
	"          forktest cowtest spin primes fpu syscalls heap crash sleep\n"
	"          selftest\n"
	"COMMAND & runs it in the background, > >> and < redirect\n"
	"backspace and control-U edit the line, control-C stops a command\n";

static char *next_word(char **line)
{
	char *word;

	while (**line == ' ' || **line == '\t')
		++*line;
	if (!**line || **line == '#')
		return NULL;
	word = *line;
	while (**line && **line != ' ' && **line != '\t')
		++*line;
	if (**line)
		*(*line)++ = '\0';
	return word;
}

/* Whether the line made sense. */
static bool parse(char *line, struct command *c)
{
	char *word;
	u32 argc = 0;

	*c = (struct command){ .out = NULL };
	while ((word = next_word(&line))) {
		if (!strcmp(word, "&")) {
			c->background = true;
		} else if (!strcmp(word, "<")) {
			c->in = next_word(&line);
			if (!c->in)
				return false;
		} else if (!strcmp(word, ">") || !strcmp(word, ">>")) {
			c->out_flags = word[1] ? OPEN_APPEND : OPEN_CREATE;
			c->out = next_word(&line);
			if (!c->out)
				return false;
		} else if (argc < ARG_COUNT - 1) {
			c->argv[argc++] = word;
		}
	}
	return true;
}

/* The lowest free descriptor is the one that was just closed. */
static void redirect(int fd, const char *name, u32 flags)
{
	int err;

	if (!name)
		return;
	close(fd);
	err = open(name, flags);
	if (err != fd)
		exit(1);
}

static void run_child(struct command *c)
{
	int err;

	redirect(0, c->in, OPEN_READ);
	redirect(1, c->out, c->out_flags);
	err = exec(c->argv[0], c->argv);
	if (err == -ENOENT) {
		say("%s: no such program; try help\n", c->argv[0]);
		exit(127);
	}
	exit(fail(c->argv[0], err));
}

static void report(u32 status)
{
	if (status && !(status & STATUS_KILLED))
		say("sh: status %u\n", status);
	else if (status == STATUS_KILLED)
		say("sh: killed\n");
}

static void run_program(struct command *c)
{
	int pid = fork();

	if (pid < 0) {
		fail(c->argv[0], pid);
	} else if (!pid) {
		run_child(c);
	} else if (c->background) {
		say("[%d]\n", pid);
	} else {
		syscall3(SYS_FOREGROUND, pid, 0, 0);
		report(wait_status(pid));
		syscall3(SYS_FOREGROUND, 0, 0, 0);
	}
}

static void reap(u32 flags)
{
	u32 status;
	int pid;

	while ((pid = wait_for(-1, &status, flags)) > 0)
		say("[%d] done, status %x\n", pid, status);
}

static void run_command(struct command *c)
{
	const char *name = c->argv[0];

	if (!name)
		return;
	if (!strcmp(name, "help"))
		say("%s", help);
	else if (!strcmp(name, "exit"))
		exit(number(c->argv[1], 0));
	else if (!strcmp(name, "wait"))
		reap(0);
	else if (!strcmp(name, "kill"))
		report(kill(number(c->argv[1], 0)) ? 1 : 0);
	else
		run_program(c);
}

int main(void)
{
	char line[LINE_SIZE];
	struct command command;

	say("tiny's shell; `help` helps\n");
	for (;;) {
		reap(WAIT_NOHANG);
		say("tiny$ ");
		if (read_line(line, sizeof(line)) < 0)
			return 0;
		if (parse(line, &command))
			run_command(&command);
		else
			say("sh: which file?\n");
	}
}
