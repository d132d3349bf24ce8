// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults that a guest has without an exit (LGUEST_HAS_DIRECT_FAULTS): it must see
 * nothing of that.  A program in ring 3 makes accesses, most of which fault; what its
 * kernel finds at each is the same with direct faults and without, whatever is wrong with
 * its gate, stack or memory.  How many were direct the host's counters tell.
 */
#include "era.h"

#define ANSWER		PHYS(scratch[0])	/* what is wanted, and what the host has */
#define FIRST		PHYS(scratch[2])
#define SECOND		PHYS(scratch[3])
#define WINDOW		0x70000000u		/* 16 pages, in the guest's user part */
#define ABSENT		(WINDOW + 0 * PAGE)
#define READ_ONLY	(WINDOW + 1 * PAGE)
#define WRITABLE	(WINDOW + 2 * PAGE)
#define KERNELS		(WINDOW + 3 * PAGE)
#define ABSENT_TOO	(WINDOW + 4 * PAGE)
#define SAME_PLACE	(WINDOW + 64 * 16 * PAGE)	/* as WINDOW, in the host's table */
#define NOWHERE_NEAR	0x20000000u		/* there is no table */
#define NEW_STACK	0x60000000u
#define NEW_STACK_TOP	(NEW_STACK + PAGE)
#define MAX_FAULTS	64

/* An access of the program's, with what flags; one to address 0 ends a list of them. */
enum { READS, WRITES, FETCHES };

struct access {
	u32 address;
	u32 how;
	u32 flags;
};

/* What the kernel finds. */
struct fault {
	u32 vector, errcode, eip, cs, eflags, esp, ss;
	u32 cr2, at, irq_enabled;
};

static struct fault faults[MAX_FAULTS];
static volatile u32 nr_faults;
static const struct access *accesses;
static volatile u32 last_read;

/* Variations. */
static u32 stack_top, stack_pages, user_irqs;
static bool data_used, debugged;
static void (*before_user)(void);
static void (*answer)(struct frame *f);

/* Two bytes each, for skip(). */
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

static void user_accesses(void)
{
	const struct access *a;

	for (a = accesses; a->address; a++)
		make_access(a);
	syscall_of_user(0);
}

/* (of a call the return is left on the stack) */
static void skip(struct frame *f)
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
		.eflags = f->eflags, .esp = f->esp, .ss = f->ss, .at = (u32)f,
		.cr2 = *guest_word(DATA_CR2), .irq_enabled = *guest_word(DATA_IRQ_ENABLED),
	};
	answer(f);
	*guest_word(DATA_IRQ_ENABLED) = user_irqs;
}

static void guest_has_faults(void)
{
	era_load_gdt();
	if (before_user)
		before_user();
	call3(LHCALL_SET_STACK, KERNEL_DS, stack_top, stack_pages);
	*guest_word(DATA_IRQ_ENABLED) = user_irqs;
	if (data_used)
		*word_at(ERA_KERNEL + run.data + DATA_BLOCKED) = 1;
	mini_enter_user(user_accesses, PHYS(ustack) + PAGE);
}

static void prepare(const struct access *list, bool wanted)
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
	user_irqs = FL_IF;
	data_used = true;
	debugged = false;
	before_user = NULL;
	answer = skip;
}

/* With a debugger, which waits for what does not come. */
static const char *finish_debugged(int fd)
{
	struct lguest_debug_event event;

	expect(mini_request(fd, LHREQ_DEBUG, LGUEST_DEBUG_BREAK) > 0, "no debugger: %m");
	expect_error(read(fd, &event, sizeof(event)), ENOENT);
	return mini_reason(fd);
}

/* Run it as it was prepared, and count. */
static u32 direct_faults(const char *reason)
{
	int fd = era_start();
	u32 direct;

	expect_reason(debugged ? finish_debugged(fd) : era_finish(fd), reason);
	direct = mini_counter(fd, "pf_direct");
	close(fd);
	return direct;
}

#define FL_AC		0x40000u
#define FL_DF		0x400u
#define FL_CF		1u
#define FL_NT		0x4000u

