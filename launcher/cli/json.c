// SPDX-License-Identifier: GPL-2.0
/*
 * What "list --json" and "stat --json" print of a guest: one object, from the lines
 * "KEY:\tVALUE" that its launcher has answered.  Numbers become numbers, sizes become
 * bytes, and blanks and hyphens in a key become '_'.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define KEY_MAX		48
#define VALUE_MAX	600

/* Bytes of the character of UTF-8 at @text; 0: there is none. */
static size_t utf8(const unsigned char *text)
{
	const size_t len = *text < 0xc2 ? 0 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 :
			   *text < 0xf5 ? 4 : 0;
	size_t i;

	for (i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Longer forms of shorter ones, halves of pairs, and what is beyond them all. */
	if ((*text == 0xe0 && text[1] < 0xa0) || (*text == 0xed && text[1] > 0x9f) ||
	    (*text == 0xf0 && text[1] < 0x90) || (*text == 0xf4 && text[1] > 0x8f))
		return 0;
	return len;
}

/**
 * json_string() - print a string
 * @out: where to
 * @text: it; what is not UTF-8 becomes U+FFFD
 */
void json_string(FILE *out, const char *text)
{
	fputc('"', out);
	while (*text) {
		const unsigned char byte = *text;
		const size_t len = utf8((const unsigned char *)text);

		if (byte == '"' || byte == '\\')
			fprintf(out, "\\%c", byte);
		else if (byte < ' ' || byte == 0x7f)
			fprintf(out, "\\u%04x", byte);
		else if (byte < 0x80)
			fputc(byte, out);
		else if (len)
			fwrite(text, len, 1, out);
		else
			fputs("\\ufffd", out);
		text += len ? len : 1;
	}
	fputc('"', out);
}

static bool is_number(const char *text, size_t len)
{
	return len && len < 20 && strspn(text, "0123456789") >= len && (*text != '0' || len == 1);
}

/* What is in front of these is a number of KiB. */
static bool is_size(const char *text)
{
	const size_t len = strlen(text);

	return len > 1 && text[len - 1] == 'K' && is_number(text, len - 1);
}

static void print_value(FILE *out, const char *value)
{
	if (is_size(value))
		fprintf(out, "%llu", strtoull(value, NULL, 10) * 1024);
	else if (is_number(value, strlen(value)))
		fputs(value, out);
	else
		json_string(out, value);
}

/* A line of the answer, apart; false if it is none. */
static bool take_apart(const char *line, size_t len, char key[KEY_MAX], char value[VALUE_MAX])
{
	const char *colon = memchr(line, ':', len);
	const size_t key_len = colon ? colon - line : 0;
	size_t skip, i;

	if (!key_len || key_len >= KEY_MAX)
		return false;
	memcpy(key, line, key_len);
	key[key_len] = '\0';
	for (i = 0; i < key_len; i++) {
		if (key[i] == ' ' || key[i] == '-')
			key[i] = '_';
	}
	skip = key_len + 1;
	while (skip < len && (line[skip] == ' ' || line[skip] == '\t'))
		skip++;
	snprintf(value, VALUE_MAX, "%.*s", (int)(len - skip), line + skip);
	return true;
}

static bool is_basic(const char *key)
{
	return !strcmp(key, "pid") || !strcmp(key, "memory") || !strcmp(key, "kernel");
}

/* Those that are said by the caller. */
static bool is_said(const char *key)
{
	return !strcmp(key, "name") || !strcmp(key, "state") || !strcmp(key, "user");
}

/**
 * json_guest() - print a guest
 * @out: where to
 * @user: whose it is
 * @name: what it is called
 * @state: what it does; NULL: what it says itself
 * @stat: what its launcher says
 * @all: of that; else what "list" has
 */
void json_guest(FILE *out, const char *user, const char *name, const char *state,
		const char *stat, bool all)
{
	char key[KEY_MAX], value[VALUE_MAX];

	fputs("{\"name\": ", out);
	json_string(out, name);
	fputs(", \"user\": ", out);
	json_string(out, user);
	if (state) {
		fputs(", \"state\": ", out);
		json_string(out, state);
	}
	while (*stat) {
		const size_t len = strcspn(stat, "\n");

		if (take_apart(stat, len, key, value) &&
		    ((!is_said(key) && (all || is_basic(key))) ||
		     (!state && !strcmp(key, "state")))) {
			fputs(", ", out);
			json_string(out, key);
			fputs(": ", out);
			print_value(out, value);
		}
		stat += len + (stat[len] == '\n');
	}
	fputs("}", out);
}
