// SPDX-License-Identifier: GPL-2.0
/*
 * A launcher that runs one guest of the fuzzer's: it answers whatever comes back, changes
 * this and that meanwhile, and gives up when the guest gets nowhere.  What it does not
 * expect of the host is a failure.
 */
#include <pthread.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include "fuzz.h"

#define TICK_MS		10
#define MAX_TICKS	40	/* of a guest's life */
#define MAX_IDLE_TICKS	4	/* without a new unit */
#define NO_ERESTART	85	/* ERESTART, which the C library has no name for */

static struct fuzz_counts *counts;
static volatile u32 ticks;
static u32 idle_ticks, last_turn, last_tick;
static int event = -1;

void fuzz_fail(const char *fmt, ...)
{
	char text[300];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("# guest %u (%s) failed: %s\n", plan.number, fuzz_name(), text);
	fflush(stdout);
	_exit(1);
}

static void tick(int sig __attribute__((unused)))
{
	ticks++;
}

static void start_ticking(void)
{
	struct sigaction action = { .sa_handler = tick };
	struct itimerval every = {
		.it_interval.tv_usec = TICK_MS * 1000, .it_value.tv_usec = TICK_MS * 1000,
	};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

/* The handler's counter; its page may just have been taken away. */
static u32 turn_now(void)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	u32 turn = 0;

	if (pread(fd, &turn, sizeof(turn), plan.base + FUZZ_VARS + VAR_TURN) < 0)
		errno = 0;
	close(fd);
	return turn;
}

/* (Replies may come faster than a signal finds read() in the host.) */
static bool gets_nowhere(void)
{
	u32 turn = turn_now();

	if (ticks == last_tick)
		return false;
	last_tick = ticks;
	idle_ticks = turn == last_turn ? idle_ticks + 1 : 0;
	last_turn = turn;
	return idle_ticks > MAX_IDLE_TICKS || ticks > MAX_TICKS;
}

/* What it gives is its own affair: any value is right, but a signal must not be lost. */
static long request(int fd, u32 nr, u32 a, u32 b)
{
	u32 words[] = { nr, a, b };

	counts->requests++;
	return write(fd, words, sizeof(words));
}

static void set_registers(int fd)
{
	struct {
		u32 nr;
		struct lguest_debug_regs regs;
	} to = { .nr = LHREQ_SETREGS };
	u32 *word = (u32 *)&to.regs, n;

	request(fd, LHREQ_GETREGS, 0, 0);
	if (read(fd, &to.regs, sizeof(to.regs)) != sizeof(to.regs))
		return;
	for (n = rnd_below(4); n; n--)
		word[rnd_below(sizeof(to.regs) / 4)] = rnd_one_in(2) ? rnd_word() : fuzz_vaddr();
	counts->requests++;
	if (write(fd, &to, sizeof(to)) < 0 && errno != EINVAL)
		fuzz_fail("SETREGS: %m");
}

static void debug(int fd)
{
	request(fd, LHREQ_DEBUG, rnd_one_in(2) ? 0 : rnd_below(8), 0);
	if (rnd_one_in(2))
		request(fd, LHREQ_DEBUG_PASS, 0, 0);
	if (rnd_one_in(2))
		set_registers(fd);
}

/* What the guest runs on should stay, mostly; of the rest it uses little. */
static u32 some_page(void)
{
	if (rnd_one_in(4))
		return FUZZ_FIRST + rnd_below((FUZZ_RAM - FUZZ_FIRST) / PAGE) * PAGE;
	return FUZZ_SCRATCH + rnd_below(FUZZ_SCRATCH_PAGES) * PAGE;
}

static void change_page(void)
{
	u32 phys = some_page(), size = (1 + rnd_below(4)) * PAGE;
	u8 *page = fuzz_seen(phys);

	switch (rnd_below(4)) {
	case 0:
		if (phys >= FUZZ_SCRATCH)
			madvise(page, size, MADV_DONTNEED);
		break;
	case 1:
		madvise(page, size, rnd_one_in(2) ? MADV_PAGEOUT : MADV_COLD);
		break;
	case 2:
		mprotect(page, size, rnd_one_in(2) ? PROT_READ : PROT_NONE);
		if (!fuzz_wild())
			mprotect(page, size, PROT_READ | PROT_WRITE);
		break;
	default:
		mprotect(page, size, PROT_READ | PROT_WRITE);
	}
}

