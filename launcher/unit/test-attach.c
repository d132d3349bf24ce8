// SPDX-License-Identifier: GPL-2.0
/*
 * "lguest attach", by pipes and on a terminal of its own, with a launcher of the test's
 * making: a process with a control socket, whose guest prints what is typed, in brackets.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "config.h"
#include "control.h"
#include "hold.h"
#include "loop.h"
#include "somebody.h"
#include "tap.h"
#include "verbs.h"
#include "visitors.h"
#include "window.h"

#define PATIENCE_MS	20000
#define STEP_US		1000
#define END		'q'	/* typed, it is the guest's end ... */
#define STATUS		42	/* ... and how */
#define LAST_WORDS	"last words\n"

static char runtime[] = "/tmp/lguest-unit-XXXXXX";
static struct config config = { .name = "guest", .kernel = "k", .memory = MIB };

static void print(const char *text, size_t len)
{
	struct iovec iov = { (char *)text, len };

	visitors_print(&iov, 1, false);
}

/* False at its end. */
static bool play(const char *typed, ssize_t len)
{
	ssize_t i;

	for (i = 0; i < len && typed[i] != END; i++) {
		print("<", 1);
		print(typed + i, 1);
		print(">", 1);
	}
	return i == len;
}

static void print_size(void)
{
	struct window window;
	char text[32];

	if (window_news(&window))
		print(text, snprintf(text, sizeof(text), "[%ux%u]", window.rows, window.columns));
}

static void run_guest(int from)
{
	struct pollfd typed = { .fd = from, .events = POLLIN };
	static const char much[40000];
	char keys[256];
	ssize_t n = 0;

	do {
		print_size();
		if (poll(&typed, 1, 10) > 0)
			n = read(from, keys, sizeof(keys));
		else
			n = 0;
	} while (play(keys, n > 0 ? n : 0) && !hold_stopped());
	print(much, sizeof(much));
	print(LAST_WORDS, strlen(LAST_WORDS));
}

/* Is there when this returns. */
static pid_t launcher(void)
{
	const struct call stat = { .verb = "stat", .patience = PATIENCE_MS };
	char reply[CONTROL_REPLY_MAX + 1];
	pid_t pid = fork();
	int from, fd;

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!control_open(&config))
			exit(report_failure());
		hold_setup();
		from = visitors_open();
		if (from < 0)
			exit(report_failure());
		print("before\n", 7);
		control_start();
		need(loop_start());
		run_guest(from);
		loop_stop();
		visitors_close();
		control_end(hold_stopped() ? STATUS_USER : STATUS);
		exit(0);
	}
	do {
		usleep(STEP_US);
		fd = call_open("guest");
	} while (fd < 0);
	close(fd);
	fd = call_connect("guest", &stat, reply);
	close(fd);
	return pid;
}

static int end_of(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_attach(const char *option, const char *who)
{
	char attach[] = "attach", text[32], name[32];
	char *argv[] = { attach, text, name, NULL };

	snprintf(text, sizeof(text), "%s", option);
	snprintf(name, sizeof(name), "%s", who);
	optind = 0;
	return attach_main(3, argv);
}

/* What has come from the one that was heard last, and not been asked for yet. */
static char got[65536];
static size_t nr_got;
static int heard = -1;

/* Does that come?  What comes behind it is for the next time. */
static bool hears(int fd, const char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *found, *end;
	ssize_t n;

	if (heard != fd)
		nr_got = 0;
	heard = fd;
	while (!(found = memmem(got, nr_got, text, strlen(text))) && nr_got < sizeof(got) &&
	       poll(&p, 1, PATIENCE_MS) > 0) {
		n = read(fd, got + nr_got, sizeof(got) - nr_got);
		if (n <= 0)
			break;
		nr_got += n;
	}
	end = found ? found + strlen(text) : got + nr_got;
	nr_got -= end - got;
	memmove(got, end, nr_got);
	return found;
}

/* What it prints goes to @from, what is written to @to is typed. */
static pid_t by_pipes(const char *who, int *to, int *from)
{
	int in[2], out[2];
	pid_t pid;

	heard = -1;
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		exit(1);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		exit(run_attach("--escape=B", who));
	}
	close(in[0]);
	close(out[1]);
	*to = in[1];
	*from = out[0];
	return pid;
}

