// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that serve devices, which are shells here: what they have of the
 * launcher's, what the user reads of them, and that they end.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "config.h"
#include "confine.h"
#include "fds.h"
#include "said.h"
#include "sandbox.h"
#include "server.h"
#include "tap.h"

static void start(struct server *server, const char *text)
{
	static char name[] = "sh", option[] = "-c";
	char *copy = strdup(text);
	char *const argv[] = { name, option, copy, NULL };

	if (!server_start(server, "--share x", "dash", argv))
		exit(report_failure());
	free(copy);
}

/* What the server sends, until it ends. */
static const char *answer(const struct server *server)
{
	static char text[512];
	size_t done = 0;
	ssize_t n;

	while ((n = read(server->socket, text + done, sizeof(text) - 1 - done)) > 0)
		done += n;
	text[done] = '\0';
	return text;
}

static const char *answer_of(const char *script)
{
	struct server server;
	const char *text;

	start(&server, script);
	text = answer(&server);
	server_close(&server);
	return text;
}

static bool is_text(const char *got, const char *expected, const char *name)
{
	if (ok(!strcmp(got, expected), name))
		return true;
	printf("# got '%s', expected '%s'\n", got, expected);
	return false;
}

static void test_talk(void)
{
	struct server server;
	char text[8] = "";

	start(&server, "read -r word <&3; echo \"<$word>\" >&3");
	ok(write(server.socket, "word\n", 5) == 5, "the server can be written to");
	is_text(answer(&server), "<word>\n", "and answers");
	server_close(&server);
	is_number(server.pid, 0, "and is forgotten");
	ok(read(STDIN_FILENO, text, 1) != 1 || text[0], "our own streams are left alone");
}

static void test_files(void)
{
	struct stat null;
	char expected[64];
	int open_here = dup(STDIN_FILENO);	/* not closed by exec() */

	is_text(answer_of("cd /proc/$$/fd; for f in *; do [ -e $f ] && t=$t$f; done; echo $t >&3"),
		"0123\n", "it has three streams and the socket");
	close(open_here);
	if (stat("/dev/null", &null))
		return;
	snprintf(expected, sizeof(expected), "%lu\n", (unsigned long)null.st_ino);
	is_text(answer_of("stat -L -c %i /proc/$$/fd/0 >&3"), expected, "nothing on stdin");
	is_text(answer_of("[ /proc/$$/fd/1 -ef /proc/$$/fd/2 ] && echo same >&3"), "same\n",
		"stdout, which is the guest's, is stderr");
	is_text(answer_of("ps -o sid= -p $$ | tr -d ' ' | grep -qx $$ && echo own >&3"), "own\n",
		"it is in a session of its own");
	is_text(answer_of("kill -s PIPE $$; echo alive >&3"), "", "SIGPIPE ends it");
}

/* A program that is not there, or is not one, leaves nothing of itself. */
static void cannot_start(char *program, const char *why, const char *name)
{
	const unsigned int fds = open_fds();
	char *const argv[] = { program, NULL };
	struct server server;

	ok(!server_start(&server, "--share x", "some", argv), name);
	is_wrong(failure_reason(), why, "the reason is named");
	ok(open_fds() == fds && !has_children(), "nothing is left of it");
	server_close(&server);
	is_number(open_fds(), fds, "and there is nothing to close");
}

/* It may be run, but what it is written in is not there. */
static void test_broken(void)
{
	char dir[] = "/tmp/lguest-unit-XXXXXX", path[64], name[] = "broken";
	char *const places = strdup(getenv("PATH"));
	int fd;

	if (!mkdtemp(dir))
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT, 0755);
	dprintf(fd, "#!/lguest-no-such-interpreter\n");
	close(fd);
	setenv("PATH", dir, true);
	cannot_start(name, "broken: No such file or directory", "a program that cannot be run");
	setenv("PATH", places, true);
	free(places);
	unlink(path);
	rmdir(dir);
}

