// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal and signals, with this program as the shell of a terminal of its
 * own: launchers are jobs in the foreground and the background, with a supervisor
 * and without.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base.h"
#include "console.h"
#include "device.h"
#include "hold.h"
#include "loop.h"
#include "signals.h"
#include "supervise.h"
#include "tap.h"
#include "terminal.h"

#define PATIENCE_MS	20000
#define STEP_US		1000

static int master;		/* the terminal's other end */
static struct termios cooked;
static int said[2];		/* a pipe: what jobs say, one byte for each thing */

/* One that is not heard in time is 0. */
static char hear(void)
{
	struct pollfd p = { .fd = said[0], .events = POLLIN };
	char byte;

	return poll(&p, 1, PATIENCE_MS) > 0 && read(said[0], &byte, 1) == 1 ? byte : 0;
}

static void say(char byte)
{
	if (write(said[1], &byte, 1) != 1)
		_exit(7);
}

static bool same(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag;
}

static bool is_cooked(void)
{
	struct termios now;

	return !tcgetattr(master, &now) && same(&now, &cooked);
}

static bool is_raw(void)
{
	struct termios now;

	return !tcgetattr(master, &now) && !(now.c_lflag & (ICANON | ECHO | ISIG));
}

static bool becomes(bool (*state)(void))
{
	unsigned int i;

	for (i = 0; i < PATIENCE_MS && !state(); i++)
		usleep(STEP_US);
	return state();
}

/* The terminal as a shell has it when it is to say something. */
static void shell_takes_terminal(void)
{
	tcsetpgrp(STDIN_FILENO, getpgrp());
	tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
}

/* A job in a group of its own does @act. */
static pid_t job(void (*act)(void), bool foreground)
{
	pid_t pid;

	shell_takes_terminal();
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		if (foreground)
			tcsetpgrp(STDIN_FILENO, getpid());
		signal(SIGTTOU, SIG_DFL);
		act();
		exit(0);
	}
	setpgid(pid, pid);
	return pid;
}

static int end_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

static bool ends_by(int status, int sig)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == sig;
}

/* A launcher: reports, then 'k' for each key, and 'e' when it ends in good order. */
static void launch(void)
{
	struct pollfd keys = { .events = POLLIN };
	char key;

	signals_setup();
	if (!terminal_use())
		exit(report_failure());
	need(loop_start());
	keys.fd = terminal_keys_fd();
	say('r');
	while (!signals_caught()) {
		if (poll(&keys, 1, 10) <= 0 || !terminal_look())
			continue;
		if (read(STDIN_FILENO, &key, 1) == 1)
			say('k');
	}
	say('e');
	signals_die(signals_caught());
}

static pid_t guest;		/* of a supervisor: its child, by a pipe */
static int guest_pipe[2];

static void launch_supervised(void)
{
	pid_t self;

	need(supervise());
	self = getpid();
	if (write(guest_pipe[1], &self, sizeof(self)) == sizeof(self))
		launch();
}

static pid_t supervised_job(bool foreground)
{
	pid_t pid = job(launch_supervised, foreground);

	if (read(guest_pipe[0], &guest, sizeof(guest)) != sizeof(guest))
		guest = 0;
	return pid;
}

static void type(const char *keys)
{
	if (write(master, keys, strlen(keys)) < 0)
		printf("# cannot type\n");
}

static void test_foreground(void)
{
	pid_t pid = job(launch, true);

	ok(hear() == 'r' && is_raw(), "in the foreground, the terminal is raw");
	type("\3");
	ok(hear() == 'k', "all keys come");
	kill(pid, SIGTERM);
	ok(hear() == 'e' && ends_by(end_of(pid), SIGTERM), "SIGTERM ends it in good order");
	ok(is_cooked(), "and the terminal is as it was");
}

static void test_background(void)
{
	pid_t pid = job(launch, false);

	ok(hear() == 'r', "in the background, a launcher starts");
	ok(is_cooked(), "and leaves the terminal alone");
	type("x");
	ok(waitpid(pid, NULL, WNOHANG | WUNTRACED) == 0, "and what is typed there");
	tcflush(STDIN_FILENO, TCIFLUSH);
	tcsetpgrp(STDIN_FILENO, pid);
	ok(becomes(is_raw), "until it is in the foreground");
	type("x");
	ok(hear() == 'k', "then keys come");
	shell_takes_terminal();
	usleep(50 * STEP_US);
	kill(pid, SIGTERM);
	ok(hear() == 'e' && ends_by(end_of(pid), SIGTERM) && is_cooked(),
	   "one that is put back leaves it alone again");
}

/* Stopped, it has given back the terminal; it has it again when it goes on. */
static void test_stop(pid_t (*start)(void), int sig, const char *name)
{
	pid_t pid = start();
	int status = 0;

	if (hear() != 'r' || !is_raw())
		pid = 0;
	kill(pid, sig);
	ok(pid && waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status), name);
	ok(becomes(is_cooked), "the terminal is the shell's");
	shell_takes_terminal();
	kill(-pid, SIGCONT);
	ok(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status),
	   "it goes on in the background");
	usleep(20 * STEP_US);
	ok(is_cooked(), "without it");
	tcsetpgrp(STDIN_FILENO, pid);
	kill(-pid, SIGCONT);
	ok(becomes(is_raw), "and in the foreground");
	type("x");
	ok(hear() == 'k', "where keys come");
	kill(pid, SIGHUP);
	ok(hear() == 'e' && ends_by(end_of(pid), SIGHUP) && is_cooked(), "and ends");
}

