// SPDX-License-Identifier: GPL-2.0
/*
 * A directory of the host's that a guest shares.  The work is done by a program that
 * sees that directory and nothing else (confine.c, which also keeps it from being
 * written to): virtiofsd (virtiofsd.c) for guests that can use it, if it is there, or
 * diod (diod.c), which all guests can.
 *
 * Files are used as the user whom the guest names if the server is root, and
 * otherwise as the user that it is: a guest's users then are one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "device_option.h"
#include "era.h"
#include "files.h"
#include "suboptions.h"

#define OPTION		"--share"

/* The better ones first. */
static const struct file_server *const servers[] = {
	&virtiofsd_server, &diod_server,
};

/* Can the guest use servers that map its memory? */
static bool guest_shares;

static const struct suboption suboptions[] = {
	SUBOPTION_FLAG("ro", struct files_spec, ro, true),
	SUBOPTION_FLAG("rw", struct files_spec, rw, true),
	SUBOPTION_FLAG("submounts", struct files_spec, submounts, true),
	SUBOPTION_TEXT("tag=", struct files_spec, tag),
	SUBOPTION_TEXT("server=", struct files_spec, server),
	{ 0 },
};

/**
 * files_parse - what the value of an option says
 * @option: for messages
 * @text: the value, which is cut into pieces: after the last commas are options, and a
 *	  directory may have some in its name
 * @wrong: is set to what is wrong, if something is
 *
 * Return: that, to be freed; or NULL.
 */
struct files_spec *files_parse(const char *option, char *text, const char **wrong)
{
	static char standard_tag[] = "host";
	struct files_spec *spec = calloc(1, sizeof(*spec));

	if (!spec) {
		*wrong = "does not fit in memory";
		return NULL;
	}
	spec->option = option;
	spec->directory = text;
	*wrong = suboptions_at_end(suboptions, text, spec);
	if (*wrong) {
		free(spec);
		return NULL;
	}
	if (!spec->tag)
		spec->tag = standard_tag;
	return spec;
}

static bool __must_check check_tag(const struct files_spec *spec)
{
	return !files_find(spec->tag) ||
	       failure("%s %s: there is a share '%s' already (add ',tag=NAME')", spec->option,
		       spec->directory, spec->tag);
}

static bool __must_check check_directory(const struct files_spec *spec)
{
	struct stat st;

	if (stat(spec->directory, &st) < 0)
		return failure("%s %s: %s", spec->option, spec->directory, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return failure("%s %s: is not a directory", spec->option, spec->directory);
	return true;
}

static const struct file_server * __must_check named(const struct files_spec *spec)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		if (strcmp(servers[i]->name, spec->server))
			continue;
		if (guest_shares || !servers[i]->shares)
			return servers[i];
		failure("%s %s: this guest is too old for %s: it has no %s", spec->option,
			spec->directory, spec->server, servers[i]->type);
		return NULL;
	}
	failure("%s %s: there is no server '%s' (%s or %s)", spec->option, spec->directory,
		spec->server, virtiofsd_server.name, diod_server.name);
	return NULL;
}

static const struct file_server * __must_check found(const struct files_spec *spec)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		if ((guest_shares || !servers[i]->shares) && servers[i]->is_there())
			return servers[i];
	}
	if (guest_shares)
		failure("%s %s: needs the program '%s' or '%s' (apt install %s, or %s)",
			spec->option, spec->directory, virtiofsd_server.name, diod_server.name,
			virtiofsd_server.package, diod_server.package);
	else
		failure("%s %s: needs the program '%s' (apt install %s)", spec->option,
			spec->directory, diod_server.name, diod_server.package);
	return NULL;
}

static const struct file_server * __must_check choose(const struct files_spec *spec)
{
	return spec->server ? named(spec) : found(spec);
}

/**
 * files_shares - will other processes map the guest's memory?
 * @spec: of the share
 * @era: of the guest
 * @shared: is set if they will
 *
 * Return: false if there is no server for it, see failure().
 */
bool files_shares(const struct files_spec *spec, const struct era *era, bool *shared)
{
	const struct file_server *server;

	guest_shares = era->virtiofs;
	server = choose(spec);
	if (!server)
		return false;
	*shared |= server->shares;
	return true;
}

/**
 * files_open - a share's model
 * @spec: of the share, which uses it as long as there is one
 *
 * Return: NULL if it cannot be, see failure().
 */
struct model *files_open(const struct files_spec *spec)
{
	const struct file_server *server;
	char option[300];

	if (!check_tag(spec) || !check_directory(spec))
		return NULL;
	server = choose(spec);
	if (!server)
		return NULL;
	if (spec->submounts && !server->submounts) {
		failure("%s %s,submounts: only %s can serve what is mounted in there",
			spec->option, spec->directory, virtiofsd_server.name);
		return NULL;
	}
	snprintf(option, sizeof(option), "%s %s", spec->option, spec->directory);
	return server->open(spec, option);
}

static void *share_parse(char *text, const char **wrong)
{
	struct files_spec *spec = files_parse(OPTION, text, wrong);

	if (!spec)
		return NULL;
	spec->read_only = spec->ro;
	spec->whole = spec->submounts;
	if (*spec->tag && strlen(spec->tag) <= FILES_TAG_MAX)
		return spec;
	*wrong = "a tag has 1 to 32 characters";
	free(spec);
	return NULL;
}

static bool share_shares(const void *spec, const struct era *era, bool *shared)
{
	return files_shares(spec, era, shared);
}

static struct model *share_create(const void *spec)
{
	return files_open(spec);
}

static const struct device_option share_option = {
	.name = "share",
	.argument = "DIR[,tag=NAME][,ro][,submounts][,server=PROGRAM]",
	.help = "a directory of this host (tag: host); takes virtiofsd or diod",
	.parse = share_parse,
	.shares = share_shares,
	.create = share_create,
};

DEVICE_OPTION(share_option);