/* The first of each window is what the host learns by. */
static const struct access all_kinds[] = {
	{ ABSENT, READS, 0 }, { ABSENT, WRITES, FL_CF }, { ABSENT, READS, FL_DF },
	{ ABSENT_TOO, WRITES, FL_AC | FL_NT }, { READ_ONLY, WRITES, FL_DF | FL_CF },
	{ READ_ONLY, READS, 0 }, { READ_ONLY, WRITES, 0 }, { ABSENT + 4092, READS, 0 },
	{ KERNELS, READS, 0 }, { KERNELS, WRITES, 0 }, { WRITABLE, WRITES, 0 },
	{ WRITABLE, READS, 0 }, { ABSENT_TOO, READS, 0 },
	{ NOWHERE_NEAR, READS, 0 }, { NOWHERE_NEAR + 15 * PAGE, WRITES, 0 },
	{ SAME_PLACE, READS, 0 }, { ABSENT, READS, 0 }, { ABSENT_TOO, WRITES, 0 },
	{ ABSENT_TOO, FETCHES, 0 }, {},
};

/*
 * Of these two are no faults, and two what only the host can tell: of the kernel's page.
 * One each is what the host learns by: of WINDOW, NOWHERE_NEAR, SAME_PLACE and, as that
 * has its place in the table, WINDOW again.
 */
#define NR_DIRECT	10

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

static void frames_are_the_same(void)
{
	static struct fault others[MAX_FAULTS];

	prepare(all_kinds, false);
	expect_value(direct_faults("CRASH: 16 faults"), 0);
	expect_value(*(u32 *)seen(ANSWER) & LGUEST_HAS_DIRECT_FAULTS, 0);
	memcpy(others, faults, sizeof(others));
	prepare(all_kinds, true);
	expect(direct_faults("CRASH: 16 faults") != 0, "none was direct");
	expect_value(*(u32 *)seen(ANSWER) & LGUEST_HAS_DIRECT_FAULTS, LGUEST_HAS_DIRECT_FAULTS);
	expect_faults(others);
}

/* (An NMI in the middle of one may make it count twice.) */
static void so_many_are_direct(void)
{
	prepare(all_kinds, true);
	expect_value(direct_faults("CRASH: 16 faults"), NR_DIRECT);
}

static void set_entry(u32 address, u32 pte)
{
	era_put(0, era_page_entry(0, run.root, address), pte);
}

/* It changes its tables, tells nobody, and mends that when the host was wrong. */
static void opens_and_announces(struct frame *f)
{
	if (nr_faults == 1) {
		set_entry(ABSENT_TOO, SECOND | P_ALL | P_ACCESSED);
		set_entry(READ_ONLY, SECOND | P_ALL | P_ACCESSED | P_DIRTY);
		skip(f);
	} else {
		u32 page = *guest_word(DATA_CR2) & -PAGE;

		era_set_pte(run.root, page, era_get(0, era_page_entry(0, run.root, page)));
	}
}

static const struct access opened[] = {
	{ READ_ONLY, READS, 0 }, { ABSENT, READS, 0 }, { ABSENT_TOO, READS, 0 },
	{ ABSENT_TOO, READS, 0 },
	{ READ_ONLY, WRITES, 0 }, { READ_ONLY, WRITES, 0 }, { READ_ONLY, READS, 0 },
	{},
};

static void wrong_guesses(void)
{
	prepare(opened, true);
	answer = opens_and_announces;
	expect_value(direct_faults("CRASH: 3 faults"), 2);
	expect_value(faults[1].errcode, 4);
	expect_value(faults[1].cr2, ABSENT_TOO);
	expect_value(faults[2].errcode, 7);
	expect_value(faults[2].cr2, READ_ONLY);
	expect_value(last_read, READ_ONLY);
	expect_value(*(u32 *)seen(SECOND), READ_ONLY);
	/* without the extension nothing is guessed */
	prepare(opened, false);
	answer = opens_and_announces;
	expect_value(direct_faults("CRASH: 1 faults"), 0);
}

/* What it announces is not mapped at once, as nobody has used that page yet. */
static void opens_unused(struct frame *f)
{
	set_entry(ABSENT_TOO, SECOND | P_ALL);
	if (nr_faults == 1)
		skip(f);
	else
		era_set_pte(run.root, ABSENT_TOO, SECOND | P_ALL);
}

