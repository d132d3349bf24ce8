// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps a server (server.c) that takes names from its guest inside of one
 * directory.  Such a server looks names up as any program does: ".." leads out
 * of the directory, and so does a symbolic link that the guest has made.  So the
 * server gets a file system of its own, which has the directory, itself, and,
 * only to be read, where libraries are.  What is no file it does not see either: it is
 * the first process of a PID namespace, so that it can neither signal nor trace others
 * of its user, and has its own IPC and its own network, without any interface that is
 * up.  All that takes root, or a user namespace.
 *
 * What is mounted in the directory is left out, or comes with it, but for what is no
 * file system (/proc, /sys): there a server would find what is not files.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base.h"
#include "confine.h"

/* There is one everywhere, and nothing in it that a server needs. */
#define NEW_ROOT	"/sys"
#define INSIDE(name)	(NEW_ROOT name)

#define NAMESPACES	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET)

#define CAP(n)		(1ull << (n))
#define FILE_RIGHTS	(CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_DAC_READ_SEARCH) | \
			 CAP(CAP_FOWNER) | CAP(CAP_FSETID) | CAP(CAP_SETGID) | \
			 CAP(CAP_SETUID) | CAP(CAP_MKNOD))
/* For one that gives up rights itself, which it must have then. */
#define OWN_RIGHTS	(CAP(CAP_SETPCAP) | CAP(CAP_SYS_CHROOT) | CAP(CAP_SETFCAP))

static const char *const libraries[] = {
	"/usr", "/lib", "/lib32", "/lib64", "/libx32",
};

/* What statvfs() tells of a mount, and mount() must be told to keep. */
static const struct {
	unsigned long seen, kept;
} properties[] = {
	{ ST_RDONLY, MS_RDONLY }, { ST_NOSUID, MS_NOSUID }, { ST_NODEV, MS_NODEV },
	{ ST_NOEXEC, MS_NOEXEC }, { ST_NOATIME, MS_NOATIME },
	{ ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME },
};

/* File systems that are none. */
static const char *const pseudo[] = {
	"proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs", "debugfs",
	"tracefs", "bpf", "configfs", "fusectl", "mqueue", "efivarfs", "pstore", "binfmt_misc",
	"autofs", "hugetlbfs", "rpc_pipefs", "nsfs", "selinuxfs",
};

/* The process itself, in the /proc that it leaves; it has none that it can write to. */
static int self = -1;

static bool write_file(const char *name, const char *text)
{
	int fd = openat(self, name, O_WRONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

/* Who has made a namespace of users for the process, which is nobody in it at first. */
static struct {
	bool any;
	unsigned int uid, gid;
} maker;

static pid_t fork_in(unsigned long namespaces)
{
	return syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
}

/**
 * confine_fork() - fork() for a process that is going to confine() itself
 *
 * Only while the caller has one thread.  -1, and errno, if the kernel does not have
 * the namespaces, or not for this user.
 */
pid_t confine_fork(void)
{
	pid_t pid = fork_in(NAMESPACES);

	if (pid >= 0 || errno != EPERM)
		return pid;
	maker.any = true;
	maker.uid = geteuid();
	maker.gid = getegid();
	pid = fork_in(NAMESPACES | CLONE_NEWUSER);
	if (pid)
		maker.any = false;
	return pid;
}

/* In the namespace nobody but a user of outside is anybody: root, or who it is there. */
static bool be_somebody(unsigned int uid, unsigned int gid, bool root)
{
	char users[32], groups[32];

	snprintf(users, sizeof(users), "%u %u 1\n", root ? 0 : uid, uid);
	snprintf(groups, sizeof(groups), "%u %u 1\n", root ? 0 : gid, gid);
	return write_file("setgroups", "deny") && write_file("uid_map", users) &&
	       write_file("gid_map", groups);
}

/* Leaves the launcher's mounts as they are. */
static bool leave(bool root)
{
	self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (maker.any && !be_somebody(maker.uid, maker.gid, root))
		return false;
	return !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* Makes it a mount of these properties, besides those that it has. */
static bool protect(const char *path, unsigned long flags)
{
	struct statvfs st;
	size_t i;

	if (statvfs(path, &st))
		return false;
	for (i = 0; i < ARRAY_SIZE(properties); i++) {
		if (st.f_flag & properties[i].seen)
			flags |= properties[i].kept;
	}
	return !mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags, NULL);
}

/* What a user namespace inherits, it inherits with all that is mounted below. */
static bool show(const char *from, const char *to, unsigned long flags)
{
	if (mount(from, to, NULL, MS_BIND, NULL) &&
	    (errno != EINVAL || mount(from, to, NULL, MS_BIND | MS_REC, NULL)))
		return false;
	return protect(to, flags);
}

static bool is_pseudo(const char *type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pseudo) && strcmp(type, pseudo[i]); i++)
		;
	return i < ARRAY_SIZE(pseudo);
}

