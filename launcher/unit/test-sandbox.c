// SPDX-License-Identifier: GPL-2.0
/*
 * The filter of system calls: what running a guest takes works under it, all
 * else ends the launcher by SIGSYS.  And the commands for a running guest, as a
 * user who is not root gives them to a launcher that is under it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base.h"
#include "config.h"
#include "control.h"
#include "fds.h"
#include "filtered.h"
#include "hold.h"
#include "loop.h"
#include "sandbox.h"
#include "signals.h"
#include "sock.h"
#include "sockets.h"
#include "supervise.h"
#include "somebody.h"
#include "tap.h"
#include "verbs.h"

#define REST_US		1000

static const struct config config = { .kernel = "k" };
static int pair[2];
static int file;
static volatile int sink;

static void do_files(void)
{
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct pollfd p = { .fd = pair[0] };

	sink = pwritev(file, &iov, 1, 0) + preadv(file, &iov, 1, 0) + fsync(file) +
	       fdatasync(file) + write(file, &byte, 1) + lseek(file, 0, SEEK_SET) +
	       pread(file, &byte, 1, 0) + pwrite(file, &byte, 1, 0) + ftruncate(file, 2) +
	       poll(&p, 1, 1);
}

static void *thread(void *unused)
{
	free(malloc(3 * MIB));
	return unused;
}

static void do_threads(void)
{
	pthread_t threads[3];
	int i;

	for (i = 0; i < 3; i++) {
		if (pthread_create(&threads[i], NULL, thread, NULL))
			_exit(7);
	}
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	sink = eventfd(0, EFD_CLOEXEC);
}

static void do_sockets(void)
{
	char byte = 'x';

	if (sock_send(pair[0], &byte, 1, MSG_NOSIGNAL) != 1 ||
	    sock_receive(pair[1], &byte, 1, 0) != 1)
		_exit(7);
	sockets_trusted(pair[0]);
	sock_shutdown(pair[0]);
}

static void do_signals(void)
{
	signal(SIGUSR1, SIG_IGN);
	kill(getpid(), SIGUSR1);
	pthread_kill(pthread_self(), SIGUSR1);
}

static void do_terminal(void)
{
	struct termios settings;

	tcgetattr(0, &settings);
	tcsetattr(0, TCSANOW, &settings);
}

/* There is a file at the path, and nobody is told; nor does a library that asks die. */
static void do_stat(void)
{
	struct statx stx;
	struct stat st;

	if (syscall(__NR_statx, AT_FDCWD, "/", 0, STATX_BASIC_STATS, &stx) >= 0 ||
	    errno != ENOSYS || !stat("/", &st) || errno != ENOSYS)
		_exit(7);
	fstat(file, &st);
}

static void do_send_to(void)
{
	static const struct sockaddr_un name = { AF_UNIX, "/run/systemd/journal/dev-log" };

	sink = syscall(__NR_sendto, pair[0], "x", 1, 0, &name, sizeof(name));
}

static void do_send_message(void)
{
	struct msghdr message = { 0 };

	sink = syscall(__NR_sendmsg, pair[0], &message, 0);
}

static void do_receive_message(void)
{
	char byte;

	sink = syscall(__NR_recvfrom, pair[0], &byte, 1, MSG_DONTWAIT, NULL, NULL);
}

static void do_namespace(void)
{
	sink = syscall(__NR_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWNS, 0, 0, 0,
		       0);
}

static void do_signal_process(void)
{
	sink = syscall(__NR_pidfd_send_signal, 0, SIGTERM, NULL, 0);
}

static void do_open(void)
{
	sink = open("/dev/null", O_RDONLY);
}

static void do_old_open(void)
{
	sink = syscall(__NR_open, "/dev/null", O_RDONLY);
}

static void do_exec(void)
{
	execl("/bin/true", "true", NULL);
}

static void do_fork(void)
{
	sink = syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0);
}

static void do_new_socket(void)
{
	sink = socket(AF_UNIX, SOCK_STREAM, 0);
}

static void do_code(void)
{
	sink = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED;
}