/* In memory that may be gone just now, which is the kernel's to find out. */
static void poke(u32 phys, u32 value)
{
	int fd = open("/proc/self/mem", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && pwrite(fd, &value, sizeof(value), plan.base + phys) < 0)
		errno = 0;
	close(fd);
}

/* Changes between two looks of the host's, in all that it looks at. */
static void *race(void *seed)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	rnd_seed((u32)seed);
	for (;;) {
		switch (rnd_below(6)) {
		case 0:
			poke(FUZZ_GDT + rnd_below(GDT_ENTRIES) * 8 + 4, fuzz_descriptor());
			break;
		case 1:
			poke(FUZZ_DATA + rnd_below(era->data->size / 4) * 4, rnd_word());
			break;
		case 2:
			poke(FUZZ_DMA + rnd_below(PAGE / 4) * 4, fuzz_paddr(4));
			break;
		case 3:
			poke(FUZZ_CODE + rnd_below(plan.units * FUZZ_UNIT), rnd());
			break;
		case 4:
			change_page();
			break;
		default:
			poke(fuzz_entry_place(), fuzz_entry());
		}
	}
	return NULL;
}

static void start_race(void)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, race, (void *)rnd_mix(plan.seed, 3));

	if (err)
		fuzz_fail("pthread_create: %s", strerror(err));
}

static void meddle(int fd)
{
	static const u32 requests[] = {
		LHREQ_GETDMA, LHREQ_IRQ, LHREQ_EVENTFD, LHREQ_GETREG, LHREQ_SETREG, LHREQ_TRAP,
	};
	u32 value;

	switch (rnd_below(7)) {
	case 0:
		request(fd, LHREQ_IRQ, rnd_below(34), 0);
		break;
	case 1:
		request(fd, rnd_of(requests), rnd_word(), rnd_one_in(2) ? (u32)event : rnd_word());
		break;
	case 2:
		request(fd, LHREQ_EVENTFD, FUZZ_SCRATCH + rnd_below(16) * 4, event);
		break;
	case 3:
		if (request(fd, LHREQ_GETREG, rnd_below(18) * 4, 0) > 0 &&
		    read(fd, &value, sizeof(value)) != sizeof(value) && errno != EINVAL)
			fuzz_fail("GETREG: %m");
		break;
	case 4:
		debug(fd);
		break;
	case 5:
		poke(fuzz_entry_place(), fuzz_entry());
		break;
	default:
		change_page();
	}
}

/* Of 4.0: an instruction or an access to a device, which it must not make again. */
static void answer_trap(int fd, const struct lguest_pending *pending)
{
	if (pending->trap != TRAP_PF && pending->trap != 13)
		fuzz_fail("trap %u", pending->trap);
	if (rnd_one_in(4) || request(fd, LHREQ_TRAP, pending->trap, 0) < 0)
		request(fd, LHREQ_SETREG, R_IP, plan.view + FUZZ_HANDLER);
}

static void answer(int fd, const void *reply, int got)
{
	u32 size = plan.classic ? sizeof(struct lguest_dma_notice) : era_reply_size();

	counts->replies++;
	if (got == sizeof(struct lguest_debug_event)) {
		request(fd, LHREQ_DEBUG, 0, 0);
		return;
	}
	/* (one word may be a register that a request was late to read) */
	if (got != (int)size && got != sizeof(u32))
		fuzz_fail("a reply of %d bytes", got);
	if (got == sizeof(struct lguest_pending))
		answer_trap(fd, reply);
	if (plan.meddles && rnd_one_in(plan.meddles))
		meddle(fd);
}

