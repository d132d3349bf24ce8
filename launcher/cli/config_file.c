// SPDX-License-Identifier: GPL-2.0
/*
 * --config: a file of options, one on each line.  They count as if they came first on
 * the command line, so that what is there has the last word.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "config.h"

#define FILE_BYTES_MAX	65536
#define BLANKS		" \t\r"
#define CONFIG		"config"

/* The whole file, which outlives the configuration's values; NULL if that cannot be. */
static char *read_file(struct config *config, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	char *text;
	ssize_t n;

	if (fd < 0 || config->nr_texts == CONFIG_FILES_MAX) {
		complain("--config %s: %s", path, fd < 0 ? strerror(errno) : "is one too many");
		return NULL;
	}
	text = malloc(FILE_BYTES_MAX + 1);
	while (text && len < FILE_BYTES_MAX &&
	       (n = read(fd, text + len, FILE_BYTES_MAX - len)) > 0)
		len += n;
	close(fd);
	if (!text || n < 0 || len == FILE_BYTES_MAX || memchr(text, '\0', len)) {
		complain("--config %s: %s", path, !text || n < 0 ? strerror(errno) :
			 "is no file of options: it is too long, or has NULs");
		free(text);
		return NULL;
	}
	text[len] = '\0';
	config->text[config->nr_texts++] = text;
	return text;
}

static const struct option *find(const struct option_set *set, const char *name)
{
	const struct option *opt = set->all;

	while (opt->name && strcmp(opt->name, name))
		opt++;
	return opt->name && strcmp(name, CONFIG) && strcmp(name, "help") ? opt : NULL;
}

/* "NAME", "NAME VALUE", "NAME=VALUE", "NAME = VALUE": @line becomes the name. */
static char *cut(char *line)
{
	char *value = line + strcspn(line, "=" BLANKS);

	if (!*value)
		return value;
	if (*value != '=' && !strncmp(value + strspn(value, BLANKS), "= ", 2)) {
		*value = '\0';
		value += 1 + strspn(value + 1, BLANKS);
	}
	*value++ = '\0';
	return value + strspn(value, BLANKS);
}

static void trim(char *line)
{
	size_t len = strlen(line);

	while (len && strchr(BLANKS, line[len - 1]))
		line[--len] = '\0';
}

/* Returns what is wrong, or NULL. */
static const char *apply(struct config *config, const struct option_set *set, char *line)
{
	char *value = cut(line);
	const struct option *opt;

	line += strspn(line, "-");
	opt = find(set, line);
	if (!opt)
		return "is no option that can be in a file (lguest help run)";
	if (opt->has_arg == required_argument && !*value)
		return "needs a value";
	if (opt->has_arg == no_argument && *value)
		return "has no value";
	optarg = *value ? value : NULL;
	return set->apply(config, opt->val);
}

static bool take_file(struct config *config, const struct option_set *set, const char *path)
{
	char *line, *rest = read_file(config, path);
	unsigned int nr = 0;

	while ((line = strsep(&rest, "\n"))) {
		const char *wrong;

		nr++;
		line += strspn(line, BLANKS);
		trim(line);
		if (!*line || *line == '#')
			continue;
		wrong = apply(config, set, line);
		if (wrong) {
			complain("%s:%u: %.80s: %s", path, nr, line, wrong);
			return false;
		}
	}
	return nr;
}

/**
 * config_files() - take what is in the files that the command line names
 * @config: is set to that
 * @set: options
 * @argc: words of the command line
 * @argv: they
 *
 * What is wrong with the other words is not said here.
 *
 * Return: false if something is wrong with a file, which is said.
 */
bool config_files(struct config *config, const struct option_set *set, int argc, char **argv)
{
	int (*next)(int argc, char *const *argv, const char *letters,
		    const struct option *all, int *index);
	const int loud = opterr;
	bool good = true;
	unsigned int i;
	int c, which = -1;

	next = set->one_dash ? getopt_long_only : getopt_long;
	opterr = 0;
	while (good && (c = next(argc, argv, set->letters, set->all, &which)) != -1) {
		if (c != '?' && which >= 0 && !strcmp(set->all[which].name, CONFIG))
			good = take_file(config, set, optarg);
		which = -1;
	}
	opterr = loud;
	optind = 0;		/* from the beginning */
	for (i = 0; i < config->nr_devices; i++)
		config->device[i].from_file = true;
	config->file_kernel = config->kernel;
	config->kernel = NULL;
	return good;
}