static bool type(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static void test_pipes(void)
{
	pid_t guest = launcher(), pid, other;
	int to, from, to_other, from_other;

	pid = by_pipes("nobody", &to, &from);
	is_number(end_of(pid), STATUS_CRASH, "there is nobody of that name");
	close(to);
	close(from);
	pid = by_pipes("guest", &to, &from);
	ok(hears(from, "before\n"), "what was printed is there");
	ok(type(to, "a\001\002x") && hears(from, "<a><\001><\002><x>"),
	   "all that is typed is the guest's");
	other = by_pipes("guest", &to_other, &from_other);
	ok(hears(from_other, "<a><\001><\002><x>"), "another one sees the same");
	kill(other, SIGKILL);
	is_number(end_of(other), 128 + SIGKILL, "(it is killed)");
	close(to_other);
	close(from_other);
	ok(type(to, "b") && hears(from, "<b>"), "which is no matter");
	close(to);
	other = by_pipes("guest", &to_other, &from_other);
	ok(type(to_other, "c") && hears(from, "<c>"), "at the end of its input it stays");
	type(to_other, "q");
	ok(hears(from, LAST_WORDS) && hears(from_other, LAST_WORDS), "all hear the end");
	is_number(end_of(pid), STATUS, "and have the status");
	is_number(end_of(other), STATUS, "both");
	end_of(guest);
	close(from);
	close(to_other);
	close(from_other);
}

static bool is_refused(const struct call *call, const char *why)
{
	char reply[CONTROL_REPLY_MAX + 1];
	const int fd = call_open("guest");
	const bool heard = call_send(fd, call) && control_hear(fd, reply, PATIENCE_MS) > 0;

	close(fd);
	return heard && strstr(reply, why);
}

/* Many, and what is no socket. */
static void test_bad(void)
{
	char *half = runtime;
	struct call call = { .verb = "attach", .nr_fds = 1, .patience = 100 };
	pid_t guest = launcher(), pid;
	char reply[CONTROL_REPLY_MAX + 1];
	int requests[9], kept[9], ends[2], pipes[2], fd, i, to, from;
	char byte;

	if (pipe2(pipes, O_CLOEXEC))
		return;
	call.fds = &pipes[1];
	call.argc = 1;
	call.argv = &half;
	ok(is_refused(&call, "half a size"), "half a size");
	call.argc = 0;
	for (i = 0; i < 20; i++) {
		fd = call_open("guest");
		call_send(fd, &call);
		close(fd);
	}
	for (i = 0; i < 9; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
			return;
		call.fds = &ends[1];
		requests[i] = call_open("guest");
		call_send(requests[i], &call);
		close(ends[1]);
		if (i < 8)
			ok(hears(ends[0], "before\n"), "one is let in");
		else
			ok(control_hear(requests[i], reply, PATIENCE_MS) > 0 &&
			   strstr(reply, "too many"), "but not all");
		kept[i] = ends[0];
	}
	close(requests[5]);
	ok(read(kept[5], &byte, 1) == 0, "who is gone is hung up on");
	pid = by_pipes("guest", &to, &from);
	ok(hears(from, "before\n") && type(to, "q"), "then there is room");
	is_number(end_of(pid), STATUS, "as ever");
	end_of(guest);
	close(to);
	close(from);
	for (i = 0; i < 9; i++) {
		close(kept[i]);
		if (i != 5)
			close(requests[i]);
	}
}

static struct termios cooked;

static bool is_cooked(int terminal)
{
	struct termios now;

	return !tcgetattr(terminal, &now) && now.c_iflag == cooked.c_iflag &&
	       now.c_oflag == cooked.c_oflag && now.c_lflag == cooked.c_lflag;
}

static bool becomes_raw(int terminal)
{
	struct termios now;
	int i;

	for (i = 0; i < PATIENCE_MS; i++) {
		if (!tcgetattr(terminal, &now) && !(now.c_lflag & (ICANON | ECHO | ISIG)))
			return true;
		usleep(STEP_US);
	}
	return false;
}

/* On a terminal, whose other end is returned. */
static pid_t on_terminal(const char *option, int *terminal)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int slave;
	pid_t pid;

	heard = -1;
	*terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*terminal < 0 || grantpt(*terminal) || unlockpt(*terminal))
		exit(1);
	slave = open(ptsname(*terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
	tcgetattr(slave, &cooked);
	ioctl(slave, TIOCSWINSZ, &size);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		dup2(slave, STDIN_FILENO);
		dup2(slave, STDOUT_FILENO);
		dup2(slave, STDERR_FILENO);
		exit(run_attach(option, "guest"));
	}
	/* (@slave stays open, so that the terminal does) */
	return pid;
}

static void test_terminal(void)
{
	const struct winsize larger = { .ws_row = 50, .ws_col = 132 };
	pid_t guest = launcher(), pid;
	int terminal;

	pid = on_terminal("--escape=A", &terminal);
	ok(hears(terminal, "before\r\n"), "on a terminal, lines end as it wants");
	ok(becomes_raw(terminal), "it is raw");
	ok(hears(terminal, "[24x80]"), "its size is known");
	ioctl(terminal, TIOCSWINSZ, &larger);
	ok(hears(terminal, "[50x132]"), "also when that changes");
	ok(type(terminal, "a\003") && hears(terminal, "<a><\003>"), "keys are the guest's");
	ok(type(terminal, "\001\001") && hears(terminal, "<\001>"), "Ctrl-A twice is one");
	ok(type(terminal, "\001h") && hears(terminal, "leave the guest"), "there is help");
	ok(type(terminal, "\001d") && hears(terminal, "guest goes on"), "Ctrl-A d leaves");
	is_number(end_of(pid), 0, "with status 0");
	ok(is_cooked(terminal), "and gives the terminal back");

	pid = on_terminal("--escape=B", &terminal);
	ok(hears(terminal, "<\001>") && becomes_raw(terminal), "the guest is still there");
	ok(type(terminal, "\001d") && hears(terminal, "<\001><d>"), "another key is the escape");
	kill(pid, SIGTERM);
	is_number(end_of(pid), 128 + SIGTERM, "a signal ends it");
	ok(is_cooked(terminal), "in good order");

	pid = on_terminal("--escape=A", &terminal);
	ok(hears(terminal, "<d>") && becomes_raw(terminal), "it can come again");
	ok(type(terminal, "\001x") && hears(terminal, "last words\r\n"), "Ctrl-A x ends the guest");
	is_number(end_of(pid), STATUS_USER, "which is the status");
	ok(is_cooked(terminal), "the terminal is as it was");
	end_of(guest);
}

int main(void)
{
	/* What is said of mistakes need not be seen. */
	if (!freopen("/dev/null", "w", stderr) || !mkdtemp(runtime) || !become_somebody(runtime) ||
	    setenv("XDG_RUNTIME_DIR", runtime, 1) < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	test_pipes();
	test_bad();
	test_terminal();
	return tap_done();
}
