// SPDX-License-Identifier: GPL-2.0
/*
 * A program that runs inside of Linux as a guest: what user space relies on, as
 * far as the hypervisor has a hand in it; or, with the name of a file, whether that can
 * be mapped.  Prints "good NAME" or "bad NAME".
 */
#include <asm/ldt.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE		4096
#define PROCESSES	8
#define ROUNDS		300
#define TIMES		30
#define COUNT_AROUND	16

static sigjmp_buf after;
static volatile int caught, code, fault_bits;
static void *volatile address;

static void say(bool good, const char *name)
{
	printf("%s %s\n", good ? "good" : "bad", name);
	fflush(stdout);
}

static void catch(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	fault_bits = uc->uc_mcontext.gregs[REG_ERR];
	caught = signal;
	code = info->si_code;
	address = info->si_addr;
	siglongjmp(after, 1);
}

static void catch_all(void)
{
	static const int signals[] = { SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGBUS };
	struct sigaction action = { .sa_sigaction = catch, .sa_flags = SA_SIGINFO };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}

#define TRAPS(what, signal, name) do {			\
	caught = 0;					\
	if (!sigsetjmp(after, 1))			\
		what;					\
	say(caught == (signal), name);			\
} while (0)

static char *new_page(int rights)
{
	return mmap(NULL, PAGE, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void traps(void)
{
	volatile int *volatile nowhere = (int *)0x10;
	char *page = new_page(PROT_READ);

	TRAPS(*nowhere = 1, SIGSEGV, "a write through NULL");
	say(address == (void *)nowhere, "and where it was");
	TRAPS(*page = 1, SIGSEGV, "a write to a page that is read only");
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	*page = 1;
	mprotect(page, PAGE, PROT_NONE);
	TRAPS((void)*(volatile char *)page, SIGSEGV, "a look at a page that is protected");
	mprotect(page, PAGE, PROT_READ);
	say(*page == 1, "which has kept what was written");
	TRAPS(asm volatile("divl %0" : : "r" (0), "a" (1), "d" (0)), SIGFPE, "a division by 0");
	TRAPS(asm volatile("ud2"), SIGILL, "an instruction that is none");
	TRAPS(asm volatile("int3"), SIGTRAP, "a breakpoint");
	TRAPS(asm volatile("cli"), SIGSEGV, "an instruction that is privileged");
	TRAPS(asm volatile("int $0x1f" : : "a" (10)), SIGSEGV, "a hypercall of user space");
	TRAPS(asm volatile("movw %0, %%fs" : : "r" ((short)0x68)), SIGSEGV,
	      "a segment of the kernel's");
}

/* The processor's error code for a write to a page: whether there is one (1), and 6. */
static int bits_of_write(volatile char *page)
{
	fault_bits = -1;
	if (!sigsetjmp(after, 1))
		*page = 1;
	return fault_bits;
}

/* Again and again at the same address, of which the host remembers how it was. */
static void faults_tell_why(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	char *page = new_page(PROT_READ);
	bool good = true;
	int i;

	for (i = 0; i < 3; i++) {
		good &= bits_of_write(page) == 6;	/* no page is there yet */
		good &= !*page;
		good &= bits_of_write(page) == 7;	/* now there is one */
		good &= bits_of_write(page) == 7;
		mprotect(page, PAGE, PROT_READ | PROT_WRITE);
		good &= bits_of_write(page) == -1 && *page == 1;
		mprotect(page, PAGE, PROT_READ);
		good &= bits_of_write(page) == 7;
		munmap(page, PAGE);
		good &= bits_of_write(page) == 6;	/* not even an area */
		mmap(page, PAGE, PROT_READ, flags, -1, 0);
	}
	say(good, "an error code says whether there is a page");
}

#define MANY		256

/* More pages than are flushed one by one, around others that stay. */
static void ranges(void)
{
	char *pages = mmap(NULL, MANY * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool good = true;
	int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < MANY; i++) {
			good &= !pages[i * PAGE] || (round && (i < 8 || i >= MANY - 8));
			pages[i * PAGE] = i + 1;
		}
		mprotect(pages + 4 * PAGE, (MANY - 8) * PAGE, PROT_READ);
		for (i = 0; i < MANY; i++) {
			int wanted = i < 4 || i >= MANY - 4 ? -1 : 7;

			good &= bits_of_write(pages + i * PAGE + 1) == wanted;
			good &= pages[i * PAGE] == (char)(i + 1);
		}
		mprotect(pages, MANY * PAGE, PROT_READ | PROT_WRITE);
		madvise(pages + 8 * PAGE, (MANY - 16) * PAGE, MADV_DONTNEED);
	}
	say(good, "many pages change at once");
	munmap(pages, MANY * PAGE);
}

/* Each process has values of its own in all registers, and others in between. */
static bool keeps_registers(int seed)
{
	unsigned int sse[4] = { seed, seed + 1, seed + 2, seed + 3 }, seen[4];
	double sum = seed;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		asm volatile("movdqu %1, %%xmm7\n\t"
			     "fldl %2\n\t"
			     "movl $158, %%eax\n\t"	/* sched_yield */
			     "int $0x80\n\t"
			     "fstpl %2\n\t"
			     "movdqu %%xmm7, %0"
			     : "=m" (seen), "+m" (sse), "+m" (sum)
			     : : "eax", "memory");
		if (memcmp(sse, seen, sizeof(sse)) || sum != seed)
			return false;
	}
	return true;
}

