// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket, with this program as the launcher: what each verb does,
 * clients that do not behave, and names that dead launchers left.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "worker.h"

#define NOBODY		65534

static char runtime[] = "/tmp/lguest-unit-XXXXXX";
static char path[SOCKETS_PATH_MAX];
static int dir;
static struct config config = {
	.name = "guest", .kernel = "/boot/a\nkernel", .memory = 64 * MIB,
};

/* What a guest's thread does between two runs. */
static void *guest(void *unused)
{
	hold_setup();
	while (!hold_ending()) {
		hold_here();
		usleep(1000);
	}
	return unused;
}

static int say(const char *verb, size_t len)
{
	int fd = sockets_call(dir, path, "guest");

	if (fd >= 0 && len && send(fd, verb, len, MSG_NOSIGNAL) < 0)
		return -1;
	return fd;
}

static const char *ask(const char *verb)
{
	static char reply[CONTROL_REPLY_MAX + 1];
	int fd = say(verb, strlen(verb));
	ssize_t n = recv(fd, reply, CONTROL_REPLY_MAX, 0);

	close(fd);
	reply[n > 0 ? n : 0] = '\0';
	return n > 0 ? reply : "nothing";
}

static bool exists(const char *name)
{
	struct stat st;

	return !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
}

static void test_names(void)
{
	static const char * const bad[] = {
		"", ".", "..", ".a", "-a", "a/b", "a b", "a\n", "\xe4",
	};
	char name[SOCKETS_NAME_MAX + 2];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok(!sockets_good_name(bad[i]), "a bad name");
	ok(sockets_good_name("a.b-C_0") && sockets_good_name("7"), "good names");
	memset(name, 'x', sizeof(name));
	name[SOCKETS_NAME_MAX + 1] = '\0';
	ok(!sockets_good_name(name), "a name that is too long");
	name[SOCKETS_NAME_MAX] = '\0';
	ok(sockets_good_name(name), "the longest name");
}

static void test_directory(void)
{
	struct stat st;
	int fd;

	ok(sockets_open(path, false) < 0 && errno == ENOENT, "at first there is no directory");
	dir = sockets_open(path, true);
	ok(dir >= 0 && !fstat(dir, &st) && (st.st_mode & 0777) == 0700, "it is made, for us only");
	ok(!strncmp(path, runtime, strlen(runtime)), "in XDG_RUNTIME_DIR");
	fchmod(dir, 0710);
	ok(sockets_open(path, true) < 0 && errno == EPERM, "refused if others can enter it");
	fchmod(dir, 0700);
	chmod(runtime, 0777);
	fd = sockets_open(path, false);
	ok(strncmp(path, runtime, strlen(runtime)), "a directory that all may write is not used");
	if (fd >= 0)
		close(fd);
	chmod(runtime, 0700);
	sockets_open(path, false);
}

/* A launcher that was killed leaves its socket. */
static void test_dead(void)
{
	int fd = sockets_listen(dir, path, "dead");

	ok(fd >= 0 && exists("dead"), "a socket has its name");
	ok(sockets_listen(dir, path, "dead") < 0 && errno == EEXIST, "nobody else gets it");
	close(fd);
	ok(exists("dead"), "it outlives its launcher");
	ok(sockets_call(dir, path, "dead") < 0 && errno == ENOENT && !exists("dead"),
	   "who calls it removes it");
	close(sockets_listen(dir, path, "dead"));
	fd = sockets_listen(dir, path, "dead");
	ok(fd >= 0, "who wants its name gets it");
	close(fd);
	sockets_call(dir, path, "dead");
	ok(sockets_call(dir, path, "none") < 0 && errno == ENOENT, "there is no such guest");
}

static void test_verbs(void)
{
	const char *reply = ask("stat");

	ok(!strncmp(reply, "ok\nname:\tguest\n", 15) && strstr(reply, "\nstate:\trunning\n") &&
	   strstr(reply, "\nmemory:\t65536K\n"), "stat");
	ok(!strcmp(ask("pause"), "ok\n") && hold_paused(), "pause waits until the guest rests");
	ok(!!strstr(ask("stat"), "\nstate:\tpaused\n"), "stat of a paused guest");
	ok(!strcmp(ask("pause"), "ok\n"), "pause again");
	ok(!strcmp(ask("resume"), "ok\n") && !strcmp(ask("resume"), "ok\n"), "resume, twice");
	ok(!!strstr(ask("sto"), "does not know"), "half a verb");
	ok(!!strstr(ask("stopp"), "does not know"), "a verb and a half");
}