static const struct access opened_unused[] = {
	{ ABSENT, READS, 0 }, { ABSENT_TOO, READS, 0 }, {},
};

static void stays_unmapped(void)
{
	prepare(opened_unused, true);
	answer = opens_unused;
	expect_value(direct_faults("CRASH: 2 faults"), 1);
	expect_value(last_read, 2);
}

/* Nor is it mapped for writing, if the launcher may only read it: then it is the end. */
static void stays_read_only(void)
{
	char reason[40];

	snprintf(reason, sizeof(reason), "read-only memory at %#x", SECOND);
	prepare(opened, true);
	answer = opens_and_announces;
	expect(!mprotect(seen(SECOND), PAGE, PROT_READ), "mprotect: %m");
	expect_value(direct_faults(reason), 2);
}

/* It announces that a page is gone: the next fault is direct. */
static void closes_and_announces(struct frame *f)
{
	if (nr_faults == 1) {
		set_entry(WRITABLE, 0);
		era_set_pte(run.root, WRITABLE, 0);
	}
	skip(f);
}

static const struct access closed[] = {
	{ WRITABLE, WRITES, 0 }, { ABSENT, READS, 0 }, { WRITABLE, WRITES, 0 },
	{ WRITABLE, READS, 0 }, {},
};

static void announced_absence(void)
{
	prepare(closed, true);
	answer = closes_and_announces;
	expect_value(direct_faults("CRASH: 3 faults"), 2);
	expect_value(faults[1].errcode, 6);
	expect_value(faults[2].errcode, 4);
}

/* All that was writable becomes read-only, as at fork(). */
static void protects(struct frame *f)
{
	if (nr_faults == 1) {
		set_entry(WRITABLE, FIRST | P_PRESENT | P_USER | P_ACCESSED | P_DIRTY);
		call1(LHCALL_FLUSH_TLB, LGUEST_FLUSH_WRITABLE);
	}
	skip(f);
}

static void writes_after_protection(void)
{
	prepare(closed, true);
	answer = protects;
	expect_value(direct_faults("CRASH: 2 faults"), 1);
	expect_value(faults[1].errcode, 7);
	expect_value(faults[1].cr2, WRITABLE);
}

static const struct access two_absent[] = {
	{ ABSENT, READS, 0 }, { ABSENT_TOO, WRITES, 0 }, { ABSENT, WRITES, 0 },
	{},
};

/* What was prepared, with direct faults and without, ends alike, and none was direct. */
static void is_never_direct(void (*vary)(void), const char *reason)
{
	prepare(two_absent, false);
	vary();
	expect_value(direct_faults(reason), 0);
	prepare(two_absent, true);
	vary();
	expect_value(direct_faults(reason), 0);
}

static void has_interrupts_off(void)
{
	user_irqs = 0;
}

static void needs_interrupts(void)
{
	is_never_direct(has_interrupts_off, "CRASH: 3 faults");
	expect_value(faults[2].eflags & FL_IF, 0);
}

static void set_trap_gate(void)
{
	era_gate(TRAP_PF, GATE_TRAP);
}

static void has_trap_gate(void)
{
	before_user = set_trap_gate;
}

static void needs_interrupt_gate(void)
{
	is_never_direct(has_trap_gate, "CRASH: 3 faults");
	expect_value(faults[2].irq_enabled, FL_IF);
}

static void has_debugger(void)
{
	debugged = true;
}

/* Who wants to see traps must see them all. */
static void needs_no_debugger(void)
{
	is_never_direct(has_debugger, "CRASH: 3 faults");
}

#define ODD_SLOT	20
#define ODD_SEG		(ODD_SLOT * 8 + 1)
#define BASE_OF_ODD	0x1000u

/* (ss is not ds then, and so the handler leaves that stack before it comes to C.) */
static u32 odd_esp, odd_errcode;

__attribute__((used, noreturn)) static void tell_stack_pointer(void)
{
	crash("esp %x errcode %x", odd_esp, odd_errcode);
}

__attribute__((naked)) static void leave_stack(void)
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

