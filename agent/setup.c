// SPDX-License-Identifier: GPL-2.0
/*
 * What the launcher says that the guest is to be like: lines "key=value", done one
 * after the other.
 */
#include "agent.h"

#define MODULE_MAX	(16u << 20)

static char text[AGENT_SETUP_MAX + 1];
static size_t len;
static bool too_long;

void setup_piece(const char *from, size_t bytes)
{
	if (bytes > AGENT_SETUP_MAX - len) {
		too_long = true;
		return;
	}
	memcpy(text + len, from, bytes);
	len += bytes;
}

/* One that is there already is as good. */
long setup_module(const char *name)
{
	char *file = sys_map(MODULE_MAX);
	long error = -ENOMEM;

	if (file)
		error = file_read(name, file, MODULE_MAX);
	if (error >= 0)
		error = sys3(__NR_init_module, (long)file, error, (long)"");
	sys_unmap(file, MODULE_MAX);
	if (error < 0 && error != -EEXIST)
		say("cannot load", name, error);
	return error == -EEXIST ? 0 : error;
}

static long set_hostname(const char *name)
{
	return sys2(__NR_sethostname, (long)name, text_len(name));
}

static const struct {
	const char *key;
	long (*set)(const char *value);		/* an error below 0 */
} keys[] = {
	{ "module=", setup_module },
	{ "hostname=", set_hostname },
	{ "keep=", root_keep },
	{ "root=", root_set },
	{ "mount=", root_mount },
};

/* What is wrong, or NULL. */
static const char *do_line(const char *line)
{
	static char wrong[512];
	char *const end = wrong + sizeof(wrong);
	const char *value = NULL;
	unsigned int i;
	long error;

	for (i = 0; i < ARRAY_SIZE(keys) && !value; i++)
		value = text_after(line, keys[i].key);
	error = value ? keys[i - 1].set(value) : -EINVAL;
	if (error >= 0)
		return NULL;
	text_number(text_add(text_add(wrong, end, line), end, ": error "), end, -error);
	return wrong;
}

/* All lines; what is wrong, or NULL. */
const char *setup_do(void)
{
	char *line = text, *end;
	const char *wrong = too_long ? "too many lines" : NULL;

	text[len] = '\0';
	for (; *line && !wrong; line = end) {
		for (end = line; *end && *end != '\n'; end++)
			;
		if (*end)
			*end++ = '\0';
		wrong = do_line(line);
	}
	return wrong;
}
