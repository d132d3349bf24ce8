// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercalls: those that wait in the ring, then the one that trapped.
 * Most only unpack their arguments for the file that does the work.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <asm/tsc.h>
#include "lg.h"
#include "trace.h"

/* CRASH reads this much, whatever the message's length. */
#define CRASH_MESSAGE_SIZE	128

#define CALLS_OF_EXTENSIONS	(BIT(LHCALL_GET_CLOCK) | BIT(LHCALL_FLUSH_RANGE) | \
				 BIT(LHCALL_SWITCH_PGTABLE))
#define EXTENSIONS		(LGUEST_HAS_CLOCK | LGUEST_HAS_PROTECT | LGUEST_HAS_RANGE | \
				 LGUEST_HAS_SWITCH)

/* The guest may use the time stamp counter as a clock if the host may. */
static u32 dependable_tsc_khz(void)
{
	if (boot_cpu_has(X86_FEATURE_CONSTANT_TSC) && !check_tsc_unstable())
		return tsc_khz;
	return 0;
}

/* A field of the shared structure, if this form of it has the field. */
static int write_field(struct lguest *lg, u16 field, const void *value, u32 len)
{
	return field ? guest_write(lg, lg->kernel.data + field, value, len) : 0;
}

static int write_init_data(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	const struct lguest_abi *abi = lg->kernel.abi;
	u32 reserve_mem = RESERVE_MEM, khz = dependable_tsc_khz();
	u32 pgdir = vcpu->paging.set->gpgdir;

	return write_field(lg, abi->reserve_mem, &reserve_mem, sizeof(reserve_mem)) ?:
	       write_field(lg, abi->guestid, &lg->id, sizeof(lg->id)) ?:
	       write_field(lg, abi->tsc_khz, &khz, sizeof(khz)) ?:
	       write_field(lg, abi->pgdir, &pgdir, sizeof(pgdir)) ?:
	       write_guest_time(lg);
}

static int read_field(struct lguest *lg, u16 field, u32 *word)
{
	*word = 0;
	return field ? guest_read_word(lg, word, lg->kernel.data + field) : 0;
}

/* What the guest has to say of its kernel, where it does. */
static int read_kernel_fields(struct lguest *lg)
{
	u32 words[2];	/* kernel_address, syscall_vec */
	int err;

	if (!lg->kernel.abi->kernel_address)
		return 0;
	err = guest_read(lg, words, lg->kernel.data + lg->kernel.abi->kernel_address,
			 sizeof(words));
	if (err)
		return err;
	if (words[1] != SYSCALL_VECTOR)
		return kill_guest(lg, "system call vector %#x: only %#x is supported",
				  words[1], SYSCALL_VECTOR);
	return guest_set_kernel_address(lg, words[0]);
}

static int read_init_data(struct lguest *lg)
{
	const struct lguest_abi *abi = lg->kernel.abi;
	int err = read_kernel_fields(lg) ?:
		  read_field(lg, abi->noirq_iret, &lg->kernel.noirq_iret);

	if (err || !abi->noirq_start)
		return err;
	return read_field(lg, abi->noirq_start, &lg->kernel.noirq_start) ?:
	       read_field(lg, abi->noirq_start + sizeof(u32), &lg->kernel.noirq_end);
}

/*
 * What no release had, for guests that ask; and what they must ask for by name, because
 * it changes what they have to do.
 */
static int offer_extensions(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	struct hypercall init;
	u32 wanted;

	guest_call_args(vcpu, &init);
	if (lg->kernel.abi->classic || init.arg[1] != LGUEST_EXTENSIONS)
		return 0;
	lg->kernel.calls |= CALLS_OF_EXTENSIONS;
	lg->kernel.direct_faults = guest_peek_word(lg, &wanted, init.arg[2]) &&
				   wanted & LGUEST_WANTS(LGUEST_HAS_DIRECT_FAULTS);
	vcpu->traps.gates_stale = true;
	return guest_write_word(lg, init.arg[2], EXTENSIONS | (lg->kernel.direct_faults ?
							      LGUEST_HAS_DIRECT_FAULTS : 0));
}