/* VERBOSE in the environment tells how each one ends, for who changes the fuzzer. */
static void tell_death(char *reason)
{
	char *at;

	for (at = reason; *at; at++) {
		if (*at < ' ' || *at > '~')
			*at = '?';
	}
	printf("# guest %u (%s): kinds %#x wild %u: turn %u of %u: %s\n", plan.number,
	       fuzz_name(), plan.kinds, plan.wild, turn_now(), plan.units, reason);
}

static void note_death(int fd)
{
	char reason[200] = "";

	if (read(fd, reason, sizeof(reason) - 1) < 0 && errno != ENOENT)
		return;
	if (!strcmp(reason, "CRASH: done"))
		counts->done++;
	else
		counts->died++;
	if (getenv("VERBOSE"))
		tell_death(reason);
}

/* Return false when there is nothing more to come. */
static bool goes_on(int fd, int err)
{
	switch (err) {
	case EINTR:
		request(fd, LHREQ_IRQ, rnd_below(LGUEST_IRQS), 0);
		if (plan.meddles)
			meddle(fd);
		return true;
	case EAGAIN:
		request(fd, LHREQ_BREAK, 0, 0);
		return true;
	case NO_ERESTART:
		counts->restarted++;
		return false;
	case ENOENT:
		note_death(fd);
		return false;
	default:
		errno = err;
		fuzz_fail("read(): %m");
	}
}

static void count(int fd)
{
	static const char * const names[] = {
		"exits:", "\nhypercalls:", "async_hypercalls:", "pf_fixed:", "pf_direct:",
		"pgtable_direct:",
	};
	u32 *const to[] = {
		&counts->entries, &counts->calls, &counts->ring_calls, &counts->pages,
		&counts->direct_faults, &counts->direct_switches,
	};
	char path[40], text[1500], *at;
	u32 i;
	int n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		fuzz_fail("%s: %m", path);
	text[n] = 0;
	close(fd);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		at = strstr(text, names[i]);
		if (at)
			*to[i] += atoi(at + strlen(names[i]));
	}
}

/**
 * fuzz_initialize() - INITIALIZE, as the plan's launcher has it
 * @fd: the device
 *
 * Return: what write() gave.
 */
long fuzz_initialize(int fd)
{
	u32 words[5] = { LHREQ_INITIALIZE }, n = 1;

	if (!plan.classic)
		words[n++] = plan.base;
	words[n++] = plan.pfn_limit;
	if (era_has(ERA_LAUNCHER_DIR))
		words[n++] = plan.first_root;
	words[n++] = FUZZ_START + (plan.classic ? plan.view : 0);
	if (plan.classic)
		words[n++] = plan.kernel_address;
	if (era_has(ERA_TRAPS))
		words[n++] = plan.pfn_limit + FUZZ_DEVICES / PAGE;
	return era_words(fd, words, n);
}

static void run_guest(int fd)
{
	u8 reply[sizeof(struct lguest_debug_event)];
	int got;

	do {
		got = read(fd, reply, sizeof(reply));
		if (got >= 0)
			answer(fd, reply, got);
		else if (!goes_on(fd, errno))
			return;
	} while (!gets_nowhere());
	counts->timed_out++;
}

/**
 * fuzz_launch() - run the guest of the plan
 * @to: what is counted
 *
 * Return: 0; if there is a failure it does not come back.
 */
int fuzz_launch(struct fuzz_counts *to)
{
	int fd = open("/dev/lguest", O_RDWR | O_CLOEXEC);

	counts = to;
	if (fd < 0)
		fuzz_fail("/dev/lguest: %m");
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fuzz_make_guest();
	/* from here on the order depends on the host's time, too */
	rnd_seed(rnd_mix(plan.seed, 2));
	if (plan.release && request(fd, LHREQ_RELEASE, era->release, 0) < 0)
		fuzz_fail("RELEASE: %m");
	if (fuzz_initialize(fd) < 0)
		fuzz_fail("INITIALIZE: %m");
	if (plan.races)
		start_race();
	start_ticking();
	run_guest(fd);
	count(fd);
	return 0;
}
