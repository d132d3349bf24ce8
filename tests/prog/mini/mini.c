// SPDX-License-Identifier: GPL-2.0
/*
 * The launcher's side of the laboratory: it builds page tables for the guest,
 * drives /dev/lguest, and runs the test cases, each in a process of its own
 * with a limited time, so that none can spoil the next.
 */
#include <stdarg.h>
#include <time.h>
#include <sys/prctl.h>
#include "mini.h"

struct mini mini page_aligned;
int (*mini_on_notice)(int fd, const struct lguest_dma_notice *notice);
/* So long that only a case that hangs takes it, on a busy machine too. */
unsigned int mini_case_seconds = 240;

static unsigned int cases;
static char *why;		/* shared with the cases */

#define WHY_SIZE	1000

/**
 * mini_map() - set an entry of the guest's page tables
 * @vaddr: below 4 MiB, or in the image
 * @entry: physical address and flags
 */
void mini_map(u32 vaddr, pte_t entry)
{
	u32 page = vaddr / PAGE;

	if (vaddr < LOW_SPAN)
		mini.low[page] = entry;
	else
		mini.image[page - IMAGE_BASE / PAGE] = entry;
}

/**
 * mini_map_low() - let mini.low be the tables for an address
 * @root: the directory
 * @vaddr: a multiple of 4 MiB
 */
void mini_map_low(pte_t *root, u32 vaddr)
{
	u32 at;

	for (at = 0; at < LOW_SPAN; at += TABLE_SPAN)
		*mini_pde_of(root, vaddr + at) = (u32)&mini.low[at / PAGE] | P_ALL;
}

/**
 * mini_reset() - prepare a guest: the image mapped one to one, for all rings
 * @main: what it will do after LGUEST_INIT
 */
void mini_reset(void (*main)(void))
{
	u32 i;

	memset(&mini, 0, sizeof(mini));
	mini_reset_root();
	for (i = 0; i < IMAGE_SIZE; i += PAGE)
		mini_map(IMAGE_BASE + i, (IMAGE_BASE + i) | P_ALL);
	for (i = 0; i < IMAGE_SIZE; i += TABLE_SPAN)
		*mini_pde(IMAGE_BASE + i) = (u32)&mini.image[i / PAGE] | P_ALL;
	mini_map_low(mini.pgdir, 0);
	memset(mini.data.hcall_status, LHCALL_RING_FREE, sizeof(mini.data.hcall_status));
	mini.pfn_limit = MINI_PFN_LIMIT;
	mini.page_offset = MINI_PAGE_OFFSET;
	mini.start = (u32)mini_entry;
	mini.main = main;
}

int mini_open(void)
{
	int fd = open("/dev/lguest", O_RDWR | O_CLOEXEC);

	expect(fd >= 0, "cannot open /dev/lguest: %m");
	return fd;
}

/**
 * mini_initialize() - LHREQ_INITIALIZE with the words in mini
 * @fd: the device
 *
 * Return: what write() gave.
 */
int mini_initialize(int fd)
{
	u32 words[] = {
		LHREQ_INITIALIZE, mini.pfn_limit, mini.root, mini.start,
		mini.page_offset
	};

	return write(fd, words, sizeof(words));
}

int mini_new(void (*main)(void))
{
	int fd = mini_open();

	mini_reset(main);
	expect_value(mini_initialize(fd), 16);
	return fd;
}

int mini_request(int fd, u32 request, u32 arg)
{
	u32 words[] = { request, arg };

	return write(fd, words, sizeof(words));
}

/**
 * mini_reason() - why a guest died
 * @fd: the device
 *
 * Return: all of the reason.
 */
const char *mini_reason(int fd)
{
	static char reason[512];
	int got = read(fd, reason, sizeof(reason));

	expect(got > 0, "no reason for the death: %m");
	expect(strlen(reason) + 1 == (size_t)got, "the reason is not all of the reply");
	return reason;
}

