// SPDX-License-Identifier: GPL-2.0
/*
 * userpages: a guest's kernel may read, write and execute what its user
 * programs may, as every kernel could before there were SMAP and SMEP, which
 * it knows nothing of.  So it does here: on its own, and for a program's sake
 * in handlers that the CPU came to directly or by way of the host; with the AC
 * flag, which SMAP has made mean something, in both its states.  A broken host
 * would leave its own SMAP or SMEP on: then the guest faults for ever where
 * its page tables allow everything.
 */
#include "tap.h"
#include "user.h"

#define GP		13
#define PF		14
#define EFLAGS_AC	0x40000
#define EFLAGS_START	(EFLAGS_IF | 2)

#define CODE		0x00400000U	/* what ring 3 has, and where */
#define STACK		0x00401000U
#define DATA		0x00402000U
#define READ_ONLY	0x00403000U
#define LATER		0x00404000U	/* comes with its first fault */

#define MAGIC		0x600d0000U

static u32 *pages[5];
static u32 ac;				/* EFLAGS_AC or 0 */

static void map_user(u32 addr, u32 *page, u32 writable)
{
	if (!page || !map_page(kernel_pgdir, addr,
			       phys(page) | PTE_P | PTE_US | writable))
		panic("no memory for user pages");
}

static void set_flags(u32 flags)
{
	asm volatile("pushl %0\n\tpopfl" : : "r" (flags) : "cc", "memory");
}

static u32 get_flags(void)
{
	u32 flags;

	asm volatile("pushfl\n\tpopl %0" : "=r" (flags));
	return flags;
}

/* What ring 1 does on its own; all of it with @ac. */
static void do_read(void *arg)
{
	set_flags(ac | EFLAGS_START);
	(void)*(volatile u32 *)arg;
	set_flags(EFLAGS_START);
}

static void do_write(void *arg)
{
	set_flags(ac | EFLAGS_START);
	*(volatile u32 *)arg = MAGIC;
	set_flags(EFLAGS_START);
}

static void do_add(void *arg)
{
	set_flags(ac | EFLAGS_START);
	asm volatile("lock; incl %0" : "+m" (*(u32 *)arg));
	set_flags(EFLAGS_START);
}

static void do_copy(void *arg)
{
	void *from = (void *)READ_ONLY;
	u32 n = PAGE_SIZE / 4;

	set_flags(ac | EFLAGS_START);
	asm volatile("cld; rep movsl" : "+D" (arg), "+S" (from), "+c" (n)
		     : : "memory");
	set_flags(EFLAGS_START);
}

static void do_execute(void *arg)
{
	set_flags(ac | EFLAGS_START);
	asm volatile("call *%0" : : "r" (arg) : "eax", "memory");
	set_flags(EFLAGS_START);
}

static void do_push(void *arg)
{
	set_flags(ac | EFLAGS_START);
	asm volatile("movl %%esp, %%esi\n\tmovl %0, %%esp\n\t"
		     "pushl %1\n\tmovl %%esi, %%esp"
		     : : "r" (arg), "r" (MAGIC) : "esi", "memory");
	set_flags(EFLAGS_START);
}

/* Each with a shadow that knows nothing yet, and again with one that does. */
static void on_its_own(void (*fn)(void *arg), u32 addr, const char *what)
{
	flush_user();
	runs(fn, (void *)addr, "ring 1 %s, AC %u", what, !!ac);
	runs(fn, (void *)addr, "and again");
}

static void ring1(void)
{
	/* movl $MAGIC, %eax; ret */
	static const u8 code[] = { 0xb8, 0, 0, 0x0d, 0x60, 0xc3 };

	memcpy((u8 *)pages[0] + 0x800, code, sizeof(code));
	on_its_own(do_read, DATA, "reads a user page");
	on_its_own(do_write, DATA, "writes to one");
	on_its_own(do_add, DATA, "reads and writes in one");
	on_its_own(do_copy, DATA, "copies from one to another");
	on_its_own(do_push, STACK + 0x800, "has its stack in one");
	on_its_own(do_execute, CODE + 0x800, "executes one");
	on_its_own(do_read, READ_ONLY, "reads a read-only one");
	flush_user();
	faults(do_write, (void *)READ_ONLY, PF, 3,
	       "but cannot write to that, AC %u", !!ac);
}

static u32 handler_flags;

/* The kernel's side of a call: a word from the user, and one to it. */
static void copy_for_user(struct trap_frame *frame)
{
	handler_flags = get_flags();
	*(volatile u32 *)frame->ecx = *(volatile u32 *)frame->ebx + 1;
	frame->eax = *(volatile u32 *)frame->ecx + 1;
}

/* The kernel's side of a fault: the page comes, filled through the user's eyes. */
static void page_comes(struct trap_frame *frame)
{
	if (!from_user(frame) || lguest_data.cr2 != LATER) {
		catch_pending(frame);
		return;
	}
	handler_flags = get_flags();
	map_user(LATER, pages[4], PTE_RW);
	*(volatile u32 *)LATER = MAGIC + 7;
}

static struct trap_frame run_program(const char *start)
{
	struct trap_frame frame, end;

	user_frame(&frame, CODE + (start - user_call), STACK + PAGE_SIZE);
	frame.edx = ac | EFLAGS_START;
	frame.ebx = start == user_fault ? LATER : DATA;
	frame.ecx = DATA + 0x800;
	run_user(&frame, &end);
	return end;
}

static void call(enum gate_type type, const char *name)
{
	struct trap_frame end;
	u32 i;

	set_gate(SYSCALL_VECTOR, trap_entry(SYSCALL_VECTOR), type, 3);
	set_trap_handler(SYSCALL_VECTOR, copy_for_user);
	for (i = 0; i < 2; i++) {
		pages[2][0] = MAGIC;
		pages[2][0x200] = 0;
		if (!i)
			flush_user();
		end = run_program(user_call);
		ok(end.vector == GP && end.eax == MAGIC + 2 &&
		   pages[2][0x200] == MAGIC + 1,
		   "a call through %s gate copies from and to its program%s",
		   name, i ? " again" : "");
		ok((handler_flags & EFLAGS_AC) == ac && (end.edx & EFLAGS_AC) == ac,
		   "and AC is still %u", !!ac);
	}
	set_trap_handler(SYSCALL_VECTOR, NULL);
}

static void fault_of_user(void)
{
	pte_t *pte = pte_find(kernel_pgdir, LATER, true);
	struct trap_frame end;

	set_trap_handler(PF, page_comes);
	end = run_program(user_fault);
	set_trap_handler(PF, NULL);
	ok(end.vector == GP && end.eax == MAGIC + 7 &&
	   (handler_flags & EFLAGS_AC) == ac && (end.edx & EFLAGS_AC) == ac,
	   "a page fault's handler fills the user's page, AC %u", !!ac);
	pte_set(kernel_pgdir, LATER, pte, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

int main(void)
{
	u32 i;

	paging_init();
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = page_alloc();
	map_user(CODE, pages[0], PTE_RW);
	map_user(STACK, pages[1], PTE_RW);
	map_user(DATA, pages[2], PTE_RW);
	map_user(READ_ONLY, pages[3], 0);
	memcpy(pages[0], user_call, user_end - user_call);

	for (i = 0; i < 2; i++) {
		ac = i ? EFLAGS_AC : 0;
		ring1();
		call(GATE_TRAP, "a trap");
		call(GATE_INTERRUPT, "an interrupt");
		fault_of_user();
	}
	done();
}
