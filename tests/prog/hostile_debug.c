// SPDX-License-Identifier: GPL-2.0
/*
 * The debug registers belong to the host: the launcher's breakpoints, on
 * addresses that its guest uses too or that the world switch lies at, are not
 * met by the guest nor by the switch, and work again when the launcher does.
 */
#include <linux/perf_event.h>
#include <linux/hw_breakpoint.h>
#include <sys/ioctl.h>
#include "mini/mini.h"

#define ROUNDS	300u

/* Where the first CPU's guest has its saved registers, unless this was moved. */
#define SWITCHER	0xffc00000u
#define SAVED_EIP	(SWITCHER + 2 * PAGE - 20)
#define OUT_OF_REACH	"the switcher of a 64-bit host is above 4 GB"

static volatile u32 watched[4] page_aligned;

static u32 read_watched(void)
{
	return watched[0];
}

/* A breakpoint of this task's, which counts. */
static int breakpoint(u32 addr, u32 type, u32 len)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT, .size = sizeof(attr),
		.bp_type = type, .bp_addr = addr, .bp_len = len,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);

	expect(fd >= 0, "perf_event_open(%#x): %m", addr);
	return fd;
}

static long count(int fd)
{
	u64 n = ~0ull;

	expect_value(read(fd, &n, sizeof(n)), sizeof(n));
	return n;
}

/* Four of them, the most there can be. */
struct points {
	int write, access, execute, switcher;
};

static struct points all_points(void)
{
	return (struct points) {
		breakpoint((u32)&watched[0], HW_BREAKPOINT_W, HW_BREAKPOINT_LEN_4),
		breakpoint((u32)&watched[2], HW_BREAKPOINT_RW, HW_BREAKPOINT_LEN_4),
		breakpoint((u32)read_watched, HW_BREAKPOINT_X, host_word_size()),
		breakpoint(SAVED_EIP, HW_BREAKPOINT_RW, HW_BREAKPOINT_LEN_4),
	};
}

static void touch_all(void)
{
	u32 (*volatile call)(void) = read_watched;

	watched[0]++;
	watched[2]++;
	call();
}

static void guest_touches(void)
{
	u32 i;

	for (i = 0; i < ROUNDS; i++) {
		touch_all();
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		asm volatile("inb $0x80, %%al" : : : "eax");
		if (i % 100 == 0)
			hcall2(LHCALL_SEND_DMA, mini.scratch, mini.scratch);
	}
}

/* The launcher's own share, each time that it has the CPU. */
static void breakpoints_of_the_launcher(void)
{
	long touched = 0, executed;
	struct points p;
	u32 notice[2];
	int fd;

	mini_pin(0);
	fd = mini_new(guest_touches);
	p = all_points();
	do {
		touch_all();
		touched++;
		expect_value(count(p.write), touched);
		/* once to read and once to write, or both at once */
		expect(count(p.access) == touched || count(p.access) == 2 * touched,
		       "%ld accesses after %ld", count(p.access), touched);
	} while (read(fd, notice, sizeof(notice)) == 8);
	executed = count(p.execute);
	expect(executed == touched, "executed %ld times, not %ld", executed, touched);
	expect_value(count(p.switcher), 0);
	expect(touched > 2, "only %ld notices came", touched);
	expect_reason(mini_reason(fd), "CRASH: done");
	expect_value(watched[0], ROUNDS + touched);
}

/*
 * What the CPU reads when the guest traps and when it goes on, and code of the switcher's:
 * on a 32-bit host the launcher can name these addresses, though they are not its own.
 */
#define LGUEST_CS	0x50u
#define TSS		0x80u
#define TSS_SP0		4u	/* in its page, where it comes first */
#define PLACES		4u

static u32 gdt_at, tss_at, idt_at, stubs_at[256];

static void guest_tells_its_tables(void)
{
	const u16 *gates;
	u32 i;

	gdt_at = mini_gdt();
	tss_at = mini_tables_page();
	idt_at = mini_idt();
	gates = (const u16 *)idt_at;
	for (i = 0; i < ARRAY_SIZE(stubs_at); i++)
		stubs_at[i] = gates[4 * i + 3] << 16 | gates[4 * i];
}

static void go_on(struct frame *f)
{
	guest_expect(f->vector == SYSCALL_VECTOR);
}

static void guest_traps(void)
{
	mini_set_gate(SYSCALL_VECTOR, GATE_TRAP | GATE_DPL3);
	mini.on_trap = go_on;
	guest_touches();
	asm volatile("int $0x80\n\tmovl %%ds, %%eax\n\tmovl %%eax, %%ds" : : : "eax", "memory");
}

static void are_not_met(const u32 *places, u32 type, u32 len)
{
	int points[PLACES], fd;
	struct lguest_dma_notice notice;
	u32 i;

	mini_pin(0);
	fd = mini_new(guest_traps);
	for (i = 0; i < PLACES; i++)
		points[i] = breakpoint(places[i], type, len);
	while (read(fd, &notice, sizeof(notice)) == sizeof(notice))
		;
	expect_reason(mini_reason(fd), "CRASH: done");
	for (i = 0; i < PLACES; i++) {
		expect_value(count(points[i]), 0);
		close(points[i]);
	}
	close(fd);
}