static bool has_avx(void)
{
	unsigned int eax = 1, ebx, ecx, edx;

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx));
	if (!(ecx & 1u << 27) || !(ecx & 1u << 28))	/* OSXSAVE, AVX */
		return false;
	asm volatile("xgetbv" : "=a" (eax), "=d" (edx) : "c" (0));
	return (eax & 6) == 6;
}

/* The upper halves, too, are each process's own. */
static bool keeps_wide_registers(int seed)
{
	unsigned int wide[8], seen[8];
	int i;

	for (i = 0; i < 8; i++)
		wide[i] = seed + i;
	for (i = 0; i < ROUNDS; i++) {
		asm volatile("vmovdqu %1, %%ymm6\n\t"
			     "movl $158, %%eax\n\t"	/* sched_yield */
			     "int $0x80\n\t"
			     "vmovdqu %%ymm6, %0"
			     : "=m" (seen) : "m" (wide) : "eax", "memory");
		if (memcmp(wide, seen, sizeof(wide)))
			return false;
	}
	return true;
}

static int shared = 7;

/* Does @f hold in processes that run at the same time, each with a seed of its own? */
static bool holds_in_processes(bool (*f)(int seed))
{
	int i, status, good = 0;

	for (i = 0; i < PROCESSES; i++) {
		if (!fork()) {
			shared += i;
			_exit(!f(i * 1000 + 17) || shared != 7 + i);
		}
	}
	while (wait(&status) > 0)
		good += !status;
	return good == PROCESSES && shared == 7;
}

/*
 * Again and again: interrupts have to come just before a process goes on, and have another one
 * run then.
 */
static bool holds_often(bool (*f)(int seed))
{
	int i;

	for (i = 0; i < TIMES && holds_in_processes(f); i++)
		;
	return i == TIMES;
}

static void processes(void)
{
	say(holds_often(keeps_registers), "processes keep their registers and their memory");
	if (has_avx())
		say(holds_often(keeps_wide_registers), "processes keep their AVX registers");
}

static __thread int own;

static void *thread(void *number)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		own = (int)(long)number;
		sched_yield();
		if (own != (int)(long)number)
			return "bad";
	}
	return NULL;
}

static void threads(void)
{
	pthread_t all[PROCESSES];
	bool good = true;
	void *result;
	long i;

	for (i = 0; i < PROCESSES; i++)
		pthread_create(&all[i], NULL, thread, (void *)i);
	for (i = 0; i < PROCESSES; i++) {
		pthread_join(all[i], &result);
		good &= !result;
	}
	say(good, "threads keep their segments");
}

/* Steps a child from its first stop to its end. */
static void tracing(void)
{
	struct user_regs_struct regs;
	pid_t child = fork();
	int status, steps = 0;
	long old = 0;

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		asm volatile("nop; nop; nop; nop");
		_exit(5);
	}
	waitpid(child, &status, 0);
	while (WIFSTOPPED(status) && steps < 10000) {
		ptrace(PTRACE_GETREGS, child, NULL, &regs);
		steps += regs.eip != old;
		old = regs.eip;
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		waitpid(child, &status, 0);
	}
	say(WIFEXITED(status) && WEXITSTATUS(status) == 5 && steps > 4, "a debugger steps");
}

static long long now_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

/* A tick is 10 ms.  (Being scheduled away takes as long, but not always.) */
static bool clock_is_fine(void)
{
	long long last = now_ns(CLOCK_MONOTONIC);
	int i, small = 0;

	for (i = 0; i < 1000; i++) {
		long long time = now_ns(CLOCK_MONOTONIC);

		small += time > last && time - last < 1000000;
		last = time;
	}
	return small > 500;
}