/* Nothing is to be seen there; it may be hidden already. */
static bool cover(const char *path)
{
	return !mount("none", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "size=4k") ||
	       errno == ENOENT;
}

/* What is mounted in the directory; all that could not be protected is covered. */
static bool protect_below(const char *directory, unsigned long flags)
{
	const size_t len = strlen(directory);
	struct mntent *entry;
	bool good = true;
	FILE *mounts;

	mounts = setmntent("/proc/self/mounts", "re");
	if (!mounts)
		return false;
	while (good && (entry = getmntent(mounts))) {
		if (strncmp(entry->mnt_dir, directory, len) || entry->mnt_dir[len] != '/')
			continue;
		if (is_pseudo(entry->mnt_type) || !protect(entry->mnt_dir, flags))
			good = cover(entry->mnt_dir);
	}
	endmntent(mounts);
	return good;
}

static bool show_directory(const struct confinement *confinement)
{
	const char *to = INSIDE(CONFINED_DIRECTORY);
	const unsigned long flags = MS_NOSUID | MS_NODEV |
				    (confinement->read_only ? MS_RDONLY : 0);

	if (mkdir(to, 0755))
		return false;
	if (confinement->whole && mount(confinement->directory, to, NULL, MS_BIND | MS_REC, NULL))
		return false;
	if (confinement->whole ? !protect(to, flags) : !show(confinement->directory, to, flags))
		return false;
	return protect_below(to, flags);
}

static bool show_file(const char *from, const char *to, unsigned long flags)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (fd < 0)
		return false;
	close(fd);
	return show(from, to, flags);
}

/* On many systems most of these are links to the first. */
static bool show_libraries(const char *name)
{
	char to[64], target[PATH_MAX];
	struct stat st;
	ssize_t len;

	snprintf(to, sizeof(to), NEW_ROOT "%s", name);
	if (lstat(name, &st))
		return true;
	if (S_ISDIR(st.st_mode))
		return !mkdir(to, 0755) && show(name, to, MS_RDONLY | MS_NOSUID | MS_NODEV);
	len = readlink(name, target, sizeof(target) - 1);
	if (len < 0)
		return true;
	target[len] = '\0';
	return !symlink(target, to);
}

static bool furnish(const char *program, const struct confinement *confinement)
{
	size_t i;

	if (mount("lguest", NEW_ROOT, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64k"))
		return false;
	for (i = 0; i < ARRAY_SIZE(libraries); i++) {
		if (!show_libraries(libraries[i]))
			return false;
	}
	if (confinement->proc &&
	    (mkdir(INSIDE("/proc"), 0555) ||
	     mount("proc", INSIDE("/proc"), "proc",
		   MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)))
		return false;
	return show_file(program, INSIDE(CONFINED_PROGRAM), MS_RDONLY | MS_NOSUID | MS_NODEV) &&
	       show_file("/dev/null", INSIDE(CONFINED_NULL), MS_NOSUID) &&
	       show_directory(confinement) &&
	       !mount(NULL, NEW_ROOT, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
}

/* The first file system of a machine cannot be left by pivot_root(). */
static bool enter(void)
{
	return !chdir(NEW_ROOT) && !mount(".", "/", NULL, MS_MOVE, NULL) &&
	       !chroot(".") && !chdir("/");
}

/* What root has besides files is not for servers of files. */
static void drop_rights(unsigned long long kept)
{
	int i;

	for (i = 0; i < 64; i++) {
		if (!(kept >> i & 1))
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	}
}

static unsigned long long rights(const struct confinement *confinement)
{
	return FILE_RIGHTS | (confinement->root ? OWN_RIGHTS : 0);
}

/**
 * confine() - let a process of confine_fork() see one directory, and a program to become
 * @program: path of the program, which becomes CONFINED_PROGRAM
 * @confinement: the directory, which becomes CONFINED_DIRECTORY, and what holds for it
 *
 * False, and errno, if that cannot be; the process is of no use then.
 */
bool confine(const char *program, const struct confinement *confinement)
{
	if (!leave(confinement->root) || !furnish(program, confinement) || !enter())
		return false;
	drop_rights(rights(confinement));
	return true;
}

/**
 * confine_be_root() - let a confined process be root, over what is its user's
 * @confinement: its own
 *
 * Once it is the user that it is to be; which makes the kernel keep others, that is
 * itself, from its files in /proc.
 */
bool confine_be_root(const struct confinement *confinement)
{
	const unsigned int uid = geteuid(), gid = getegid();

	if (!uid)
		return true;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (unshare(CLONE_NEWUSER) || !be_somebody(uid, gid, true))
		return false;
	drop_rights(rights(confinement));
	return true;
}