/* LHCALL_LGUEST_INIT: the guest says where its shared structure is. */
static int initialise(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	if (lg->kernel.abi)
		return kill_guest(lg, "already initialised");
	return recognise_guest(vcpu) ?: write_init_data(vcpu) ?:
	       read_init_data(lg) ?: offer_extensions(vcpu) ?: guest_flush_all(vcpu);
}

static int write_clock(struct lguest *lg, gpa_t to)
{
	u64 now = ktime_get_ns();

	return guest_write(lg, to, &now, sizeof(now));
}

/*
 * LHCALL_CRASH, or LHCALL_SHUTDOWN of guests that say why.  With a restart comes no
 * message: Linux passes __pa(NULL), which is nowhere.
 */
static int shut_down(struct lguest *lg, gpa_t message, u32 why)
{
	char text[CRASH_MESSAGE_SIZE];
	int err;

	if (why == LGUEST_SHUTDOWN_RESTART && !lg->kernel.abi->classic)
		return restart_guest(lg);
	err = guest_read(lg, text, message, sizeof(text));
	if (err)
		return err;
	text[sizeof(text) - 1] = '\0';
	return kill_guest(lg, "CRASH: %s", text);
}

static int bind(struct lguest *lg, const u32 *arg, u32 *result)
{
	int bound = bind_dma(lg, arg[0], arg[1], (arg[2] >> 8) & 0xffff,
			     arg[2] & 0xff);

	if (bound < 0)
		return bound;
	*result = bound;
	return 0;
}

static bool has_extensions(const struct lguest *lg)
{
	return lg->kernel.calls & CALLS_OF_EXTENSIONS;
}

static int flush_tlb(struct lguest_vcpu *vcpu, u32 what)
{
	struct lguest *lg = vcpu->lg;

	if (!what)
		guest_flush_user(vcpu);
	else if (what == LGUEST_FLUSH_WRITABLE && has_extensions(lg))
		guest_protect_user(vcpu);
	else
		return guest_flush_all(vcpu);
	return 0;
}

/* Two calls have had this number. */
static int send_dma_or_set_pmd(struct lguest_vcpu *vcpu, const u32 *arg)
{
	struct lguest *lg = vcpu->lg;

	if (lg->kernel.abi->classic)
		return send_dma(vcpu, arg[0], arg[1]);
	return guest_set_pmd(vcpu);
}

static bool call_exists(const struct lguest *lg, u32 call)
{
	return call < 32 && (lg->kernel.calls & BIT(call));
}

/* @result is where an answer goes. */
static int do_hypercall(struct lguest_vcpu *vcpu, const struct hypercall *hcall,
			u32 *result)
{
	struct lguest *lg = vcpu->lg;
	const u32 *arg = hcall->arg;

	trace_lguest_hypercall(hcall->call, arg[0], arg[1], arg[2]);
	if (!call_exists(lg, hcall->call))
		return kill_guest(lg, "bad hypercall %u", hcall->call);
	switch (hcall->call) {
	case LHCALL_LGUEST_INIT:
		return initialise(vcpu);
	case LHCALL_SHUTDOWN:
		return shut_down(lg, arg[0], arg[1]);
	case LHCALL_LOAD_GDT:
		return load_guest_gdt(vcpu, arg[0], arg[1]);
	case LHCALL_NEW_PGTABLE:
	case LHCALL_SWITCH_PGTABLE:
		return guest_new_pgtable(vcpu, arg[0]);
	case LHCALL_FLUSH_TLB:
		return flush_tlb(vcpu, arg[0]);
	case LHCALL_LOAD_IDT_ENTRY:
		return load_idt_entry(vcpu, arg[0], arg[1], arg[2]);
	case LHCALL_SET_STACK:
		return set_guest_stack(vcpu, arg[0], arg[1], arg[2]);
	case LHCALL_TS:
		vcpu->ts = arg[0];
		return 0;
	case LHCALL_SET_CLOCKEVENT:
		set_clock(vcpu, arg[0]);
		return 0;
	case LHCALL_HALT:
		vcpu->traps.halted = true;
		return 0;
	case LHCALL_GET_WALLCLOCK:
		*result = ktime_get_real_seconds();
		return 0;
	case LHCALL_BIND_DMA:
		return bind(lg, arg, result);
	case LHCALL_SEND_DMA:
		return send_dma_or_set_pmd(vcpu, arg);
	case LHCALL_SET_PTE:
		return guest_set_pte(vcpu, arg[0], arg[1],
				     guest_pte(lg, arg[2], arg[3]));
	case LHCALL_SET_PGD:
		return guest_set_pgd(vcpu, arg[0], arg[1]);
	case LHCALL_LOAD_TLS:
		return load_guest_tls(vcpu, arg[0]);
	case LHCALL_NOTIFY:
		return notify_launcher(vcpu, arg[0]);
	case LHCALL_LOAD_GDT_ENTRY:
		return load_guest_gdt_entry(vcpu, arg[0], arg[1], arg[2]);
	case LHCALL_GET_CLOCK:
		return write_clock(lg, arg[0]);
	case LHCALL_FLUSH_RANGE:
		guest_flush_range(vcpu, arg[0], arg[1]);
		return 0;
	default:
		/* That the ring is run, or an interrupt sent, was the point. */
		return 0;
	}
}

