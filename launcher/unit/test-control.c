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

#include "base.h"
#include "call.h"
#include "config.h"
#include "control.h"
#include "fds.h"
#include "hold.h"
#include "loop.h"
#include "places.h"
#include "sockets.h"
#include "somebody.h"
#include "tap.h"
#include "verbs.h"
#include "worker.h"

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

/* A guest cannot have the name that it was given. */
static void test_no_name(void)
{
	const int taken = sockets_listen(dir, path, "guest");
	const unsigned int fds = open_fds();

	ok(!control_open(&config), "a name that somebody has");
	is_wrong(failure_reason(), "--name guest: a guest of that name is running", "is refused");
	close(taken);
	sockets_call(dir, path, "guest");
	fchmod(dir, 0710);
	ok(!control_open(&config), "a directory that others can enter");
	is_wrong(failure_reason(), "/lguest: Operation not permitted\n"
		 "--name guest: cannot be given", "has no names");
	fchmod(dir, 0700);
	is_number(open_fds() + 1, fds, "nothing is left open");
	ok(!*control_directory(), "and no directory is known");
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
	for (; i < 20; i++)
		fd[i] = say("", 0);
	ok(!strncmp(ask("stat"), "ok", 2), "silent clients, more than are served at a time");
	ok(recv(fd[0], large, sizeof(large), 0) == 0, "they are hung up on");
	for (i = 0; i < 20; i++)
		close(fd[i]);
}

/* Commands of the test's own: arguments to a file, an answer when it is time, a stream. */
static void serve_write(struct control_client *client, struct control_request *request)
{
	unsigned int i;

	for (i = 0; i < request->argc; i++)
		dprintf(request->fds[0], "[%s]", request->argv[i]);
	control_answer(client, request->argv[request->argc] ? "no end" : "ok\nwritten\n");
}

static atomic_bool good_time, left;

static void look_later(struct control_client *client, void *data, bool late)
{
	if (atomic_load(&good_time) || late)
		control_answer(client, late ? "late" : data);
}

static void gone_later(struct control_client *client, void *unused)
{
	(void)client;
	(void)unused;
	atomic_store(&left, true);
	control_kick();
}

static const struct control_wait_ops later_ops = { .look = look_later, .gone = gone_later };
static char in_time[] = "ok\nin time\n";

static void serve_later(struct control_client *client, struct control_request *request)
{
	control_wait(client, &later_ops, in_time, atoi(request->argv[0]));
}

static atomic_int taken = -1;

static void serve_take(struct control_client *client, struct control_request *request)
{
	(void)request;
	if (control_tell(client, CONTROL_OK))
		atomic_store(&taken, control_take(client));
}

static const struct control_verb write_verb = {
	.name = "write", .args_min = 1, .args_max = CONTROL_ARGS_MAX, .fds_min = 1, .fds_max = 2,
	.serve = serve_write,
};

static const struct control_verb later_verb = {
	.name = "later", .args_min = 1, .args_max = 1, .serve = serve_later,
};

static const struct control_verb take_verb = { .name = "take", .serve = serve_take };

CONTROL_VERB(write_verb);
CONTROL_VERB(later_verb);
CONTROL_VERB(take_verb);

/* By a message of any form, with @nr descriptors of @fd. */
static const char *ask_raw(const void *text, size_t len, int fd, unsigned int nr)
{
	static char reply[CONTROL_REPLY_MAX + 1];
	char control[CMSG_SPACE(200 * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { .iov_base = (void *)text, .iov_len = len };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *header = (void *)control;
	int to = say("", 0);
	unsigned int i;
	ssize_t n;

	if (nr) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(nr * sizeof(int));
		*header = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(nr * sizeof(int)), .cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		for (i = 0; i < nr; i++)
			memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof(int));
	}
	n = sendmsg(to, &message, MSG_NOSIGNAL) < 0 ? -1 : recv(to, reply, CONTROL_REPLY_MAX, 0);
	reply[n > 0 ? n : 0] = '\0';
	if (n > 0 && recv(to, control, 1, 0))
		snprintf(reply, sizeof(reply), "not hung up");
	close(to);
	return n > 0 ? reply : "nothing";
}