static pid_t start_alone(void)
{
	return job(launch, true);
}

static pid_t start_supervised(void)
{
	return supervised_job(true);
}

/* What standard error says while @act runs. */
static const char *words_of(void (*act)(void))
{
	static char text[1024];
	char name[] = "/tmp/lguest-unit-XXXXXX";
	int fd = mkstemp(name), before = dup(STDERR_FILENO);
	ssize_t n;

	unlink(name);
	dup2(fd, STDERR_FILENO);
	act();
	dup2(before, STDERR_FILENO);
	close(before);
	n = pread(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

static void kill_guest(void)
{
	pid_t pid = supervised_job(true);

	ok(hear() == 'r' && is_raw(), "a launcher with a supervisor");
	kill(guest, SIGKILL);
	ok(ends_by(end_of(pid), SIGKILL), "whose child is killed ends likewise");
	ok(is_cooked(), "and the terminal is restored");
}

static void abort_supervisor(void)
{
	pid_t pid = supervised_job(true);

	hear();
	kill(pid, SIGABRT);
	ok(ends_by(end_of(pid), SIGABRT) && is_cooked(), "so does a supervisor that breaks");
}

/* To the supervisor, then to its child, or to one without. */
static void test_strays(void)
{
	const int sigs[] = { SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR,
			     SIGSTKFLT, SIGPIPE, SIGURG, SIGWINCH, SIGCHLD, SIGXFSZ,
			     SIGRTMIN, SIGRTMAX };
	pid_t pid = supervised_job(true), single;
	size_t i;

	hear();
	for (i = 0; i < ARRAY_SIZE(sigs); i++) {
		kill(pid, sigs[i]);
		kill(guest, sigs[i]);
	}
	type("x");
	ok(hear() == 'k' && !waitpid(pid, NULL, WNOHANG), "signals that do not concern them");
	kill(pid, SIGTERM);
	ok(hear() == 'e' && ends_by(end_of(pid), SIGTERM), "and one that does");

	single = job(launch, true);
	hear();
	for (i = 0; i < ARRAY_SIZE(sigs); i++)
		kill(single, sigs[i]);
	type("x");
	ok(hear() == 'k' && !waitpid(single, NULL, WNOHANG), "the same without a supervisor");
	kill(single, SIGTERM);
	ok(hear() == 'e' && ends_by(end_of(single), SIGTERM), "likewise");
}

/* As timeout(1) does, and systemd. */
static void ask_group(pid_t pid)
{
	kill(pid, SIGTERM);
	kill(-pid, SIGTERM);
	ok(hear() == 'e' && ends_by(end_of(pid), SIGTERM), "SIGTERM to all, and twice");
}

static void test_groups(void)
{
	pid_t pid = supervised_job(true);

	hear();
	ask_group(pid);
	pid = job(launch, true);
	hear();
	ask_group(pid);
}

/* A launcher that is busy with its end. */
static void linger(void)
{
	signals_setup();
	say('r');
	while (!signals_caught())
		usleep(STEP_US);
	say('e');
	for (;;)
		pause();
}

static void test_again(void)
{
	pid_t pid = job(linger, true);
	int status = 0;

	hear();
	kill(pid, SIGTERM);
	hear();
	kill(pid, SIGTERM);
	ok(!waitpid(pid, &status, WNOHANG), "asking twice at a time is asking once");
	/* Later it is not; how much later is what this waits for. */
	while (!waitpid(pid, &status, WNOHANG)) {
		usleep(100 * STEP_US);
		kill(pid, SIGINT);
	}
	ok(ends_by(status, SIGINT), "asking again ends it at once");
}

static void linger_supervised(void)
{
	need(supervise());
	guest = getpid();
	if (write(guest_pipe[1], &guest, sizeof(guest)) == sizeof(guest))
		linger();
}

/* A signal for both may be late on its way by the supervisor. */
static void test_late(void)
{
	pid_t pid = job(linger_supervised, true);
	int status;

	if (read(guest_pipe[0], &guest, sizeof(guest)) != sizeof(guest))
		return;
	hear();
	kill(guest, SIGTERM);
	hear();
	usleep(1100 * STEP_US);
	kill(pid, SIGTERM);
	usleep(100 * STEP_US);
	ok(!waitpid(pid, &status, WNOHANG), "who is told by both is told once");
	kill(pid, SIGKILL);
	end_of(pid);
}

static bool open_terminal(void)
{
	int slave;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return false;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	return slave >= 0 && dup2(slave, STDIN_FILENO) == STDIN_FILENO &&
	       ioctl(STDIN_FILENO, TIOCSCTTY, 0) >= 0 && !tcgetattr(STDIN_FILENO, &cooked);
}

/* What the terminal shows of what a guest and its launcher print, in some pieces. */
static const char *shown(struct model *con)
{
	static const char * const pieces[] = { "a\r\n", "b\n", "c\r", "\n" };
	struct pollfd p = { .fd = master, .events = POLLIN };
	static char text[256];
	ssize_t n, len = 0;
	size_t i;

	while (poll(&p, 1, 0) > 0 && read(master, text, sizeof(text)) > 0)
		;			/* of the tests before */
	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		struct iovec iov = { (char *)pieces[i], strlen(pieces[i]) };

		console_write(con, &iov, 1);
	}
	complain("d");
	do {
		n = poll(&p, 1, PATIENCE_MS) > 0 ?
			read(master, text + len, sizeof(text) - 1 - len) : 0;
		len += n > 0 ? n : 0;
		text[len] = '\0';
	} while (n > 0 && !strstr(text, "d\r\n"));
	return text;
}

/* Of an editor, say, which goes to the beginning of the line. */
static bool shows_return(struct model *con)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	struct iovec iov = { "\r", 1 };
	char byte = 0;

	console_write(con, &iov, 1);
	return poll(&p, 1, PATIENCE_MS) > 0 && read(master, &byte, 1) == 1 && byte == '\r';
}