/* The status of the next slot of the ring; free if it cannot be read. */
static bool ring_entry_is_ready(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	const u8 __user *from = guest_uaddr(lg, lg->kernel.data + lg->kernel.abi->hcall_status +
					    vcpu->calls.next, sizeof(*from));
	u8 status;

	return !IS_ERR(from) && !get_user(status, from) && status != LHCALL_RING_FREE;
}

static int do_ring_entry(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	const struct lguest_abi *abi = lg->kernel.abi;
	u32 number = vcpu->calls.next, size = abi->slot_words * sizeof(u32), lost_result;
	u32 slot[MAX_SLOT_WORDS];
	u8 done = LHCALL_RING_FREE;
	struct hypercall hcall;
	int err;

	err = guest_read(lg, slot, lg->kernel.data + abi->hcalls + number * size, size);
	if (err)
		return err;
	guest_slot_args(lg, slot, &hcall);
	vcpu->calls.next = (number + 1) % LHCALL_RING_SIZE;
	lguest_count(lg, STAT_ASYNC_HYPERCALLS);
	err = do_hypercall(vcpu, &hcall, &lost_result);
	if (err)
		return err;
	return guest_write(lg, lg->kernel.data + abi->hcall_status + number, &done,
			   sizeof(done));
}

/* How far the ring has come. */
enum { RING_WAITS, RING_DONE };

/*
 * At most once round: the launcher's other threads could go on filling it.
 * Something for the launcher ends it early.  So does a signal, after one call at
 * least: together they may take long, and the rest can wait for the next read().
 */
static int do_ring(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	int i, err;

	if (!lg->kernel.abi || (!lg->kernel.abi->classic && !vcpu->calls.waiting))
		return RING_DONE;
	for (i = 0; i < LHCALL_RING_SIZE && !vcpu->reply.waiting; i++) {
		if (!ring_entry_is_ready(vcpu))
			return RING_DONE;
		err = do_ring_entry(vcpu);
		if (err)
			return err;
		cond_resched();
		if (launcher_is_wanted())
			return RING_WAITS;
	}
	return vcpu->reply.waiting ? RING_WAITS : RING_DONE;
}

/* The call that trapped; the first one says which form the others have. */
static int do_trapped_call(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	struct lguest_regs *regs = vcpu->regs;
	struct hypercall hcall;

	lguest_count(lg, STAT_HYPERCALLS);
	if (!lg->kernel.abi) {
		if (regs->eax == LHCALL_LGUEST_INIT)
			return initialise(vcpu);
		return kill_guest(lg, "hypercall %u before LGUEST_INIT",
				  regs->eax);
	}
	guest_call_args(vcpu, &hcall);
	return do_hypercall(vcpu, &hcall, &regs->eax);
}

/**
 * do_hypercalls() - do what the guest asked for: the ring, then the trap
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * If something in the ring is for the launcher, or a signal comes, the rest waits.
 *
 * Return: 0, or negative if the guest was killed.
 */
int do_hypercalls(struct lguest_vcpu *vcpu)
{
	int ring = do_ring(vcpu);

	if (ring != RING_DONE || !vcpu->calls.waiting)
		return min(ring, 0);
	vcpu->calls.waiting = false;
	return do_trapped_call(vcpu);
}