static void changes_to_odd_stack(struct frame *f)
{
	skip(f);
	era_load_gdt_entry(ODD_SLOT, BASE_OF_ODD << 16 | 0xffff, KERNEL_DATA);
	era_gate_to(TRAP_PF, GATE_INTERRUPT, leave_stack);
	call3(LHCALL_SET_STACK, ODD_SEG, PHYS(stack) + PAGE - BASE_OF_ODD, 0);
	/* where the frame would be without the base: the page is there */
	*word_at(PHYS(stack) + PAGE - BASE_OF_ODD - 24) = 0;
}

static void has_odd_stack(void)
{
	answer = changes_to_odd_stack;
}

static void needs_plain_stack(void)
{
	char reason[40];

	snprintf(reason, sizeof(reason), "CRASH: esp %x errcode 6",
		 (u32)(PHYS(stack) + PAGE - BASE_OF_ODD - 24));
	is_never_direct(has_odd_stack, reason);
}

static u32 top;

static void changes_top(struct frame *f)
{
	skip(f);
	call3(LHCALL_SET_STACK, KERNEL_DS, top, 0);
}

static void has_top(void)
{
	answer = changes_top;
}

/*
 * The frame would be in the host's addresses, in part or as a whole: on a 32-bit host in
 * the very page where the registers are.
 */
#define REGISTER_PAGE	0xffc01000u	/* of the first CPU */
#define EFLAGS_THERE	0xff4u

static void keeps_off_the_host(void)
{
	static const u32 tops[] = {
		4, 20, 0xffc00004, 0xffc01000, REGISTER_PAGE + PAGE, REGISTER_PAGE + PAGE - 20,
		0xfffff000, 0xfffffffc,
	};
	char reason[80];
	u32 i;

	mini_pin(0);
	for (i = 0; i < ARRAY_SIZE(tops); i++) {
		top = tops[i];
		snprintf(reason, sizeof(reason), "stack at %#x is not writable", top - 24);
		is_never_direct(has_top, reason);
	}
}

/* (Where the flags are is the interrupt flag, too, and it would be turned off.) */
static void has_high_data(void)
{
	void *was = seen(run.data);

	data_used = false;
	run.data += EFLAGS_THERE;
	memcpy(seen(run.data), was, era->data->size);
	*seen_word(era->data->kernel_address) = REGISTER_PAGE - PHYS(data);
}

/* So would the words that both share. */
static void data_keeps_off_the_host(void)
{
	mini_pin(0);
	if (era->data->kernel_address)
		is_never_direct(has_high_data, "CRASH: 3 faults");
}

/* What was prepared finds the same, with so many direct faults and without. */
static void finds_the_same(void (*vary)(void), u32 direct)
{
	static struct fault others[MAX_FAULTS];

	prepare(two_absent, false);
	vary();
	expect_value(direct_faults("CRASH: 3 faults"), 0);
	memcpy(others, faults, sizeof(others));
	prepare(two_absent, true);
	vary();
	expect_value(direct_faults("CRASH: 3 faults"), direct);
	expect_faults(others);
}

/* Each fault has a stack that nobody has used yet: at first there is no page. */
static void changes_stack(struct frame *f)
{
	skip(f);
	call3(LHCALL_SET_STACK, KERNEL_DS, NEW_STACK_TOP + nr_faults * PAGE, 0);
}

static void has_unused_stacks(void)
{
	u32 i;

	for (i = 0; i < 4; i++)
		era_map(run.root, NEW_STACK + i * PAGE,
			(PHYS(scratch[4]) + i * PAGE) | P_PRESENT | P_RW);
	stack_top = NEW_STACK_TOP;
	stack_pages = 0;
	answer = changes_stack;
}

static void stack_is_missing(void)
{
	finds_the_same(has_unused_stacks, 0);
}

static void has_unused_data(void)
{
	data_used = false;
}

static void data_is_unused(void)
{
	finds_the_same(has_unused_data, 0);
}

static void has_no_data(void)
{
	data_used = false;
	era_map(run.root, ERA_KERNEL + PHYS(data), 0);
}

static void data_is_missing(void)
{
	finds_the_same(has_no_data, 0);
}

static void has_read_only_data(void)
{
	data_used = false;
	era_map(run.root, ERA_KERNEL + PHYS(data), PHYS(data) | P_PRESENT);
}