static void start_elsewhere(void)
{
	struct server server;
	char name[] = "ldconfig", version[] = "--version", *const argv[] = { name, version, NULL };

	setenv("PATH", "::/lguest-no-such-directory", true);
	if (!server_start(&server, "--share x", "libc-bin", argv))
		_exit(report_failure());
	answer(&server);
	server_close(&server);
}

static void test_start(void)
{
	char missing[] = "lguest-none";

	cannot_start(missing, "--share x: needs the program 'lguest-none' (apt install some)",
		     "a program that is missing");
	test_broken();
	is_number(end_of(start_elsewhere), 0, "a program that users do not have in their path");
}

static void lose(const char *script, bool sandbox)
{
	const struct config config = { .kernel = "k" };
	struct server server;

	start(&server, script);
	if (sandbox && !sandbox_enter(&config))
		_exit(report_failure());
	answer(&server);
	server_lost(&server, "all is lost");
	server_close(&server);
}

static void lose_status(void)
{
	lose("echo words >&2; exit 3", true);
}

static void lose_signal(void)
{
	lose("kill -s KILL $$", true);
}

static void lose_socket(void)
{
	lose("exec sleep 1000 3>&-", false);
}

static void test_lost(void)
{
	is_number(end_of(lose_status), 0, "a server ends, under the filter of system calls");
	is_wrong(said, "lguest: sh has ended with status 3: all is lost\n", "its status");
	is_wrong(said, "words\n", "what it says is for the user");
	is_number(end_of(lose_signal), 0, "a server is killed");
	is_wrong(said, "sh was ended by signal 9: all is lost\n", "its signal");
	is_number(end_of(lose_socket), 0, "a server closes its socket");
	is_wrong(said, "sh does not serve any more: all is lost\n", "is lost, too");
}

static char shared[] = "/tmp/lguest-unit-XXXXXX";

static void start_confined(struct server *server, const char *script, bool read_only)
{
	const struct confinement confinement = { .directory = shared, .read_only = read_only };
	static char name[] = "sh", option[] = "-c";
	char *copy = strdup(script);
	char *const argv[] = { name, option, copy, NULL };

	if (!server_start_in(server, "--share x", "dash", argv, &confinement))
		exit(report_failure());
	free(copy);
}

/* A launcher that is killed, with a server that does not look at its socket. */
static void test_orphan(bool confined)
{
	pid_t launcher, pid = 0;
	int fds[2], status;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	launcher = fork();
	if (!launcher) {
		struct server server;

		if (confined)
			start_confined(&server, "exec sleep 1000", true);
		else
			start(&server, "exec sleep 1000");
		if (write(fds[1], &server.pid, sizeof(server.pid)) > 0)
			pause();
		_exit(0);
	}
	ok(read(fds[0], &pid, sizeof(pid)) == sizeof(pid), "a launcher has a server");
	kill(launcher, SIGKILL);
	waitpid(launcher, &status, 0);
	ok(pid > 0 && waitpid(pid, &status, 0) == pid && WTERMSIG(status) == SIGKILL,
	   "the server dies with it");
	close(fds[0]);
	close(fds[1]);
}

/* What a confined shell answers. */
static const char *confined(const char *script, bool read_only)
{
	struct server server;
	const char *text;

	start_confined(&server, script, read_only);
	text = answer(&server);
	server_close(&server);
	return text;
}

static void look_around(void)
{
	is_text(confined("echo /* /shared/* >&3", false),
		confined("echo /* /shared/* | sed s/x/x/ >&3", true), "a confined server runs");
	is_text(confined("cat /shared/file /shared/../shared/file >&3", false), "text\ntext\n",
		"it sees the directory");
	is_text(confined("ls /shared/../etc /etc /root /home /proc/self >&3 2> /null", false), "",
		"and no other");
	is_text(confined("cd /shared; cat link/etc/passwd ../../../etc/passwd >&3 2> /null", false),
		"", "no link or '..' leads out of it");
	is_text(confined("{ echo more >> /shared/file; } 2> /null; cat /shared/file >&3", true),
		"text\n", "it may only be read");
	is_text(confined("echo more >> /shared/file; cat /shared/file >&3", false), "text\nmore\n",
		"or be written");
	is_text(confined("for d in / /usr /lib /shared; do [ -w $d ] && echo $d; done >&3", false),
		"/shared\n", "and nothing else can be written");
	is_text(confined("/usr/sbin/chroot / /usr/bin/true 2> /null || echo refused >&3", false),
		"refused\n", "rights that are not about files are gone, even for root");
	is_text(confined("echo lost > /null; echo $? >&3", false), "0\n", "there is a /dev/null");
}

