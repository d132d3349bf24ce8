// SPDX-License-Identifier: GPL-2.0
/*
 * "help TOPIC": what can be said of one thing in a few lines, with the options' own
 * words; and "help words", from which shells complete what is typed (completion/).
 */
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "device_option.h"
#include "topics.h"
#include "verbs.h"

static const struct {
	const char *name;
	const char *text;
} topics[] = {
	{ "disk",
	  "The guest's first disk is vda (of 2.6.23's, lgba), the next one vdb.\n\n"
	  "  -d root.img             the guest reads and writes the file\n"
	  "  -d root.img,ro          it can only read it\n"
	  "  -d root.img,snapshot    what it writes is lost in the end\n"
	  "  -d root.img,overlay=me  what it writes is in the file 'me'\n" },
	{ "net",
	  "  -n user                 what this host's user reaches, without any right of root;\n"
	  "                          ,tcp=2222:22 makes the guest's port 22 this host's 2222\n"
	  "  -n tap=192.168.19.1     a network with this host (root)\n"
	  "  -n bridge=br0           what is in a bridge of this host (root)\n" },
	{ "share",
	  "  --share /home/me        the guest: mount -t virtiofs host /mnt\n"
	  "                          or, if diod serves: mount -t 9p \\\n"
	  "                          -o trans=virtio,version=9p2000.L,cache=mmap host /mnt\n"
	  "  --share /home/me,ro     it can change nothing there\n"
	  "  --root / -- COMMAND     this host's files, which the command leaves as they are\n" },
	{ "console",
	  "On a terminal, Ctrl-A x ends the guest, and Ctrl-A h shows the other keys.\n\n"
	  "  --console file=log      what the guest prints goes to a file\n"
	  "  --console pty           a pty, whose name is said: screen /dev/pts/4\n"
	  "  --console unix:PATH     a socket: socat -,raw,echo=0 UNIX:PATH\n"
	  "  lguest attach NAME      this terminal, at the console of a running guest\n"
	  "  --console none          nowhere; several of these may be given\n"
	  "  --escape B              Ctrl-B in the place of Ctrl-A; none: no such key\n" },
	{ "rng", "" },
	{ "balloon", "  lguest balloon NAME SIZE   the same for a guest that is running\n" },
};

/* The option of that name, as "help run" has it. */
static void print_option(const char *name)
{
	const struct device_option *opt;
	unsigned int i;

	for (i = 0; (opt = device_option(i)); i++) {
		if (!strcmp(opt->name, name))
			printf("      --%s %s\n                          %s\n\n", name,
			       opt->argument ? opt->argument : "", opt->help);
	}
}

/** topic_print() - what there is to say of @word; false: nothing */
bool topic_print(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(topics); i++) {
		if (strcmp(word, topics[i].name))
			continue;
		print_option(word);
		fputs(topics[i].text, stdout);
		puts("\nMore is in lguest(1), at that option.");
		return true;
	}
	return false;
}

static const struct {
	const char *verb;
	const char *options;
} verbs[] = {
	{ "attach", "--escape" },
	{ "initrd", "--output\n--kernel-release\n--modules" },
	{ "list", "--json" },
	{ "stat", "--json" },
	{ "stop", "--timeout\n--kill" },
	{ "wait", "--timeout" },
};

static void print_topics(void)
{
	size_t i;

	puts("run\nclassic\nlist\ncontrol");
	for (i = 0; i < ARRAY_SIZE(topics); i++)
		puts(topics[i].name);
}

/** words_print() - the words that may follow @verb, one on each line */
void words_print(const char *verb)
{
	size_t i;

	if (!strcmp(verb, "help"))
		print_topics();
	else if (!strcmp(verb, "run"))
		run_words();
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(verb, verbs[i].verb))
			puts(verbs[i].options);
	}
}
