// SPDX-License-Identifier: GPL-2.0
/* From the launcher's message to a process that runs its command. */
#include "agent.h"

#define STANDARD_PATH	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define NAME_MAX_	4096u

bool spawn_piece(struct spawn *spawn, const char *from, size_t len)
{
	if (!spawn->text)
		spawn->text = sys_map(AGENT_SPAWN_MAX);
	if (!spawn->text || len >= AGENT_SPAWN_MAX - spawn->len)
		return false;
	memcpy(spawn->text + spawn->len, from, len);
	spawn->len += len;
	return true;
}

void spawn_forget(struct spawn *spawn)
{
	sys_unmap(spawn->text, AGENT_SPAWN_MAX);
	spawn->text = NULL;
	spawn->len = 0;
}

/* The next @nr strings from *@at on, and NULL; false if there are not so many. */
static bool list(char **to, unsigned int nr, char **at, const char *end)
{
	while (nr--) {
		if (*at >= end)
			return false;
		*to++ = *at;
		*at += text_len(*at) + 1;
	}
	*to = NULL;
	return true;
}

struct command {
	struct agent_spawn head;
	char *directory;
	char **argv, **envp;
	size_t bytes;			/* of those two lists */
};

static int parse(struct spawn *spawn, struct command *cmd)
{
	char *at = spawn->text + sizeof(cmd->head), *end = spawn->text + spawn->len;

	if (!spawn->text || spawn->len <= sizeof(cmd->head))
		return -EINVAL;
	memcpy(&cmd->head, spawn->text, sizeof(cmd->head));
	if (!cmd->head.arguments || cmd->head.arguments > AGENT_SPAWN_MAX ||
	    cmd->head.variables > AGENT_SPAWN_MAX)
		return -EINVAL;
	cmd->bytes = (cmd->head.arguments + cmd->head.variables + 4) * sizeof(char *);
	cmd->argv = sys_map(cmd->bytes);
	if (!cmd->argv)
		return -ENOMEM;
	cmd->envp = cmd->argv + cmd->head.arguments + 1;
	*end = '\0';
	cmd->directory = at;
	at += text_len(at) + 1;
	if (!list(cmd->argv, cmd->head.arguments, &at, end) ||
	    !list(cmd->envp, cmd->head.variables, &at, end)) {
		sys_unmap(cmd->argv, cmd->bytes);
		return -EINVAL;
	}
	return 0;
}

/* The kernel takes no script without "#!"; a shell does. */
static int run_script(char *name, const struct command *cmd)
{
	const unsigned int nr = cmd->head.arguments;
	char **argv = sys_map((nr + 2) * sizeof(char *));

	if (!argv)
		return -ENOMEM;
	memcpy(argv + 1, cmd->argv, (nr + 1) * sizeof(char *));
	argv[0] = (char *)"sh";
	argv[1] = name;
	return sys_execve("/bin/sh", argv, cmd->envp);
}

static int run_file(char *name, const struct command *cmd)
{
	const int error = sys_execve(name, cmd->argv, cmd->envp);

	return error == -ENOEXEC ? run_script(name, cmd) : error;
}

static const char *path_of(const struct command *cmd)
{
	unsigned int i;

	for (i = 0; cmd->envp[i]; i++) {
		const char *path = text_after(cmd->envp[i], "PATH=");

		if (path)
			return path;
	}
	return STANDARD_PATH;
}

static bool has_slash(const char *name)
{
	while (*name && *name != '/')
		name++;
	return *name;
}

/* As a shell looks for it; returns why it cannot be run. */
static int run(const struct command *cmd)
{
	char *name = cmd->argv[0], full[NAME_MAX_];
	int error = -ENOENT, last;
	const char *path;

	if (!*name || has_slash(name))
		return *name ? run_file(name, cmd) : -ENOENT;
	for (path = path_of(cmd); ; path++) {
		char *at = full;

		while (*path && *path != ':' && at < full + NAME_MAX_ - 2)
			*at++ = *path++;
		if (at > full)
			*at++ = '/';
		text_add(at, full + NAME_MAX_, name);
		last = run_file(full, cmd);
		if (last != -ENOENT && last != -ENOTDIR && error == -ENOENT)
			error = last;
		if (*path != ':')
			return error;
	}
}

/* As the kernel has it; the C library's is another. */
struct action {
	void (*handler)(int sig);
	unsigned long flags;
	void (*restorer)(void);
	unsigned int mask[2];
};

static void set_action(int sig, const struct action *action)
{
	sys4(__NR_rt_sigaction, sig, (long)action, 0, sizeof(action->mask));
}

static void set_mask(unsigned int signals)
{
	const unsigned int mask[2] = { signals, 0 };

	sys4(__NR_rt_sigprocmask, SIG_SETMASK, (long)mask, 0, sizeof(mask));
}

static void heard(int sig)
{
	(void)sig;
}

/* From a handler back: not all kernels have this for those who do not. */
void back_from_handler(void);
asm("back_from_handler:\n"
	"	pop	%eax\n"
	"	mov	$119, %eax\n"
	"	int	$0x80\n");