static bool in_namespace_of_its_own(pid_t pid, const char *which)
{
	char path[64], ours[64], its[64];
	ssize_t len, its_len;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", which);
	len = readlink(path, ours, sizeof(ours));
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, which);
	its_len = readlink(path, its, sizeof(its));
	return len > 0 && its_len > 0 && (len != its_len || memcmp(ours, its, len));
}

static void look_at_namespaces(void)
{
	static const char *const names[] = { "mnt", "pid", "ipc", "net" };
	struct server server;
	size_t i;

	start_confined(&server, "exec sleep 1000", true);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		ok(in_namespace_of_its_own(server.pid, names[i]), names[i]);
	server_close(&server);
	is_number(server.pid, 0, "a server that does not listen is ended");
	is_text(confined("echo $$ $PPID >&3", true), "1 0\n", "it is alone in the world");
}

/* It would do something at the end of its socket, but does not hear of it. */
static void look_at_end(void)
{
	struct server server;
	char path[64], byte;

	start_confined(&server, "echo x >&3; cat <&3 > /null; : > /shared/end", false);
	ok(read(server.socket, &byte, 1) == 1, "a confined server waits for the end of its socket");
	server_close(&server);
	snprintf(path, sizeof(path), "%s/end", shared);
	ok(!server.pid && access(path, F_OK), "but is killed");
	unlink(path);
}

static void lose_confined(void)
{
	struct server server;

	start_confined(&server, "seq 20000 >&2; echo x >&3; exit 3", true);
	answer(&server);
	server_lost(&server, "all is lost");
	server_close(&server);
	start_confined(&server, "echo 'its reason' >&2; exit 4", true);
	answer(&server);
	server_lost(&server, "all is lost");
	server_close(&server);
}

static void look_at_words(void)
{
	const char *later;

	is_number(end_of(lose_confined), 0, "a server talks more than anybody wants to read");
	is_wrong(said, "sh has ended with status 3: all is lost\nlguest: sh said: ",
		 "which does not keep it");
	later = strstr(said, "status 4");
	ok(later && later - said < 200, "little of it is told");
	is_wrong(said, "sh has ended with status 4: all is lost\nlguest: sh said: its reason\n",
		 "a reason is told");
}

static const char *confined_to(const struct confinement *confinement, const char *script)
{
	static char name[] = "sh", option[] = "-c";
	char *copy = strdup(script);
	char *const argv[] = { name, option, copy, NULL };
	struct server server;
	const char *text;

	if (!server_start_in(&server, "--share x", "dash", argv, confinement))
		exit(report_failure());
	text = answer(&server);
	server_close(&server);
	free(copy);
	return text;
}

/* With what is mounted below, which is much here; with /proc; and as root. */
static void look_at_all(void)
{
	const struct confinement all = { .directory = "/", .read_only = true, .whole = true };
	const struct confinement proc = { .directory = shared, .proc = true, .root = true };

	is_text(confined_to(&all, "cd /shared; echo proc/* sys/* >&3; ls -d etc >&3"),
		"proc/* sys/*\netc\n", "a whole root has no /proc, and no /sys");
	is_text(confined_to(&all, "cd /shared; mkdir x tmp/x dev/x run/x 2>/null && echo made >&3"),
		"", "no part of it can be written to");
	is_text(confined_to(&proc, "id -u >&3; cd /proc; echo [0-9]* | cut -c 1 >&3"), "0\n1\n",
		"a server that needs it has its own /proc, and is root of what is its own");
	is_text(confined_to(&proc, "echo x > /proc/sys/kernel/hostname || echo no >&3"), "no\n",
		"which it cannot write to");
}