/**
 * mini_finish() - run a guest until it dies
 * @fd: the device
 *
 * Return: why it died.
 */
const char *mini_finish(int fd)
{
	struct lguest_dma_notice notice;
	int got;

	while ((got = read(fd, &notice, sizeof(notice))) != -1) {
		expect(got == sizeof(notice), "read() gave %d", got);
		expect(mini_on_notice, "there is DMA at %#x for key %#x",
		       notice.dma, notice.key);
		if (mini_on_notice(fd, &notice))
			return "stopped";
	}
	expect(errno == ENOENT, "read() failed: %m");
	return mini_reason(fd);
}

const char *mini_run_again(void)
{
	int fd = mini_open();
	const char *reason;

	expect_value(mini_initialize(fd), 16);
	reason = mini_finish(fd);
	expect_value(close(fd), 0);
	return reason;
}

const char *mini_run(void (*main)(void))
{
	mini_reset(main);
	return mini_run_again();
}

/**
 * mini_number_in() - look a number up
 * @path: a file such as /proc/meminfo
 * @name: of its line; a colon and the number follow
 *
 * Return: the number, or -1.
 */
long mini_number_in(const char *path, const char *name)
{
	size_t len = strlen(name);
	char line[200];
	long value = -1;
	FILE *f = fopen(path, "r");

	expect(f, "%s: %m", path);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, len) && line[len] == ':')
			value = atol(line + len + 1);
	}
	fclose(f);
	return value;
}

/**
 * mini_write() - tell the kernel something
 * @path: a file such as /proc/sys/vm/drop_caches
 * @text: what to write
 */
void mini_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	expect(fd >= 0 && write(fd, text, strlen(text)) >= 0, "%s: %m", path);
	close(fd);
}

/**
 * mini_counter() - one of the counters that the host keeps of a guest
 * @fd: the device
 * @name: of the counter
 *
 * Return: its number, or -1.
 */
long mini_counter(int fd, const char *name)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	return mini_number_in(path, name);
}

void *mini_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	expect(p != MAP_FAILED, "mmap: %m");
	return p;
}

pid_t mini_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	expect(pid >= 0, "fork: %m");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

int mini_wait(pid_t pid)
{
	int status;
	pid_t done;

	do	/* the child may just have sent us a signal */
		done = waitpid(pid, &status, 0);
	while (done < 0 && errno == EINTR);
	expect(done == pid, "waitpid: %m");
	return status;
}

void mini_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

void mini_fail(const char *fmt, ...)
{
	char text[WHY_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* of several processes, the first one knows best */
	if (!why[0])
		strcpy(why, text);
	_exit(1);
}

static void result(bool ok, const char *name)
{
	cases++;
	printf("%s %u - %s\n", ok ? "ok" : "not ok", cases, name);
}

long mini_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/**
 * mini_case() - one test result
 * @name: of it; ONLY in the environment wants just that one
 * @f: what must come back
 */
void mini_case(const char *name, void (*f)(void))
{
	const char *only = getenv("ONLY");
	long start = mini_ms();
	int status;
	pid_t pid;

	if (only && strcmp(only, name))
		return;
	fflush(stdout);
	if (!why)
		why = mini_shared(WHY_SIZE);
	strcpy(why, "");
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(mini_case_seconds);
		f();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	result(!status, name);
	if (!status)
		printf("# %ld ms\n", mini_ms() - start);
	else if (why[0])
		printf("# %s\n", why);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		printf("# it did not end within %u s\n", mini_case_seconds);
	else
		printf("# its wait status was %#x\n", status);
}

void mini_skip(const char *name, const char *reason)
{
	cases++;
	printf("ok %u - %s # SKIP %s\n", cases, name, reason);
}

/**
 * mini_done() - the end of all tests
 *
 * Return: main()'s result.  Failed tests do not count: they have spoken.
 */
int mini_done(void)
{
	printf("1..%u\n", cases);
	return 0;
}
