// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket, with this program as the launcher: what each verb does,
 * clients that do not behave, and names that dead launchers left.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
	char byte;
	int fd;

	ask("pause");
	fd = say("stop", 4);
	pthread_join(thread, NULL);
	ok(hold_stopped(), "stop ends a guest, even a paused one");
	ok(recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN, "who asked for it still waits");
	control_stop();
	ok(exists("guest"), "so does the name");
	control_remove();
	ok(!exists("guest"), "until the launcher gives it back");
	close(fd);
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

	if (!mkdtemp(runtime) || !become_somebody() || setenv("XDG_RUNTIME_DIR", runtime, 1) < 0)
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
	rmdir(path);
	rmdir(runtime);
	return tap_done();
}
