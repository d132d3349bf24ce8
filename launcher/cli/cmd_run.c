// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "run": its options, and their help.  Options of devices come from
 * the devices' own files.
 */
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "config.h"
#include "console.h"
#include "debug.h"
#include "device_option.h"
#include "files.h"
#include "protocol.h"
#include "sockets.h"
#include "verbs.h"

#define FIRST_DEVICE	256	/* values of device options start after all letters */

enum {
	OPT_STATS = 128, OPT_NAME, OPT_RELEASE, OPT_USER, OPT_CHROOT, OPT_NO_SECCOMP, OPT_TIMEOUT,
	OPT_NO_RESTART, OPT_RESTART_LIMIT, OPT_GDB, OPT_DUMP, OPT_CONFIG, OPT_DRY_RUN, OPT_DAEMON,
	OPT_ESCAPE,
};

/* With QEMU's names: getopt_long_only() takes them with one dash, too. */
static const struct option own_options[] = {
	{ "mem",	required_argument, NULL, 'm' },
	{ "kernel",	required_argument, NULL, 'k' },
	{ "initrd",	required_argument, NULL, 'i' },
	{ "params",	required_argument, NULL, 'p' },
	{ "append",	required_argument, NULL, 'p' },
	{ "name",	required_argument, NULL, OPT_NAME },
	{ "release",	required_argument, NULL, OPT_RELEASE },
	{ "user",	required_argument, NULL, OPT_USER },
	{ "chroot",	required_argument, NULL, OPT_CHROOT },
	{ "no-seccomp",	no_argument,       NULL, OPT_NO_SECCOMP },
	{ "config",	required_argument, NULL, OPT_CONFIG },
	{ "dry-run",	no_argument,       NULL, OPT_DRY_RUN },
	{ "daemon",	no_argument,       NULL, OPT_DAEMON },
	{ "escape",	required_argument, NULL, OPT_ESCAPE },
	{ "timeout",	required_argument, NULL, OPT_TIMEOUT },
	{ "no-restart",	no_argument,       NULL, OPT_NO_RESTART },
	{ "restart-limit", required_argument, NULL, OPT_RESTART_LIMIT },
	{ "gdb",	optional_argument, NULL, OPT_GDB },
	{ "dump",	required_argument, NULL, OPT_DUMP },
	{ "stats",	no_argument,       NULL, OPT_STATS },
	{ "verbose",	no_argument,       NULL, 'v' },
	{ "help",	no_argument,       NULL, 'h' },
};

/* (with words in their place, so that those behind "--" are the command's) */
#define WORD			1

static const char own_letters[] = "-m:k:i:p:vh";

