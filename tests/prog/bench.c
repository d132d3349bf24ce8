// SPDX-License-Identifier: GPL-2.0
/*
 * What operations of an operating system cost: a program for the host and for
 * Linux as a guest alike, and for 64-bit machines that have no 32-bit programs.  It
 * says "ready".  Then each line that it reads, "NAME COUNT", is an operation and how
 * often it is to be done; the answer is the line "NAME COUNT TICKS", in ticks of the
 * TSC.  Two counts of one operation tell what one more of it costs, without what comes
 * before and after.  "end 0" ends it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "bench.h"

#define PAGE	4096UL
#define MANY	(1UL << 20)
#define LARGE	(64UL << 20)
#define TREE_FILES	200

#ifdef __x86_64__
#define REG_IP			REG_RIP
#define CALL_CLOCK_GETTIME	SYS_clock_gettime
#else
#define REG_IP			REG_EIP
/* (A kernel may be without the call that knows times of 32 bits.) */
#define CALL_CLOCK_GETTIME	SYS_clock_gettime64
#endif

static char block[65536];

static void __attribute__((noreturn)) give_up(const char *what)
{
	perror(what);
	exit(1);
}

static char *new_memory(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		give_up("mmap");
	return memory;
}

/* A system call by the gate that every kernel has. */
static long call(long number, long a, long b, long c)
{
	long result;

#ifdef __x86_64__
	asm volatile("syscall" : "=a" (result)
		     : "a" (number), "D" (a), "S" (b), "d" (c) : "memory", "rcx", "r11");
#else
	asm volatile("int $0x80" : "=a" (result)
		     : "a" (number), "b" (a), "c" (b), "d" (c) : "memory");
#endif
	return result;
}

static void op_getppid(unsigned long n)
{
	while (n--)
		call(SYS_getppid, 0, 0, 0);
}

static void op_write(unsigned long n)
{
	int fd = open("/dev/null", O_WRONLY);
	char byte = 0;

	if (fd < 0)
		give_up("/dev/null");
	while (n--)
		call(SYS_write, fd, (long)&byte, 1);
	close(fd);
}

/* (What the monotonic clock costs depends on the fraction of its second.) */
static void op_clock(unsigned long n)
{
	long long now[2];

	while (n--)
		call(CALL_CLOCK_GETTIME, CLOCK_REALTIME, (long)now, 0);
}

static void op_mmap(unsigned long n)
{
	while (n--)
		munmap(new_memory(MANY), MANY);
}

static void op_page(unsigned long n)
{
	while (n--) {
		char *memory = new_memory(PAGE);

		*(volatile char *)memory = 1;
		munmap(memory, PAGE);
	}
}

static void op_zero(unsigned long n)
{
	while (n--) {
		char *memory = new_memory(PAGE);

		(void)*(volatile char *)memory;
		munmap(memory, PAGE);
	}
}

static void op_brk(unsigned long n)
{
	while (n--) {
		char *memory = sbrk(PAGE);

		if (memory == (char *)-1)
			give_up("brk");
		*(volatile char *)memory = 1;
		sbrk(-PAGE);
	}
}

static void touch(char *memory, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += PAGE)
		((volatile char *)memory)[i] = 1;
}

static void op_pages(unsigned long n)
{
	while (n--) {
		char *memory = new_memory(MANY);

		touch(memory, MANY);
		munmap(memory, MANY);
	}
}

static void op_munmap(unsigned long n)
{
	unsigned long i;

	while (n--) {
		char *memory = new_memory(MANY);

		touch(memory, MANY);
		for (i = 0; i < MANY; i += PAGE)
			munmap(memory + i, PAGE);
	}
}

static void op_mprotect(unsigned long n)
{
	char *memory = new_memory(PAGE);

	*memory = 1;
	while (n--) {
		mprotect(memory, PAGE, PROT_READ);
		mprotect(memory, PAGE, PROT_READ | PROT_WRITE);
		*(volatile char *)memory = 1;
	}
	munmap(memory, PAGE);
}

static void on_signal(int number)
{
	(void)number;
}

static void op_signal(unsigned long n)
{
	pid_t pid = getpid();

	signal(SIGUSR1, on_signal);
	while (n--)
		kill(pid, SIGUSR1);
}

/* (The handler steps over the instruction, which is no system call more.) */
static void step_over(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number;
	(void)info;
	uc->uc_mcontext.gregs[REG_IP] += 2;
}

