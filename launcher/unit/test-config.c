// SPDX-License-Identifier: GPL-2.0
/*
 * Files of options, and what the command line has to say beside them.
 */
#include <getopt.h>
#include <stdlib.h>

#include "launcher.h"
#include "said.h"
#include "tap.h"

#define WORDS_MAX	16

static char path[] = "/tmp/lguest-unit-XXXXXX";
static struct config config;

static void put_file(const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (write(fd, text, len) < (ssize_t)len)
		exit(1);
	close(fd);
}

/* "run --config FILE" and @words. */
static int parse(const char *words)
{
	static char line[256];
	char self[] = "lguest", option[] = "--config", *argv[WORDS_MAX] = { self, option, path };
	char *save = NULL;
	int argc = 3;

	snprintf(line, sizeof(line), "%s", words);
	argv[argc] = strtok_r(line, " ", &save);
	while (argv[argc])
		argv[++argc] = strtok_r(NULL, " ", &save);
	config_release(&config);
	memset(&config, 0, sizeof(config));
	optind = 0;
	return run_parse(argc, argv, &config);
}

static const char *device(const char *name)
{
	unsigned int i;

	for (i = 0; i < config.nr_devices; i++) {
		if (!strcmp(config.device[i].option->name, name))
			return config.device[i].spec;
	}
	return "none";
}

static const char good[] =
	"# a guest\n"
	"\n"
	"kernel /boot/a b\n"
	"  mem=32M\t\n"
	"params = root=/dev/vda quiet\r\n"
	"params single\n"
	"--name one\n"
	"console\tfile=/dev/null\n"
	"disk base,ro\n"
	"verbose";

static void test_good(void)
{
	put_file(good, sizeof(good) - 1);
	is_number(parse(""), 0, "a file is enough");
	ok(!strcmp(config.kernel, "/boot/a b"), "a value may have blanks");
	is_number(config.memory, 32 * MIB, "or '=' before it");
	ok(!strcmp(config.cmdline, "root=/dev/vda quiet single"), "or both");
	ok(!strcmp(config.name, "one") && verbose, "dashes may be there");
	ok(!strcmp(device("console"), "file=/dev/null") && !strcmp(device("disk"), "base,ro"),
	   "devices");
	verbose = false;

	is_number(parse("-m 64M other -d more --console none --params last --name two"), 0,
		  "the command line");
	ok(!strcmp(config.kernel, "other") && config.memory == 64 * MIB &&
	   !strcmp(config.name, "two"), "has the last word");
	ok(!strcmp(config.cmdline, "root=/dev/vda quiet single last"), "or adds to it");
	ok(!strcmp(device("disk"), "base,ro"), "devices of the file are first");
	is_number(parse("-m 64M"), 0, "what is before");
	is_number(config.memory, 64 * MIB, "does not matter");
	ok(parse("--name=--config k") < 0, "a value is none");
}

static const struct {
	const char *text, *said;
} bad[] = {
	{ "mem 3T\n", ":1: mem: is no size" },
	{ "\n# x\nnonsense 1\n", ":3: nonsense: is no option" },
	{ "mem\n", ":1: mem: needs a value" },
	{ "verbose yes\n", ":1: verbose: has no value" },
	{ "config x\n", ":1: config: is no option" },
	{ "help\n", ":1: help: is no option" },
	{ "= 1\n", ": is no option" },
	{ "kernel k\nrng\nrng\nmem 1M 2M\n", ":4: mem: is no size" },
};

static const char *words;

static void parse_words(void)
{
	_exit(parse(words) == -1 ? 7 : 0);
}

static void test_bad(void)
{
	static char large[65537];
	size_t i;

	words = "-k k";
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		put_file(bad[i].text, strlen(bad[i].text));
		is_number(WEXITSTATUS(end_of(parse_words)), 7, "a file that is wrong");
		is_wrong(said, bad[i].said, "and where");
	}
	put_file("mem 1M\n\0", 8);
	is_number(WEXITSTATUS(end_of(parse_words)), 7, "one with a NUL");
	memset(large, '#', sizeof(large));
	put_file(large, sizeof(large));
	is_number(WEXITSTATUS(end_of(parse_words)), 7, "one that is too long");
	unlink(path);
	is_number(WEXITSTATUS(end_of(parse_words)), 7, "none");
	is_wrong(said, "No such file", "as is said");
	words = "-k k --config /";
	is_number(WEXITSTATUS(end_of(parse_words)), 7, "a directory");
}

static void test_daemon(void)
{
	put_file("kernel k\n", 9);
	is_number(parse("--daemon"), 0, "a daemon");
	ok(!strcmp(device("console"), "none"), "has no terminal");
	words = "--daemon --console stdio";
	is_number(WEXITSTATUS(end_of(parse_words)), 7, "and cannot have one");
	words = "--daemon -- ls";
	is_number(WEXITSTATUS(end_of(parse_words)), 7, "nor be a command");
}

int main(void)
{
	close(mkstemp(path));
	test_good();
	test_daemon();
	test_bad();
	config_release(&config);
	return tap_done();
}
