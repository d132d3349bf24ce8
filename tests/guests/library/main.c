// SPDX-License-Identifier: GPL-2.0
/*
 * library: the guest library does what its header says, so that the other
 * test guests may trust it: faults are caught with the right error codes,
 * page tables change at once, ring 3 comes and goes, interrupts come when
 * they are on and only then, and a sleep always ends.
 */
#include "tap.h"
#include "user.h"

#define USER_ADDR	0x00400000
#define TICK		2000000

static void undefined(void *arg __unused)
{
	asm volatile("ud2");
}

static void divide(void *arg __unused)
{
	asm volatile("divl %0" : : "r" (0), "a" (1), "d" (0));
}

static void nothing(void *arg __unused)
{
}

static void read_word(void *arg)
{
	(void)*(volatile u32 *)arg;
}

static void write_word(void *arg)
{
	*(volatile u32 *)arg = 1;
}

static void load_bad_segment(void *arg)
{
	asm volatile("movl %0, %%fs" : : "r" (arg));
}

static void test_catch(void)
{
	struct fault fault;

	runs(nothing, NULL, "what does not fault is not caught");
	faults(undefined, NULL, 6, 0, "an undefined instruction is trap 6");
	faults(divide, NULL, 0, 0, "a division by zero is trap 0");
	faults(load_bad_segment, (void *)0x1f1, 13, 0x1f0,
	       "a selector beyond the table is trap 13");
	irq_enable();
	catch_fault(undefined, NULL, &fault);
	ok(irqs_on(), "interrupts are on again after a fault");
	irq_disable();
	catch_fault(undefined, NULL, &fault);
	ok(!irqs_on(), "or off, if they were");
	ok(fault.eip == (u32)undefined, "the fault is where it was made");
}

static void test_paging(void)
{
	u32 *page = page_alloc(), *alias = (u32 *)USER_ADDR;
	u32 value = phys(page) | PTE_P | PTE_US;
	struct fault fault;
	pte_t *pte;

	faults(read_word, alias, 14, 0, "nothing is mapped: error 0");
	faults(write_word, alias, 14, 2, "nor for a write: error 2");
	catch_fault(write_word, alias + 1, &fault);
	is(fault.address, USER_ADDR + 4, "the address is told");

	map_page(kernel_pgdir, USER_ADDR, value);
	page[0] = 42;
	runs(read_word, alias, "a mapped page can be read");
	is(alias[0], 42, "and is the page that it should be");
	faults(write_word, alias, 14, 3, "but not written: error 3");

	pte = pte_find(kernel_pgdir, USER_ADDR, false);
	ok(*pte & PTE_A, "it is marked accessed");
	ok(!(*pte & PTE_D), "and not dirty");
	pte_set(kernel_pgdir, USER_ADDR, pte, value | PTE_RW);
	runs(write_word, alias, "now it can be written");
	ok(*pte & PTE_D, "and is dirty");
	is(page[0], 1, "the write went there");

	pte_set(kernel_pgdir, USER_ADDR, pte, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	faults(read_word, alias, 14, 0, "what is unmapped is gone");
	page_free(page);
}

static void test_directories(void)
{
	u32 *pages[6], i, bad = 0, found, before = pages_left();
	pte_t *dirs[6];

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		dirs[i] = pgdir_new();
		pages[i] = page_alloc();
		pages[i][0] = i;
		map_page(dirs[i], USER_ADDR,
			 phys(pages[i]) | PTE_P | PTE_RW | PTE_US);
	}
	for (i = 0; i < 100; i++) {
		pgdir_switch(dirs[i * 5 % ARRAY_SIZE(dirs)]);
		found = *(volatile u32 *)USER_ADDR;
		bad += found != i * 5 % ARRAY_SIZE(dirs);
	}
	is(bad, 0, "six address spaces, each with a page of its own");
	pgdir_switch(kernel_pgdir);
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		page_free(pages[i]);
		pgdir_free(dirs[i]);
	}
	is(pages_left(), before, "all pages came back");
	pgdir_switch(pgdir_new());
	faults(read_word, (void *)USER_ADDR, 14, 0,
	       "a directory that was used before starts empty");
	pgdir_switch(kernel_pgdir);
}

static struct trap_frame run_at(const char *start)
{
	struct trap_frame frame, end;

