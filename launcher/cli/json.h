/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What other programs read: see json.c.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdio.h>

void json_string(FILE *out, const char *text);
void json_guest(FILE *out, const char *user, const char *name, const char *state,
		const char *stat, bool all);

#endif /* JSON_H */
