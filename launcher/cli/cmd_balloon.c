// SPDX-License-Identifier: GPL-2.0
/* The verb "balloon": a guest is to do with less memory, or may have more again. */
#include "call.h"
#include "verbs.h"

int balloon_main(int argc, char **argv)
{
	const struct call call = {
		.verb = argv[0], .argc = 1, .argv = argv + 2, .patience = CALL_ANSWER_MS,
	};

	if (argc != 3 || argv[1][0] == '-')
		return control_misused("say which guest, and how much memory it is to keep");
	return call_guest(argv[1], &call);
}
