// SPDX-License-Identifier: GPL-2.0
/*
 * A guest with page faults, and what it finds: see faults.h.
 */
#include "faults.h"

struct fault faults[MAX_FAULTS];
volatile u32 nr_faults, last_read;
static const struct access *accesses;

u32 stack_top, stack_pages, irqs;
bool data_used, debugged;
void (*before_accesses)(void);
void (*makes_accesses)(void);
void (*answer)(struct frame *f);

/* Two bytes each, for skip_access(). */
static void make_access(const struct access *a)
{
	u32 read = 0;

	asm volatile("pushl %0\n\tpopfl" : : "r" (a->flags | FL_IF | 2) : "cc", "memory");
	if (a->how == FETCHES)
		asm volatile("call *%0" : : "c" (a->address) : "memory");
	else if (a->how == WRITES)
		asm volatile("movl %0, (%1)" : : "a" (a->address), "c" (a->address) : "memory");
	else
		asm volatile("movl (%1), %0" : "+a" (read) : "c" (a->address) : "memory");
	asm volatile("pushl %0\n\tpopfl" : : "r" (FL_IF | 2) : "cc", "memory");
	last_read = read;
}

void make_accesses(void)
{
	const struct access *a;

	for (a = accesses; a->address; a++)
		make_access(a);
}

static void user_accesses(void)
{
	make_accesses();
	syscall_of_user(0);
}

void accesses_of_user(void)
{
	mini_enter_user(user_accesses, PHYS(ustack) + PAGE);
}

/* (of a call the return is left on the stack) */
void skip_access(struct frame *f)
{
	if (f->eip != *guest_word(DATA_CR2)) {
		f->eip += 2;
		return;
	}
	f->eip = *word_at(f->esp);
	f->esp += 4;
}

static void note_fault(struct frame *f)
{
	struct fault *to = &faults[nr_faults];

	if (f->vector == SYSCALL_VECTOR)
		crash("%u faults", nr_faults);
	guest_expect(nr_faults < MAX_FAULTS);
	nr_faults++;
	*to = (struct fault){
		.vector = f->vector, .errcode = f->errcode, .eip = f->eip, .cs = f->cs,
		.eflags = f->eflags, .at = (u32)f,
		.cr2 = *guest_word(DATA_CR2), .irq_enabled = *guest_word(DATA_IRQ_ENABLED),
	};
	if ((f->cs & 3) == 3) {
		to->esp = f->esp;
		to->ss = f->ss;
	}
	answer(f);
	*guest_word(DATA_IRQ_ENABLED) = irqs;
}

static void guest_has_faults(void)
{
	era_load_gdt();
	if (before_accesses)
		before_accesses();
	call3(LHCALL_SET_STACK, KERNEL_DS, stack_top, stack_pages);
	*guest_word(DATA_IRQ_ENABLED) = irqs;
	if (data_used)
		*word_at(ERA_KERNEL + run.data + DATA_BLOCKED) = 1;
	makes_accesses();
	crash("%u faults", nr_faults);
}

void prepare_faults(const struct access *list, bool wanted)
{
	era_prepare(guest_has_faults);
	mini.on_trap = note_fault;
	run.init2 = LGUEST_EXTENSIONS;
	run.init3 = ANSWER;
	*(u32 *)seen(ANSWER) = wanted ? LGUEST_WANTS(LGUEST_HAS_DIRECT_FAULTS) : 0;
	*(u32 *)seen(FIRST) = 1;
	*(u32 *)seen(SECOND) = 2;
	era_map(run.root, ERA_KERNEL + PHYS(data), PHYS(data) | P_PRESENT | P_RW);
	era_map(run.root, WRITABLE, FIRST | P_ALL);
	era_map(run.root, READ_ONLY, FIRST | P_PRESENT | P_USER);
	era_map(run.root, KERNELS, FIRST | P_PRESENT | P_RW);
	accesses = list;
	nr_faults = 0;
	memset(faults, 0, sizeof(faults));
	stack_top = PHYS(stack) + PAGE;
	stack_pages = 1;
	irqs = FL_IF;
	data_used = true;
	debugged = false;
	before_accesses = NULL;
	answer = skip_access;
	makes_accesses = accesses_of_user;
}