static void clocks(void)
{
	const struct timespec nap = { 0, 50000000 };
	long long before = now_ns(CLOCK_MONOTONIC), last = before;
	struct timespec resolution = { 1, 0 };
	bool back = false;
	int i;

	nanosleep(&nap, NULL);
	say(now_ns(CLOCK_MONOTONIC) - before >= nap.tv_nsec, "a nap lasts");
	for (i = 0; i < 10000; i++) {
		long long time = now_ns(CLOCK_MONOTONIC);

		back |= time < last;
		last = time;
	}
	say(!back, "time does not go back");
	clock_getres(CLOCK_MONOTONIC, &resolution);
	say(resolution.tv_sec == 0 && resolution.tv_nsec == 1, "timers have a high resolution");
	say(clock_is_fine(), "the clock goes on between ticks");
	say(now_ns(CLOCK_REALTIME) > 1000000000000000000ll, "it is later than 2001");
}

static volatile int alarms;

static void count(int signal)
{
	(void)signal;
	alarms++;
}

/* Signals while a program never leaves user space by itself. */
static void alarms_come(void)
{
	struct sigaction action = { .sa_handler = count };
	timer_t timer;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct itimerspec often = { { 0, 10000000 }, { 0, 10000000 } };

	sigaction(SIGALRM, &action, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &often, NULL);
	while (alarms < 5)
		;
	timer_delete(timer);
	say(true, "alarms come to a program that does not call");
}

/* Nobody runs until the first wakes up, which then never leaves user space by itself. */
static void second_wakes_up(void)
{
	const struct timespec nap = { 0, 20000000 }, longer_nap = { 0, 60000000 };
	volatile int *awake = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int patience = 1u << 31;

	if (!fork()) {
		nanosleep(&longer_nap, NULL);
		*awake = 1;
		_exit(0);
	}
	nanosleep(&nap, NULL);
	while (!*awake && patience)
		patience--;
	say(*awake, "a second one wakes up, too");
	wait(NULL);
	munmap((void *)awake, PAGE);
}

static void refused(void)
{
	struct user_desc entry = { .limit = 1, .seg_32bit = 1 };

	say(syscall(SYS_modify_ldt, 1, &entry, sizeof(entry)) < 0 && errno == ENOSYS,
	    "there is no LDT");
	say(syscall(SYS_vm86old, &entry) < 0 && errno == ENOSYS, "nor vm86");
	say(syscall(SYS_iopl, 3) < 0, "nor I/O by user space");
	say(syscall(SYS_kexec_load, 0, 0, NULL, 0) < 0 && errno == ENOSYS, "nor kexec");
}

/*
 * How often a process forks, and how many pages it and its child write to: all the time, of
 * which fork() copies some; and now and then.
 */
#define FORKS		40
#define OFTEN		12
#define SOMETIMES	12
#define EVERY		3

static void fill(volatile char *pages, int count, char with)
{
	while (count--)
		pages[count * PAGE] = with;
}

static bool is_filled(const volatile char *pages, int count, char with)
{
	while (count--) {
		if (pages[count * PAGE] != with)
			return false;
	}
	return true;
}

/* Does a process whose parent has written that have it, and what it writes itself? */
static bool child_is_right(volatile char *pages, volatile char *on_stack, char n, char rare)
{
	bool good = is_filled(pages, OFTEN, n) && *on_stack == n &&
		    is_filled(pages + OFTEN * PAGE, SOMETIMES, rare);

	fill(pages, OFTEN + SOMETIMES, -n);
	*on_stack = -n;
	sched_yield();
	return good && is_filled(pages, OFTEN + SOMETIMES, -n) && *on_stack == -n;
}