static void test_newlines(void)
{
	const int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	const char *expected = "a\r\nb\r\nc\r\nlguest: d\r\n", *raw, *cooked_text;
	struct model *con;
	bool at_once;

	fflush(stdout);
	dup2(STDIN_FILENO, STDOUT_FILENO);
	dup2(STDIN_FILENO, STDERR_FILENO);
	con = make_device("console", "stdio");
	raw = strdup(shown(con));
	at_once = shows_return(con);
	terminal_restore();
	cooked_text = shown(con);
	con->close(con);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	if (!ok(!strcmp(raw, expected), "each line ends in one CR and LF on a raw terminal"))
		printf("# '%s'\n", raw);
	if (!ok(!strcmp(cooked_text, expected), "and on one that is not ours"))
		printf("# '%s'\n", cooked_text);
	ok(at_once, "a CR without an LF is seen at once");
	ok(is_cooked(), "the terminal is as it was");
}

/* The keys of somebody who wants a program to end, and hammers. */
static void hammer(void)
{
	struct model *con = make_device("console", "stdio");
	unsigned int i;

	type("\3\3\3\3\3\3");
	for (i = 0; i < PATIENCE_MS && console_pending(con) < 6; i++) {
		console_collect(con);
		usleep(STEP_US);
	}
	ok(console_pending(con) == 6 && !hold_stopped(), "^C is for the guest, however often");
	type("\1x");
	for (i = 0; i < PATIENCE_MS && !hold_stopped(); i++) {
		console_collect(con);
		usleep(STEP_US);
	}
	ok(hold_stopped(), "Ctrl-A x is for the launcher");
	con->close(con);
	terminal_restore();
	ok(is_cooked(), "which then gives the terminal back");
}

/* As by "ssh -t", or "xterm -e": the supervisor leads the session. */
static void test_hangup(void)
{
	int window[2], status;
	char byte;
	pid_t pid;

	if (pipe2(window, O_CLOEXEC))
		return;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(master);
		close(window[1]);
		setsid();
		if (!open_terminal())
			_exit(7);
		if (!fork())		/* the window, which is open until it is told */
			_exit(read(window[0], &byte, 1));
		close(master);
		launch_supervised();
		_exit(7);
	}
	close(window[0]);
	ok(hear() == 'r', "a launcher that leads a session");
	close(window[1]);
	if (!ok(hear() == 'e', "hears of its terminal's end"))
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ok(ends_by(status, SIGHUP), "and ends");
}

static int run(void)
{
	size_t i;
	static const struct {
		int sig;
		const char *name;
	} stops[] = {
		{ SIGTSTP, "SIGTSTP stops it" }, { SIGTTIN, "SIGTTIN stops it" },
		{ SIGTTOU, "SIGTTOU stops it" },
	};
	const char *words;

	if (setsid() < 0 || !open_terminal() || pipe2(said, O_CLOEXEC) ||
	    pipe2(guest_pipe, O_CLOEXEC))
		return 1;
	signal(SIGTTOU, SIG_IGN);
	test_foreground();
	test_background();
	for (i = 0; i < ARRAY_SIZE(stops); i++) {
		test_stop(start_alone, stops[i].sig, stops[i].name);
		test_stop(start_supervised, stops[i].sig, stops[i].name);
	}
	words = words_of(kill_guest);
	is_wrong(words, "ended by signal 9 (Killed)", "the user is told by what");
	abort_supervisor();
	test_strays();
	test_groups();
	test_again();
	test_late();
	test_hangup();
	shell_takes_terminal();
	words = words_of(hammer);
	is_wrong(words, "Ctrl-A x ends it", "which the user is told");
	test_newlines();
	return tap_done();
}

int main(void)
{
	pid_t pid = fork();	/* a session's leader cannot lead another one */
	int status;

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(run());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