/* There is no such directory, whichever way they are to talk. */
static void look_nowhere(bool listens)
{
	const struct confinement nowhere = { .directory = "/none", .listens = listens };
	const unsigned int fds = open_fds();
	char name[] = "sh", *const argv[] = { name, NULL };
	struct server server;

	ok(!server_start_in(&server, "--share x", "dash", argv, &nowhere),
	   "a server cannot be confined");
	is_wrong(failure_reason(), "--share x: cannot keep sh in there: No such file or directory",
		 "the reason is named");
	ok(open_fds() == fds && !has_children(), "nothing is left of it");
}

static void look_around_as_user(void)
{
	const struct config config = { .user = "65534" };

	if (!getuid() && chown(shared, 65534, 65534))
		return;
	if (!sandbox_find_user(&config))
		_exit(report_failure());
	fputs(confined("id -u >&3; : > /shared/owned; stat -c %u /shared/owned >&3; "
		       "umount /usr 2> /null || echo kept >&3", false), stderr);
}

static void device_node(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/node", shared);
	if (!getuid() && !mknod(path, S_IFCHR | 0666, makedev(1, 3)))
		is_text(confined("echo > /shared/node || echo refused >&3", false), "refused\n",
			"devices in the directory are none");
	unlink(path);
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

static void test_confined(void)
{
	char path[64];
	int fd, status;

	if (!can_confine()) {
		ok(true, "confined servers # SKIP this kernel has no namespaces for users");
		return;
	}
	if (!mkdtemp(shared))
		return;
	snprintf(path, sizeof(path), "%s/link", shared);
	if (symlink("/", path))
		return;
	snprintf(path, sizeof(path), "%s/file", shared);
	fd = open(path, O_WRONLY | O_CREAT, 0666);
	dprintf(fd, "text\n");
	close(fd);
	look_around();
	look_at_namespaces();
	look_at_end();
	look_at_words();
	look_at_all();
	look_nowhere(false);
	look_nowhere(true);
	test_orphan(true);
	device_node();
	if (!getuid()) {
		is_number(end_of(look_around_as_user), 0, "a confined server with --user");
		is_text(said, "65534\n65534\nkept\n", "is that user, and can change no mounts");
	}
	if (!fork()) {
		char rm[] = "rm", rf[] = "-rf", *const argv[] = { rm, rf, shared, NULL };

		execvp(rm, argv);
	}
	wait(&status);
}

/* The same, by somebody who is not root. */
static int test_as_user(void)
{
	if (setgid(65534) || setuid(65534))
		return 1;
	prctl(PR_SET_DUMPABLE, 1);
	test_confined();
	return tap_failed;
}

static void test_user_namespace(void)
{
	int status;
	pid_t pid;

	if (getuid())
		return;
	pid = fork();
	if (!pid)
		_exit(!freopen("/dev/null", "w", stdout) || test_as_user());
	waitpid(pid, &status, 0);
	is_number(status, 0, "the same as a user in a namespace");
}

static void test_limit(void)
{
	struct rlimit before, limit;
	char expected[32];

	getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = 64;
	setrlimit(RLIMIT_NOFILE, &limit);
	snprintf(expected, sizeof(expected), "%llu\n", (unsigned long long)before.rlim_max);
	is_text(answer_of("ulimit -n >&3"), expected, "a server may open as many files as any");
	setrlimit(RLIMIT_NOFILE, &before);
}

static void tell_user(void)
{
	const struct config config = { .user = "65534" };

	if (!sandbox_find_user(&config))
		_exit(report_failure());
	fputs(answer_of("id -u >&3; id -G >&3; grep -c CapEff:.*[1-9a-f] /proc/$$/status >&3"),
	      stderr);
}

static void test_user(void)
{
	int status = end_of(tell_user);

	if (getuid())
		is_number(WEXITSTATUS(status), STATUS_SETUP, "only root can choose the user");
	else
		is_text(said, "65534\n65534\n0\n", "with --user it is that user");
}

int main(void)
{
	test_talk();
	test_files();
	test_start();
	test_lost();
	test_orphan(false);
	test_limit();
	test_user_namespace();
	test_confined();
	test_user();
	return tap_done();
}
