// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes, configurations, both forms of the command line, and what is said of
 * those that are wrong.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base.h"
#include "boot.h"
#include "config.h"
#include "console.h"
#include "guest_memory.h"
#include "tap.h"
#include "verbs.h"

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

static const struct {
	const char *text;
	long long ms;		/* -1: no time */
} times[] = {
	{ "0", 0 }, { "1", 1000 }, { "0.5", 500 }, { ".25", 250 }, { "2m", 120000 },
	{ "1.5h", 5400000 }, { "3d", 259200000 }, { "7s", 7000 }, { "0.0001", 1 },
	{ "365d", 31536000000 }, { "366d", -1 }, { "1e300", -1 }, { "", -1 }, { "-1", -1 },
	{ "1 ", -1 }, { "1x", -1 }, { "1ms", -1 }, { "inf", -1 }, { "nan", -1 }, { "0x10", -1 },
	{ "1e2", -1 }, { ".", -1 }, { "99999999999999999999999999", -1 },
};

static void test_times(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		const char *wrong = config_timeout(&config, times[i].text);

		ok(times[i].ms < 0 ? !!wrong : !wrong && config.timeout == (__u64)times[i].ms,
		   times[i].text);
	}
	is_right(config_restart_limit(&config, "0"), "no limit to restarts");
	is_right(config_restart_limit(&config, "1000000"), "a large one");
	is_number(config.restart_limit, 1000000, "that is it");
	is_wrong(config_restart_limit(&config, "1000001"), "no number", "one too large");
	is_wrong(config_restart_limit(&config, "-1"), "no number", "a negative one");
	is_wrong(config_restart_limit(&config, "1x"), "no number", "none");
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
	ok(config.nr_devices == 2 && has_device(0, "console", "stdio") &&
	   has_device(1, "balloon", "auto"), "a console comes by itself, and perhaps a balloon");

	is_number(parse(run_parse, "run -m 16 -kernel k -initrd i -append x"), 0,
		  "run with QEMU's options");
	ok(config.memory == 16 << 20 && !strcmp(config.kernel, "k") &&
	   !strcmp(config.initrd, "i") && !strcmp(config.cmdline, "x"), "their values");

	is_number(parse(run_parse, "run -k k --stats -d a -d b,ro --net tap -n user --console pty"),
		  0, "run with devices");
	ok(config.nr_devices == 6 && has_device(0, "disk", "a") && has_device(1, "disk", "b,ro") &&
	   has_device(2, "net", "tap") && has_device(3, "net", "user") &&
	   has_device(4, "console", "pty"), "the devices, in order");
	ok(config.stats, "run with statistics");
	is_number(parse(run_parse, "run -k k --rng --rng --rng --rng --rng --rng --rng --rng"), 0,
		  "run with many devices");
	ok(config.nr_devices == 9 && has_device(8, "console", "stdio"), "and no balloon");
	is_number(parse(run_parse, "run -k k --console none --console pty --escape none"), 0,
		  "a console may be in several places");
	ok(has_device(0, "console", "none\npty"), "which are one device");
	is_number(parse(run_parse, "run -k k --console none --console o"), -1,
		  "all of them are looked at");
	escape_set("a");
	is_number(parse(run_parse, "run -k k"), 0, "run with a kernel only");
	is_number(config.memory, MEMORY_DEFAULT, "the usual memory");
	is_number(parse(run_parse, "run --help"), 1, "run --help");
	ok(!parse(run_parse, "run k -m 16") && !strcmp(config.kernel, "k") &&
	   config.memory == 16 << 20, "run with a kernel that is no option");
}

/* Which form is meant by a line that begins with an option. */
static void test_forms(void)
{
	static const char * const run_only[] = {
		"--kernel", "--kernel=k", "-k", "-kernel", "-kernel=k", "--mem", "-m", "--disk",
		"-d", "--net", "--no-seccomp",
	};
	static const char * const both[] = { "--initrd", "--initrd=i", "-v", "--rng", "--chroot" };
	static const char * const neither[] = {
		"k", "kernel", "", "-", "--", "---kernel", "--kern", "-q",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(run_only); i++)
		ok(run_knows(run_only[i]) && !classic_knows(run_only[i]), run_only[i]);
	for (i = 0; i < ARRAY_SIZE(both); i++)
		ok(run_knows(both[i]) && classic_knows(both[i]), both[i]);
	for (i = 0; i < ARRAY_SIZE(neither); i++)
		ok(!run_knows(neither[i]) && !classic_knows(neither[i]), neither[i]);
	ok(classic_knows("--block=f") && !run_knows("--block=f"), "--block=f");
}

