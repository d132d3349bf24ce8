// SPDX-License-Identifier: GPL-2.0
/*
 * lguest: the launcher.  Finds the verb that the user means; each has a file
 * cmd_VERB.c with its options and its help.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "restart.h"
#include "verbs.h"

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} verbs[] = {
	{ "run", run_main },
	{ "list", list_main },
	{ "stat", control_main },
	{ "pause", control_main },
	{ "resume", control_main },
	{ "stop", stop_main },
	{ "attach", attach_main },
	{ "wait", wait_main },
	{ "balloon", balloon_main },
	{ "dump", dump_main },
	{ "shell", shell_main },
	{ "initrd", initrd_main },
	{ "help", help_main },
	{ "--help", help_main },
	{ "-h", help_main },
	{ "version", version_main },
	{ "--version", version_main },
	{ "-V", version_main },
};

/* lguest [--option]... MEGABYTES VMLINUX [--option]... [WORD]... */
static bool is_classic(const char *word)
{
	return isdigit((unsigned char)word[0]) || word[0] == '-';
}

/* Options of "run" without that word: those of the classic form are not enough for it. */
static bool is_run(int argc, char **argv)
{
	int i;

	for (i = 1; argv[1][0] == '-' && i < argc && strcmp(argv[i], "--"); i++) {
		if (run_knows(argv[i]) && !classic_knows(argv[i]))
			return true;
	}
	return false;
}

static bool no_verb(const char *word)
{
	size_t i;

	if (!access(word, R_OK))
		return failure("there is no '%s': did you mean 'lguest run %s'?", word, word);
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (near_word(word, verbs[i].name))
			return failure("there is no '%s': did you mean '%s'?", word,
				       verbs[i].name);
	}
	return failure("there is no '%s': try 'lguest help'", word);
}

/* For shells that complete words. */
static int print_verbs(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (verbs[i].name[0] != '-')
			puts(verbs[i].name);
	}
	return 0;
}

int main(int argc, char **argv)
{
	size_t i;

	if (!restart_remember(argc, argv))
		return report_failure();
	if (argc < 2) {
		help_main(1, argv);
		return STATUS_SETUP;
	}
	if (argc == 3 && !strcmp(argv[1], "help") && !strcmp(argv[2], "words"))
		return print_verbs();
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].main(argc - 1, argv + 1);
	}
	if (is_run(argc, argv))
		return run_main(argc, argv);
	if (is_classic(argv[1]))
		return classic_main(argc, argv);
	no_verb(argv[1]);
	return report_failure();
}