	user_frame(&frame, USER_ADDR + (start - user_syscall),
		   USER_ADDR + 2 * PAGE_SIZE);
	run_user(&frame, &end);
	return end;
}

static volatile u32 ticks;

static void stop_user(u32 irq __unused, struct trap_frame *frame)
{
	ticks++;
	if (from_user(frame))
		catch_pending(frame);
	else
		clock_alarm(TICK, stop_user);
}

static void test_user(void)
{
	u8 *code = page_alloc(), *stack = page_alloc();
	struct trap_frame end;

	memcpy(code, user_syscall, user_end - user_syscall);
	map_page(kernel_pgdir, USER_ADDR, phys(code) | PTE_P | PTE_US);
	map_page(kernel_pgdir, USER_ADDR + PAGE_SIZE,
		 phys(stack) | PTE_P | PTE_US | PTE_RW);

	end = run_at(user_syscall);
	is(end.vector, SYSCALL_VECTOR, "ring 3 makes a system call");
	is(end.eax, 0x1234, "with its registers");
	is(end.cs, USER_CS, "from its own segment");
	is(end.esp, USER_ADDR + 2 * PAGE_SIZE, "and its own stack");
	end = run_at(user_write);
	is(end.vector << 8 | end.error, 14 << 8 | 7,
	   "the kernel's memory is not ring 3's: error 7");
	end = run_at(user_hlt);
	is(end.vector << 8 | end.error, 13 << 8 | 0, "nor is hlt: trap 13");
	ticks = 0;
	clock_alarm(TICK, stop_user);
	end = run_at(user_loop);
	is(end.vector, IRQ_BASE, "the clock stops a loop in ring 3");
	ok(end.eflags & EFLAGS_IF, "which had interrupts on");
}

static void count_tick(u32 irq __unused, struct trap_frame *frame __unused)
{
	ticks++;
}

static void test_interrupts(void)
{
	struct wallclock start, end;
	u32 i;

	irq_disable();
	ticks = 0;
	clock_alarm(TICK, count_tick);
	start = wallclock();
	/* Let the host's clock pass that moment, with interrupts off. */
	for (i = 0; i < 20000; i++)
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	is(ticks, 0, "no interrupt comes while they are off");
	irq_enable();
	while (!ticks)
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	is(ticks, 1, "it comes when they are on");
	end = wallclock();
	ok(end.sec > start.sec || (end.sec == start.sec && end.nsec > start.nsec),
	   "and time goes on");

	irq_disable();
	clock_alarm(TICK, count_tick);
	halt();
	is(ticks, 2, "a sleep ends with an interrupt");
	ok(irqs_on(), "after which they are on");
	irq_disable();
	for (i = 0; i < 50; i++) {
		clock_alarm(1000, count_tick);
		halt();
		irq_disable();
	}
	is(ticks, 52, "fifty short sleeps all end");
	clock_alarm(0, NULL);
}

/* More calls than the ring has room for, in order. */
static void test_ring(void)
{
	u32 *pages[2] = { page_alloc(), page_alloc() }, i;

	for (i = 0; i < 200; i++)
		map_page(kernel_pgdir, USER_ADDR + PAGE_SIZE * 8,
			 phys(pages[i % 2]) | PTE_P | PTE_RW | PTE_A | PTE_D);
	pages[1][0] = 77;
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	is(*(u32 *)(USER_ADDR + PAGE_SIZE * 8), 77,
	   "200 calls through the ring leave the last one's page");
}

static void test_text(void)
{
	char text[64];
	u32 rest;

	snprintf(text, sizeof(text), "%5d|%-4u|%04x|%s|%c|%%|%lld|%08X", -42,
		 7U, 0xabU, "s", 'c', -5000000000LL, 0xbeefU);
	ok(!strcmp(text, "  -42|7   |00ab|s|c|%|-5000000000|0000BEEF"),
	   "text is formatted: %s", text);
	is(div64(10000000000ULL, 7, &rest), 1428571428,
	   "64-bit numbers are divided");
	format_date(text, sizeof(text), 1709210096);
	ok(!strcmp(text, "2024-02-29 12:34:56"), "dates are right: %s", text);
}

int main(void)
{
	paging_init();
	test_text();
	test_catch();
	test_paging();
	test_directories();
	test_ring();
	test_user();
	test_interrupts();
	done();
}
