// SPDX-License-Identifier: GPL-2.0
/* The verbs that only print: help, and version. */
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "topics.h"
#include "verbs.h"

static void general(void)
{
	puts("usage: lguest run [OPTION]... KERNEL            run a guest\n"
	     "       lguest MEGABYTES VMLINUX [OPTION]...    the same, in the classic form\n"
	     "       lguest list|stat|attach|shell|pause|resume|stop|wait|balloon|dump\n"
	     "                                               for guests that are running\n"
	     "       lguest initrd [OPTION]...               make an initial ramdisk with modules\n"
	     "       lguest help TOPIC                       more about one of run, classic, list,\n"
	     "                                               disk, net, share, console, balloon\n"
	     "       lguest --version\n"
	     "\n"
	     "lguest runs paravirtualised 32-bit x86 guests; it needs the module lguest.ko.\n"
	     "See lguest(1).");
}

static int no_help(const char *word)
{
	complain("there is no help for '%s': say run, classic, list, disk, net, share or console",
		 word);
	return STATUS_SETUP;
}

/* "lguest help [VERB]"; without a command at all, this is an error message. */
int help_main(int argc, char **argv)
{
	int status = 0;

	if (argc > 1 && !strcmp(argv[1], "run"))
		run_usage();
	else if (argc > 1 && !strcmp(argv[1], "classic"))
		classic_usage();
	else if (argc > 2 && !strcmp(argv[1], "words"))
		words_print(argv[2]);
	else if (argc > 1 && topic_print(argv[1]))
		status = 0;
	else if (argc > 1 && (control_verb(argv[1]) || !strcmp(argv[1], "control")))
		control_usage();
	else if (argc > 1)
		status = no_help(argv[1]);
	else
		general();
	return status;
}

int version_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("lguest " LAUNCHER_VERSION " (guests: Linux 2.6.23 to 3.19, and patched 6.1)");
	return 0;
}