static void data_is_read_only(void)
{
	finds_the_same(has_read_only_data, 0);
}

/* Whether the user may see that page is the guest's own affair. */
static void has_user_data(void)
{
	era_map(run.root, ERA_KERNEL + PHYS(data), PHYS(data) | P_ALL);
}

static void data_may_be_users(void)
{
	finds_the_same(has_user_data, 2);
}

/* LHCALL_FLUSH_RANGE */
#define LOW		(WINDOW + 5 * PAGE)
#define HIGH		(WINDOW + 6 * PAGE)
#define KERNEL_LOW	(ERA_KERNEL + 0x8000000u)

static u32 range_start, range_end;

static void guest_flushes_range(void)
{
	*word_at(LOW) = 1;
	*word_at(HIGH) = 1;
	*word_at(KERNEL_LOW) = 1;
	set_entry(LOW, SECOND | P_ALL);
	set_entry(HIGH, SECOND | P_ALL);
	set_entry(KERNEL_LOW, SECOND | P_ALL);
	call2(LHCALL_FLUSH_RANGE, range_start, range_end);
	crash("%u %u %u", *word_at(LOW), *word_at(HIGH), *word_at(KERNEL_LOW));
}

static void flushes(u32 start, u32 end, const char *reason)
{
	era_prepare(guest_flushes_range);
	run.init2 = LGUEST_EXTENSIONS;
	run.init3 = ANSWER;
	*(u32 *)seen(SECOND) = 2;
	era_map(run.root, LOW, FIRST | P_ALL);
	era_map(run.root, HIGH, FIRST | P_ALL);
	era_map(run.root, KERNEL_LOW, FIRST | P_ALL);
	range_start = start;
	range_end = end;
	expect_reason(era_run_again(), reason);
}

static void ranges(void)
{
	flushes(LOW, HIGH, "CRASH: 2 1 1");
	flushes(HIGH, HIGH + PAGE, "CRASH: 1 2 1");
	flushes(HIGH, HIGH + 1, "CRASH: 1 2 1");
	flushes(LOW + 5, HIGH + 5, "CRASH: 2 2 1");
	flushes(0, ERA_KERNEL, "CRASH: 2 2 1");
	flushes(0, -1u, "CRASH: 2 2 1");
	flushes(LOW, LOW, "CRASH: 1 1 1");
	flushes(HIGH, LOW, "CRASH: 1 1 1");
	flushes(-1u, 0, "CRASH: 1 1 1");
	flushes(ERA_KERNEL, -1u, "CRASH: 1 1 1");
	flushes(0, 0, "CRASH: 1 1 1");
}

/* A call of no release: who has not asked has not got it. */
static void guest_flushes_unasked(void)
{
	call2(LHCALL_FLUSH_RANGE, LOW, HIGH);
}

static void range_unasked(void)
{
	era_prepare(guest_flushes_unasked);
	expect_reason(era_run_again(), "bad hypercall 21");
}

int main(void)
{
	RUN_FORMATS(frames_are_the_same, 0, 0);
	RUN_FORMATS(so_many_are_direct, 0, 0);
	RUN_FORMATS(wrong_guesses, 0, 0);
	RUN_FORMATS(stays_unmapped, 0, 0);
	RUN_FORMATS(stays_read_only, 0, 0);
	RUN_FORMATS(announced_absence, 0, 0);
	RUN_FORMATS(writes_after_protection, 0, 0);
	RUN_ERAS(needs_interrupts, 0, 0);
	RUN_ERAS(needs_interrupt_gate, 0, 0);
	RUN_ERAS(needs_no_debugger, 0, 0);
	RUN_ERAS(needs_plain_stack, 0, 0);
	RUN_ERAS(keeps_off_the_host, 0, 0);
	RUN_ERAS(data_keeps_off_the_host, 0, 0);
	RUN_ERAS(stack_is_missing, 0, 0);
	RUN_ERAS(data_is_unused, 0, 0);
	RUN_ERAS(data_is_missing, 0, 0);
	RUN_ERAS(data_is_read_only, 0, 0);
	RUN_ERAS(data_may_be_users, 0, 0);
	RUN_FORMATS(ranges, 0, 0);
	RUN_ERAS(range_unasked, 0, 0);
	return mini_done();
}
