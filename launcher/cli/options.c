// SPDX-License-Identifier: GPL-2.0
/*
 * Values of options, and the configuration of a guest that they make.  The
 * verbs' files have the options themselves; start.c reads the result.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "boot.h"
#include "config.h"
#include "device_option.h"
#include "era.h"
#include "guest_memory.h"
#include "machine.h"
#include "verbs.h"

#define TIMEOUT_MAX_MS		(365 * 86400000ull)
#define RESTART_LIMIT_MAX	1000000
#define RESTART_LIMIT		5

const char *config_memory(struct config *config, const char *text)
{
	__u64 bytes;

	if (parse_size(text, &bytes) < 0)
		return "is no size of memory: say 64M, 1G, or 64 for 64M";
	if (bytes < MEMORY_MIN)
		return "is too little memory: a guest needs at least 1M";
	if (bytes > MEMORY_MAX)
		return "is too much memory: a guest may have at most 2047M";
	if (bytes % PAGE_BYTES)
		return "is not a multiple of 4K";
	config->memory = bytes;
	return NULL;
}

static const struct {
	char letter;
	unsigned int seconds;
} times[] = {
	{ '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
};

/* "60", "0.5", "2m", "1.5h", as timeout(1) has it; -1 for anything else. */
static int parse_time(const char *text, __u64 *ms)
{
	double value;
	size_t i;
	char *end;

	if ((*text < '0' || *text > '9') && *text != '.')
		return -1;
	value = strtod(text, &end);
	if (end == text || strspn(text, "0123456789.") != (size_t)(end - text))
		return -1;
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		if (*end != times[i].letter || (*end && end[1]))
			continue;
		value = value * times[i].seconds * 1000;
		*ms = value <= TIMEOUT_MAX_MS ? value : TIMEOUT_MAX_MS + 1;
		if (value && !*ms)
			*ms = 1;
		return 0;
	}
	return -1;
}

const char *config_timeout(struct config *config, const char *text)
{
	__u64 ms;

	if (parse_time(text, &ms) < 0)
		return "is no time: say 60, 0.5, 2m, 1h or 3d";
	if (ms > TIMEOUT_MAX_MS)
		return "is too long: at most 365d";
	config->timeout = ms;
	return NULL;
}

const char *config_restart_limit(struct config *config, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > RESTART_LIMIT_MAX)
		return "is no number of restarts: say 1 to 1000000, or 0 for no limit";
	config->restart_limit = value;
	return NULL;
}

const char *config_release_of(struct config *config, const char *text)
{
	if (release_parse(text, &config->release) < 0)
		return "is no release of Linux: say 2.6.32, or 3.11";
	return NULL;
}

/* Words that are given one after the other make one command line. */
const char *config_cmdline(struct config *config, const char *text)
{
	size_t len = strlen(config->cmdline);

	if (len + 1 + strlen(text) > COMMAND_LINE_MAX)
		return "makes the command line too long (at most 4095 characters)";
	if (len)
		config->cmdline[len++] = ' ';
	memcpy(config->cmdline + len, text, strlen(text) + 1);
	return NULL;
}

/* The value of a device that was not asked for; NULL if the guest has none then. */
static const char *unasked(const struct config *config, const struct device_option *opt)
{
	if (config->daemon && opt->with_daemon)
		return opt->with_daemon;
	if (config->command && !config->initrd && opt->with_command_alone)
		return opt->with_command_alone;
	return config->command && opt->with_command ? opt->with_command : opt->standard;
}

/* Adds the devices that a guest has without a word; false if they are too many. */
static bool add_standard(struct config *config, bool spare)
{
	const struct device_option *opt;
	unsigned int i;

	for (i = 0; (opt = device_option(i)); i++) {
		if (!unasked(config, opt) || opt->spare != spare ||
		    config_find(config, opt->name))
			continue;
		if (spare && config->nr_devices > CONFIG_DEVICES_MAX / 2)
			continue;
		if (config_device(config, opt, "", unasked(config, opt)))
			return false;
	}
	return true;
}

static bool is_on_terminal(const struct config *config)
{
	const struct device_config *console = config_find(config, "console");

	return console && !strncmp(console->spec, "stdio", 5);
}

/* Adds the devices that every guest has. */
const char *config_finish(struct config *config)
{
	if (!config->kernel)
		config->kernel = config->file_kernel;
	if (!config->kernel)
		return "no kernel given (--kernel FILE)";
	if (!config->memory)
		config->memory = MEMORY_DEFAULT;
	if (!add_standard(config, false) || !add_standard(config, true))
		return "too many devices: a guest has at most 16, with its console";
	if (config->daemon && is_on_terminal(config))
		return "--console stdio: not with --daemon, which has no terminal";
	config->agent = config_find(config, "agent");
	return NULL;
}