static void forks(void)
{
	volatile char *pages = mmap(NULL, (OFTEN + SOMETIMES) * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile char on_stack;
	char n, rare = 0;
	bool good = true;

	for (n = 1; n <= FORKS; n++) {
		int status = -1;
		pid_t child;

		if (!(n % EVERY)) {
			rare = n;
			fill(pages + OFTEN * PAGE, SOMETIMES, rare);
		}
		fill(pages, OFTEN, n);
		on_stack = n;
		child = fork();
		if (!child)
			_exit(!child_is_right(pages, &on_stack, n, rare));
		fill(pages, OFTEN / 2, 100);
		on_stack = 100;
		waitpid(child, &status, 0);
		good &= !status && on_stack == 100 && is_filled(pages, OFTEN / 2, 100) &&
			is_filled(pages + OFTEN / 2 * PAGE, OFTEN - OFTEN / 2, n) &&
			is_filled(pages + OFTEN * PAGE, SOMETIMES, rare);
	}
	munmap((void *)pages, (OFTEN + SOMETIMES) * PAGE);
	say(good, "what a process and its child write to is each one's own");
}

/* Page tables come and go, and directories are used again for others. */
static void memory(void)
{
	const size_t size = 8 << 20;
	bool good = true;
	size_t i;
	int n;

	for (n = 0; n < 20; n++) {
		pid_t child = fork();
		int status = -1;

		if (!child) {
			char *area = mmap(NULL, size, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			for (i = 0; i < size; i += PAGE)
				area[i] = i / PAGE + n;
			for (i = 0; i < size; i += PAGE)
				good &= area[i] == (char)(i / PAGE + n);
			munmap(area + size / 2, size / 2);
			area = mmap(area + size / 2, size / 2, PROT_READ, MAP_FIXED |
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			for (i = 0; i < size / 2; i += PAGE)
				good &= !area[i];
			_exit(!good);
		}
		waitpid(child, &status, 0);
		good &= !status;
	}
	say(good, "new processes have new memory");
}

static long page_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static bool are_there(char *pages, int count, const char *which)
{
	unsigned char there[COUNT_AROUND];
	int i;

	if (mincore(pages, count * PAGE, there))
		return false;
	for (i = 0; i < count; i++)
		if ((there[i] & 1) != (which[i] == 'x'))
			return false;
	return true;
}

static char *new_pages(int count)
{
	return mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
}

/*
 * As many come as were touched in order before, and none where the program says that there is
 * no order, nor beyond the mapping's end, where other rights begin.  (The pages have one page
 * table.)
 */
static void pages_around(void)
{
	const unsigned long size = COUNT_AROUND * PAGE;
	char *area = new_pages(3 * COUNT_AROUND);
	char *pages = (char *)(((unsigned long)area + size - 1) & -size);
	char *random = pages + size;
	bool good;

	madvise(random, size, MADV_RANDOM);
	mprotect(pages + 12 * PAGE, 4 * PAGE, PROT_READ);
	pages[PAGE] = 1;
	good = are_there(pages, COUNT_AROUND, ".x..............");
	pages[2 * PAGE] = 1;
	good &= are_there(pages, COUNT_AROUND, ".xxx............");
	pages[4 * PAGE] = 1;
	good &= are_there(pages, COUNT_AROUND, ".xxxxxxx........");
	pages[8 * PAGE] = 1;
	good &= are_there(pages, COUNT_AROUND, ".xxxxxxxxxxx....");
	good &= is_filled(pages + 3 * PAGE, 1, 0) && is_filled(pages + 5 * PAGE, 3, 0);
	good &= is_filled(pages + 9 * PAGE, 7, 0);
	fill(random, 3, 1);
	good &= are_there(random, COUNT_AROUND, "xxx.............");
	munmap(area, 3 * size);
	say(good, "pages that are touched in order come with the next ones");
}

static bool is_zero(const char *bytes, int count)
{
	while (count--) {
		if (*bytes++)
			return false;
	}
	return true;
}

/* What comes with others is as new as they are, though others had it before. */
static void many_in_order(void)
{
	const int count = 256;
	bool good = true;
	long faults = 0;
	int n;

	for (n = 0; n < 4; n++) {
		char *pages = new_pages(count);
		int i;

		faults -= page_faults();
		for (i = 0; i < count; i++) {
			pages[i * PAGE] = 1;
			good &= is_zero(pages + i * PAGE + 1, PAGE - 1);
			memset(pages + i * PAGE, i + 1, PAGE);
		}
		faults += page_faults();
		for (i = 0; i < count; i++)
			good &= is_filled(pages + i * PAGE, 1, i + 1);
		munmap(pages, count * PAGE);
	}
	printf("# %ld page faults for %d pages\n", faults, 4 * count);
	say(good && faults <= 4 * count / 4, "they are new, and spare page faults");
}

/* A file that others have, too, is written through a mapping. */
static void map_file(const char *name)
{
	static const char text[] = "written through a mapping\n";
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0666);
	char *map = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, sizeof(text) - 1))
		map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	say(map != MAP_FAILED, "a file can be mapped to be written");
	if (map == MAP_FAILED)
		return;
	memcpy(map, text, sizeof(text) - 1);
	say(!msync(map, PAGE, MS_SYNC), "and what was written goes to the file");
	munmap(map, PAGE);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		map_file(argv[1]);
		return 0;
	}
	catch_all();
	traps();
	faults_tell_why();
	ranges();
	processes();
	threads();
	tracing();
	clocks();
	alarms_come();
	second_wakes_up();
	refused();
	forks();
	memory();
	pages_around();
	many_in_order();
	return 0;
}
