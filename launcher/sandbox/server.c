// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of the host's that do a device's work, each at the other end of a
 * socket.  They start before the launcher gives up its rights (sandbox.c), as
 * the user that it is going to be, and see all of the file system, or one
 * directory (confine.c): --chroot is not for them.  They have their end of the
 * socket and messages on stderr, and nothing else of the launcher's.  They end
 * with it: the kernel kills them, and those that have become another user by then
 * find that the socket is closed.
 *
 * One that sees one directory only does what a guest says.  What it prints is the
 * guest's to choose, too, so it is kept, and the user reads the end of it when the
 * server is lost.  It is ended by a signal only: diod (1.0.24) is prone to a
 * segmentation fault in its own exit, of which the host's log tells.  So it does not
 * hear that its socket is closed, for it has the launcher's end, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "confine.h"
#include "sandbox.h"
#include "server.h"
#include "sock.h"

/* A user's path does not have them all. */
#define MORE_PLACES	"/usr/local/sbin:/usr/sbin:/sbin:" \
			"/usr/local/libexec:/usr/libexec:/usr/lib:/usr/lib/qemu"

/* What to start, and where. */
struct plan {
	char path[PATH_MAX];
	char *const *argv;
	const struct confinement *confinement;	/* NULL: it sees all */
	bool (*prepare)(void);	/* NULL: not needed */
};

/* Why that did not work. */
struct trouble {
	int error;
	bool confining;
};

/* The ends that the launcher, and its child, have of what they share. */
struct ends {
	int socket;
	int words;		/* what the server prints; -1: that is the user's to read */
	int error;		/* a struct trouble */
};

#define ERROR_FD	(SERVER_FD + 1)	/* in the child, until it is another program */
#define OTHER_END_FD	(SERVER_FD + 2)	/* of the socket, if the server is to be killed */
#define END_MS		2000		/* for a server to end, once it was told */
#define WORDS_MAX	400		/* bytes of a server's that the user reads */
#define LINES_MAX	5

static bool find_in(const char *places, const char *program, char path[PATH_MAX])
{
	while (places && *places) {
		size_t len = strcspn(places, ":");

		snprintf(path, PATH_MAX, "%.*s/%s", (int)len, places, program);
		if (len && !access(path, X_OK))
			return true;
		places += len + (places[len] == ':');
	}
	return false;
}

static bool find(const char *program, char path[PATH_MAX])
{
	return find_in(getenv("PATH"), program, path) || find_in(MORE_PLACES, program, path);
}

/** server_is_there - is there a program of this name? */
bool server_is_there(const char *name)
{
	char path[PATH_MAX];

	return find(name, path);
}

/** server_mentions - does the program have this text in it, as that of an option? */
bool server_mentions(const char *name, const char *text)
{
	char path[PATH_MAX];
	struct stat st;
	bool mentions;
	void *all;
	int fd;

	if (!find(name, path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) || !st.st_size)
		st.st_size = 1;
	all = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (all == MAP_FAILED)
		return false;
	mentions = memmem(all, st.st_size, text, strlen(text));
	munmap(all, st.st_size);
	return mentions;
}

static void close_from(unsigned int first)
{
	struct rlimit limit;

	if (!syscall(SYS_close_range, first, ~0u, 0) || getrlimit(RLIMIT_NOFILE, &limit))
		return;
	for (; first < limit.rlim_cur; first++)
		close(first);
}

/*
 * The standard streams, the socket, and where to report what fails; and @other, if
 * there is one.
 */