static void test_run_errors(void)
{
	static const char * const bad[] = {
		"run", "run -m 8M", "run -k", "run -k k stray", "run -k k --nonsense",
		"run -k k -m 0", "run -k k --escape 1",
		"run -k k" DISKS_15 " -d p", "run -k k" DISKS_15 " -d p -d q",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		is_number(parse(run_parse, bad[i]), -1, bad[i]);
	is_number(parse(run_parse, "run -k k" DISKS_15), 0,
		  "run with as many devices as there can be");
}

/* Each way in which a launcher of some release of Linux could be called. */
static const struct {
	const char *line;
	const char *device[2];	/* option and value; NULL: only the console */
	const char *cmdline;
} classic[] = {
	{ "lguest 64 vmlinux root=/dev/lgba x", { 0 }, "root=/dev/lgba x" },
	{ "lguest 64 vmlinux --block=f root=/dev/vda", { "disk", "f" }, "root=/dev/vda" },
	{ "lguest --block=f 64 vmlinux root=/dev/vda", { "disk", "f" }, "root=/dev/vda" },
	{ "lguest 64 --block=f vmlinux", { "disk", "f" }, "" },
	{ "lguest 64 vmlinux root=/dev/vda --block=f x", { "disk", "f" }, "root=/dev/vda x" },
	{ "lguest 64 vmlinux --block f", { "disk", "f" }, "" },
	{ "lguest 64 vmlinux --bl=f", { "disk", "f" }, "" },
	{ "lguest 64 vmlinux -- --block=f -s", { 0 }, "--block=f -s" },
	{ "lguest 64 vmlinux --sharenet=f", { "net", "share=f" }, "" },
	{ "lguest 64 vmlinux --sharenet=f:1", { "net", "share=f:1" }, "" },
	{ "lguest 64 vmlinux --tunnet=192.168.19.1", { "net", "tap=192.168.19.1" }, "" },
	{ "lguest 64 vmlinux --tunnet=10.0.0.1:02:00:00:00:00:0a",
	  { "net", "tap=10.0.0.1,mac=02:00:00:00:00:0a" }, "" },
	{ "lguest 64 vmlinux --tunnet=bridge:br0", { "net", "bridge=br0" }, "" },
	{ "lguest 64 vmlinux --tunnet=bridge:br0:2:0:0:0:0:1",
	  { "net", "bridge=br0,mac=2:0:0:0:0:1" }, "" },
	{ "lguest --rng 64 vmlinux", { "rng", "" }, "" },
	{ "lguest -v 64 vmlinux single", { 0 }, "single" },
	{ "lguest 64 vmlinux --verbose", { 0 }, "" },
	{ "lguest 64 vmlinux rw --chroot=/c --username=u --initrd=i", { 0 }, "rw" },
};

static void test_classic(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(classic); i++) {
		const char *name = classic[i].device[0];
		int ret = parse(classic_parse, classic[i].line);

		verbose = false;
		ok(!ret && config.memory == 64 << 20 && !strcmp(config.kernel, "vmlinux") &&
		   !strcmp(config.cmdline, classic[i].cmdline) &&
		   config.nr_devices == 2 + !!name &&
		   has_device(config.nr_devices - 2, "console", "stdio") &&
		   (!name || has_device(0, name, classic[i].device[1])), classic[i].line);
	}
	ok(!strcmp(config.user, "u") && !strcmp(config.chroot, "/c") &&
	   !strcmp(config.initrd, "i"), "user, directory and ramdisk");
	parse(classic_parse, "lguest 64 vmlinux -v");
	ok(verbose, "-v");
	verbose = false;
	is_number(parse(classic_parse, "lguest 32 k --block=1 --tunnet=bridge:b --block=2 --rng"),
		  0, "the classic form with several devices");
	ok(has_device(0, "disk", "1") && has_device(1, "net", "bridge=b") &&
	   has_device(2, "disk", "2") && has_device(3, "rng", ""), "in their order");
	is_number(parse(classic_parse, "lguest --help"), 1, "help for the classic form");
}

