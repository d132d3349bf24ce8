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
	SUBOPTION_FLAG("submounts", struct files_spec, whole, true),
	SUBOPTION_TEXT("tag=", struct files_spec, tag),
	SUBOPTION_TEXT("server=", struct files_spec, server),
	{ 0 },
};

/**
 * files_parse - what the value of an option says
 * @spec: filled in; its directory is to be freed
 * @option: for messages
 * @text: the value: after the last commas are options, and a directory may have some in
 *	  its name
 */
void files_parse(struct files_spec *spec, const char *option, const char *text)
{
	static char standard_tag[] = "host";

	*spec = (struct files_spec){ .option = option, .directory = strdup(text) };
	if (!spec->directory)
		give_up("%s %s: %s", option, text, strerror(errno));
	suboptions_at_end(suboptions, spec->directory, spec);
	if (!spec->tag)
		spec->tag = standard_tag;
}

static bool is_good_tag(const char *tag)
{
	return *tag && strlen(tag) <= FILES_TAG_MAX;
}

static void check_tag(const struct files_spec *spec)
{
	if (!is_good_tag(spec->tag))
		give_up("%s %s,tag=%s: a tag has 1 to %d characters", spec->option,
			spec->directory, spec->tag, FILES_TAG_MAX);
	if (files_find(spec->tag))
		give_up("%s %s: there is a share '%s' already (add ',tag=NAME')", spec->option,
			spec->directory, spec->tag);
}

static void check_directory(const struct files_spec *spec)
{
	struct stat st;

	if (stat(spec->directory, &st) < 0)
		give_up("%s %s: %s", spec->option, spec->directory, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		give_up("%s %s: is not a directory", spec->option, spec->directory);
}

static const struct file_server *named(const struct files_spec *spec)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		if (strcmp(servers[i]->name, spec->server))
			continue;
		if (servers[i]->shares && !guest_shares)
			give_up("%s %s: this guest is too old for %s: it has no %s", spec->option,
				spec->directory, spec->server, servers[i]->type);
		return servers[i];
	}
	give_up("%s %s: there is no server '%s' (%s or %s)", spec->option, spec->directory,
		spec->server, virtiofsd_server.name, diod_server.name);
}

static const struct file_server *found(const struct files_spec *spec)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		if ((guest_shares || !servers[i]->shares) && servers[i]->is_there())
			return servers[i];
	}
	if (guest_shares)
		give_up("%s %s: needs the program '%s' or '%s' (apt install %s, or %s)",
			spec->option, spec->directory, virtiofsd_server.name, diod_server.name,
			virtiofsd_server.package, diod_server.package);
	give_up("%s %s: needs the program '%s' (apt install %s)", spec->option, spec->directory,
		diod_server.name, diod_server.package);
}

static const struct file_server *choose(const struct files_spec *spec)
{
	return spec->server ? named(spec) : found(spec);
}

/**
 * files_shares - will other processes map the guest's memory?
 * @spec: of the share
 * @era: of the guest
 */
bool files_shares(const struct files_spec *spec, const struct era *era)
{
	guest_shares = era->virtiofs;
	return choose(spec)->shares;
}

/**
 * files_open - a share's model
 * @spec: of the share, whose directory is its own from now on
 */
struct model *files_open(const struct files_spec *spec)
{
	struct model *model;
	struct files *files;
	char option[300];

	check_tag(spec);
	check_directory(spec);
	model = choose(spec)->create(&files);
	if (!model)
		give_up("%s %s: %s", spec->option, spec->directory, strerror(errno));
	files->directory = spec->directory;
	files->tag = spec->tag;
	files->ro = spec->ro;
	files->whole = spec->whole;
	snprintf(option, sizeof(option), "%s %s", spec->option, files->directory);
	files->kind->start(files, option);
	files_remember(files);
	return model;
}

static bool files_option_shares(const void *text, const struct era *era, bool *shared)
{
	struct files_spec spec;

	files_parse(&spec, OPTION, text);
	*shared |= files_shares(&spec, era);
	free(spec.directory);
	return true;
}

static const char *files_option_check(const char *text)
{
	struct files_spec spec;
	bool good;

	files_parse(&spec, OPTION, text);
	good = is_good_tag(spec.tag);
	free(spec.directory);
	return good ? NULL : "a tag has 1 to 32 characters";
}

static struct model *files_option_create(const void *text)
{
	struct files_spec spec;
	struct model *model;

	files_parse(&spec, OPTION, text);
	model = files_open(&spec);
	if (spec.whole && !files_find(spec.tag)->kind->submounts)
		give_up("%s %s,submounts: only %s can serve what is mounted in there", OPTION,
			spec.directory, virtiofsd_server.name);
	return model;
}

static const struct device_option files_option = {
	.name = "share",
	.argument = "DIR[,tag=NAME][,ro][,submounts][,server=PROGRAM]",
	.help = "a directory of this host (tag: host); takes virtiofsd or diod",
	.check = files_option_check,
	.shares = files_option_shares,
	.create = files_option_create,
};

DEVICE_OPTION(files_option);
