// SPDX-License-Identifier: GPL-2.0
/*
 * era: what a guest does in another way in each era of the ABI, from its first
 * page tables to its iret.  Whatever the words are, the meaning is the same, so
 * this is one program.  A broken host would take one era's registers, ring or
 * shared structure for another's, lose an interrupt that waits, or forget a table.
 */
#include "internal.h"
#include "tap.h"

#define ADDR		0x10000000
#define PTE_USED	(PTE_P | PTE_RW | PTE_A | PTE_D)
#define PATIENCE	1000000		/* calls */
#define MANY		500
#define ENTRY		18
#define TLS		6
#define SEL(index)	((index) * 8 + 1)
#define DATA_LOW	0x0000ffff
#define DATA_HIGH	0x00cfb300

static volatile u32 ticks, early;

static void read_word(void *arg)
{
	(void)*(volatile u32 *)arg;
}

static void load_fs(void *arg)
{
	asm volatile("movl %0, %%fs" : : "r" (arg));
}

static void use_fpu(void *arg __unused)
{
	asm volatile("fninit");
}

static void first_tables(void)
{
#ifdef DATA_PGDIR
	u32 pgdir = lguest_data.pgdir;

	ok(pgdir >= pages_end() && pgdir < boot_info.mem_size && !(pgdir % PAGE_SIZE),
	   "the first directory is in memory, out of our way: at %x", pgdir);
	ok(pgdir < WINDOW_BASE - PAGE_OFFSET, "and at PAGE_OFFSET, too, as Linux wants");
#endif
}

static void what_the_host_wrote(void)
{
	ok(lguest_data.reserve_mem && !(lguest_data.reserve_mem % PAGE_SIZE),
	   "the host keeps %x bytes", lguest_data.reserve_mem);
	ok(wallclock().sec > 1500000000 && wallclock().nsec < 1000000000, "it told the time");
	is(lguest_data.irq_enabled, 0, "and left interrupts off");
}

/* Tables say nothing of this page: the call alone maps it. */
static void ring(void)
{
	u32 *pages[2] = { page_alloc(), page_alloc() }, *seen = (u32 *)ADDR, i;

	*pages[0] = 100;
	*pages[1] = 101;
	map_page(kernel_pgdir, ADDR + PAGE_SIZE, phys(pages[0]) | PTE_P);
	read_word((void *)(ADDR + PAGE_SIZE));
	for (i = 0; i < 3 * LHCALL_RING_SIZE + 1; i++)
		pte_announce(kernel_pgdir, ADDR, phys(pages[!(i % 2)]) | PTE_USED);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	runs(read_word, seen, "calls of the ring are made, with their arguments in place");
	is(*(volatile u32 *)seen, 101, "the last of them last");
	hcall(LHCALL_SET_PTE, phys(kernel_pgdir), ADDR, 0);
	faults(read_word, seen, 14, 0, "and so are calls in registers");
}

/* A page table goes; the host is told in the era's way. */
static void tables(void)
{
	u32 *page = page_alloc();
	pte_t *entry;

	map_page(kernel_pgdir, ADDR + PAGE_SIZE, phys(page) | PTE_P);
	runs(read_word, (void *)(ADDR + PAGE_SIZE), "a page is mapped");
	entry = entry_find(kernel_pgdir, ADDR, 1, false);
	*entry = 0;
	table_changed(kernel_pgdir, ADDR);
	faults(read_word, (void *)(ADDR + PAGE_SIZE), 14, 0, "and gone with its table");
}

static void segments(void)
{
	static u32 tls[3][2] = { { DATA_LOW, DATA_HIGH } };

	faults(load_fs, (void *)SEL(ENTRY), 13, SEL(ENTRY) & ~3,
	       "a segment that is not there");
	gdt[ENTRY][0] = DATA_LOW;
	gdt[ENTRY][1] = DATA_HIGH;
	gdt_load();
	runs(load_fs, (void *)SEL(ENTRY), "is there when its table was loaded");
	hcall(LHCALL_LOAD_TLS, phys(tls), 0, 0);
	runs(load_fs, (void *)SEL(TLS), "one of a thread's own");
	load_fs((void *)0);
}

static void fpu(void)
{
	hcall(LHCALL_TS, 1, 0, 0);
	faults(use_fpu, NULL, 7, 0, "the FPU traps when it is to");
	hcall(LHCALL_TS, 0, 0, 0);
	runs(use_fpu, NULL, "and does not when it is not");
}

static void tick(u32 irq __unused, struct trap_frame *frame)
{
	ticks++;
	early += frame->eip >= (u32)noirq_start && frame->eip < (u32)noirq_end;
}

static void waiting_interrupt(void)
{
	u32 i;

	irq_disable();
	ticks = 0;
	clock_alarm(1000, tick);
	for (i = 0; i < PATIENCE && !IRQ_WAITS; i++) {
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		/* Where nobody tells, it will be there soon. */
		if (IRQ_MAY_WAIT && i > 20000)
			break;
	}
	is(ticks, 0, "an interrupt waits while they are off");
	irq_restore(EFLAGS_IF);
	if (IRQ_CALL == LHCALL_FLUSH_ASYNC)
		irq_enable();
	is(ticks, 1, "and comes at once when they are on");
	is(IRQ_WAITS, 0, "nothing waits any more");
	irq_disable();
	irq_enable();
	is(ticks, 1, "so nothing comes");
	irq_disable();
}

static void many_interrupts(void)
{
	u32 i;

	ticks = 0;
	irq_disable();
	for (i = 1; i <= MANY; i++) {
		clock_alarm(500 + i % 7 * 300, tick);
		irq_enable();
		while (ticks < i)
			hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		irq_disable();
	}
	is(ticks, MANY, "%u interrupts come and are left again", MANY);
	is(early, 0, "none of them while one was being left");
	for (i = 0; i < 50; i++) {
		clock_alarm(2000, tick);
		halt();
		irq_disable();
	}
	is(ticks, MANY + 50, "fifty sleeps end");
	clock_alarm(0, NULL);
}

static void ports(void)
{
	u32 value = 0;

	asm volatile("inb $0x80, %b0" : "+a" (value));
	is(value & 0xff, 0xff, "no device answers at a port");
	asm volatile("inl $0x80, %0" : "=a" (value));
	is(value, ~0U, "with 32 bits");
}

int main(void)
{
	paging_init();
	diag("release %s, page tables %s", ERA_RELEASE, FORMAT_NAME);
	first_tables();
	what_the_host_wrote();
	ring();
	tables();
	segments();
	fpu();
	waiting_interrupt();
	many_interrupts();
	ports();
	done();
}
