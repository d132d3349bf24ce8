// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a message of the control socket: see control.h.
 */
#include <string.h>

#include "control.h"

/**
 * control_parse() - take a request apart
 * @text: the message; a NUL is put after it, so there has to be room for that
 * @len: bytes of it; at most CONTROL_MESSAGE_MAX, or else it was cut
 * @request: its verb and its arguments, which are in @text
 *
 * Return: what is wrong with it, or NULL.
 */
const char *control_parse(char *text, size_t len, struct control_request *request)
{
	size_t at;

	if (len > CONTROL_MESSAGE_MAX)
		return "this request is too long";
	text[len] = '\0';
	request->verb = text;
	request->argc = 0;
	at = strlen(text) + 1;
	if (at <= len && text[len - 1])
		return "this request has no end";
	for (; at < len; at += strlen(text + at) + 1) {
		if (request->argc == CONTROL_ARGS_MAX)
			return "this request has too many arguments";
		request->argv[request->argc++] = text + at;
	}
	request->argv[request->argc] = NULL;
	return NULL;
}