/* What is wrong, and what the user is told. */
static const struct {
	int (*parser)(int argc, char **argv, struct config *config);
	const char *line, *said;
} mistakes[] = {
	{ classic_parse, "lguest 64", "say how much memory, and which kernel" },
	{ classic_parse, "lguest --block=f", "say how much memory, and which kernel" },
	{ classic_parse, "lguest x vmlinux", "x: is no size of memory" },
	{ classic_parse, "lguest 0 vmlinux", "too little memory" },
	{ classic_parse, "lguest 4096 vmlinux", "at most 2047M" },
	{ classic_parse, "lguest 64 vmlinux --block=", "--block: needs a value" },
	{ classic_parse, "lguest 64 vmlinux --tunnet=", "--tunnet: needs a value" },
	{ classic_parse, "lguest 64 vmlinux --tunnet=bridge:", "needs a value" },
	{ classic_parse, "lguest 64 vmlinux --block", "requires an argument" },
	{ classic_parse, "lguest 64 vmlinux --rng=x", "allow an argument" },
	{ classic_parse, "lguest 64 vmlinux init=/x -s", "that begin with '-' go after '--'" },
	{ classic_parse, "lguest 64 vmlinux --blok=f", "did you mean --block?" },
	{ classic_parse, "lguest 64 vmlinux --disk=f", "did you mean --block? (--disk is of" },
	{ classic_parse, "lguest 64 vmlinux --console=none", "--console is of 'lguest run'" },
	{ run_parse, "run -k k --block=f", "did you mean --disk? (--block is of the classic" },
	{ run_parse, "run -k k --tunnet=1.2.3.4", "did you mean --net?" },
	{ run_parse, "run -k k --dsik=f", "did you mean --disk?" },
	{ run_parse, "run -k k --memory 64", "did you mean --mem?" },
	{ run_parse, "run -k k --appnd x", "did you mean --append?" },
	{ run_parse, "run -k k --no-secomp", "did you mean --no-seccomp?" },
	{ run_parse, "run -k k --mem lots", "--mem lots: is no size" },
	{ run_parse, "run -k k -m lots", "-m lots: is no size" },
	{ run_parse, "run k x", "x: is no option (is it for --params? The kernel is k)" },
	{ run_parse, "run k --kernel l", "k: is no option (is it for --params? The kernel is l)" },
	{ run_parse, "run", "no kernel given" },
};

static void test_mistakes(void)
{
	char said[2048];
	ssize_t n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		int ret, fd = fileno(stderr);

		if (ftruncate(fd, 0) < 0)
			return;
		ret = parse(mistakes[i].parser, mistakes[i].line);
		n = pread(fd, said, sizeof(said) - 1, 0);
		said[n > 0 ? n : 0] = '\0';
		if (!ok(ret < 0 && strstr(said, mistakes[i].said), mistakes[i].line))
			printf("# it says '%s'\n", said);
	}
	ok(!near_word("x", "x1") && !near_word("dog", "disk") && !near_word("smp", "mem"),
	   "words that are not near");
	ok(near_word("lsit", "list") && near_word("puase", "pause") && near_word("resme", "resume"),
	   "words that are");
	memset(said, 'x', sizeof(said) - 1);
	said[sizeof(said) - 1] = '\0';
	ok(!near_word(said, "disk") && !near_word("", "disk"), "a word that is too long, and none");
}

int main(void)
{
	char name[] = "/tmp/lguest-unit-XXXXXX";
	int fd = mkstemp(name);

	/* What is said of errors is looked at, and not shown. */
	unlink(name);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || fcntl(STDERR_FILENO, F_SETFL, O_APPEND) < 0)
		return 1;
	test_sizes();
	test_memory();
	test_times();
	test_cmdline();
	test_run();
	test_run_errors();
	test_forms();
	test_classic();
	test_mistakes();
	config_release(&config);
	return tap_done();
}
