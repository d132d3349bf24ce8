// SPDX-License-Identifier: GPL-2.0
/*
 * A directory of the host's as the root of the guest: a share with all that is mounted in
 * there, and what the agent in the guest (agent/root.c) is told of it.  Where its command
 * runs is where the launcher does, if that is in the directory.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "device_option.h"
#include "files.h"
#include "guest_agent.h"

#define NAME		"root"
#define OPTION		"--" NAME
#define OPTIONS_9P	"trans=virtio,version=9p2000.L,cache=mmap"

/* These are the guest's own, but for a directory in them that the command is to run in. */
static const char *const own[] = { "/tmp/", "/run/" };

/* Nothing of it is changed unless that is asked for: what is written is in memory. */
static void *root_parse(char *text, const char **wrong)
{
	static char tag[] = NAME;
	struct files_spec *spec = files_parse(OPTION, text, wrong);

	if (!spec)
		return NULL;
	spec->tag = tag;
	spec->read_only = !spec->rw;
	spec->whole = true;
	spec->submounts = false;
	return spec;
}

static bool root_shares(const void *spec, const struct era *era, bool *shared)
{
	return files_shares(spec, era, shared);
}

/* How the guest calls the directory that the launcher is in; "" if it has it not. */
static void find_here(const char *directory, char here[PATH_MAX])
{
	char root[PATH_MAX], cwd[PATH_MAX];
	size_t len;

	*here = '\0';
	if (!realpath(directory, root) || !getcwd(cwd, sizeof(cwd)))
		return;
	len = strcmp(root, "/") ? strlen(root) : 0;
	if (!strncmp(cwd, root, len) && cwd[len] == '/')
		strcpy(here, cwd + len);
}

/* Not all servers have what is mounted in their directory. */
static bool __must_check check_here(const char *directory, const char *here)
{
	const struct file_server *server = files_find(NAME)->kind;
	struct stat root, cwd;

	if (!*here || server->submounts || stat(directory, &root) < 0 || stat(".", &cwd) < 0 ||
	    root.st_dev == cwd.st_dev)
		return true;
	return failure(OPTION " %s: %s is another file system, whose files %s cannot serve\n"
		       "install %s, or go elsewhere before, or say " OPTION
		       " with a directory in there", directory, here, server->name,
		       virtiofsd_server.package);
}

static bool is_own(const char *here)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(own) && strncmp(here, own[i], strlen(own[i])))
		i++;
	return i < ARRAY_SIZE(own);
}

static bool __must_check tell_here(const char *directory)
{
	char here[PATH_MAX];

	find_here(directory, here);
	return check_here(directory, here) && (!is_own(here) || command_tell("keep", here));
}

static bool __must_check tell_root(const struct files_spec *spec, const struct model *model)
{
	const char *how = spec->rw ? "rw" : spec->ro ? "ro" : "overlay";
	char value[128];

	snprintf(value, sizeof(value), "%s " NAME " %s %s", files_find(NAME)->kind->type, how,
		 model->kind == MODEL_FILES ? OPTIONS_9P : "");
	return command_tell("root", value);
}

static struct model *root_create(const void *config)
{
	const struct files_spec *spec = config;
	struct model *model = files_open(spec);

	if (!model)
		return NULL;
	if (tell_here(spec->directory) && tell_root(spec, model))
		return model;
	model->close(model);
	return NULL;
}

/**
 * root_directory - where a guest's command is to run
 * @config: of the guest
 * @here: filled in: "" if that is the root of whatever file system it has
 *
 * False if its root is not a directory of the host's.
 */
bool root_directory(const struct config *config, char *here)
{
	const struct device_config *root = config_find(config, NAME);
	const struct files_spec *spec;

	*here = '\0';
	if (!root)
		return false;
	spec = root->value;
	find_here(spec->directory, here);
	return true;
}

static const struct device_option root_option = {
	.name = NAME,
	.argument = "DIR[,rw][,ro][,server=PROGRAM]",
	.help = "the guest's root, with what it writes in memory (with a command: /)",
	.single = true,
	.with_command_alone = "/",
	.parse = root_parse,
	.shares = root_shares,
	.create = root_create,
};

DEVICE_OPTION(root_option);
