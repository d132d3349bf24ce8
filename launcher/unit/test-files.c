// SPDX-License-Identifier: GPL-2.0
/*
 * Shares whose server is a shell that is called diod: one that does not work is
 * refused with its reason, and one that does is left to finish.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "config.h"
#include "device.h"
#include "fds.h"
#include "files.h"
#include "said.h"
#include "tap.h"

/* Reads the greeting, and answers it: 9P2000.L, of 8192 bytes. */
#define GREETING	"head -c 21 <&3 > /null; " \
			"printf '\\025\\000\\000\\000\\145\\377\\377\\000\\040\\000\\000" \
			"\\010\\0009P2000.%s' L >&3; "

static char home[] = "/tmp/lguest-unit-XXXXXX", program[64], shared[64];

/* The next diod does that. */
static void write_diod(const char *script)
{
	FILE *file = fopen(program, "we");

	fprintf(file, "#!/usr/bin/sh\n%s\n", script);
	fclose(file);
	chmod(program, 0755);
}

static struct model *share(void)
{
	return make_device("share", shared);
}

static const char *trouble;	/* of the next one */

static void share_nothing(void)
{
	const unsigned int fds = open_fds();

	ok(!share(), trouble);
	ok(open_fds() == fds && !has_children(), "nothing is left of it");
}

static void refused(const char *script, const char *why, const char *name)
{
	char reason[128];

	write_diod(script);
	trouble = name;
	listen_to(share_nothing);
	is_wrong(said, why, "the reason is told");
	snprintf(reason, sizeof(reason), "--share %s: diod does not work", shared);
	is_wrong(failure_reason(), reason, "and what to look at");
}

static void test_broken(void)
{
	refused("echo 'no such library' >&2; exit 3",
		"diod has ended with status 3: it cannot be used\n"
		"lguest: diod said: no such library\n", "a diod that ends at once");
	refused("echo nonsense >&3; exit 0", "diod has ended with status 0", "one that babbles");
	refused("head -c 21 <&3 > /null; printf '\\023\\000\\000\\000\\145\\377\\377\\000\\040"
		"\\000\\000\\006\\0009P2000' >&3; echo 'too old' >&2; exec sleep 1000",
		"diod said: too old", "one that speaks another language");
}

/* A request whose answer there is room for. */
static ssize_t ask(struct model *model, __u8 *room, size_t size)
{
	__u8 message[11] = { sizeof(message), 0, 0, 0, 120, 1 };
	struct iovec out = { message, sizeof(message) }, in = { room, size };

	return p9_request(diod_p9(model), &out, 1, &in, 1, 1);
}

static void ask_and_end(void)
{
	struct model *model = share();
	__u8 room[64];

	if (!ok(model && ask(model, room, sizeof(room)) == P9_KEPT, "a share is asked"))
		return;
	model->close(model);
}

static void ask_and_lose(void)
{
	struct model *model = share();
	__u8 room[64];
	__u16 cookie;

	if (!ok(model && ask(model, room, sizeof(room)) == P9_KEPT, "a share is asked"))
		return;
	while (p9_collect(diod_p9(model), &cookie) < 0)
		;
	model->close(model);
}

static bool was_made(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", shared, name);
	return !unlink(path);
}

static void test_end(void)
{
	write_diod(GREETING "head -c 11 <&3 > /null; sleep 0.3; : > /shared/done; "
		   "printf '\\007\\000\\000\\000\\171\\001\\000' >&3; "
		   "cat <&3 > /null; : > /shared/heard");
	listen_to(ask_and_end);
	ok(!*said, "a launcher ends after a request");
	ok(was_made("done"), "its server has done what it was asked for");
	ok(!was_made("heard"), "and did not hear of the end");
	write_diod(GREETING "head -c 11 <&3 > /null; echo 'last words' >&2; exit 4");
	listen_to(ask_and_lose);
	is_wrong(said, "diod has ended with status 4: the share 'host' is lost for the guest\n"
		 "lguest: diod said: last words\n", "its user knows why");
}

/* Where no server is needed to know that. */
static void cannot_be(const char *spec, const char *why, const char *name)
{
	const unsigned int fds = open_fds();

	ok(!make_device("share", spec), name);
	is_wrong(failure_reason(), why, "the reason");
	ok(open_fds() == fds && !has_children(), "nothing is left of it");
}