static void do_code_later(void)
{
	static char page[2 * PAGE_BYTES];

	sink = mprotect((char *)(((unsigned long)page + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1)),
			PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static void do_kill(void)
{
	kill(1, 0);
}

static void do_type(void)
{
	sink = ioctl(0, TIOCSTI, "x");
}

static void do_unlink(void)
{
	unlinkat(AT_FDCWD, "/tmp/lguest-no-such-file", 0);
}

static void do_ptrace(void)
{
	sink = syscall(__NR_ptrace, 0, 0, 0, 0);
}

static const struct {
	const char *name;
	void (*act)(void);
	bool good;
} acts[] = {
	{ "files that are open", do_files, true },
	{ "threads, memory", do_threads, true },
	{ "sockets that are open", do_sockets, true },
	{ "signals for itself", do_signals, true },
	{ "settings of a terminal", do_terminal, true },
	{ "control_remove()", control_remove, true },
	{ "stat(), which does not tell anything", do_stat, true },
	{ "openat()", do_open, false },
	{ "open()", do_old_open, false },
	{ "execve()", do_exec, false },
	{ "a new process", do_fork, false },
	{ "socket()", do_new_socket, false },
	{ "memory with code", do_code, false },
	{ "memory that becomes code", do_code_later, false },
	{ "kill() of another", do_kill, false },
	{ "typing on the terminal", do_type, false },
	{ "unlinkat()", do_unlink, false },
	{ "sendto() with a name", do_send_to, false },
	{ "sendmsg()", do_send_message, false },
	{ "recvfrom()", do_receive_message, false },
	{ "a thread with namespaces", do_namespace, false },
	{ "another signal for a server than that which kills", do_signal_process, false },
	{ "ptrace()", do_ptrace, false },
};

static void test_filter(unsigned int i)
{
	int status = end_in(&config, acts[i].act);

	if (acts[i].good)
		is_number(status, 0, acts[i].name);
	else
		ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, acts[i].name);
}

static void look_at_user(void)
{
	struct stat st;

	if (getuid() != NOBODY || getgid() != NOBODY || setuid(0) >= 0 || !stat("/etc/passwd", &st))
		_exit(7);
}

static void test_user(void)
{
	struct config other = { .user = "65534", .chroot = "/proc", .no_seccomp = true };
	struct config nowhere = { .chroot = "/nonexistent", .no_seccomp = true };
	struct config missing = { .user = "no such user", .no_seccomp = true };
	const unsigned int fds = open_fds();

	is_number(end_in(&(struct config){ .no_seccomp = true }, do_open), 0, "--no-seccomp");
	ok(!sandbox_find_user(&missing), "a user who is not there");
	is_wrong(failure_reason(), "--user no such user: there is no such user in /etc/passwd",
		 "is named");
	ok(sandbox_user() == geteuid(), "and is nobody");
	ok(!sandbox_find_user(&nowhere), "a directory that is not there");
	is_wrong(failure_reason(), "--chroot /nonexistent: No such file", "is named, too");
	nowhere.chroot = "/dev/null";
	ok(!sandbox_find_user(&nowhere), "what is no directory");
	is_wrong(failure_reason(), "--chroot /dev/null: is not a directory", "likewise");
	is_number(open_fds(), fds, "nothing is left open");
	if (getuid()) {
		is_number(WEXITSTATUS(end_in(&other, look_at_user)), STATUS_SETUP,
			  "only root can leave");
		return;
	}
	is_number(end_in(&other, look_at_user), 0, "--user and --chroot");
	other.user = "nobody";
	is_number(end_in(&other, look_at_user), 0, "--user by name");
}

/* A launcher whose guest does nothing; @ready gets a byte when it may be asked. */
static noreturn void launch(int ready)
{
	const struct config idle = { .name = "idle", .kernel = "k", .memory = 64 * MIB };

	if (!become_somebody(NULL))
		_exit(7);
	if (!control_open(&idle))
		_exit(report_failure());
	need(supervise());
	hold_setup();
	signals_setup();
	if (!sandbox_enter(&idle))
		_exit(report_failure());
	control_start();
	need(loop_start());
	if (write(ready, "", 1) != 1)
		_exit(7);
	while (!hold_ending()) {
		hold_here();
		usleep(REST_US);
	}
	loop_stop();
	_exit(STATUS_USER);
}

static int call_verb(const char *verb, int (*verb_main)(int argc, char **argv))
{
	char name[] = "idle", *argv[] = { (char *)verb, name, NULL };
	pid_t pid = fork();
	int status;

	if (!pid) {
		optind = 0;
		if (!become_somebody(NULL) || !freopen("/dev/null", "w", stdout))
			_exit(7);
		exit(verb_main(verb_main == list_main ? 1 : 2, argv));
	}
	waitpid(pid, &status, 0);
	return status;
}

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} verbs[] = {
	{ "list", list_main },
	{ "stat", control_main },
	{ "pause", control_main },
	{ "stat", control_main },
	{ "resume", control_main },
	{ "stop", stop_main },
};

static void test_verbs(void)
{
	char runtime[] = "/tmp/lguest-unit-XXXXXX", path[SOCKETS_PATH_MAX], byte;
	int fds[2], status;
	pid_t pid;
	size_t i;

	if (!mkdtemp(runtime) || (!getuid() && chown(runtime, NOBODY, NOBODY)) ||
	    setenv("XDG_RUNTIME_DIR", runtime, 1) || pipe(fds))
		return;
	pid = fork();
	if (!pid) {
		close(fds[0]);
		launch(fds[1]);
	}
	close(fds[1]);
	is_number(read(fds[0], &byte, 1), 1, "a launcher that is not root's starts");
	close(fds[0]);
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		is_number(call_verb(verbs[i].name, verbs[i].main), 0, verbs[i].name);
	waitpid(pid, &status, 0);
	is_number(WIFSIGNALED(status) ? WTERMSIG(status) : 0, 0, "no verb kills the launcher");
	is_number(WEXITSTATUS(status), STATUS_USER, "which ends as it was told");
	snprintf(path, sizeof(path), "%s/lguest", runtime);
	rmdir(path);
	rmdir(runtime);
}

int main(void)
{
	char name[] = "/tmp/lguest-unit-XXXXXX";
	size_t i;

	if (!freopen("/dev/null", "w", stderr))
		return 1;
	file = mkstemp(name);
	unlink(name);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return 1;
	for (i = 0; i < ARRAY_SIZE(acts); i++)
		test_filter(i);
	test_user();
	test_verbs();
	return tap_done();
}
