// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults that a guest has without an exit (LGUEST_HAS_DIRECT_FAULTS), by a program in
 * ring 3: its kernel must see nothing of that.
 */
#include "faults.h"

#define SAME_PLACE	(WINDOW + 64 * 16 * PAGE)	/* as WINDOW, in the host's table */
#define NOWHERE_NEAR	0x20000000u		/* there is no table */

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

static void as_it_is(void)
{
}

static void frames_are_the_same(void)
{
	expect(direct_but_the_same(all_kinds, as_it_is, "CRASH: 16 faults") != 0,
	       "none was direct");
}

/* (An NMI in the middle of one may make it count twice.) */
static void so_many_are_direct(void)
{
	prepare_faults(all_kinds, true);
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
		skip_access(f);
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
	prepare_faults(opened, true);
	answer = opens_and_announces;
	expect_value(direct_faults("CRASH: 3 faults"), 2);
	expect_value(faults[1].errcode, 4);
	expect_value(faults[1].cr2, ABSENT_TOO);
	expect_value(faults[2].errcode, 7);
	expect_value(faults[2].cr2, READ_ONLY);
	expect_value(last_read, READ_ONLY);
	expect_value(*(u32 *)seen(SECOND), READ_ONLY);
	/* without the extension nothing is guessed */
	prepare_faults(opened, false);
	answer = opens_and_announces;
	expect_value(direct_faults("CRASH: 1 faults"), 0);
}

/* What it announces is not mapped at once, as nobody has used that page yet. */
static void opens_unused(struct frame *f)
{
	set_entry(ABSENT_TOO, SECOND | P_ALL);
	if (nr_faults == 1)
		skip_access(f);
	else
		era_set_pte(run.root, ABSENT_TOO, SECOND | P_ALL);
}

static const struct access opened_unused[] = {
	{ ABSENT, READS, 0 }, { ABSENT_TOO, READS, 0 }, {},
};

static void stays_unmapped(void)
{
	prepare_faults(opened_unused, true);
	answer = opens_unused;
	expect_value(direct_faults("CRASH: 2 faults"), 1);
	expect_value(last_read, 2);
}

/* Nor is it mapped for writing, if the launcher may only read it: then it is the end. */
static void stays_read_only(void)
{
	char reason[40];

	snprintf(reason, sizeof(reason), "read-only memory at %#x", SECOND);
	prepare_faults(opened, true);
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
	skip_access(f);
}

static const struct access closed[] = {
	{ WRITABLE, WRITES, 0 }, { ABSENT, READS, 0 }, { WRITABLE, WRITES, 0 },
	{ WRITABLE, READS, 0 }, {},
};

static void announced_absence(void)
{
	prepare_faults(closed, true);
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
	skip_access(f);
}

static void writes_after_protection(void)
{
	prepare_faults(closed, true);
	answer = protects;
	expect_value(direct_faults("CRASH: 2 faults"), 1);
	expect_value(faults[1].errcode, 7);
	expect_value(faults[1].cr2, WRITABLE);
}

static void has_interrupts_off(void)
{
	irqs = 0;
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
	before_accesses = set_trap_gate;
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

static void changes_to_odd_stack(struct frame *f)
{
	skip_access(f);
	era_load_gdt_entry(ODD_SLOT, BASE_OF_ODD << 16 | 0xffff, KERNEL_DATA);
	era_gate_to(TRAP_PF, GATE_INTERRUPT, leave_odd_stack);
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
	skip_access(f);
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

/* Each fault has a stack that nobody has used yet: at first there is no page. */
static void changes_stack(struct frame *f)
{
	skip_access(f);
	call3(LHCALL_SET_STACK, KERNEL_DS, NEW_STACK_TOP + nr_faults * PAGE, 0);
}

static void has_unused_stacks(void)
{
	map_unused_stacks();
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
