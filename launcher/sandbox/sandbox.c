// SPDX-License-Identifier: GPL-2.0
/*
 * What the launcher gives up before its guest runs, when all files are open:
 * the user's rights (--user), the file system (--chroot), and all system calls
 * but those that running a guest takes (seccomp, unless --no-seccomp).  Whoever
 * breaks out of the guest into the launcher then has the guest's own files, and
 * little else.
 *
 * The filter is a list that is shorter than a library's use of it would be, and
 * a 32-bit libseccomp to link with is not to be had on all machines that build
 * the launcher.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base.h"
#include "calls.h"
#include "config.h"
#include "sandbox.h"
#include "supervise.h"

#define FILTER_MAX	256	/* instructions */
#define NEW_NAMESPACES	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
			 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define THREAD		(CLONE_THREAD | CLONE_VM)
#define JUMP_FORM	(BPF_JMP | BPF_K)
#define NR_AT		offsetof(struct seccomp_data, nr)
#define ARCH_AT		offsetof(struct seccomp_data, arch)
#define ARG_AT(n)	offsetof(struct seccomp_data, args[n])	/* its low half */
#define ARG_HIGH_AT(n)	(ARG_AT(n) + 4)

/*
 * What memory, threads, signals, waiting and open files take, on all architectures;
 * more is in own_calls.
 */
static const int allowed[] = {
	__NR_read, __NR_write, __NR_readv, __NR_writev, __NR_pread64, __NR_pwrite64,
	__NR_preadv, __NR_pwritev, __NR_lseek, __NR_fsync, __NR_fdatasync,
	__NR_fallocate, __NR_close, __NR_epoll_ctl, __NR_poll, __NR_ppoll, __NR_futex,
	__NR_eventfd2, __NR_recvmsg, __NR_accept4, __NR_shutdown, __NR_wait4,
	__NR_brk, __NR_munmap, __NR_mremap, __NR_madvise,
	__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn,
	__NR_restart_syscall, __NR_set_robust_list, __NR_rseq, __NR_sched_yield,
	__NR_sched_getaffinity, __NR_timerfd_settime, __NR_clock_gettime,
	__NR_gettimeofday, __NR_clock_nanosleep, __NR_nanosleep,
	__NR_getrandom, __NR_sigaltstack, __NR_getpid, __NR_gettid, __NR_exit, __NR_exit_group,
};

/*
 * To find out what a terminal is like and whose it is, and to restore it; and to
 * tell a tap interface what its guest can do, once that says so.
 */
static const __u32 device_calls[] = {
	TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGPGRP, TIOCGWINSZ, TUNSETOFFLOAD,
};

static struct {
	bool wanted;
	uid_t uid;
	gid_t gid;
} user;

static struct sock_filter filter[FILTER_MAX];
static unsigned int len;	/* as it is meant to be, even if that is too long */

static void add(__u16 code, __u32 k, __u8 yes, __u8 no)
{
	if (len < FILTER_MAX)
		filter[len] = (struct sock_filter){ code, yes, no, k };
	len++;
}

static void verdict(__u32 action)
{
	add(BPF_RET | BPF_K, action, 0, 0);
}

static void load(__u32 at)
{
	add(BPF_LD | BPF_W | BPF_ABS, at, 0, 0);
}

/* What is loaded is @value: @action.  Else the filter goes on. */
static void match(__u32 value, __u32 action)
{
	add(JUMP_FORM | BPF_JEQ, value, 0, 1);
	verdict(action);
}

/* Call @nr is allowed if argument @n, an int, is one of @values; else it is not. */
static void allow_values(int nr, unsigned int n, const __u32 *values, unsigned int nr_values)
{
	unsigned int i;

	load(NR_AT);
	add(JUMP_FORM | BPF_JEQ, nr, 0, 2 * nr_values + 1);
	load(ARG_AT(n));
	for (i = 0; i < nr_values; i++)
		match(values[i], SECCOMP_RET_ALLOW);
}

/* Call @nr is allowed if those of @bits that are set in argument @n are @set. */
static void allow_bits(int nr, unsigned int n, __u32 bits, __u32 set)
{
	load(NR_AT);
	add(JUMP_FORM | BPF_JEQ, nr, 0, 4);
	load(ARG_AT(n));
	add(BPF_ALU | BPF_AND | BPF_K, bits, 0, 0);
	add(JUMP_FORM | BPF_JEQ, set, 0, 1);
	verdict(SECCOMP_RET_ALLOW);
}

/* Call @nr is allowed if argument @n is NULL, all of it. */
static void allow_null(int nr, unsigned int n)
{
	load(NR_AT);
	add(JUMP_FORM | BPF_JEQ, nr, 0, 5);
	load(ARG_AT(n));
	add(JUMP_FORM | BPF_JEQ, 0, 0, 3);
	load(ARG_HIGH_AT(n));
	match(0, SECCOMP_RET_ALLOW);
}