static void test_wrong(void)
{
	struct model *model;
	char spec[128];

	write_diod(GREETING "cat <&3 > /null");
	cannot_be("/none/a", "--share /none/a: No such file or directory", "no directory");
	snprintf(spec, sizeof(spec), "%s,tag=a,ro", program);
	cannot_be(spec, "/diod: is not a directory", "a file");
	cannot_be("/,server=x", "--share /: there is no server 'x' (virtiofsd or diod)",
		  "no server");
	cannot_be("/,server=virtiofsd",
		  "--share /: this guest is too old for virtiofsd: it has no virtiofs",
		  "a server that is too new for the guest");
	cannot_be("/,submounts",
		  "--share /,submounts: only virtiofsd can serve what is mounted in there",
		  "a server that can do too little");
	model = share();
	ok(model && !strcmp(diod_tag(model), "host"), "a share has a name");
	ok(!share(), "and no other has it");
	is_wrong(failure_reason(), "there is a share 'host' already (add ',tag=NAME')",
		 "the reason");
	if (model)
		model->close(model);
}

static const struct files_spec *spec_of(const char *name, const char *text)
{
	const char *wrong;

	return value_of(name, text, &wrong);
}

static void test_parse(void)
{
	const struct files_spec *spec = spec_of("share", "/a,b,ro,tag=c,server=d");

	ok(!strcmp(spec->directory, "/a,b") && !strcmp(spec->tag, "c") &&
	   !strcmp(spec->server, "d") && spec->read_only && !spec->whole, "a share with all");
	spec = spec_of("share", "/a,submounts");
	ok(!strcmp(spec->tag, "host") && !spec->server && !spec->read_only && spec->whole,
	   "another one");
	is_wrong(wrong_with("share", "/a,tag="), "a tag has 1 to 32 characters",
		 "one without a tag");
	spec = spec_of("root", "/a");
	ok(spec->read_only && spec->whole && !strcmp(spec->tag, "root"), "a root is only read");
	ok(!spec_of("root", "/a,rw")->read_only, "or written, too");
}

/* A server of files serves one file system only. */
static void test_root(void)
{
	struct model *model = make_device("root", shared);
	unsigned int fds;

	if (ok(model && files_find("root"), "a root is a share"))
		model->close(model);
	ok(!files_find("root"), "as long as it is there");
	fds = open_fds();
	ok(!chdir("/proc") && !make_device("root", "/"), "who is in another file system of it");
	is_wrong(failure_reason(), "--root /: /proc is another file system, whose", "is told");
	is_wrong(failure_reason(), "diod cannot serve\ninstall virtiofsd, or go elsewhere before",
		 "what would help");
	ok(open_fds() == fds && !has_children() && !files_find("root"), "nothing is left of it");
	ok(!chdir("/"), "(back)");
}

static void test_here(void)
{
	static struct config config;
	char here[PATH_MAX] = "x";

	ok(!root_directory(&config, here) && !*here, "a guest without a root is nowhere");
	is_right(config_device(&config, option_of("root"), "", home), "a root");
	ok(!chdir(shared) && root_directory(&config, here) && !strcmp(here, "/shared"),
	   "who is in there, is there");
	ok(!chdir("/") && root_directory(&config, here) && !*here, "who is not, is in the root");
	config_release_devices(&config);
}

/* Is there a way to mounts of one's own? */
static bool can_confine(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(unshare(CLONE_NEWNS) && unshare(CLONE_NEWNS | CLONE_NEWUSER));
	waitpid(pid, &status, 0);
	return !status;
}

int main(void)
{
	char path[256];

	signal(SIGPIPE, SIG_IGN);	/* as in the launcher */
	test_parse();
	if (!can_confine()) {
		ok(true, "shares # SKIP this kernel has no namespaces for users");
		return tap_done();
	}
	if (!mkdtemp(home))
		return 1;
	snprintf(program, sizeof(program), "%s/diod", home);
	snprintf(shared, sizeof(shared), "%s/shared", home);
	mkdir(shared, 0755);
	snprintf(path, sizeof(path), "%s:%s", home, getenv("PATH"));
	setenv("PATH", path, true);
	test_broken();
	test_wrong();
	test_root();
	test_here();
	test_end();
	unlink(program);
	rmdir(shared);
	rmdir(home);
	return tap_done();
}
