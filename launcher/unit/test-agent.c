// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that the agent runs, without a guest: the agent is a process of this machine,
 * and its port a terminal in raw mode.  It believes in that since it has a /dev and a
 * /sys of its own, for which it takes a namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base.h"
#include "config.h"
#include "control.h"
#include "device.h"
#include "guest_agent.h"
#include "hold.h"
#include "loop.h"
#include "port.h"
#include "pump.h"
#include "signals.h"
#include "tap.h"
#include "verbs.h"

#define SYS_PORT	"/sys/class/virtio-ports/vport0p0"
#define CARRIED_MAX	4096u

#define GUEST		"guest"

static char program[] = "/tmp/lguest-agent-XXXXXX";
static char runtime[] = "/tmp/lguest-unit-XXXXXX";	/* for control sockets */
static pid_t agent_pid;

/* --- the guest's side --- */

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	_exit(111);
}

static void write_file(const char *name, const char *text)
{
	const int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), name);
	close(fd);
}

static void own_user(void)
{
	const uid_t uid = geteuid();
	const gid_t gid = getegid();
	char map[32];

	must(!unshare(CLONE_NEWUSER), "unshare");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_file("/proc/self/gid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_file("/proc/self/uid_map", map);
}

/* The kernel's devices are not everybody's to make. */
static void keep_null(int null)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", null);
	write_file("/dev/null", "");
	must(!mount(name, "/dev/null", NULL, MS_BIND, NULL), "/dev/null");
}

static void make_port(int port)
{
	const int null = open("/dev/null", O_PATH | O_CLOEXEC);
	char link[32];

	must(!mount("sys", "/sys", "tmpfs", 0, "") && !mkdir("/sys/class", 0755) &&
	     !mkdir("/sys/class/virtio-ports", 0755) && !mkdir(SYS_PORT, 0755), "/sys");
	write_file(SYS_PORT "/name", AGENT_PORT "\n");
	must(!mount("dev", "/dev", "tmpfs", 0, "") && !mkdir("/dev/pts", 0755) &&
	     !mount("pts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666") &&
	     !symlink("pts/ptmx", "/dev/ptmx"), "/dev");
	keep_null(null);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", port);
	must(!symlink(link, "/dev/vport0p0"), link);
}

/* In a process of its own.  With @port -1 it only tries whether this can be. */
static void be_agent(int port)
{
	char *const argv[] = { program, NULL };

	if (geteuid())
		own_user();
	must(!unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL),
	     "unshare");
	make_port(port);
	if (port < 0)
		_exit(0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execv(program, argv);
	_exit(111);
}

static bool write_program(void)
{
	const size_t len = agent_image_end - agent_image;
	const int fd = mkstemp(program);
	const bool good = fd >= 0 && write(fd, agent_image, len) == (ssize_t)len &&
			  !fchmod(fd, 0755);

	close(fd);
	return good;
}

/* Not on a 64-bit kernel that has no emulation of 32 bits, or has it turned off. */
static bool runs_i386(void)
{
	char *const argv[] = { program, NULL };
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, argv, environ))
		return false;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return true;
}

static bool has_namespaces(void)
{
	const pid_t pid = fork();
	int status = 1;

	if (!pid)
		be_agent(-1);
	waitpid(pid, &status, 0);
	return !status;
}

/* --- the launcher's side --- */

/* The port's queues. */
static void *carry(void *arg)
{
	struct port *port = &the_agent()->port;
	char in[CARRIED_MAX], out[CARRIED_MAX];
	const int fd = *(const int *)arg;
	size_t len = 0;
	__u64 wakes;
	ssize_t n = 0;

	while (n >= 0 || errno == EAGAIN) {
		struct iovec room = { out + len, sizeof(out) - len };
		struct pollfd fds[2] = {
			{ .fd = fd, .events = POLLIN }, { .fd = port->news, .events = POLLIN },
		};

		len += port->ops->take(port, &room, 1);
		if (len)
			fds[0].events |= POLLOUT;
		poll(fds, 2, -1);
		if (fds[1].revents && read(port->news, &wakes, sizeof(wakes)) < 0)
			continue;
		n = fds[0].revents & POLLOUT ? write(fd, out, len) : 0;
		if (n > 0) {
			memmove(out, out + n, len - n);
			len -= n;
		}
		n = fds[0].revents & ~POLLOUT ? read(fd, in, sizeof(in)) : 0;
		if (n > 0)
			port->ops->put(port, &(struct iovec){ in, n }, 1);
	}
	port->ops->opened(port, false);
	return NULL;
}