/* With a debugger, which waits for what does not come. */
static const char *finish_debugged(int fd)
{
	struct lguest_debug_event event;

	expect(mini_request(fd, LHREQ_DEBUG, LGUEST_DEBUG_BREAK) > 0, "no debugger: %m");
	expect_error(read(fd, &event, sizeof(event)), ENOENT);
	return mini_reason(fd);
}

u32 direct_faults(const char *reason)
{
	int fd = era_start();
	u32 direct;

	expect_reason(debugged ? finish_debugged(fd) : era_finish(fd), reason);
	direct = mini_counter(fd, "pf_direct");
	close(fd);
	return direct;
}

static void expect_faults(const struct fault *others)
{
	u32 i;

	for (i = 0; i < MAX_FAULTS; i++)
		expect(!memcmp(&faults[i], &others[i], sizeof(faults[i])),
		       "fault %u: %x %x %x %x %x %x %x, not %x %x %x %x %x %x %x", i,
		       faults[i].errcode, faults[i].cr2, faults[i].eip, faults[i].eflags,
		       faults[i].esp, faults[i].at, faults[i].irq_enabled,
		       others[i].errcode, others[i].cr2, others[i].eip, others[i].eflags,
		       others[i].esp, others[i].at, others[i].irq_enabled);
}

void is_never_direct(void (*vary)(void), const char *reason)
{
	prepare_faults(two_absent, false);
	vary();
	expect_value(direct_faults(reason), 0);
	prepare_faults(two_absent, true);
	vary();
	expect_value(direct_faults(reason), 0);
}

const struct access two_absent[] = {
	{ ABSENT, READS, 0 }, { ABSENT_TOO, WRITES, 0 }, { ABSENT, WRITES, 0 },
	{},
};

u32 direct_but_the_same(const struct access *list, void (*vary)(void), const char *reason)
{
	static struct fault others[MAX_FAULTS];
	u32 direct;

	prepare_faults(list, false);
	vary();
	expect_value(direct_faults(reason), 0);
	expect_value(*(u32 *)seen(ANSWER) & LGUEST_HAS_DIRECT_FAULTS, 0);
	memcpy(others, faults, sizeof(others));
	prepare_faults(list, true);
	vary();
	direct = direct_faults(reason);
	expect_value(*(u32 *)seen(ANSWER) & LGUEST_HAS_DIRECT_FAULTS, LGUEST_HAS_DIRECT_FAULTS);
	expect_faults(others);
	return direct;
}

void finds_the_same(void (*vary)(void), u32 direct)
{
	expect_value(direct_but_the_same(two_absent, vary, "CRASH: 3 faults"), direct);
}

void map_unused_stacks(void)
{
	u32 i;

	for (i = 0; i < 4; i++)
		era_map(run.root, NEW_STACK + i * PAGE,
			(PHYS(scratch[4]) + i * PAGE) | P_PRESENT | P_RW);
}

static u32 odd_esp, odd_errcode;

__attribute__((used, noreturn)) static void tell_stack_pointer(void)
{
	crash("esp %x errcode %x", odd_esp, odd_errcode);
}

/* (ss is not ds, and so it leaves that stack before it comes to C.) */
__attribute__((naked)) void leave_odd_stack(void)
{
	asm volatile("movl %%esp, %%ebx\n\t"
		     "movl %%ss:(%%esp), %%ecx\n\t"
		     "movl $0x69, %%eax\n\t"
		     "movl %%eax, %%ds\n\t"
		     "movl %%eax, %%es\n\t"
		     "movl %%eax, %%ss\n\t"
		     "movl %2, %%esp\n\t"
		     "movl %%ebx, %0\n\t"
		     "movl %%ecx, %1\n\t"
		     "call %P3"
		     : "=m" (odd_esp), "=m" (odd_errcode)
		     : "i" (PHYS(stack) + PAGE), "i" (tell_stack_pointer));
}