static bool arrange_files(const struct ends *ends, int other)
{
	const int first = OTHER_END_FD + 1;
	int nothing = open("/dev/null", O_RDONLY);
	int socket = fcntl(ends->socket, F_DUPFD, first);
	int error = fcntl(ends->error, F_DUPFD, first);

	if (other >= 0)
		other = fcntl(other, F_DUPFD, first);
	if ((ends->words >= 0 && dup2(ends->words, STDERR_FILENO) < 0) ||
	    dup2(nothing, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
	    dup2(socket, SERVER_FD) < 0 || dup3(error, ERROR_FD, O_CLOEXEC) < 0)
		return false;
	if (other >= 0 && dup2(other, OTHER_END_FD) < 0)
		return false;
	close_from(other >= 0 ? first : OTHER_END_FD);
	return true;
}

/* A guest's open files are its server's. */
static void raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/*
 * The launcher holds its end of this until it has heard; in a PID namespace of its own
 * a process is not told who its parent is.
 */
static bool is_orphan(void)
{
	struct pollfd launcher = { .fd = ERROR_FD };

	return poll(&launcher, 1, 0) && launcher.revents & POLLERR;
}

/* The kernel forgets whom to follow when a process becomes another user. */
static bool follow(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return !is_orphan();
}

/* As the user that it is to be; the launcher's end is noticed then. */
static bool prepare(const struct plan *plan)
{
	return sandbox_become_user() && follow() &&
	       (!plan->confinement || !plan->confinement->root ||
		confine_be_root(plan->confinement)) &&
	       (!plan->prepare || plan->prepare());
}

/* The child's way to be another program; nothing that it changes is shared. */
static noreturn void become(const struct plan *plan, const struct ends *ends, int other)
{
	struct trouble trouble = { 0 };
	int error = ends->error;
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();			/* ^C is not for it */
	if (arrange_files(ends, plan->confinement ? other : -1)) {
		error = ERROR_FD;
		raise_files();
		if (plan->confinement && !confine(plan->path, plan->confinement))
			trouble.confining = true;
		else if (prepare(plan))
			execv(plan->confinement ? CONFINED_PROGRAM : plan->path, plan->argv);
	}
	trouble.error = errno;
	if (write(error, &trouble, sizeof(trouble)) < 0)
		_exit(STATUS_CRASH);
	_exit(STATUS_SETUP);
}

static bool cannot_confine(const char *option, const char *name, int error)
{
	const bool user = geteuid();

	return error == EINVAL ?
		failure("%s: %s needs namespaces that the kernel lacks (mnt, pid, ipc, net%s)",
			option, name, user ? ", user" : "") :
		failure("%s: cannot keep %s in there: %s (the kernel must allow user namespaces%s",
			option, name, strerror(error),
			user ? ", or root start the launcher, with --user)" : ")");
}

/* Nothing comes if the child is another program: the kernel closes the pipe. */
static bool __must_check is_program(int from, const struct plan *plan, const char *option)
{
	struct trouble trouble;
	ssize_t n;

	do {
		n = read(from, &trouble, sizeof(trouble));
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(trouble))
		return true;
	if (trouble.confining)
		return cannot_confine(option, plan->argv[0], trouble.error);
	return failure("%s: cannot run %s: %s", option, plan->path, strerror(trouble.error));
}

/*
 * A socket to accept us at, and ours, which waits for that; its name is gone by then,
 * and was nobody else's to reach.
 */
static bool __must_check make_listener(int pair[2])
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/tmp/lguest-XXXXXX" };
	char *const directory = name.sun_path, *const end = directory + strlen(directory);
	bool good;
	int error;

	if (!mkdtemp(directory))
		return false;
	strcpy(end, "/socket");
	pair[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pair[1] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	good = pair[0] >= 0 && pair[1] >= 0 &&
	       !bind(pair[1], (struct sockaddr *)&name, sizeof(name)) && !listen(pair[1], 1) &&
	       !connect(pair[0], (struct sockaddr *)&name, sizeof(name));
	error = errno;
	unlink(directory);
	*end = '\0';
	rmdir(directory);
	errno = error;
	return good;
}

static bool __must_check make_pair(const struct plan *plan, int pair[2])
{
	if (plan->confinement && plan->confinement->listens)
		return make_listener(pair);
	return !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
}

static void close_any(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void close_ends(const struct ends *ends)
{
	close_any(ends->socket);
	close_any(ends->words);
	close_any(ends->error);
}

/*
 * What a server prints that nobody has read, and there is no room for, is lost: it
 * does not wait.  Those ends that could be made are to be closed in any case.
 */
static bool __must_check make_ends(const struct plan *plan, struct ends *ours,
				   struct ends *its)
{
	const bool keep_words = plan->confinement && !verbose;
	int pair[2] = { -1, -1 }, error[2] = { -1, -1 }, words[2] = { -1, -1 };
	const bool good = make_pair(plan, pair) && !pipe2(error, O_CLOEXEC) &&
			  (!keep_words || !pipe2(words, O_CLOEXEC | O_NONBLOCK));

	*ours = (struct ends){ pair[0], words[0], error[0] };
	*its = (struct ends){ pair[1], words[1], error[1] };
	return good;
}

/* Returns the process that is going to be the program; -1 if there is none. */
static pid_t make_process(const struct plan *plan, const char *option, const struct ends *its,
			  int other)
{
	pid_t pid;

	fflush(NULL);
	pid = plan->confinement ? confine_fork() : fork();
	if (!pid)
		become(plan, its, other);
	if (pid < 0 && plan->confinement)
		cannot_confine(option, plan->argv[0], errno);
	else if (pid < 0)
		failure("%s: cannot make a process: %s", option, strerror(errno));
	return pid;
}

/* It has not become the program, and ends. */
static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static bool __must_check run(struct server *server, const struct plan *plan,
			     const char *option, const struct ends *ours,
			     const struct ends *its)
{
	const pid_t pid = make_process(plan, option, its, ours->socket);

	close_ends(its);
	if (pid < 0)
		return false;
	if (!is_program(ours->error, plan, option)) {
		reap(pid);
		return false;
	}
	*server = (struct server){
		.name = plan->argv[0], .pid = pid, .socket = ours->socket, .words = ours->words,
		.killed = plan->confinement, .process = syscall(SYS_pidfd_open, pid, 0),
	};
	explain("%s: %s is process %d", option, plan->path, (int)pid);
	return true;
}

static bool __must_check start(struct server *server, const char *option,
			       const char *package, struct plan *plan)
{
	struct ends ours, its;

	*server = (struct server){ .socket = -1, .process = -1, .words = -1 };
	if (!find(plan->argv[0], plan->path))
		return failure("%s: needs the program '%s' (apt install %s)", option,
			       plan->argv[0], package);
	if (!make_ends(plan, &ours, &its)) {
		failure("%s: cannot make a socket or pipe (in /tmp): %s", option, strerror(errno));
		close_ends(&its);
	} else if (run(server, plan, option, &ours, &its)) {
		close(ours.error);
		return true;
	}
	close_ends(&ours);
	return false;
}

/**
 * server_start - start a program that serves a device, and sees all files
 * @server: filled in
 * @option: that asks for it, for messages
 * @package: of Debian, that has the program
 * @argv: its name, which must last, and arguments, of which one says that the
 *	  socket is SERVER_FD
 *
 * Only while the launcher has one thread, which lasts.
 *
 * Return: false if it cannot be, as there is no such program, see failure(); there is
 * nothing to close then.
 */
bool server_start(struct server *server, const char *option, const char *package,
		  char *const argv[])
{
	struct plan plan = { .argv = argv };

	return start(server, option, package, &plan);
}

/**
 * server_start_prepared - the same for one that needs some preparation
 * @server: filled in
 * @option: that asks for it
 * @package: that has it
 * @argv: as for server_start()
 * @prepare: what the new process does before it is that program
 *
 * Return: false if it cannot be, see failure().
 */
bool server_start_prepared(struct server *server, const char *option, const char *package,
			   char *const argv[], bool (*prepare)(void))
{
	struct plan plan = { .argv = argv, .prepare = prepare };

	return start(server, option, package, &plan);
}

/**
 * server_start_in - the same for one that sees one directory only
 * @server: filled in
 * @option: that asks for it
 * @package: that has it
 * @argv: as for server_start()
 * @confinement: the directory, and what holds for it
 *
 * Return: false if it cannot be, see failure().
 */
bool server_start_in(struct server *server, const char *option, const char *package,
		     char *const argv[], const struct confinement *confinement)
{
	struct plan plan = { .argv = argv, .confinement = confinement };

	return start(server, option, package, &plan);
}

/* Waits a while for the end of a server.  False if it has not ended. */
static bool collect(struct server *server, int *status)
{
	struct pollfd end = { .fd = server->process, .events = POLLIN };
	pid_t pid;

	if (!server->pid)
		return false;
	poll(&end, 1, END_MS);
	pid = waitpid(server->pid, status, WNOHANG);
	if (pid)
		server->pid = 0;
	return pid > 0;
}

/**
 * server_ended - wait a while for the end of a server whose socket is at its end
 * @server: it
 * @status: as waitpid() gives it
 *
 * False if it has not ended.
 */
bool server_ended(struct server *server, int *status)
{
	if (!server->killed)
		sock_shutdown(server->socket);
	return collect(server, status);
}

/* Its last lines. */
static char *tail(char *text)
{
	char *from = text + strlen(text);
	unsigned int lines = 0;

	while (from > text && (from[-1] != '\n' || !*from || ++lines < LINES_MAX))
		from--;
	return from;
}

/* The end of what it has printed, if that was kept. */
static void quote(const struct server *server)
{
	char text[PAGE_BYTES + 1], *line, *rest;
	size_t len = 0;
	ssize_t n;

	if (server->words < 0)
		return;
	while ((n = read(server->words, text + len, PAGE_BYTES - len)) > 0) {
		len += n;
		if (len <= WORDS_MAX)
			continue;
		memmove(text, text + len - WORDS_MAX, WORDS_MAX);
		len = WORDS_MAX;
	}
	text[len] = '\0';
	line = strtok_r(tail(text), "\r\n", &rest);
	for (; line; line = strtok_r(NULL, "\r\n", &rest)) {
		printable(line);
		complain("%s said: %s", server->name, line);
	}
}

/**
 * server_lost - tell the user that a server does not answer any more
 * @server: whose socket is at its end
 * @loss: what that means to the guest
 *
 * Good in any thread, but in one at a time.
 */
void server_lost(struct server *server, const char *loss)
{
	int status;

	if (!server_ended(server, &status))
		complain("%s does not serve any more: %s", server->name, loss);
	else if (WIFSIGNALED(status))
		complain("%s was ended by signal %d: %s", server->name, WTERMSIG(status), loss);
	else
		complain("%s has ended with status %d: %s", server->name,
			 WEXITSTATUS(status), loss);
	quote(server);
}

/**
 * server_close - end a server
 * @server: started
 *
 * One that does not listen is killed when the launcher ends.
 */
void server_close(struct server *server)
{
	int status;

	if (server->killed && server->pid)
		syscall(SYS_pidfd_send_signal, server->process, SIGKILL, NULL, 0);
	close(server->socket);
	if (server->pid && !collect(server, &status))
		explain("%s does not end", server->name);
	if (server->process >= 0)
		close(server->process);
	if (server->words >= 0)
		close(server->words);
}