static void start_agent(void)
{
	static int terminal;
	struct termios raw;
	pthread_t thread;
	int slave, i, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	must(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal), "posix_openpt");
	slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	must(slave >= 0 && !tcgetattr(slave, &raw), "the port");
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	agent_pid = fork();
	if (!agent_pid) {
		for (i = 0; i <= STDERR_FILENO; i++)
			dup2(null, i);
		be_agent(slave);
	}
	close(slave);
	must(!pthread_create(&thread, NULL, carry, &terminal), "pthread_create");
}

static bool is_over(struct agent *agent)
{
	bool over;

	pthread_mutex_lock(&agent->lock);
	over = agent->delivered || agent->deadline;
	pthread_mutex_unlock(&agent->lock);
	return over || hold_ending();
}

/* A launcher with that agent, whose status is the command's. */
static int be_launcher(char **command)
{
	struct config config = {
		.command = command, .directory = "/", .name = GUEST, .kernel = "none",
	};
	struct agent *agent = the_agent();
	struct model *model;

	need(control_open(&config));
	hold_setup();
	signals_setup();
	command_wants(&config);
	model = make_device("agent", "");
	need(agent_start());
	control_start();
	need(loop_start());
	start_agent();
	while (!is_over(agent))
		usleep(1000);
	loop_stop();
	kill(agent_pid, SIGKILL);
	waitpid(agent_pid, NULL, 0);
	model->close(model);
	return command_outcome(hold_stopped() ? STATUS_USER : STATUS_POWER_OFF, false);
}

static int be_client(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return shell_main(argc, argv);
}

struct process {
	pid_t pid;
	int in, out, err;	/* our ends of its streams */
};

static struct process start(int (*act)(char **argv), char **argv)
{
	int in[2], out[2], err[2];
	struct process it;