static void op_segv(unsigned long n)
{
	struct sigaction action = { .sa_sigaction = step_over, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	while (n--)
		asm volatile("movb %%al, (%0)" : : "c" (16L) : "memory");
	signal(SIGSEGV, SIG_DFL);
}

static void new_pipe(int ends[2])
{
	if (pipe(ends))
		give_up("pipe");
}

static pid_t new_process(void)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	return pid;
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void op_pipe(unsigned long n)
{
	int there[2], back[2];
	char byte = 0;
	pid_t pid;

	new_pipe(there);
	new_pipe(back);
	pid = new_process();
	if (!pid) {
		while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	while (n--) {
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			give_up("pipe");
	}
	end_process(pid);
	close(there[0]);
	close(there[1]);
	close(back[0]);
	close(back[1]);
}

/* A byte goes round; n is how often it is passed on, from one process to the next. */
static void ring(unsigned long n, unsigned int size)
{
	int ends[32][2];
	pid_t pid[32];
	unsigned int i;
	char byte = 0;

	for (i = 0; i < size; i++)
		new_pipe(ends[i]);
	for (i = 1; i < size; i++) {
		pid[i] = new_process();
		if (pid[i])
			continue;
		while (read(ends[i - 1][0], &byte, 1) == 1 && write(ends[i][1], &byte, 1) == 1)
			;
		_exit(0);
	}
	for (n /= size; n; n--) {
		if (write(ends[0][1], &byte, 1) != 1 || read(ends[size - 1][0], &byte, 1) != 1)
			give_up("pipe");
	}
	for (i = 1; i < size; i++)
		end_process(pid[i]);
	for (i = 0; i < size; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
}

static void op_ring2(unsigned long n)
{
	ring(n, 2);
}

static void op_ring8(unsigned long n)
{
	ring(n, 8);
}

static void op_ring32(unsigned long n)
{
	ring(n, 32);
}

enum turn { OURS, THEIRS, NOBODYS };
static volatile enum turn turn;

static void give_turn(enum turn to)
{
	turn = to;
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await_end_of(enum turn whose)
{
	while (turn == whose)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, whose, NULL, NULL, 0);
}

static void *other_thread(void *nothing)
{
	for (;;) {
		await_end_of(OURS);
		if (turn == NOBODYS)
			return nothing;
		give_turn(OURS);
	}
}

static void op_futex(unsigned long n)
{
	pthread_t other;

	turn = OURS;
	if (pthread_create(&other, NULL, other_thread, NULL))
		give_up("pthread_create");
	while (n--) {
		give_turn(THEIRS);
		await_end_of(THEIRS);
	}
	give_turn(NOBODYS);
	pthread_join(other, NULL);
}

/* (Two switches for each turn of ours.  Other policies do not switch every time.) */
static void op_yield(unsigned long n)
{
	struct sched_param first = { .sched_priority = 1 }, none = { 0 };
	pid_t pid;

	if (sched_setscheduler(0, SCHED_FIFO, &first))
		give_up("SCHED_FIFO");
	pid = new_process();

	if (!pid) {
		for (;;)
			call(SYS_sched_yield, 0, 0, 0);
	}
	for (n /= 2; n; n--)
		call(SYS_sched_yield, 0, 0, 0);
	end_process(pid);
	sched_setscheduler(0, SCHED_OTHER, &none);
}

static void op_fork(unsigned long n)
{
	while (n--) {
		pid_t pid = new_process();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

/* (What is touched stays for the next time, so this is to be the last that is done.) */
static void op_large(unsigned long n)
{
	static char *memory;

	if (!memory) {
		memory = new_memory(LARGE);
		madvise(memory, LARGE, MADV_NOHUGEPAGE);
		touch(memory, LARGE);
	}
	op_fork(n);
}

static void exec_often(unsigned long n, char **argv)
{
	static char *environment[] = { NULL };

	while (n--) {
		pid_t pid = new_process();
		int status;

		if (!pid) {
			execve(argv[0], argv, environment);
			_exit(127);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			give_up(argv[0]);
	}
}

static void op_exec(unsigned long n)
{
	exec_often(n, (char *[]){ "/proc/self/exe", "nothing", NULL });
}

static void op_busybox(unsigned long n)
{
	exec_often(n, (char *[]){ "/bin/busybox", "true", NULL });
}

static void op_shell(unsigned long n)
{
	exec_often(n, (char *[]){ "/bin/busybox", "sh", "-c", ":", NULL });
}

static void op_create(unsigned long n)
{
	struct statfs fs;

	if (statfs(".", &fs))
		give_up("statfs");
	if (fs.f_type != TMPFS_MAGIC) {
		errno = ENOTSUP;
		give_up("a directory that is not in a tmpfs");
	}
	while (n--) {
		close(open("file", O_WRONLY | O_CREAT | O_EXCL, 0600));
		if (unlink("file"))
			give_up("file");
	}
}

/* Ten seconds of nothing.  (That is by poll(), which has no struct timespec.) */
static void op_idle(unsigned long n)
{
	if (poll(NULL, 0, 10000 * n))
		give_up("poll");
}

/* Files in the directory "tree", from nothing to 8 KB, and a tar of them. */
static void make_tree(void)
{
	static const char content[8192] = "not much";
	char name[32];
	int i, fd;

	mkdir("tree", 0700);
	for (i = 0; i < TREE_FILES; i++) {
		snprintf(name, sizeof(name), "tree/file-%03d", i);
		fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd < 0 || write(fd, content, i * sizeof(content) / TREE_FILES) < 0)
			give_up(name);
		close(fd);
	}
	exec_often(1, (char *[]){ "/bin/busybox", "tar", "-cf", "tree.tar", "tree", NULL });
}

static void op_tar(unsigned long n)
{
	if (access("tree.tar", F_OK))
		make_tree();
	while (n--) {
		exec_often(1, (char *[]){ "/bin/busybox", "tar", "-xf", "tree.tar", NULL });
		exec_often(1, (char *[]){ "/bin/busybox", "rm", "-r", "tree", NULL });
	}
}

/* What was taken for the first time is there afterwards. */
static void op_file(unsigned long n)
{
	int fd = open("/bin/busybox", O_RDONLY);
	unsigned long i;

	if (fd < 0)
		give_up("/bin/busybox");
	while (n--) {
		volatile char *memory = mmap(NULL, MANY / 2, PROT_READ, MAP_PRIVATE, fd, 0);

		if (memory == MAP_FAILED)
			give_up("mmap");
		for (i = 0; i < MANY / 2; i += PAGE)
			(void)memory[i];
		munmap((void *)memory, MANY / 2);
	}
	close(fd);
}

/* The command BOOT, which is to boot a machine, and end it. */
static void op_boot(unsigned long n)
{
	while (n--) {
		if (system(getenv("BOOT")))
			give_up(getenv("BOOT"));
	}
}

/* Megabytes through the command STREAM, which is to give back what it gets. */
static void op_stream(unsigned long n)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "dd if=/dev/zero bs=64k count=%lu 2> /dev/null | %s | cat > /dev/null", 16 * n,
		 getenv("STREAM") ?: "cat");
	if (system(line))
		give_up(line);
}

/* The disk, whose content does not matter: /dev/ubda is User-mode Linux's. */
static int open_disk(int flags)
{
	int fd = open("/dev/vda", flags);

	if (fd < 0)
		fd = open("/dev/ubda", flags);
	if (fd < 0)
		give_up("/dev/vda");
	return fd;
}

static off_t disk_size(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < (off_t)MANY)
		give_up("the disk's size");
	return size;
}

/* A megabyte after the other, from the start again after the last one. */
static void read_disk(unsigned long n, int flags)
{
	int fd = open_disk(O_RDONLY | flags);
	off_t size = disk_size(fd), at = 0;
	char *memory = new_memory(MANY);

	while (n--) {
		posix_fadvise(fd, at, MANY, POSIX_FADV_DONTNEED);
		if (pread(fd, memory, MANY, at) != (ssize_t)MANY)
			give_up("reading from the disk");
		at = (at + MANY) % size;
	}
	munmap(memory, MANY);
	close(fd);
}

static void write_disk(unsigned long n, int flags)
{
	int fd = open_disk(O_WRONLY | flags);
	off_t size = disk_size(fd), at = 0;
	char *memory = new_memory(MANY);

	touch(memory, MANY);
	while (n--) {
		if (pwrite(fd, memory, MANY, at) != (ssize_t)MANY || fdatasync(fd))
			give_up("writing to the disk");
		at = (at + MANY) % size;
	}
	munmap(memory, MANY);
	close(fd);
}

static void op_dread(unsigned long n)
{
	read_disk(n, O_DIRECT);
}

static void op_dwrite(unsigned long n)
{
	write_disk(n, O_DIRECT);
}

static void op_cread(unsigned long n)
{
	read_disk(n, 0);
}

static void op_cwrite(unsigned long n)
{
	write_disk(n, 0);
}

/* Pages from anywhere on the disk, by a process for each request that is under way. */
static void read_anywhere(unsigned long n, unsigned int processes)
{
	int fd = open_disk(O_RDONLY | O_DIRECT);
	unsigned int seed, i;
	off_t pages = disk_size(fd) / PAGE;
	char *memory = new_memory(PAGE);

	touch(memory, PAGE);
	for (i = 0; i < processes; i++) {
		if (new_process())
			continue;
		seed = i;
		for (n /= processes; n; n--) {
			if (pread(fd, memory, PAGE, rand_r(&seed) % pages * PAGE) != (ssize_t)PAGE)
				give_up("reading from the disk");
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	munmap(memory, PAGE);
	close(fd);
}

static void op_rand1(unsigned long n)
{
	read_anywhere(n, 1);
}

static void op_rand32(unsigned long n)
{
	read_anywhere(n, 32);
}

/* benchd is at SERVER */
static int connected(int type)
{
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(BENCH_PORT) };
	const char *server = getenv("SERVER") ?: "127.0.0.1";
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || inet_pton(AF_INET, server, &there.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&there, sizeof(there)))
		give_up(server);
	return fd;
}

static int ask(unsigned int what, unsigned long megabytes)
{
	struct bench_wish wish = { .what = what, .megabytes = megabytes };
	int fd = connected(SOCK_STREAM);

	bench_no_delay(fd);
	if (write(fd, &wish, sizeof(wish)) != sizeof(wish))
		give_up("benchd");
	return fd;
}

static void op_tcpin(unsigned long n)
{
	int fd = ask(BENCH_SEND, n);
	size_t size = 0;
	ssize_t part;

	while ((part = read(fd, block, sizeof(block))) > 0)
		size += part;
	if (size != n * MANY)
		give_up("benchd does not send all");
	close(fd);
}

static void op_tcpout(unsigned long n)
{
	int fd = ask(BENCH_TAKE, n);
	size_t size;

	for (size = n * MANY; size; size -= sizeof(block)) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			give_up("benchd");
	}
	shutdown(fd, SHUT_WR);
	if (read(fd, block, 1) != 1)
		give_up("benchd does not take all");
	close(fd);
}

static void there_and_back(int fd, unsigned long n)
{
	char byte = 0;

	while (n--) {
		if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
			give_up("benchd");
	}
	close(fd);
}

static void op_tcprr(unsigned long n)
{
	there_and_back(ask(BENCH_ECHO, 0), n);
}

static void op_udprr(unsigned long n)
{
	there_and_back(connected(SOCK_DGRAM), n);
}

static const struct {
	const char *name;
	void (*run)(unsigned long n);
} operations[] = {
	{ "getppid", op_getppid },
	{ "write", op_write },
	{ "clock", op_clock },
	{ "mmap", op_mmap },
	{ "page", op_page },
	{ "zero", op_zero },
	{ "brk", op_brk },
	{ "pages", op_pages },
	{ "munmap", op_munmap },
	{ "file", op_file },
	{ "mprotect", op_mprotect },
	{ "signal", op_signal },
	{ "segv", op_segv },
	{ "pipe", op_pipe },
	{ "ring2", op_ring2 },
	{ "ring8", op_ring8 },
	{ "ring32", op_ring32 },
	{ "futex", op_futex },
	{ "yield", op_yield },
	{ "create", op_create },
	{ "tar", op_tar },
	{ "idle", op_idle },
	{ "fork", op_fork },
	{ "exec", op_exec },
	{ "busybox", op_busybox },
	{ "shell", op_shell },
	{ "large", op_large },
	{ "dread", op_dread },
	{ "dwrite", op_dwrite },
	{ "cread", op_cread },
	{ "cwrite", op_cwrite },
	{ "rand1", op_rand1 },
	{ "rand32", op_rand32 },
	{ "tcpin", op_tcpin },
	{ "tcpout", op_tcpout },
	{ "tcprr", op_tcprr },
	{ "udprr", op_udprr },
	{ "boot", op_boot },
	{ "stream", op_stream },
};

static unsigned long long ticks(void)
{
	unsigned int low, high;

	asm volatile("rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return (unsigned long long)high << 32 | low;
}

static void measure(const char *name, unsigned long n)
{
	unsigned long long start;
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		if (strcmp(operations[i].name, name))
			continue;
		start = ticks();
		operations[i].run(n);
		printf("%s %lu %llu\n", name, n, ticks() - start);
		fflush(stdout);
		return;
	}
	printf("unknown %s\n", name);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned long n;
	char name[32];

	(void)argv;
	if (argc > 1)
		return 0;	/* "nothing", which exec runs */
	puts("ready");
	fflush(stdout);
	while (scanf("%31s %lu", name, &n) == 2 && strcmp(name, "end"))
		measure(name, n);
	return 0;
}
