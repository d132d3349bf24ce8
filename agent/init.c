// SPDX-License-Identifier: GPL-2.0
/*
 * The agent as the first process of a guest: what a system needs before any program can
 * run, and how it ends.  Messages go to the kernel's console, which is the launcher's to
 * show.
 */
#include <linux/sockios.h>
#include <linux/mount.h>
#include <linux/reboot.h>
#include "agent.h"

#define MOUNTS		"/proc/mounts"
#define MODULES		"/lguest-modules"	/* of the ramdisk: their paths, one a line */
#define START		"/etc/rc.lguest"	/* of the ramdisk: what it wants to do first */
#define TEXT_MAX	16384u
#define END_STEP_MS	20u
#define END_STEPS	100u			/* from SIGTERM to SIGKILL */

/* of <linux/net.h>, <sys/socket.h>, <net/if.h> */
#define SOCKET_CALL	1
#define FAMILY_INET	2
#define DATAGRAMS	2
#define INTERFACE_UP	1

static bool is_init;

bool init_is(void)
{
	return is_init;
}

/* "WHAT: OF: error N", of which the last two may be missing */
void say(const char *what, const char *of, long error)
{
	char text[256], *at = text, *const end = text + sizeof(text) - 1;

	at = text_add(text_add(at, end, "lguest-agent: "), end, what);
	if (of)
		at = text_add(text_add(at, end, ": "), end, of);
	if (error)
		at = text_number(text_add(at, end, ": error "), end, error < 0 ? -error : error);
	*at++ = '\n';
	sys_write(STDERR, text, at - text);
}

static void make_device(const char *name, int mode, unsigned int major, unsigned int minor)
{
	sys3(__NR_mknod, (long)name, 0020000 | mode, major << 8 | minor);
}

/* Kernels before 2.6.32 have no file system that knows of their devices. */
static void make_devices(void)
{
	make_device("/dev/null", 0666, 1, 3);
	make_device("/dev/zero", 0666, 1, 5);
	make_device("/dev/full", 0666, 1, 7);
	make_device("/dev/random", 0666, 1, 8);
	make_device("/dev/urandom", 0666, 1, 9);
	make_device("/dev/tty", 0666, 5, 0);
	make_device("/dev/console", 0600, 5, 1);
	make_device("/dev/ptmx", 0666, 5, 2);
}

static void make_links(void)
{
	sys2(__NR_symlink, (long)"/proc/self/fd", (long)"/dev/fd");
	sys2(__NR_symlink, (long)"fd/0", (long)"/dev/stdin");
	sys2(__NR_symlink, (long)"fd/1", (long)"/dev/stdout");
	sys2(__NR_symlink, (long)"fd/2", (long)"/dev/stderr");
}

static void mount_all(void)
{
	sys_mkdir("/proc", 0555);
	sys_mkdir("/sys", 0555);
	sys_mkdir("/dev", 0755);
	sys_mkdir("/tmp", 01777);
	sys_mkdir("/run", 0755);
	sys_mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
	sys_mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
	if (sys_mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=0755") < 0)
		make_devices();
	make_links();
	sys_mkdir("/dev/pts", 0755);
	sys_mkdir("/dev/shm", 01777);
	sys_mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620");
	sys_mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

/* The kernel opens its console for the first process, if there is one. */
static void open_streams(void)
{
	int fd = sys_open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		fd = sys_open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < STDERR)
		fd = sys1(__NR_dup, fd);
	if (fd > STDERR)
		sys_close(fd);
}

static long socket_call(int call, long a, long b, long c)
{
	const long args[] = { a, b, c };

	return sys2(__NR_socketcall, call, (long)args);
}

/* Programs speak to themselves by this one. */
static void start_loopback(void)
{
	/* struct ifreq, whose header wants a C library's */
	struct {
		char name[16];
		short flags;
		char rest[14];
	} request = { .name = "lo", .flags = INTERFACE_UP };
	const long fd = socket_call(SOCKET_CALL, FAMILY_INET, DATAGRAMS, 0);

	if (fd < 0)
		return;
	sys_ioctl(fd, SIOCSIFFLAGS, &request);
	sys_close(fd);
}

static void load_listed_modules(void)
{
	static char list[TEXT_MAX];
	char *name = list, *end;

	if (file_read(MODULES, list, sizeof(list)) <= 0)
		return;
	for (; *name; name = end) {
		for (end = name; *end && *end != '\n'; end++)
			;
		if (*end)
			*end++ = '\0';
		if (*name)
			setup_module(name);
	}
}

void init_start(void)
{
	is_init = sys0(__NR_getpid) == 1;
	if (!is_init)
		return;
	mount_all();
	open_streams();
	load_listed_modules();
	start_loopback();
}

/* Runs a program of the guest's, and waits for it. */
long init_run(char *const argv[])
{
	static char *const envp[] = {
		(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"HOME=/", NULL
	};
	int status = 0;
	const long pid = sys_fork();

	if (!pid) {
		spawn_default_signals();
		sys_exit(sys_execve(argv[0], argv, envp) ? 127 : 0);
	}
	while (pid > 0 && sys_wait(pid, &status, 0) == -EINTR)
		;
	return pid < 0 ? pid : status;
}

/* What a ramdisk has of its own to do. */
void init_ready(void)
{
	char *const argv[] = { (char *)START, NULL };

	if (is_init && !sys2(__NR_access, (long)START, 1))
		init_run(argv);
}

/* True once no process is left but this. */
static bool all_gone(void)
{
	long pid;

	do {
		pid = sys_wait(-1, NULL, WNOHANG);
	} while (pid > 0);
	return pid == -ECHILD;
}

static void end_programs(void)
{
	unsigned int i;

	if (all_gone())
		return;
	sys_kill(-1, SIGTERM);
	sys_kill(-1, SIGHUP);
	sys_kill(-1, SIGCONT);
	for (i = 0; i < END_STEPS && !all_gone(); i++)
		sleep_ms(END_STEP_MS);
	sys_kill(-1, SIGKILL);
}

/* What cannot be unmounted is made read-only: it is in use, perhaps by us. */
static void unmount(char *line)
{
	char *where = line, *end;

	while (*where && *where != ' ')
		where++;
	if (!*where)
		return;
	for (end = ++where; *end && *end != ' '; end++)
		;
	*end = '\0';
	if (sys2(__NR_umount2, (long)where, 0) < 0)
		sys_mount("", where, "", MS_REMOUNT | MS_RDONLY, "");
}

/* The last one that was mounted first. */
static void unmount_all(void)
{
	static char mounts[TEXT_MAX];
	long at = file_read(MOUNTS, mounts, sizeof(mounts));

	sys_chdir("/");
	while (at > 0) {
		mounts[--at] = '\0';
		while (at > 0 && mounts[at - 1] != '\n')
			at--;
		unmount(mounts + at);
	}
}

void init_power_off(void)
{
	if (!is_init)
		sys_exit(0);
	end_programs();
	sys0(__NR_sync);
	unmount_all();
	sys3(__NR_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF);
	say("the kernel does not power off", NULL, 0);
	for (;;)
		sleep_ms(1000);
}