/* A child's end ends a wait, and nothing else. */
void spawn_hear_children(void)
{
	const struct action action = { heard, SA_RESTORER, back_from_handler, { 0, 0 } };
	const struct action ignored = { SIG_IGN, 0, NULL, { 0, 0 } };

	set_mask(1u << (SIGCHLD - 1));
	set_action(SIGCHLD, &action);
	set_action(SIGPIPE, &ignored);
}

void spawn_default_signals(void)
{
	const struct action usual = { SIG_DFL, 0, NULL, { 0, 0 } };
	int sig;

	for (sig = 1; sig <= SIGNALS; sig++)
		set_action(sig, &usual);
	set_mask(0);
}

/* In the new process. */
static noreturn void become(const struct command *cmd, const int streams[3], int exec)
{
	long error;
	int i;

	sys0(__NR_setsid);
	if (cmd->head.flags & AGENT_SPAWN_TERMINAL)
		sys_ioctl(streams[0], TIOCSCTTY, NULL);
	for (i = 0; i < 3; i++)
		sys_dup2(streams[i], i);
	spawn_default_signals();
	error = sys_chdir(*cmd->directory ? cmd->directory : "/");
	if (!error)
		error = run(cmd);
	error = -error;
	sys_write(exec, &error, sizeof(int));
	sys_exit(1);
}

/* Not of use beyond an exec, and above the standard streams, which are always open. */
static void keep(int fd, int flags)
{
	sys_fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (flags)
		sys_fcntl(fd, F_SETFL, flags);
}

static int new_pipe(int fds[2])
{
	const long error = sys_pipe(fds);

	if (error < 0)
		return error;
	keep(fds[0], 0);
	keep(fds[1], 0);
	return 0;
}

struct ends {
	int ours[3], theirs[3];
};

static void close_all(const int fds[3])
{
	int i;

	for (i = 0; i < 3; i++) {
		if (fds[i] >= 0 && (i == 0 || fds[i] != fds[0]))
			sys_close(fds[i]);
	}
}

static int open_pipes(struct ends *ends)
{
	int fds[2], i, error;

	for (i = 0; i < 3; i++) {
		error = new_pipe(fds);
		if (error)
			return error;
		ends->ours[i] = fds[!i];
		ends->theirs[i] = fds[!!i];
		keep(ends->ours[i], O_NONBLOCK);
	}
	return 0;
}

static int open_terminal(const struct agent_size *size, struct ends *ends)
{
	int slave, fd = terminal_open(size, &slave);

	if (fd < 0)
		return fd;
	keep(fd, O_RDWR | O_NONBLOCK);
	keep(slave, 0);
	ends->ours[0] = fd;
	ends->ours[1] = fd;
	ends->theirs[0] = slave;
	ends->theirs[1] = slave;
	ends->theirs[2] = slave;
	return 0;
}

static int spawn_it(const struct command *cmd, struct spawned *to)
{
	struct ends ends = { { -1, -1, -1 }, { -1, -1, -1 } };
	int exec[2], pid, error;

	to->terminal = cmd->head.flags & AGENT_SPAWN_TERMINAL;
	error = to->terminal ? open_terminal(&cmd->head.size, &ends) : open_pipes(&ends);
	if (!error)
		error = new_pipe(exec);
	if (error) {
		close_all(ends.ours);
		close_all(ends.theirs);
		return error;
	}
	pid = sys_fork();
	if (!pid)
		become(cmd, ends.theirs, exec[1]);
	close_all(ends.theirs);
	sys_close(exec[1]);
	keep(exec[0], O_NONBLOCK);
	to->exec = exec[0];
	to->in = ends.ours[0];
	to->out = ends.ours[1];
	to->err = ends.ours[2];
	to->pid = pid;
	return pid < 0 ? pid : 0;
}

/* Returns 0, or an error below that. */
int spawn_run(struct spawn *spawn, struct spawned *to)
{
	struct command cmd;
	int error = parse(spawn, &cmd);

	if (error)
		return error;
	error = spawn_it(&cmd, to);
	sys_unmap(cmd.argv, cmd.bytes);
	return error;
}

void terminal_resize(int fd, const struct agent_size *size)
{
	struct {
		__u16 rows, columns, x, y;
	} window = { size->rows, size->columns, 0, 0 };

	sys_ioctl(fd, TIOCSWINSZ, &window);
}

/* A new terminal of that size; returns the end of who types and reads, or an error. */
int terminal_open(const struct agent_size *size, int *slave)
{
	char name[32];
	int unlocked = 0;
	unsigned int number;
	long fd = sys_open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), error;

	if (fd < 0)
		return fd;
	error = sys_ioctl(fd, TIOCSPTLCK, &unlocked);
	if (!error)
		error = sys_ioctl(fd, TIOCGPTN, &number);
	if (!error) {
		text_number(text_add(name, name + sizeof(name), "/dev/pts/"), name + sizeof(name),
			    number);
		error = sys_open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	}
	if (error < 0) {
		sys_close(fd);
		return error;
	}
	*slave = error;
	terminal_resize(fd, size);
	return fd;
}