/* The other end of a pipe, or of a file, that nobody has open any more. */
static void test_arguments(void)
{
	static char large[CONTROL_MESSAGE_MAX + 2], many[8 + 2 * (CONTROL_ARGS_MAX + 1)];
	char got[64] = "";
	unsigned int before;
	int ends[2];

	ask_raw("stat", 4, -1, 0);	/* all that hung up before is gone then */
	before = open_fds();
	if (pipe(ends) < 0)
		return;
	ok(!strcmp(ask_raw("write\0a b\0\0+\0", 13, ends[1], 1), "ok\nwritten\n") &&
	   read(ends[0], got, sizeof(got)) == 10 && !memcmp(got, "[a b][][+]", 10),
	   "arguments and a descriptor");
	ok(!!strstr(ask_raw("write\0a\0", 8, -1, 0), "other files"), "too few descriptors");
	ok(!!strstr(ask_raw("write\0a\0", 8, ends[1], 3), "other files"), "too many");
	ok(!!strstr(ask_raw("write\0a\0", 8, ends[1], CONTROL_FDS_MAX + 1), "too many files"),
	   "more than any command has");
	ok(!!strstr(ask_raw("write\0a\0", 8, ends[1], 200), "too many files"), "many more");
	ok(!!strstr(ask_raw("nonsense", 8, ends[1], 2), "does not know"), "to no command");
	ok(!!strstr(ask_raw("stat", 4, ends[1], 2), "other files"), "to one that wants none");
	ok(!!strstr(ask_raw("stat\0a\0", 7, -1, 0), "other arguments"), "an argument, likewise");
	ok(!!strstr(ask_raw("write\0", 6, ends[1], 1), "other arguments"), "too few arguments");
	ok(!!strstr(ask_raw("write\0a", 7, ends[1], 1), "no end"), "one without its NUL");
	ok(!strncmp(ask_raw("stat\0", 5, -1, 0), "ok\n", 3), "a verb with its NUL");
	ok(!!strstr(ask_raw("\0\0", 2, ends[1], 1), "does not know"), "no verb at all");
	memset(large, 'a', sizeof(large));
	ok(!!strstr(ask_raw(large, sizeof(large) - 1, ends[1], 1), "too long"), "a giant");
	memcpy(large, "write", 6);
	large[CONTROL_MESSAGE_MAX - 1] = '\0';
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETPIPE_SZ, 2 * CONTROL_MESSAGE_MAX);
	ok(!strncmp(ask_raw(large, CONTROL_MESSAGE_MAX, ends[1], 1), "ok\n", 3), "the largest");
	memset(many, 0, sizeof(many));
	memcpy(many, "write", 6);
	ok(!!strstr(ask_raw(many, 6 + CONTROL_ARGS_MAX + 1, ends[1], 1), "too many arguments"),
	   "too many arguments");
	ok(!strncmp(ask_raw(many, 6 + CONTROL_ARGS_MAX, ends[1], 1), "ok\n", 3), "as many as go");
	close(ends[0]);
	close(ends[1]);
	ask_raw("stat", 4, -1, 0);
	is_number(open_fds(), before, "no descriptor is left open");
}

static void test_later(void)
{
	int fd;

	ok(!strcmp(ask_raw("later\0x", 7, -1, 0), "this request has no end"), "(no end)");
	ok(!strcmp(ask_raw("later\0+0\0", 9, -1, 0), "late"), "an answer that is late");
	fd = say("later\0-1", 9);
	close(fd);
	while (!atomic_load(&left))
		usleep(1000);
	ok(true, "who does not wait for it is missed");
	atomic_store(&good_time, true);
	ok(!strcmp(ask_raw("later\0-1", 9, -1, 0), "ok\nin time\n"), "one that is not");
}

static void test_take(void)
{
	static const struct call call = { .verb = "take", .patience = 5000 };
	char reply[CONTROL_REPLY_MAX + 1], byte = 'x';
	int fd = call_connect("guest", &call, reply);

	ok(fd >= 0 && !*reply, "a command that takes the connection");
	while (atomic_load(&taken) < 0)
		usleep(1000);
	ok(!strncmp(ask("stat"), "ok", 2), "others are served");
	ok(send(taken, "y", 1, 0) == 1 && recv(fd, &byte, 1, 0) == 1 && byte == 'y', "it has it");
	close(fd);
	ok(recv(taken, &byte, 1, 0) == 0, "and hears of its end");
	close(taken);
}

