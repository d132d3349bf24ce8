/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests of devices: they are made as the launcher makes them, from an option's name and
 * value.  What a value is understood as lasts as long as the test.
 */
#ifndef LAUNCHER_UNIT_DEVICE_H
#define LAUNCHER_UNIT_DEVICE_H

#include <stdlib.h>
#include <string.h>

#include "device_option.h"

#define VALUES_MAX	4096

static void *values[2 * VALUES_MAX];
static unsigned int nr_values;

static inline const struct device_option *option_of(const char *name)
{
	const struct device_option *opt;
	unsigned int i;

	for (i = 0; (opt = device_option(i)) && strcmp(opt->name, name); i++)
		;
	return opt;
}

static inline void *value_of(const char *name, const char *spec, const char **wrong)
{
	const struct device_option *opt = option_of(name);
	char *pieces = strdup(spec);
	void *value;

	*wrong = NULL;
	value = opt->parse ? opt->parse(pieces, wrong) : NULL;
	if (nr_values + 2 <= ARRAY_SIZE(values)) {
		values[nr_values++] = pieces;
		values[nr_values++] = value;
	}
	return value;
}

/* What is wrong with a value, or NULL. */
static inline const char *wrong_with(const char *name, const char *spec)
{
	const char *wrong;

	value_of(name, spec, &wrong);
	return wrong;
}

/* NULL if it cannot be, for failure_reason(). */
static inline struct model *make_device(const char *name, const char *spec)
{
	const char *wrong;
	void *value = value_of(name, spec, &wrong);

	if (!wrong)
		return option_of(name)->create(value);
	failure("--%s %s: %s", name, spec, wrong);
	return NULL;
}

/* Does it outlive a restart of its guest? */
static inline bool keeps(const char *name, const char *spec)
{
	const char *wrong;
	bool kept = false;

	option_of(name)->keep(value_of(name, spec, &wrong), &kept);
	return kept;
}

#endif /* LAUNCHER_UNIT_DEVICE_H */
