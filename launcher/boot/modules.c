// SPDX-License-Identifier: GPL-2.0
/*
 * Modules of a guest's kernel, and those that they need, by depmod's modules.dep: lines
 * "PATH: PATH...", where a module comes before those that it needs.
 */
#include <stdlib.h>
#include <string.h>

#include "modules.h"

#define SUFFIX		".ko"

static bool same_letter(char a, char b)
{
	return a == b || ((a == '-' || a == '_') && (b == '-' || b == '_'));
}

/* Is it the file of that module, packed or not?  '-' and '_' are the same in names. */
static bool is_file_of(const char *path, size_t len, const char *name)
{
	const char *end = path + len, *at = end;

	while (at > path && at[-1] != '/')
		at--;
	while (at < end && *name && same_letter(*at, *name)) {
		at++;
		name++;
	}
	return !*name && (size_t)(end - at) >= strlen(SUFFIX) &&
	       !strncmp(at, SUFFIX, strlen(SUFFIX));
}

static const char *find_line(const char *dep, const char *name)
{
	while (*dep) {
		const size_t len = strcspn(dep, ":\n");

		if (dep[len] == ':' && is_file_of(dep, len, name))
			return dep;
		dep += strcspn(dep, "\n");
		dep += *dep == '\n';
	}
	return NULL;
}

static bool has(const struct modules *modules, const char *path, size_t len)
{
	unsigned int i;

	for (i = 0; i < modules->nr; i++) {
		if (strlen(modules->path[i]) == len && !memcmp(modules->path[i], path, len))
			return true;
	}
	return false;
}

static const char *add(struct modules *modules, const char *path, size_t len)
{
	if (has(modules, path, len))
		return NULL;
	if (modules->nr == MODULES_MAX)
		return "needs too many other modules";
	modules->path[modules->nr] = strndup(path, len);
	return modules->path[modules->nr++] ? NULL : "does not fit in memory";
}

/**
 * modules_add - a module, and before it those that it needs
 * @modules: those that are to be loaded
 * @dep: the text of modules.dep
 * @name: of the module; one that is not there may be in the kernel itself
 *
 * NULL, or what is wrong.
 */
const char *modules_add(struct modules *modules, const char *dep, const char *name)
{
	const char *line = find_line(dep, name), *wrong = NULL, *end, *at;

	if (!line)
		return NULL;
	for (end = line; *end && *end != '\n'; end++)
		;
	/* From the last one to the first, which is the module itself. */
	while (end > line && !wrong) {
		while (end > line && (end[-1] == ' ' || end[-1] == ':'))
			end--;
		for (at = end; at > line && at[-1] != ' ' && at[-1] != ':'; at--)
			;
		if (at < end)
			wrong = add(modules, at, end - at);
		end = at;
	}
	return wrong;
}

/** modules_free - forget them */
void modules_free(struct modules *modules)
{
	while (modules->nr)
		free(modules->path[--modules->nr]);
}