static void test_call(void)
{
	char one[] = "one", *argv[] = { one, NULL };
	int ends[2], five[5] = { 0 };
	char got[8];
	struct call call = {
		.verb = "write", .argc = 1, .argv = argv, .nr_fds = 1, .fds = &ends[1],
		.patience = 5000,
	};

	if (pipe(ends) < 0)
		return;
	is_number(call_guest("guest", &call), 0, "the caller's side");
	ok(read(ends[0], got, sizeof(got)) == 5 && !memcmp(got, "[one]", 5),
	   "of arguments and files");
	call.nr_fds = 5;
	call.fds = five;
	is_number(call_guest("guest", &call), STATUS_CRASH, "with too many");
	call.nr_fds = 0;
	is_number(call_guest("guest", &call), STATUS_CRASH, "that is refused");
	is_number(call_guest("nobody", &call), STATUS_CRASH, "to nobody");
	close(ends[0]);
	close(ends[1]);
}

/* "wait" in a process of its own. */
static pid_t waiter(const char *timeout, const char *who)
{
	char wait[] = "wait", option[] = "--timeout", time[16], name[32];
	char *argv[] = { wait, option, time, name, NULL };
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(time, sizeof(time), "%s", timeout);
	snprintf(name, sizeof(name), "%s", who);
	optind = 0;
	_exit(wait_main(4, argv));
}

static int end_of(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_wait(void)
{
	is_number(end_of(waiter("0.1", "guest")), STATUS_TIMEOUT, "wait, and the time is up");
	is_number(end_of(waiter("1", "nobody")), STATUS_CRASH, "wait for nobody");
	is_number(end_of(waiter("x", "guest")), STATUS_SETUP, "wait for a strange time");
}

static void test_stop(pthread_t thread)
{
	const int waits = say("wait", 4);
	char answer[8];
	int fd;

	ask("pause");
	fd = say("stop", 4);
	pthread_join(thread, NULL);
	ok(hold_stopped(), "stop ends a guest, even a paused one");
	ok(recv(fd, answer, sizeof(answer), 0) == 3 && !memcmp(answer, "ok\n", 3),
	   "who asked for it knows that");
	ok(recv(fd, answer, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN, "and still waits");
	loop_stop();
	control_end(42);
	ok(recv(waits, answer, sizeof(answer), 0) == 6 && !memcmp(answer, "ok\n42\n", 6),
	   "who only waited is told how the launcher ends");
	close(waits);
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

static void end_with_7(int listener)
{
	char verb[16];
	int fd;

	close(accept(listener, NULL, NULL));	/* launcher()'s look */
	close(accept(listener, NULL, NULL));	/* it restarts */
	fd = accept(listener, NULL, NULL);
	if (recv(fd, verb, sizeof(verb), 0) == 4 && send(fd, "ok\n7\n", 5, 0) == 5)
		unlinkat(dir, "seven", 0);
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

/* It is killed just when it is asked, and the listening socket is what it closes last. */
static void be_killed(int listener)
{
	int fd;

	close(accept(listener, NULL, NULL));	/* launcher()'s look */
	close(accept(listener, NULL, NULL));
	fd = accept(listener, NULL, NULL);
	close(listener);
	close(fd);
}

static void test_killed(void)
{
	const struct call call = { .verb = "stat", .patience = CALL_ANSWER_MS };
	struct place place = { .dir = dir, .own = true };
	char reply[CONTROL_REPLY_MAX + 1];
	pid_t pid = launcher("killed", be_killed);

	memcpy(place.path, path, sizeof(path));
	is_number(call_ask(&place, "killed", &call, reply), 0, "one that is killed when asked");
	ok(!exists("killed"), "has its socket removed");
	waitpid(pid, NULL, 0);
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

	pid = launcher("seven", end_with_7);
	is_number(end_of(waiter("1h", "seven")), 7, "wait returns how it ends, at last");
	waitpid(pid, &status, 0);

	pid = launcher("again", restart_first);
	is_number(run_stop("", "again"), 0, "one that just restarts");
	ok(waitpid(pid, &status, 0) == pid && !status && !exists("again"), "is asked again");
}

int main(void)
{
	pthread_t thread;

	/* What is said of mistakes need not be seen. */
	if (!freopen("/dev/null", "w", stderr) || !mkdtemp(runtime) || !become_somebody(runtime) ||
	    setenv("XDG_RUNTIME_DIR", runtime, 1) < 0)
		return 1;
	test_names();
	test_directory();
	test_dead();
	test_no_name();
	if (!control_open(&config) || pthread_create(&thread, NULL, guest, NULL))
		return 1;
	control_start();
	need(loop_start());
	test_verbs();
	test_bad_clients();
	test_arguments();
	test_later();
	test_take();
	test_call();
	test_wait();
	test_stop(thread);
	test_killed();
	test_stop_verb();
	rmdir(path);
	rmdir(runtime);
	return tap_done();
}
