// SPDX-License-Identifier: GPL-2.0
/*
 * The command form of the first launcher:
 *
 *	lguest [OPTION]... MEGABYTES VMLINUX [OPTION]... [WORD]...
 *
 * Options may stand before and after the first two words; what follows is the
 * kernel's command line.
 */
#include <stdio.h>
#include <string.h>

#include "launcher.h"

#define ALIASES		ARRAY_SIZE(((struct device_option *)0)->classic)
#define FIRST_ALIAS	256

static const struct option own_options[] = {
	{ "initrd",	required_argument, NULL, 'i' },
	{ "verbose",	no_argument,       NULL, 'v' },
	{ "help",	no_argument,       NULL, 'h' },
};

void classic_usage(void)
{
	const struct device_option *opt;
	unsigned int i, j;

	puts("usage: lguest [OPTION]... MEGABYTES VMLINUX [OPTION]... [WORD]...\n"
	     "\n"
	     "The words are the kernel's command line.  Options:\n"
	     "\n"
	     "  --initrd=FILE     the initial ramdisk");
	for (i = 0; (opt = device_option(i)); i++) {
		for (j = 0; j < ALIASES && opt->classic[j].name; j++)
			printf(opt->argument ?
			       "  --%s=VALUE: same as --%s %sVALUE of 'lguest run'\n" :
			       "  --%s: same as --%s of 'lguest run'\n",
			       opt->classic[j].name, opt->name, opt->classic[j].prefix);
	}
	puts("  --verbose         say what is being done");
}

static void list_options(struct option_set *set)
{
	const struct device_option *opt;
	size_t nr = ARRAY_SIZE(own_options);
	unsigned int i, j;

	memcpy(set->all, own_options, sizeof(own_options));
	for (i = 0; (opt = device_option(i)); i++) {
		for (j = 0; j < ALIASES && opt->classic[j].name; j++) {
			if (nr == OPTIONS_MAX - 1)
				return;
			set->all[nr].name = opt->classic[j].name;
			set->all[nr].has_arg = opt->argument ? required_argument : no_argument;
			set->all[nr++].val = FIRST_ALIAS + i * ALIASES + j;
		}
	}
}

static const char *apply(struct config *config, int c)
{
	const struct device_option *opt;

	switch (c) {
	case 'i':
		config->initrd = optarg;
		return NULL;
	case 'v':
		verbose = true;
		return NULL;
	}
	c -= FIRST_ALIAS;
	opt = device_option(c / ALIASES);
	return config_device(config, opt, opt->classic[c % ALIASES].prefix,
			     optarg ? optarg : "");
}

static int parse_words(int argc, char **argv, struct config *config)
{
	const char *wrong = NULL;

	for (; optind < argc && !wrong; optind++)
		wrong = config_cmdline(config, argv[optind]);
	if (!wrong)
		wrong = config_finish(config);
	if (wrong)
		complain("%s", wrong);
	return wrong ? -1 : 0;
}

/* Returns as run_parse() does. */
int classic_parse(int argc, char **argv, struct config *config)
{
	/* The plus ends the options at the first word. */
	struct option_set set = { .letters = "+vh", .apply = apply };
	const char *wrong;
	int ret;

	list_options(&set);
	ret = config_options(config, &set, argc, argv);
	if (ret)
		return ret;
	if (argc - optind < 2) {
		complain("say how much memory, and which kernel");
		return -1;
	}
	wrong = config_memory(config, argv[optind]);
	if (wrong) {
		complain("%s: %s", argv[optind], wrong);
		return -1;
	}
	config->kernel = argv[optind + 1];
	optind += 2;
	ret = config_options(config, &set, argc, argv);
	return ret ? ret : parse_words(argc, argv, config);
}

int classic_main(int argc, char **argv)
{
	return config_run(argc, argv, classic_usage, "lguest help classic", classic_parse);
}