	must(!pipe2(in, O_CLOEXEC) && !pipe2(out, O_CLOEXEC) && !pipe2(err, O_CLOEXEC), "pipe2");
	it.pid = fork();
	if (!it.pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		close(in[1]);
		close(out[0]);
		close(err[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(act(argv));
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	it.in = in[1];
	it.out = out[0];
	it.err = err[0];
	return it;
}

static struct process launch(char **command)
{
	return start(be_launcher, command);
}

/* All that comes from there, up to its end or until there are @most bytes. */
static size_t read_all(int fd, char *to, size_t most)
{
	size_t len = 0;
	ssize_t n;

	while (len < most && (n = read(fd, to + len, most - len)) > 0)
		len += n;
	return len;
}

static int end_of(struct process *it)
{
	int status = 0;

	waitpid(it->pid, &status, 0);
	close(it->in);
	close(it->out);
	close(it->err);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static char out[1 << 16], err[1 << 16];

/* Runs a command without input; what it says is in out and err. */
static int run(char **command)
{
	struct process it = launch(command);

	close(it.in);
	it.in = -1;
	out[read_all(it.out, out, sizeof(out) - 1)] = '\0';
	err[read_all(it.err, err, sizeof(err) - 1)] = '\0';
	return end_of(&it);
}

static int sh(const char *script)
{
	char *command[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };

	return run(command);
}

static void test_arguments(void)
{
	char *command[] = {
		(char *)"printf", (char *)"<%s>", (char *)"two words", (char *)"",
		(char *)"a\nb", (char *)"'\"$\\", (char *)"\xff\x01", (char *)"-x", NULL,
	};

	is_number(run(command), 0, "a command runs");
	ok(!strcmp(out, "<two words><><a\nb><'\"$\\><\xff\x01><-x>"), "with its arguments");
	is_number(sh("pwd; echo bad >&2; exit 7"), 7, "its status");
	ok(!strcmp(out, "/\n") && !strcmp(err, "bad\n"), "its streams, and where it is");
	is_number(sh("kill -9 $$"), 137, "a signal");
}

static void test_not_run(void)
{
	char *none[] = { (char *)"not-here", NULL }, *empty[] = { (char *)"", NULL };
	char *file[] = { (char *)"/etc/passwd", NULL };

	is_number(run(none), STATUS_COMMAND_NOT_FOUND, "no such command");
	ok(!strcmp(err, "lguest: not-here: No such file or directory\n"), "which is named");
	is_number(run(empty), STATUS_COMMAND_NOT_FOUND, "a name of no length");
	is_number(run(file), STATUS_COMMAND_NOT_RUN, "no program");
}

#define LARGE	(8u << 20)

/* In a process of its own, since the command's output must be taken meanwhile. */
static void feed(int fd, const char *from, size_t len)
{
	if (fork())
		return;
	while (len) {
		const ssize_t n = write(fd, from, len);

		if (n < 0)
			break;
		from += n;
		len -= n;
	}
	_exit(0);
}

/* Of a process that says what it hears. */
static void test_echo(struct process *it)
{
	char *from = malloc(LARGE), *to = malloc(LARGE);
	size_t i;

	for (i = 0; i < LARGE; i++)
		from[i] = tap_random();
	feed(it->in, from, LARGE);
	close(it->in);
	it->in = -1;
	is_number(read_all(it->out, to, LARGE), LARGE, "megabytes go in and out");
	ok(!memcmp(from, to, LARGE), "as they were");
	is_number(end_of(it), 0, "and end");
	free(from);
	free(to);
}

static void test_streams(void)
{
	char *cat[] = { (char *)"cat", NULL };
	struct process it = launch(cat);

	test_echo(&it);
}

static void test_readers(void)
{
	char *yes[] = { (char *)"yes", NULL }, *none[] = { (char *)"true", NULL };
	char *both[] = {
		(char *)"sh", (char *)"-c", (char *)"seq 50000 & echo ready >&2; wait", NULL,
	};
	struct process it = launch(yes);

	is_number(read_all(it.out, out, 2), 2, "a reader that goes away");
	close(it.out);
	it.out = -1;
	is_number(end_of(&it), 128 + SIGPIPE, "ends the command as a pipe does");

	it = launch(none);
	feed(it.in, out, sizeof(out));
	is_number(end_of(&it), 0, "input that nobody reads");

	it = launch(both);
	is_number(read_all(it.err, err, 6), 6, "one stream does not wait for the other");
	for (;;) {
		const size_t n = read_all(it.out, out, sizeof(out));

		if (n < sizeof(out)) {
			ok(n > 6 && !memcmp(out + n - 6, "50000\n", 6), "which comes whole");
			break;
		}
	}
	is_number(end_of(&it), 0, "at last");
}

static void test_signals(void)
{
	char *trap[] = {
		(char *)"sh", (char *)"-c",
		(char *)"trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done", NULL,
	};
	char *plain[] = {
		(char *)"sh", (char *)"-c", (char *)"echo ready; exec sleep 100", NULL,
	};
	struct process it = launch(trap);

	read_all(it.out, out, 6);
	kill(it.pid, SIGTERM);
	is_number(end_of(&it), 5, "a signal is the command's");
	it = launch(plain);
	read_all(it.out, out, 6);
	kill(it.pid, SIGTERM);
	is_number(end_of(&it), 128 + SIGTERM, "and may end it");
}

/* --- other commands --- */

#define SAYS(...)	((char *[]){ (char *)"sh", (char *)"-c", __VA_ARGS__, NULL })
#define SHELL(...)	((char *[]){ (char *)"shell", (char *)GUEST, (char *)"--", \
				     (char *)"sh", (char *)"-c", __VA_ARGS__, NULL })

/* A launcher, whose own command waits for a line. */
static struct process launch_waiting(void)
{
	struct process it = launch(SAYS((char *)"echo ready; read line; exit 3"));

	read_all(it.out, out, 6);
	return it;
}

static int let_end(struct process *it)
{
	if (write(it->in, "\n", 1) != 1)
		return -1;
	return end_of(it);
}

static struct process shell(char **argv)
{
	return start(be_client, argv);
}

static int outcome(struct process *it)
{
	close(it->in);
	it->in = -1;
	out[read_all(it->out, out, sizeof(out) - 1)] = '\0';
	err[read_all(it->err, err, sizeof(err) - 1)] = '\0';
	return end_of(it);
}

static void test_shell(void)
{
	struct process launcher = launch_waiting(), it;
	char *none[] = { (char *)"shell", (char *)GUEST, (char *)"--", (char *)"not-here", NULL };
	char *nobody[] = { (char *)"shell", (char *)"nobody", NULL };
	char *plain[] = { (char *)"shell", (char *)GUEST, NULL };
	char *misused[] = { (char *)"shell", (char *)GUEST, (char *)"true", NULL };

	it = shell(SHELL((char *)"cat; echo bad >&2; exit 7"));
	ok(write(it.in, "good", 4) == 4, "a second command");
	is_number(outcome(&it), 7, "its status");
	ok(!strcmp(out, "good") && !strcmp(err, "bad\n"), "its streams");
	it = shell(none);
	is_number(outcome(&it), STATUS_COMMAND_NOT_FOUND, "one that is not there");
	it = shell(nobody);
	is_number(outcome(&it), STATUS_COMMAND_SETUP, "in a guest that is not there");
	it = shell(misused);
	is_number(outcome(&it), STATUS_COMMAND_SETUP, "one that is not behind '--'");
	it = shell(plain);
	ok(write(it.in, "echo $0; exit 4\n", 16) == 16, "a shell");
	is_number(outcome(&it), 4, "its status");
	ok(!strcmp(out, "/bin/sh\n"), "does what it is told");
	it = shell(SHELL((char *)"echo ready; exec sleep 100"));
	read_all(it.out, out, 6);
	kill(it.pid, SIGTERM);
	is_number(outcome(&it), 128 + SIGTERM, "a signal is the command's");
	it = shell(SHELL((char *)"yes"));
	read_all(it.out, out, 2);
	close(it.out);
	it.out = -1;
	is_number(end_of(&it), 128 + SIGPIPE, "a reader that goes away ends it");
	it = shell(SHELL((char *)"echo ready; exec sleep 100"));
	read_all(it.out, out, 6);
	is_number(let_end(&launcher), 3, "the launcher ends as its own command");
	is_number(outcome(&it), STATUS_GUEST_ENDED, "and the other one with it");
	ok(!!strstr(err, "ended before the command"), "which is said");
}

static void test_shell_streams(void)
{
	struct process launcher = launch_waiting(), it = shell(SHELL((char *)"cat"));

	test_echo(&it);
	is_number(let_end(&launcher), 3, "nothing of that disturbs the first command");
}

static void test_many_shells(void)
{
	struct process launcher = launch_waiting(), its[AGENT_SESSIONS - 1], it;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(its); i++) {
		its[i] = i ? shell(SHELL((char *)"echo ready; read line; exit $line")) :
			     shell(SHELL((char *)"echo ready; exec sleep 100"));
		read_all(its[i].out, out, 6);
	}
	it = shell(SHELL((char *)"true"));
	is_number(outcome(&it), STATUS_COMMAND_SETUP, "more commands than an agent can have");
	ok(!!strstr(err, "too many commands"), "which is said");
	/* The kernel tells the launcher of that, and the command gets SIGHUP. */
	kill(its[0].pid, SIGKILL);
	is_number(end_of(&its[0]), 1000 + SIGKILL, "a client that is killed");
	do {
		it = shell(SHELL((char *)"exit 5"));
		i = outcome(&it);
	} while (i == STATUS_COMMAND_SETUP);
	is_number(i, 5, "leaves its place to another");
	for (i = 1; i < ARRAY_SIZE(its); i++) {
		ok(write(its[i].in, "6\n", 2) == 2, "all others are there");
		is_number(outcome(&its[i]), 6, "and end");
	}
	is_number(let_end(&launcher), 3, "and the first one");
}

/* The agent is who has started the command. */
static void test_lost(void)
{
	struct process launcher = launch(SAYS((char *)"kill -9 $PPID; cat")), it;

	is_number(end_of(&launcher), STATUS_GUEST_ENDED, "an agent that dies");
	launcher = launch_waiting();
	it = shell(SHELL((char *)"kill -9 $PPID; cat"));
	is_number(end_of(&it), STATUS_GUEST_ENDED, "and by another command");
	is_number(end_of(&launcher), STATUS_GUEST_ENDED, "ends the first one, too");
}

/* A guest without a command, and without an agent, or with one that nobody has started. */
static int be_idle(char **agent)
{
	struct config config = { .name = GUEST, .kernel = "none" };

	need(control_open(&config));
	hold_setup();
	signals_setup();
	if (*agent)
		make_device("agent", "");
	need(agent_start());
	control_start();
	need(loop_start());
	puts("ready");
	fflush(stdout);
	while (!hold_ending())
		usleep(1000);
	loop_stop();
	return 0;
}

static void test_no_agent(void)
{
	char *without[] = { NULL }, *with[] = { (char *)"agent", NULL };
	struct process launcher = start(be_idle, without), it;

	read_all(launcher.out, out, 6);
	it = shell(SHELL((char *)"true"));
	is_number(outcome(&it), STATUS_COMMAND_SETUP, "a guest without an agent");
	ok(!!strstr(err, "'lguest run --agent'"), "what helps is said");
	kill(launcher.pid, SIGTERM);
	end_of(&launcher);
	launcher = start(be_idle, with);
	read_all(launcher.out, out, 6);
	it = shell(SHELL((char *)"true"));
	is_number(outcome(&it), STATUS_COMMAND_SETUP, "one whose agent was not started");
	ok(!!strstr(err, "has its init started /lguest-agent?"), "likewise");
	kill(launcher.pid, SIGTERM);
	end_of(&launcher);
}

/* The client's terminal. */
static struct process shell_on_terminal(char **argv)
{
	const struct winsize size = { .ws_row = 33, .ws_col = 99 };
	const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct process it = { .in = terminal, .out = dup(terminal), .err = -1 };
	int i, slave;

