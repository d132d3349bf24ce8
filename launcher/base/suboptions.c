// SPDX-License-Identifier: GPL-2.0
/*
 * The words behind commas in the values of options: FILE,ro,serial=X.  Who has such
 * an option says by a table which there are, and what becomes of them.
 */
#include <string.h>

#include "base.h"
#include "suboptions.h"

static bool has_value(const struct suboption *option)
{
	return option->name[strlen(option->name) - 1] == '=';
}

static const struct suboption *find(const struct suboption *all, const char *word)
{
	for (; all->name; all++) {
		if (has_value(all) ? !strncmp(word, all->name, strlen(all->name)) :
				     !strcmp(word, all->name))
			return all;
	}
	return NULL;
}

/* A text that is there already is not replaced: the word is none of those then. */
static const char *take(const struct suboption *all, char *word, void *to, bool *known)
{
	const struct suboption *option = find(all, word);
	char *member = to, **text;

	*known = option;
	if (!option)
		return NULL;
	member += option->member;
	word += strlen(option->name);
	if (option->take)
		return option->take(to, word);
	if (has_value(option)) {
		text = (char **)member;
		*known = !*text;
		if (*known)
			*text = word;
	} else {
		*(bool *)member = option->on;
	}
	return NULL;
}

/**
 * suboptions_at_end() - take those that follow a name, which may have commas itself
 * @all: those that there are
 * @text: becomes the name, up to the first comma with nothing but these behind it
 * @to: where to put them
 *
 * Return: what is wrong, or NULL.
 */
const char *suboptions_at_end(const struct suboption *all, char *text, void *to)
{
	const char *wrong;
	char *comma;
	bool known;

	while ((comma = strrchr(text, ',')) && comma > text) {
		wrong = take(all, comma + 1, to, &known);
		if (wrong || !known)
			return wrong;
		*comma = '\0';
	}
	return NULL;
}

/**
 * suboptions_all() - take words, of which each must be one
 * @all: those that there are
 * @text: the words; is cut into pieces.  NULL: there are none
 * @to: where to put them
 * @otherwise: what is wrong with another one
 *
 * Return: what is wrong, or NULL.
 */
const char *suboptions_all(const struct suboption *all, char *text, void *to,
			   const char *otherwise)
{
	const char *wrong;
	char *word;
	bool known;

	while ((word = strsep(&text, ","))) {
		wrong = take(all, word, to, &known);
		if (wrong)
			return wrong;
		if (!known)
			return otherwise;
	}
	return NULL;
}