void run_usage(void)
{
	const struct device_option *opt;
	unsigned int i;

	puts("usage: lguest run [OPTION]... [KERNEL] [-- COMMAND [ARGUMENT]...]\n"
	     "\n"
	     "  -m, --mem SIZE          memory of the guest: 64M, 1G; a plain number is MiB\n"
	     "                          (default 64M, at most 2047M)\n"
	     "  -k, --kernel FILE       the kernel: vmlinux, also compressed, or bzImage; the\n"
	     "                          file's name alone will do\n"
	     "      --release A.B.C     the Linux that it is, if it does not say so itself\n"
	     "  -i, --initrd FILE       the initial ramdisk\n"
	     "  -p, --params TEXT       kernel command line; several are joined by spaces\n"
	     "      --append TEXT       the same");
	for (i = 0; (opt = device_option(i)); i++) {
		if (opt->letter)
			printf("  -%c, ", opt->letter);
		else
			printf("      ");
		printf("--%s %s\n                          %s\n", opt->name,
		       opt->argument ? opt->argument : "", opt->help);
	}
	puts("      --name NAME         what lguest list, stat, pause, resume and stop call it\n"
	     "      --config FILE       a file of such options, one on each line, without dashes\n"
	     "      --dry-run           check all that can be checked without opening a device,\n"
	     "                          print what would be run\n"
	     "      --daemon            come back when the guest runs; it goes on without a\n"
	     "                          terminal\n"
	     "      --user NAME         run as this user, once all files are open\n"
	     "      --chroot DIR        see no files but those in DIR, from then on\n"
	     "      --no-seccomp        do not restrict the launcher's system calls\n"
	     "      --escape KEY|none   another key than Ctrl-A, as Ctrl and that one\n"
	     "      --timeout TIME      end the guest after so many seconds (or 2m, 1h, 3d)\n"
	     "      --no-restart        end where the guest wants to restart\n"
	     "      --restart-limit N   give up after so many restarts that each come within\n"
	     "                          10 s (default 5; 0: never)\n"
	     "      --gdb[=WHERE]       gdb may come: unix:PATH, tcp:[ADDRESS:]PORT (default: a\n"
	     "                          socket beside the control socket); ,wait starts the\n"
	     "                          guest when it has\n"
	     "      --dump FILE         where a guest that dies leaves its memory and registers\n"
	     "      --stats             print the host's counters of this guest at its end\n"
	     "  -v, --verbose           say what is being done\n"
	     "  -h, --help              this help\n"
	     "\n"
	     "On a terminal, Ctrl-A x ends the guest, and Ctrl-A h shows the other keys.\n"
	     "Exit status: 0 powered off, 1 crashed, 2 not started, 3 ended by the user,\n"
	     "124 the time was up.\n"
	     "With a command, its own (128+n if signal n killed it), or 120 the guest died,\n"
	     "121 it ended first, 122 ended by the user, 123 its agent did not start, 124 the\n"
	     "time was up, 125 the launcher failed, 126 the command cannot be run, 127 there is\n"
	     "none.");
}

static bool asks_for_command(int argc, char **argv)
{
	while (argc-- > 1) {
		if (!strcmp(*++argv, "--"))
			return true;
	}
	return false;
}

/* The verb's own options, then those of devices. */
static void list_options(struct option_set *set, char letters[2 * OPTIONS_MAX])
{
	size_t nr = ARRAY_SIZE(own_options), len = strlen(own_letters);
	const struct device_option *opt;
	unsigned int i;

	memcpy(set->all, own_options, sizeof(own_options));
	memcpy(letters, own_letters, len);
	for (i = 0; (opt = device_option(i)) && nr < OPTIONS_MAX - 1; i++) {
		set->all[nr].name = opt->name;
		set->all[nr].has_arg = opt->argument ? required_argument : no_argument;
		set->all[nr++].val = FIRST_DEVICE + i;
		if (opt->letter) {
			letters[len++] = opt->letter;
			letters[len++] = ':';
		}
	}
	letters[len] = '\0';
	set->letters = letters;
}

/* By the number or the letter that getopt gave. */
static const struct device_option *find_device(int c)
{
	const struct device_option *opt;
	unsigned int i;

	if (c >= FIRST_DEVICE)
		return device_option(c - FIRST_DEVICE);
	for (i = 0; (opt = device_option(i)) && opt->letter != c; i++)
		;
	return opt;
}

