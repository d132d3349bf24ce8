// SPDX-License-Identifier: GPL-2.0
/*
 * The command form that lguest had in all releases of Linux:
 *
 *	lguest [OPTION]... MEGABYTES VMLINUX [OPTION]... [WORD]...
 *
 * Options may stand anywhere before "--"; the other words are the kernel's
 * command line.  What an option of a device means is said by the device's file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "config.h"
#include "device_option.h"
#include "verbs.h"

#define FIRST_ALIAS	256
#define MAC		",mac="

static const struct option own_options[] = {
	{ "initrd",	required_argument, NULL, 'i' },
	{ "username",	required_argument, NULL, 'u' },
	{ "chroot",	required_argument, NULL, 'c' },
	{ "verbose",	no_argument,       NULL, 'v' },
	{ "help",	no_argument,       NULL, 'h' },
};

static const char own_letters[] = "vh";

/* Alias @i of all devices' together, and its device; NULL after the last. */
static const struct classic_alias *alias(unsigned int i, const struct device_option **opt)
{
	unsigned int n, j;

	for (n = 0; (*opt = device_option(n)); n++) {
		for (j = 0; j < CLASSIC_ALIASES && (*opt)->classic[j].name; j++) {
			if (!i--)
				return &(*opt)->classic[j];
		}
	}
	return NULL;
}

void classic_usage(void)
{
	const struct classic_alias *one;
	const struct device_option *opt;
	unsigned int i;

	puts("usage: lguest [OPTION]... MEGABYTES VMLINUX [OPTION]... [WORD]...\n"
	     "\n"
	     "The words are the kernel's command line; those that begin with '-' go after\n"
	     "'--'.  Options, and what they are for 'lguest run':\n");
	for (i = 0; (one = alias(i, &opt)); i++) {
		const char *value = !opt->argument ? "" : one->mac ? "VALUE[:MAC]" : "VALUE";
		char form[64];

		snprintf(form, sizeof(form), "--%s%s%s%s", one->name, opt->argument ? "=" : "",
			 one->starts ? one->starts : "", value);
		printf("  %-30s --%s%s%s%s\n", form, opt->name, opt->argument ? " " : "",
		       opt->argument ? one->prefix : "",
		       one->mac ? "VALUE[" MAC "MAC]" : value);
	}
	puts("  --initrd=FILE                  --initrd FILE\n"
	     "  --username=NAME                --user NAME\n"
	     "  --chroot=DIR                   --chroot DIR\n"
	     "  --verbose, -v                  --verbose\n"
	     "\n"
	     "'lguest run' can do more: see 'lguest help run'.");
}

static bool listed(const struct option_set *set, const char *name)
{
	size_t i;

	for (i = 0; set->all[i].name; i++) {
		if (!strcmp(set->all[i].name, name))
			return true;
	}
	return false;
}

static void list_options(struct option_set *set)
{
	const struct classic_alias *one;
	const struct device_option *opt;
	size_t nr = ARRAY_SIZE(own_options);
	unsigned int i;

	memcpy(set->all, own_options, sizeof(own_options));
	for (i = 0; (one = alias(i, &opt)) && nr < OPTIONS_MAX - 1; i++) {
		if (listed(set, one->name))
			continue;
		set->all[nr].name = one->name;
		set->all[nr].has_arg = opt->argument ? required_argument : no_argument;
		set->all[nr++].val = FIRST_ALIAS + i;
	}
}

/* The alias of the same name whose values look like @value. */
static const struct classic_alias *choose(unsigned int i, const char *value,
					  const struct device_option **opt)
{
	const struct classic_alias *one = alias(i, opt);
	const char *name = one->name;

	for (; one; one = alias(++i, opt)) {
		if (!strcmp(one->name, name) &&
		    (!one->starts || !strncmp(value, one->starts, strlen(one->starts))))
			return one;
	}
	return NULL;
}

static const char *apply_device(struct config *config, unsigned int i, const char *value)
{
	const struct device_option *opt;
	const struct classic_alias *one = choose(i, value, &opt);
	const char *colon, *wrong;
	char *spec;

	if (one->starts)
		value += strlen(one->starts);
	if (opt->argument && !*value)
		return "needs a value";
	colon = one->mac ? strchr(value, ':') : NULL;
	spec = malloc(strlen(value) + sizeof(MAC));
	if (!spec)
		return "does not fit in memory";
	if (colon)
		sprintf(spec, "%.*s" MAC "%s", (int)(colon - value), value, colon + 1);
	else
		strcpy(spec, value);
	wrong = config_device(config, opt, one->prefix, spec);
	free(spec);
	return wrong;
}

static const char *apply(struct config *config, int c)
{
	switch (c) {
	case 'i':
		config->initrd = optarg;
		return NULL;
	case 'u':
		config->user = optarg;
		return NULL;
	case 'c':
		config->chroot = optarg;
		return NULL;
	case 'v':
		verbose = true;
		return NULL;
	default:
		return apply_device(config, c - FIRST_ALIAS, optarg ? optarg : "");
	}
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
	struct option_set set = { .letters = own_letters, .apply = apply, .classic = true };
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
	return parse_words(argc, argv, config);
}

/** classic_knows() - is this word an option of the classic form? */
bool classic_knows(const char *word)
{
	struct option_set set = { .letters = own_letters };

	list_options(&set);
	return option_is_listed(&set, word);
}

int classic_main(int argc, char **argv)
{
	return config_run(argc, argv, classic_usage, "lguest help classic", classic_parse);
}