static void breakpoints_on_its_tables(void)
{
	u32 places[PLACES] = { 13, 14, 31, SYSCALL_VECTOR }, i;

	mini_pin(0);
	expect_reason(mini_run(guest_tells_its_tables), "CRASH: done");
	for (i = 0; i < PLACES; i++)
		places[i] = idt_at + 8 * places[i];
	are_not_met(places, HW_BREAKPOINT_RW, HW_BREAKPOINT_LEN_4);
	places[0] = gdt_at + (KERNEL_CS & ~7);
	places[1] = gdt_at + LGUEST_CS;
	places[2] = gdt_at + TSS;
	places[3] = tss_at + TSS_SP0;
	are_not_met(places, HW_BREAKPOINT_RW, HW_BREAKPOINT_LEN_4);
}

static void breakpoints_in_the_switcher(void)
{
	u32 places[PLACES];

	mini_pin(0);
	expect_reason(mini_run(guest_tells_its_tables), "CRASH: done");
	places[0] = stubs_at[13] & -PAGE;	/* the way in */
	places[1] = stubs_at[13];
	places[2] = stubs_at[31];
	places[3] = stubs_at[32];
	are_not_met(places, HW_BREAKPOINT_X, host_word_size());
}

static volatile u32 steps;

static void count_step(struct frame *f)
{
	guest_expect(f->vector == 1);
	steps++;
}

/* With a step of its own, the guest hears of no breakpoint either. */
static void guest_steps(void)
{
	u32 i;

	mini.on_trap = count_step;
	for (i = 0; i < ROUNDS; i++) {
		asm volatile("pushl $0x302\n\tpopfl\n\tnop\n\t"
			     "pushl $0x202\n\tpopfl" : : : "memory", "cc");
		touch_all();
	}
	guest_expect(steps == 3 * ROUNDS);
}

static void breakpoints_and_steps(void)
{
	struct points p;
	int fd;

	mini_pin(0);
	fd = mini_new(guest_steps);
	p = all_points();
	expect_reason(mini_finish(fd), "CRASH: done");
	expect_value(count(p.write), 0);
	expect_value(count(p.execute), 0);
	expect_value(count(p.switcher), 0);
	touch_all();
	expect_value(count(p.write), 1);
	expect_value(count(p.execute), 1);
}

/* DR6, where the CPU notes a step: a test of the host's state comes after this. */
static void steps_alone(void)
{
	expect_reason(mini_run(guest_steps), "CRASH: done");
}

/*
 * The CPU goes from a guest that has stepped to another task, in the middle of a copy
 * to its user, without user space in between.  A breakpoint there is met by the host's
 * kernel, which believes what DR6 says: that it steps itself, and it warns.
 */
static void guest_steps_and_halts(void)
{
	mini.on_trap = count_step;
	asm volatile("pushl $0x302\n\tpopfl\n\tnop\n\t"
		     "pushl $0x202\n\tpopfl" : : : "memory", "cc");
	hcall(LHCALL_HALT, 0, 0, 0);
}

static void run_steps(int fd)
{
	mini_pin(0);
	mini_reset(guest_steps_and_halts);
	expect_value(mini_initialize(fd), 16);
	mini_finish(fd);
}

static void wait_with_breakpoint(const int *pipe_ends, volatile bool *ready)
{
	static volatile u32 buffer;
	int point;

	mini_pin(0);
	point = breakpoint((u32)&buffer, HW_BREAKPOINT_W, HW_BREAKPOINT_LEN_4);
	*ready = true;
	expect_value(read(pipe_ends[0], (void *)&buffer, sizeof(buffer)), sizeof(buffer));
	expect(count(point) > 0, "the breakpoint was not met");
	_exit(0);
}

static bool sleeps(pid_t pid)
{
	char path[40], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	expect(f && fscanf(f, "%*d %*s %c", &state) == 1, "%s: %m", path);
	fclose(f);
	return state == 'S';
}

static void steps_and_another_tasks_breakpoint(void)
{
	volatile bool *ready = mini_shared(PAGE);
	int fd = mini_open(), pipe_ends[2];
	pid_t waiter, owner;
	u32 word = 1;

	mini_pin(1);
	expect_value(pipe(pipe_ends), 0);
	waiter = mini_fork();
	if (!waiter)
		wait_with_breakpoint(pipe_ends, ready);
	wait_until(*ready && sleeps(waiter));
	owner = mini_fork();
	if (!owner)
		run_steps(fd);
	wait_until(mini_counter(fd, "halt_exits") > 0 && sleeps(owner));
	expect_value(write(pipe_ends[1], &word, sizeof(word)), sizeof(word));
	expect_value(mini_wait(waiter), 0);
	kill(owner, SIGKILL);
	mini_wait(owner);
}

int main(void)
{
	RUN(breakpoints_of_the_launcher);
	RUN_ON_32BIT(breakpoints_on_its_tables, OUT_OF_REACH);
	RUN_ON_32BIT(breakpoints_in_the_switcher, OUT_OF_REACH);
	RUN(breakpoints_and_steps);
	RUN(steps_alone);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		RUN(steps_and_another_tasks_breakpoint);
	else
		mini_skip("steps_and_another_tasks_breakpoint", "it needs a second CPU");
	return mini_done();
}