/* Each of these must leave the server as it was. */
static void test_bad_clients(void)
{
	char large[3 * PAGE_BYTES];
	int fd[40], i;

	memset(large, 's', sizeof(large));
	close(say(large, sizeof(large)));
	ok(!strncmp(ask("stat"), "ok", 2), "a client that says too much");
	for (i = 0; i < 100; i++)
		close(say("stat", 4));
	ok(!strncmp(ask("stat"), "ok", 2), "clients that do not wait for the answer");
	for (i = 0; i < 10; i++)
		fd[i] = say("stat", 4);
	ok(!strncmp(ask("stat"), "ok", 2), "clients that do not read the answer");
	for (i = 0; i < 10; i++)
		close(fd[i]);
	for (i = 0; i < 6; i++)
		fd[i] = say("", 0);
	ok(!strncmp(ask("stat"), "ok", 2), "silent clients, a few");
	for (; i < 12; i++)
		fd[i] = say("", 0);
	ok(!strncmp(ask("stat"), "ok", 2), "silent clients, more than are served at a time");
	ok(recv(fd[0], large, sizeof(large), 0) == 0, "they are hung up on");
	for (i = 0; i < 12; i++)
		close(fd[i]);
}

static void test_stop(pthread_t thread)
{
	char answer[8];
	int fd;

	ask("pause");
	fd = say("stop", 4);
	pthread_join(thread, NULL);
	ok(hold_stopped(), "stop ends a guest, even a paused one");
	ok(recv(fd, answer, sizeof(answer), 0) == 3 && !memcmp(answer, "ok\n", 3),
	   "who asked for it knows that");
	ok(recv(fd, answer, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN, "and still waits");
	control_stop();
	ok(exists("guest"), "so does the name");
	if (!fork()) {
		control_lend();
		control_remove();
		_exit(0);
	}
	wait(NULL);
	ok(exists("guest"), "even if a child for whom it is only lent says so");
	control_remove();
	ok(!exists("guest"), "until the launcher gives it back");
	close(fd);
}

/* Another process is the launcher, and does what @behave does with its socket. */
static pid_t launcher(const char *name, void (*behave)(int listener))
{
	pid_t pid = fork();
	int fd = -1;

	if (!pid) {
		fd = sockets_listen(dir, path, name);
		fcntl(fd, F_SETFL, 0);
		behave(fd);
		_exit(0);
	}
	while (fd < 0) {
		usleep(1000);
		fd = sockets_call(dir, path, name);
	}
	close(fd);
	return pid;
}

static int run_stop(const char *option, const char *name)
{
	char line[128], *argv[8], *save;
	int argc = 0;

	snprintf(line, sizeof(line), "stop %s %s", option, name);
	for (argv[0] = strtok_r(line, " ", &save); argv[argc];)
		argv[++argc] = strtok_r(NULL, " ", &save);
	optind = 0;
	return stop_main(argc, argv);
}

static void be_silent(int listener)
{
	(void)listener;
	pause();
}

/* It ends to restart its guest just when it is asked, and later is asked again. */
static void restart_first(int listener)
{
	char verb[16];
	int fd;

	close(accept(listener, NULL, NULL));	/* launcher()'s look */
	close(accept(listener, NULL, NULL));
	fd = accept(listener, NULL, NULL);
	if (recv(fd, verb, sizeof(verb), 0) == 4 && send(fd, "ok\n", 3, 0) == 3)
		unlinkat(dir, "again", 0);
}

static void test_stop_verb(void)
{
	int status = 0;
	pid_t pid;

	is_number(run_stop("", "nobody"), STATUS_CRASH, "stop of one that is not there");
	is_number(run_stop("", "a/b"), STATUS_CRASH, "or cannot be");
	is_number(run_stop("", ""), STATUS_SETUP, "stop of nobody");
	is_number(run_stop("--timeout x", "a"), STATUS_SETUP, "a strange time");
	is_number(run_stop("--timeout 86401", "a"), STATUS_SETUP, "a long one");
	is_number(run_stop("--nonsense", "a"), STATUS_SETUP, "a strange option");
	pid = launcher("silent", be_silent);
	is_number(run_stop("--timeout 0", "silent"), STATUS_CRASH, "one that does not answer");
	ok(!waitpid(pid, &status, WNOHANG), "is left alone");
	is_number(run_stop("--timeout 0 --kill", "silent"), 0, "unless it is to be killed");
	ok(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	   "then it is killed");
	ok(!exists("silent"), "and its socket removed");

	pid = launcher("again", restart_first);
	is_number(run_stop("", "again"), 0, "one that just restarts");
	ok(waitpid(pid, &status, 0) == pid && !status && !exists("again"), "is asked again");
}

/* Root has its directory elsewhere, where a real guest may be. */
static bool become_somebody(void)
{
	if (getuid())
		return true;
	return !chown(runtime, NOBODY, NOBODY) && !setresgid(NOBODY, NOBODY, NOBODY) &&
	       !setresuid(NOBODY, NOBODY, NOBODY);
}

int main(void)
{
	pthread_t thread;

	/* What is said of mistakes need not be seen. */
	if (!freopen("/dev/null", "w", stderr) || !mkdtemp(runtime) || !become_somebody() ||
	    setenv("XDG_RUNTIME_DIR", runtime, 1) < 0)
		return 1;
	test_names();
	test_directory();
	test_dead();
	control_open(&config);
	if (pthread_create(&thread, NULL, guest, NULL))
		return 1;
	control_start();
	test_verbs();
	test_bad_clients();
	test_stop(thread);
	test_stop_verb();
	rmdir(path);
	rmdir(runtime);
	return tap_done();
}