void config_release(struct config *config)
{
	config_release_devices(config);
	while (config->nr_texts)
		free(config->text[--config->nr_texts]);
}

/* The device that @name means in the other form of the command line. */
static const struct device_option *other_form(const char *name, bool classic)
{
	const struct device_option *opt;
	unsigned int i, j;

	for (i = 0; (opt = device_option(i)); i++) {
		if (classic && !strcmp(opt->name, name))
			return opt;
		for (j = 0; !classic && j < CLASSIC_ALIASES && opt->classic[j].name; j++) {
			if (!strcmp(opt->classic[j].name, name))
				return opt;
		}
	}
	return NULL;
}

static const char *nearest(const struct option_set *set, const char *name)
{
	size_t i;

	for (i = 0; set->all[i].name; i++) {
		if (near_word(name, set->all[i].name))
			return set->all[i].name;
	}
	return NULL;
}

/* getopt has said that @word is no option; what did the user mean? */
static void hint(const struct option_set *set, const char *word)
{
	const struct device_option *opt;
	char name[32];
	const char *near;

	word += strspn(word, "-");
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	opt = other_form(name, set->classic);
	near = nearest(set, name);
	if (opt && !set->classic)
		complain("did you mean --%s? (--%s is of the classic form: lguest help classic)",
			 opt->name, name);
	else if (opt && opt->classic[0].name)
		complain("did you mean --%s? (--%s is of 'lguest run')", opt->classic[0].name,
			 name);
	else if (opt)
		complain("--%s is of 'lguest run'", name);
	else if (near && strcmp(near, name))
		complain("did you mean --%s?", near);
	else if (set->classic)
		complain("words for the kernel that begin with '-' go after '--'");
}

/**
 * option_is_listed() - does a set have an option?
 * @set: it
 * @word: of a command line: the option's whole name or its letter, and perhaps a value
 */
bool option_is_listed(const struct option_set *set, const char *word)
{
	const size_t dashes = strspn(word, "-");
	size_t len, i;

	if (!dashes || dashes > 2)
		return false;
	word += dashes;
	len = strcspn(word, "=");
	if (dashes == 1 && len && *word != ':' && strchr(set->letters, *word) &&
	    (len == 1 || !set->one_dash))
		return true;
	for (i = 0; (dashes == 2 || set->one_dash) && set->all[i].name; i++) {
		if (strlen(set->all[i].name) == len && !strncmp(set->all[i].name, word, len))
			return true;
	}
	return false;
}

/* Option @which of the set, or the letter @c, cannot be as it is. */
static void blame(const struct option_set *set, int which, int c, const char *wrong)
{
	const char *value = optarg ? optarg : "";
	const char *space = *value ? " " : "";

	if (which >= 0)
		complain("--%s%s%.80s: %s", set->all[which].name, space, value, wrong);
	else
		complain("-%c%s%.80s: %s", c, space, value, wrong);
}

/*
 * Options from optind on, as far as getopt goes.  0 if they are good, 1 if
 * they ask for help, -1 if they need it.
 */
int config_options(struct config *config, const struct option_set *set,
		   int argc, char **argv)
{
	int (*next)(int argc, char *const *argv, const char *letters,
		    const struct option *all, int *index);
	const char *wrong;
	int c, which = -1;

	next = set->one_dash ? getopt_long_only : getopt_long;
	while ((c = next(argc, argv, set->letters, set->all, &which)) != -1) {
		if (c == 'h')
			return 1;
		if (c == '?') {
			hint(set, argv[optind - 1]);
			return -1;
		}
		wrong = set->apply(config, c);
		if (wrong) {
			blame(set, which, c, wrong);
			return -1;
		}
		which = -1;
	}
	return 0;
}

/* Runs a guest as the arguments say, or helps. */
int config_run(int argc, char **argv, void (*usage)(void), const char *hint,
	       int (*parse)(int argc, char **argv, struct config *config))
{
	struct config config = { .restart_limit = RESTART_LIMIT };
	char self[] = "lguest";

	argv[0] = self;		/* for getopt's messages */
	switch (parse(argc, argv, &config)) {
	case 0:
		return machine_run(&config);
	case 1:
		usage();
		return 0;
	default:
		fprintf(stderr, "Try '%s'.\n", hint);
		return failure_status();
	}
}
