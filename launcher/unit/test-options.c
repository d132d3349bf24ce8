// SPDX-License-Identifier: GPL-2.0
/* Sizes, configurations, and both forms of the command line. */
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>

#include "launcher.h"
#include "tap.h"

#define WORDS_MAX	48
#define DISKS_15	" -d1 -d2 -d3 -d4 -d5 -d6 -d7 -d8 -d9 -d10 -d11 -d12 -d13 -d14 -d15"

static struct config config;

static const struct {
	const char *text;
	long long bytes;	/* -1: no size */
} sizes[] = {
	{ "64", 64 << 20 }, { "64M", 64 << 20 }, { "64m", 64 << 20 }, { "8K", 8192 },
	{ "1G", 1 << 30 }, { "0", 0 }, { "0K", 0 }, { "007", 7 << 20 },
	{ "", -1 }, { "M", -1 }, { "-1", -1 }, { "+1", -1 }, { " 1", -1 }, { "1 ", -1 },
	{ "1MM", -1 }, { "1MB", -1 }, { "1T", -1 }, { "0x10", -1 }, { "1.5G", -1 },
	{ "18446744073709551615", -1 }, { "18446744073709551616", -1 },
	{ "17592186044416", -1 }, { "8796093022207", 8796093022207ll << 20 },
};

static void test_sizes(void)
{
	__u64 bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		int ret = parse_size(sizes[i].text, &bytes);

		ok(sizes[i].bytes < 0 ? ret < 0 : !ret && bytes == (__u64)sizes[i].bytes,
		   sizes[i].text);
	}
}

static void test_memory(void)
{
	is_right(config_memory(&config, "2047M"), "2047M of memory");
	is_number(config.memory, 2047u << 20, "2047M is that many bytes");
	is_right(config_memory(&config, "1M"), "1M of memory");
	is_wrong(config_memory(&config, "2048M"), "too much", "2048M of memory");
	is_wrong(config_memory(&config, "17592186044415"), "too much", "2^64 bytes of memory");
	is_wrong(config_memory(&config, "1023K"), "too little", "1023K of memory");
	is_wrong(config_memory(&config, "2050K"), "multiple", "half a page of memory");
	is_wrong(config_memory(&config, "lots"), "no size", "lots of memory");
}

static void test_cmdline(void)
{
	char text[COMMAND_LINE_MAX + 2];

	config_cmdline(&config, "a b");
	config_cmdline(&config, "c");
	ok(!strcmp(config.cmdline, "a b c"), "command lines are joined");
	memset(text, 'x', sizeof(text));
	text[COMMAND_LINE_MAX + 1 - 6] = '\0';
	is_wrong(config_cmdline(&config, text), "too long", "a command line that is too long");
	text[COMMAND_LINE_MAX - 6] = '\0';
	is_right(config_cmdline(&config, text), "the longest command line");
	is_number(strlen(config.cmdline), COMMAND_LINE_MAX, "its length");
}

/* Splits @line at its spaces and has it parsed. */
static int parse(int (*parser)(int argc, char **argv, struct config *config),
		 const char *line)
{
	static char copy[1024];
	char *argv[WORDS_MAX];
	char *save;
	int argc = 0;

	config_release(&config);
	memset(&config, 0, sizeof(config));
	snprintf(copy, sizeof(copy), "%s", line);
	for (argv[0] = strtok_r(copy, " ", &save); argv[argc];)
		argv[++argc] = strtok_r(NULL, " ", &save);
	optind = 0;
	opterr = 0;
	return parser(argc, argv, &config);
}

static bool has_device(unsigned int i, const char *name, const char *spec)
{
	return i < config.nr_devices && !strcmp(config.device[i].option->name, name) &&
	       !strcmp(config.device[i].spec, spec);
}

static void test_run(void)
{
	is_number(parse(run_parse, "run --mem 32M --kernel k --initrd i --params x --params y"),
		  0, "run with long options");
	ok(config.memory == 32 << 20 && !strcmp(config.kernel, "k") &&
	   !strcmp(config.initrd, "i") && !strcmp(config.cmdline, "x y"), "their values");
	ok(config.nr_devices == 1 && has_device(0, "console", "stdio"),
	   "a console comes by itself");

	is_number(parse(run_parse, "run -m 16 -kernel k -initrd i -append x"), 0,
		  "run with QEMU's options");
	ok(config.memory == 16 << 20 && !strcmp(config.kernel, "k") &&
	   !strcmp(config.initrd, "i") && !strcmp(config.cmdline, "x"), "their values");

	is_number(parse(run_parse, "run -k k --stats -d a -d b,ro --net tap -n s --console none"),
		  0, "run with devices");
	ok(config.nr_devices == 5 && has_device(0, "disk", "a") && has_device(1, "disk", "b,ro") &&
	   has_device(2, "net", "tap") && has_device(3, "net", "s") &&
	   has_device(4, "console", "none"), "the devices, in order");
	ok(config.stats, "run with statistics");
	is_number(parse(run_parse, "run -k k"), 0, "run with a kernel only");
	is_number(config.memory, MEMORY_DEFAULT, "the usual memory");
	is_number(parse(run_parse, "run --help"), 1, "run --help");
}

static void test_run_errors(void)
{
	static const char * const bad[] = {
		"run", "run -m 8M", "run -k", "run -k k stray", "run -k k --nonsense",
		"run -k k -m 0", "run -k k --console none --console none",
		"run -k k" DISKS_15 " -d p", "run -k k" DISKS_15 " -d p -d q",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		is_number(parse(run_parse, bad[i]), -1, bad[i]);
	is_number(parse(run_parse, "run -k k" DISKS_15), 0,
		  "run with as many devices as there can be");
}

static void test_classic(void)
{
	is_number(parse(classic_parse, "lguest 64 vmlinux --block=f --initrd=i root=/dev/lgba x"),
		  0, "the classic form");
	ok(config.memory == 64 << 20 && !strcmp(config.kernel, "vmlinux") &&
	   !strcmp(config.initrd, "i") && !strcmp(config.cmdline, "root=/dev/lgba x"),
	   "its values");
	ok(has_device(0, "disk", "f") && has_device(1, "console", "stdio"), "its devices");

	is_number(parse(classic_parse, "lguest --sharenet=s --tunnet=10.0.0.1 64 vmlinux -- --x"),
		  0, "the classic form, options first");
	ok(has_device(0, "net", "share=s") && has_device(1, "net", "tap=10.0.0.1"),
	   "its devices");
	ok(!strcmp(config.cmdline, "--x"), "its command line");

	is_number(parse(classic_parse, "lguest 64"), -1, "the classic form without a kernel");
	is_number(parse(classic_parse, "lguest 64 vmlinux --nonsense"), -1, "a bad option");
	is_number(parse(classic_parse, "lguest x vmlinux"), -1, "a bad size");
	is_number(parse(classic_parse, "lguest --verbose 64 vmlinux x --block=f"), 0,
		  "options after the first word of the command line");
	ok(!strcmp(config.cmdline, "x --block=f") && config.nr_devices == 1, "are words of it");
}

int main(void)
{
	/* The errors that are wanted here need not be seen. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	test_sizes();
	test_memory();
	test_cmdline();
	test_run();
	test_run_errors();
	test_classic();
	config_release(&config);
	return tap_done();
}