	must(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal), "posix_openpt");
	ioctl(terminal, TIOCSWINSZ, &size);
	slave = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
	it.pid = fork();
	if (!it.pid) {
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		for (i = 0; i <= STDERR_FILENO; i++)
			dup2(slave, i);
		close(it.in);
		close(it.out);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(be_client(argv));
	}
	close(slave);
	return it;
}

static bool type(const struct process *it, const char *text)
{
	return write(it->in, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Up to and with that text. */
static bool comes(const struct process *it, const char *text)
{
	size_t len = 0;

	do {
		if (len == sizeof(out) - 1 || read(it->out, out + len, 1) != 1)
			return false;
		out[++len] = '\0';
	} while (!strstr(out, text));
	return true;
}

static void test_terminal(void)
{
	const struct winsize larger = { .ws_row = 44, .ws_col = 111 };
	struct process launcher = launch_waiting(), it;

	it = shell_on_terminal(SHELL((char *)"stty size; trap 'stty size; exit 9' WINCH; read word;"
				     "echo \"<$word>\"; while :; do sleep 0.1; done"));
	ok(comes(&it, "33 99\r\n"), "a terminal, with its size");
	ok(type(&it, "word\r") && comes(&it, "<word>"), "takes what is typed");
	ioctl(it.in, TIOCSWINSZ, &larger);
	ok(comes(&it, "44 111\r\n"), "and has a new size");
	is_number(end_of(&it), 9, "its status");
	it = shell_on_terminal(SHELL((char *)"echo ready; exec sleep 100"));
	ok(comes(&it, "ready") && type(&it, "\003"), "^C");
	is_number(end_of(&it), 128 + SIGINT, "is for the command");
	it = shell_on_terminal(SHELL((char *)"echo ready; exec sleep 100"));
	ok(comes(&it, "ready") && type(&it, "\001h") && comes(&it, "leave the command"),
	   "Ctrl-A h");
	ok(type(&it, "\001x"), "Ctrl-A x");
	is_number(end_of(&it), STATUS_COMMAND_USER, "leaves it");
	it = shell_on_terminal(SHELL((char *)"trap '' HUP; echo ready; cat"));
	ok(comes(&it, "ready"), "a terminal that is closed");
	close(it.in);
	close(it.out);
	it.in = -1;
	it.out = -1;
	is_number(end_of(&it), STATUS_COMMAND_USER, "is left, whatever its command does");
	is_number(let_end(&launcher), 3, "and the guest alone");
}

/* Names of guests are ours alone. */
static void make_runtime(void)
{
	must(!!mkdtemp(runtime) && !setenv("XDG_RUNTIME_DIR", runtime, 1), runtime);
	if (!geteuid())
		must(!unshare(CLONE_NEWNS) &&
		     !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
		     !mount("run", "/run", "tmpfs", 0, "mode=0755"), "/run");
}

static void remove_runtime(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/lguest", runtime);
	rmdir(path);
	rmdir(runtime);
	unlink(program);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	must(write_program(), program);
	if (!runs_i386() || !has_namespaces()) {
		puts("1..0 # SKIP no namespaces of one's own, or no programs of 32 bits, here");
		unlink(program);
		return 0;
	}
	make_runtime();
	test_arguments();
	test_not_run();
	test_streams();
	test_readers();
	test_signals();
	test_shell();
	test_shell_streams();
	test_many_shells();
	test_lost();
	test_no_agent();
	test_terminal();
	remove_runtime();
	return tap_done();
}