static void build(void)
{
	const __u32 self = getpid(), end = SIGKILL, peer = SO_PEERCRED;
	size_t i;

	len = 0;
	load(ARCH_AT);
	add(JUMP_FORM | BPF_JEQ, own_calls.arch, 1, 0);
	verdict(SECCOMP_RET_KILL_PROCESS);
	load(NR_AT);
	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		match(allowed[i], SECCOMP_RET_ALLOW);
	for (i = 0; i < own_calls.nr_allowed; i++)
		match(own_calls.allowed[i], SECCOMP_RET_ALLOW);
	/* Its arguments cannot be looked at; libraries use clone() then. */
	match(__NR_clone3, SECCOMP_RET_ERRNO | ENOSYS);
	/* Libraries use them for files that are open; but they reach any path. */
	match(__NR_statx, SECCOMP_RET_ERRNO | ENOSYS);
	match(own_calls.stat_at, SECCOMP_RET_ERRNO | ENOSYS);
	allow_bits(__NR_clone, 0, THREAD | NEW_NAMESPACES, THREAD);
	allow_bits(own_calls.map, 2, PROT_EXEC, 0);
	allow_bits(__NR_mprotect, 2, PROT_EXEC, 0);
	allow_values(__NR_kill, 0, &self, 1);
	allow_values(__NR_tgkill, 0, &self, 1);
	/* It has pidfds of its servers, and no way to others. */
	allow_values(__NR_pidfd_send_signal, 1, &end, 1);
	allow_values(__NR_ioctl, 1, device_calls, ARRAY_SIZE(device_calls));
	/* Only whom the socket is connected to; socketcall() would hide that (sock.c). */
	allow_null(__NR_sendto, 4);
	allow_values(__NR_getsockopt, 2, &peer, 1);
	/* The signal lets the terminal be restored; that is all it can do. */
	verdict(SECCOMP_RET_TRAP);
}

/* All threads that the caller makes are under the filter, too. */
static bool __must_check set_filter(void)
{
	struct sock_fprog program = { .filter = filter };

	build();
	if (len > FILTER_MAX)
		return failure("the system call filter is too long");
	program.len = len;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return failure("cannot restrict system calls: %s (--no-seccomp does without)",
			       strerror(errno));
	return true;
}

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static bool __must_check check_chroot(const char *directory)
{
	struct stat st;

	if (stat(directory, &st) < 0)
		return failure("--chroot %s: %s", directory, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return failure("--chroot %s: is not a directory", directory);
	return true;
}

/* The file, not the libraries: those of name services cannot be linked in. */
static bool is_listed(const char *name)
{
	FILE *users = fopen("/etc/passwd", "re");
	struct passwd *entry;

	if (!users)
		return false;
	while ((entry = fgetpwent(users))) {
		if (!strcmp(entry->pw_name, name) ||
		    (is_number(name) && entry->pw_uid == strtoul(name, NULL, 10)))
			break;
	}
	if (entry) {
		user.uid = entry->pw_uid;
		user.gid = entry->pw_gid;
	}
	fclose(users);
	return entry;
}

static bool __must_check find_user(const char *name)
{
	if (is_listed(name))
		return true;
	user.uid = strtoul(name, NULL, 10);
	user.gid = user.uid;
	return is_number(name) ||
	       failure("--user %s: there is no such user in /etc/passwd (a number will do, too)",
		       name);
}

/**
 * sandbox_find_user() - find out who it is that --user names, and where --chroot is
 * @config: has the options
 *
 * Return: false if there is no such user or directory, see failure().
 */
bool sandbox_find_user(const struct config *config)
{
	const bool found = !config->user || find_user(config->user);

	user.wanted = config->user && found;
	return found && (!config->chroot || check_chroot(config->chroot));
}

/**
 * sandbox_become_user() - be who --user names, if it names one
 *
 * False, and errno, if that cannot be.
 */
bool sandbox_become_user(void)
{
	return !user.wanted || (!setgroups(0, NULL) &&
				!setresgid(user.gid, user.gid, user.gid) &&
				!setresuid(user.uid, user.uid, user.uid));
}

/** sandbox_user() - who that is, or who the launcher is */
uid_t sandbox_user(void)
{
	return user.wanted ? user.uid : geteuid();
}

static bool no_right(const char *option, const char *value)
{
	return failure("%s %s: %s%s", option, value, strerror(errno),
		       errno == EPERM ? " (only root can do that)" : "");
}

/**
 * sandbox_supervised() - does the launcher need one that keeps its rights?
 * @config: of the guest
 * @restarts: it may, and all has to be opened again
 */
bool sandbox_supervised(const struct config *config, bool restarts)
{
	if (config->user || !config->no_seccomp)
		return true;		/* it cannot remove its control socket */
	return restarts && config->chroot;
}

/**
 * sandbox_enter() - give up what the options say
 * @config: has the options
 *
 * All files are open, and the user is found; there is no other thread yet.
 *
 * Return: false if something of it cannot be given up, see failure(); what was, is gone.
 */
bool sandbox_enter(const struct config *config)
{
	if (config->chroot && (chroot(config->chroot) < 0 || chdir("/") < 0))
		return no_right("--chroot", config->chroot);
	if (!sandbox_become_user())
		return no_right("--user", config->user);
	supervise_follow();
	return config->no_seccomp || set_filter();
}