/* Returns what is wrong with the value of option @c, or NULL. */
static const char *apply(struct config *config, int c)
{
	switch (c) {
	case WORD:
		config->words[!!config->words[0]] = optarg;
		return NULL;
	case 'm':
		return config_memory(config, optarg);
	case 'k':
		config->kernel = optarg;
		return NULL;
	case 'i':
		config->initrd = optarg;
		return NULL;
	case 'p':
		return config_cmdline(config, optarg);
	case OPT_NAME:
		config->name = optarg;
		return sockets_good_name(optarg) ? NULL :
			"is no name: letters, digits, '.', '_' and '-', at most 63";
	case OPT_RELEASE:
		return config_release_of(config, optarg);
	case OPT_USER:
		config->user = optarg;
		return NULL;
	case OPT_CHROOT:
		config->chroot = optarg;
		return NULL;
	case OPT_NO_SECCOMP:
		config->no_seccomp = true;
		return NULL;
	case OPT_CONFIG:
		return NULL;		/* was read first */
	case OPT_DRY_RUN:
		config->dry_run = true;
		return NULL;
	case OPT_DAEMON:
		config->daemon = true;
		return NULL;
	case OPT_ESCAPE:
		return escape_set(optarg);
	case OPT_TIMEOUT:
		return config_timeout(config, optarg);
	case OPT_NO_RESTART:
		config->no_restart = true;
		return NULL;
	case OPT_RESTART_LIMIT:
		return config_restart_limit(config, optarg);
	case OPT_GDB:
		config->gdb = optarg ? optarg : "";
		return gdb_parse(config->gdb, &(struct gdb_address){ 0 });
	case OPT_DUMP:
		config->dump = optarg;
		return NULL;
	case OPT_STATS:
		config->stats = true;
		return NULL;
	case 'v':
		verbose = true;
		return NULL;
	default:
		return config_device(config, find_device(c), "", optarg ? optarg : "");
	}
}

/* One is the kernel. */
static const char *take_words(struct config *config)
{
	static char wrong[256];
	const char *extra = config->words[!config->kernel];

	if (!config->kernel)
		config->kernel = config->words[0];
	if (!extra)
		return NULL;
	snprintf(wrong, sizeof(wrong),
		 "%.80s: is no option (is it for --params? The kernel is %.80s)", extra,
		 config->kernel);
	return wrong;
}

/* What is behind "--", and what the kernel is to hear of it. */
static const char *take_command(struct config *config, int argc, char **argv)
{
	static char sh[] = "/bin/sh", *shell[] = { sh, NULL };

	if (!asks_for_command(argc, argv)) {
		if (!root_directory(config, config->directory))
			return NULL;
		config->command = shell;
	} else {
		if (optind >= argc || !*argv[optind])
			return "there is no command behind '--'";
		config->command = argv + optind;
	}
	if (config->daemon)
		return "--daemon: not with a command, whose streams are those of its caller";
	return config_cmdline(config, "rdinit=/" AGENT_PATH) ?
		"the command line of the kernel has no room for that of the agent" : NULL;
}

/* 0 if @config is complete, 1 if help was asked for, -1 if it was needed. */
int run_parse(int argc, char **argv, struct config *config)
{
	struct option_set set = { .one_dash = true, .apply = apply };
	char letters[2 * OPTIONS_MAX];
	const char *wrong;
	int ret;

	list_options(&set, letters);
	if (!config_files(config, &set, argc, argv))
		return -1;
	ret = config_options(config, &set, argc, argv);
	if (ret)
		return ret;
	wrong = take_words(config);
	if (!wrong)
		wrong = take_command(config, argc, argv);
	if (!wrong)
		wrong = config_finish(config);
	root_directory(config, config->directory);
	if (wrong)
		complain("%s", wrong);
	return wrong ? -1 : 0;
}

/** run_words() - print all long options, one on each line */
void run_words(void)
{
	struct option_set set = { .one_dash = true };
	char letters[2 * OPTIONS_MAX];
	size_t i;

	list_options(&set, letters);
	for (i = 0; set.all[i].name; i++)
		printf("--%s\n", set.all[i].name);
}

/** run_knows() - is this word an option of "run"? */
bool run_knows(const char *word)
{
	struct option_set set = { .one_dash = true };
	char letters[2 * OPTIONS_MAX];

	list_options(&set, letters);
	return option_is_listed(&set, word);
}

int run_main(int argc, char **argv)
{
	if (asks_for_command(argc, argv))
		failure_is(STATUS_COMMAND_SETUP);
	return config_run(argc, argv, run_usage, "lguest run --help", run_parse);
}
