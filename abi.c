// SPDX-License-Identifier: GPL-2.0
/*
 * The forms that lguest's ABI had from release to release of Linux: one table
 * for the launcher's side and one for the guest's, and how to tell which form
 * is meant.  The rest of the host asks the tables and never for a release.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include "lg.h"

#define REQUEST(name)	BIT(LHREQ_##name)

#define REQUESTS_2_6_24	(REQUEST(IRQ) | REQUEST(BREAK))
#define REQUESTS_2_6_23	(REQUESTS_2_6_24 | REQUEST(GETDMA))
#define REQUESTS_2_6_31	(REQUEST(IRQ) | REQUEST(EVENTFD))
#define REQUESTS_4_0	(REQUEST(IRQ) | REQUESTS_OF_REGS)
#define REQUESTS_OF_REGS	(REQUEST(GETREG) | REQUEST(SETREG) | REQUEST(TRAP))

/* Unknown requests, too, were refused to others first. */
#define ALL_BUT_BREAK	((u16)~REQUEST(BREAK))

/*
 * What all releases from 2.6.24 on have in common; or from 2.6.25 on, but the
 * one between cannot be told from those, and no launcher depends on it.
 */
#define SINCE_2_6_24			\
	.base = 1,			\
	.pfn_limit = 2,			\
	.offset_is_cpu = true,		\
	.always_busy = true

/* The order is that of releases; the last one is for launchers that name none. */
static const struct launcher_abi launchers[] = {
	{
		.name = "2.6.23",
		.release = LGUEST_RELEASE(2, 6, 23),
		.form = FORM_2_6_23,
		.words = 4,
		.pfn_limit = 1,
		.pgdir = 2,
		.start = 3,
		.page_offset = 4,
		.requests = REQUESTS_2_6_23,
		.owners = ALL_BUT_BREAK,
		.first_tables = TABLES_OF_LAUNCHER,
		.reply_size = sizeof(struct lguest_dma_notice),
		.classic = true,
	}, {
		.name = "2.6.24",
		.release = LGUEST_RELEASE(2, 6, 24),
		.form = FORM_2_6_24,
		.words = 4,
		SINCE_2_6_24,
		.pgdir = 3,
		.start = 4,
		.requests = REQUESTS_2_6_24,
		.owners = ALL_BUT_BREAK,
		.first_tables = TABLES_OF_LAUNCHER,
		.reply_size = sizeof(u32),
	}, {
		.name = "2.6.29",
		.release = LGUEST_RELEASE(2, 6, 29),
		.form = FORM_UNKNOWN,
		.words = 3,
		SINCE_2_6_24,
		.start = 3,
		.requests = REQUESTS_2_6_24,
		.owners = ALL_BUT_BREAK,
		.first_tables = TABLES_OF_HOST,
		.reply_size = sizeof(u32),
	}, {
		.name = "2.6.31",
		.release = LGUEST_RELEASE(2, 6, 31),
		.form = FORM_UNKNOWN,
		.words = 3,
		SINCE_2_6_24,
		.start = 3,
		.requests = REQUESTS_2_6_31,
		.first_tables = TABLES_OF_HOST,
		.reply_size = sizeof(u32),
	}, {
		.name = "2.6.38",
		.release = LGUEST_RELEASE(2, 6, 38),
		.form = FORM_UNKNOWN,
		.words = 3,
		SINCE_2_6_24,
		.start = 3,
		.requests = REQUESTS_2_6_31,
		.first_tables = TABLES_NONE,
		.reply_size = sizeof(u32),
	}, {
		.name = "4.0",
		.release = LGUEST_RELEASE(4, 0, 0),
		.form = FORM_4_0,
		.words = 4,
		SINCE_2_6_24,
		.start = 3,
		.device_limit = 4,
		.requests = REQUESTS_4_0,
		.owners = REQUESTS_OF_REGS,
		.first_tables = TABLES_NONE,
		.reply_size = sizeof(struct lguest_pending),
		.takes_traps = true,
	}, {
		.name = "2.6.29 to 3.19",
		.form = FORM_2_6_29,
		.words = 3,
		SINCE_2_6_24,
		.start = 3,
		.requests = REQUESTS_2_6_24 | REQUESTS_2_6_31,
		.first_tables = TABLES_OF_HOST_OR_NONE,
		.reply_size = sizeof(u32),
	},
};

/* Beyond these releases nobody knows what would have been. */
#define LAST_RELEASE	LGUEST_RELEASE(4, 13, 255)

/**
 * launcher_of_release() - the form that a launcher says it uses
 * @release: LGUEST_RELEASE() of it
 *
 * Return: the form, or NULL if lguest was not in that release.
 */
const struct launcher_abi *launcher_of_release(u32 release)
{
	const struct launcher_abi *found = NULL;
	int i;

	if (release > LAST_RELEASE)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(launchers); i++) {
		if (launchers[i].release && launchers[i].release <= release)
			found = &launchers[i];
	}
	return found;
}

/**
 * launcher_of_form() - the form that a launcher seems to use
 * @form: what launcher_form() says of its LHREQ_INITIALIZE
 *
 * Return: the form, or NULL if there is none such.
 */
const struct launcher_abi *launcher_of_form(enum launcher_form form)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(launchers) && form != FORM_UNKNOWN; i++) {
		if (launchers[i].form == form)
			return &launchers[i];
	}
	return NULL;
}

#define CALL(name)	BIT(LHCALL_##name)

#define CALLS_OF_ALL	(CALL(FLUSH_ASYNC) | CALL(LGUEST_INIT) | CALL(SHUTDOWN) | \
			 CALL(NEW_PGTABLE) | CALL(FLUSH_TLB) | \
			 CALL(LOAD_IDT_ENTRY) | CALL(SET_STACK) | CALL(TS) | \
			 CALL(SET_CLOCKEVENT) | CALL(HALT) | CALL(SET_PTE) | \
			 CALL(SET_PGD) | CALL(LOAD_TLS))
#define CALLS_2_6_23	(CALLS_OF_ALL | CALL(LOAD_GDT) | CALL(BIND_DMA) | \
			 CALL(SEND_DMA))
#define CALLS_2_6_24	(CALLS_OF_ALL | CALL(LOAD_GDT) | CALL(NOTIFY))
#define CALLS_2_6_30	(CALLS_OF_ALL | CALL(LOAD_GDT_ENTRY) | CALL(NOTIFY))
#define CALLS_2_6_31	(CALLS_2_6_30 | CALL(SET_PMD) | CALL(SEND_INTERRUPTS))
#define CALLS_4_1	(CALLS_2_6_31 & ~CALL(NOTIFY))

/* Where a call's arguments are: offsets in struct lguest_regs. */
#define REG(name)	offsetof(struct lguest_regs, name)
#define ARGS_2_6_23	.args = { REG(edx), REG(ebx), REG(ecx), REG(esi) }
#define ARGS_2_6_30	.args = { REG(ebx), REG(ecx), REG(edx), REG(esi) }

/* And in a slot of the ring: numbers of words; word 0 is the call's number. */
#define SLOT_2_6_23	.slot_words = 4, .slot_args = { 1, 2, 3 }
#define SLOT_2_6_24	.slot_words = 4, .slot_args = { 3, 1, 2 }
#define SLOT_2_6_30	.slot_words = 4, .slot_args = { 1, 2, 3 }
#define SLOT_2_6_31	.slot_words = 5, .slot_args = { 1, 2, 3, 4 }

/* The fields of all structures but the first one. */
#define DATA_FIELDS(type)						\
	.size = sizeof(struct type),					\
	.hcall_status = offsetof(struct type, hcall_status),		\
	.hcalls = offsetof(struct type, hcalls),			\
	.time = offsetof(struct type, time),				\
	.reserve_mem = offsetof(struct type, reserve_mem),		\
	.tsc_khz = offsetof(struct type, tsc_khz)

/* In order of preference where a structure could be either. */
static const struct lguest_abi guests[] = {
	{
		/* Before the shared structure got its time. */
		.name = "2.6.23-rc1",
		.classic = true,
		.calls = CALLS_2_6_23 | CALL(GET_WALLCLOCK),
		ARGS_2_6_23,
		SLOT_2_6_23,
		.size = 1120,
		.hcall_status = 12,
		.hcalls = 76,
		.reserve_mem = 1100,
		.guestid = 1104,
		.tsc_khz = 1108,
		.noirq_start = 1112,
	}, {
		.name = "2.6.23",
		.classic = true,
		.calls = CALLS_2_6_23,
		ARGS_2_6_23,
		SLOT_2_6_23,
		DATA_FIELDS(lguest_data),
		.guestid = offsetof(struct lguest_data, guestid),
		.noirq_start = offsetof(struct lguest_data, noirq_start),
	}, {
		.name = "4.1",
		.calls = CALLS_4_1,
		ARGS_2_6_30,
		SLOT_2_6_31,
		DATA_FIELDS(lguest_data_4_1),
		.kernel_address = offsetof(struct lguest_data_4_1, kernel_address),
		.irq_pending = offsetof(struct lguest_data_4_1, irq_pending),
		.noirq_iret = offsetof(struct lguest_data_4_1, noirq_iret),
	}, {
		.name = "2.6.38",
		.vmcall = true,
		.skips_cli = true,
		.calls = CALLS_2_6_31,
		ARGS_2_6_30,
		SLOT_2_6_31,
		DATA_FIELDS(lguest_data_2_6_38),
		.kernel_address = offsetof(struct lguest_data_2_6_38, kernel_address),
		.irq_pending = offsetof(struct lguest_data_2_6_38, irq_pending),
		.noirq_start = offsetof(struct lguest_data_2_6_38, noirq_start),
	}, {
		.name = "2.6.31",
		.vmcall = true,
		.skips_cli = true,
		.calls = CALLS_2_6_31,
		ARGS_2_6_30,
		SLOT_2_6_31,
		DATA_FIELDS(lguest_data_2_6_31),
		.kernel_address = offsetof(struct lguest_data_2_6_31, kernel_address),
		.irq_pending = offsetof(struct lguest_data_2_6_31, irq_pending),
		.pgdir = offsetof(struct lguest_data_2_6_31, pgdir),
		.noirq_start = offsetof(struct lguest_data_2_6_31, noirq_start),
	}, {
		.name = "2.6.30",
		.vmcall = true,
		.starts_by_vmcall = true,
		.calls = CALLS_2_6_30,
		ARGS_2_6_30,
		SLOT_2_6_30,
		DATA_FIELDS(lguest_data_2_6_24),
		.kernel_address = offsetof(struct lguest_data_2_6_24, kernel_address),
		.pgdir = offsetof(struct lguest_data_2_6_24, pgdir),
		.noirq_start = offsetof(struct lguest_data_2_6_24, noirq_start),
	}, {
		.name = "2.6.24",
		.calls = CALLS_2_6_24,
		ARGS_2_6_23,
		SLOT_2_6_24,
		DATA_FIELDS(lguest_data_2_6_24),
		.kernel_address = offsetof(struct lguest_data_2_6_24, kernel_address),
		.pgdir = offsetof(struct lguest_data_2_6_24, pgdir),
		.noirq_start = offsetof(struct lguest_data_2_6_24, noirq_start),
	},
};

/* Guests that fit nothing, under the launcher that took everything. */
#define GUEST_OF_LAST_RESORT	(&guests[1])

static u32 register_at(const struct lguest_regs *regs, u8 offset)
{
	return *(const u32 *)((const void *)regs + offset);
}

/**
 * guest_call_args() - the arguments of the hypercall that trapped
 * @vcpu: the guest's CPU, of a known form
 * @hcall: the number and the arguments
 */
void guest_call_args(const struct lguest_vcpu *vcpu, struct hypercall *hcall)
{
	struct lguest *lg = vcpu->lg;
	int i;

	hcall->call = vcpu->regs->eax;
	for (i = 0; i < HYPERCALL_ARGS; i++)
		hcall->arg[i] = register_at(vcpu->regs, lg->kernel.abi->args[i]);
}

/**
 * guest_slot_args() - the arguments of a hypercall in the ring
 * @lg: the guest, of a known form
 * @slot: the slot's words
 * @hcall: the number and the arguments; those that it has no place for are 0
 */
void guest_slot_args(const struct lguest *lg, const u32 *slot,
		     struct hypercall *hcall)
{
	int i;

	hcall->call = slot[0];
	for (i = 0; i < HYPERCALL_ARGS; i++) {
		u8 word = lg->kernel.abi->slot_args[i];

		hcall->arg[i] = word ? slot[word] : 0;
	}
}

/* Linux and others have used these two for system calls. */
static bool is_syscall_vector(u32 vector)
{
	return vector == 0x80 || vector == 0x40;
}

static bool fields_fit(const struct lguest *lg, const struct lguest_abi *abi,
		       gpa_t data)
{
	u32 words[2];

	if (!abi->kernel_address)
		return true;
	return guest_peek(lg, words, data + abi->kernel_address, sizeof(words)) &&
	       !offset_in_page(words[0]) && is_syscall_vector(words[1]);
}

/*
 * Guests mark all slots of their ring as free before they register it, so the
 * run of 0xFF shows where the ring's status lies.
 */
static bool fits(const struct lguest_vcpu *vcpu, const struct lguest_abi *abi,
		 gpa_t data)
{
	struct lguest *lg = vcpu->lg;
	u8 status[LHCALL_RING_SIZE];

	if (abi->classic != lg->launcher->classic ||
	    (vcpu->calls.by_vmcall && !abi->vmcall) ||
	    (!vcpu->calls.by_vmcall && abi->starts_by_vmcall))
		return false;
	return guest_range_ok(lg, data, abi->size) &&
	       guest_peek(lg, status, data + abi->hcall_status, sizeof(status)) &&
	       !memchr_inv(status, LHCALL_RING_FREE, sizeof(status)) &&
	       fields_fit(lg, abi, data);
}

static gpa_t first_argument(const struct lguest_vcpu *vcpu, const struct lguest_abi *abi)
{
	return register_at(vcpu->regs, abi->args[0]);
}

static bool classic_guest_may_be_any(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	return lg->launcher->classic &&
	       guest_range_ok(lg, first_argument(vcpu, GUEST_OF_LAST_RESORT),
			      GUEST_OF_LAST_RESORT->size);
}

/**
 * recognise_guest() - tell a guest's ABI from its LHCALL_LGUEST_INIT
 * @vcpu: the guest's CPU, which just made this call; the caller is its owner
 *
 * On success lg->abi, lg->calls and lg->data are set.
 *
 * Return: 0, or negative if the guest was killed because it fits none.
 */
int recognise_guest(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	const struct lguest_abi *abi = guests;
	const struct lguest_abi *end = guests + ARRAY_SIZE(guests);

	while (abi < end && !fits(vcpu, abi, first_argument(vcpu, abi)))
		abi++;
	if (abi == end && classic_guest_may_be_any(vcpu))
		abi = GUEST_OF_LAST_RESORT;
	if (abi == end && lg->launcher->classic)
		return kill_guest(lg, "bad guest page %#x",
				  first_argument(vcpu, GUEST_OF_LAST_RESORT));
	if (abi == end)
		return kill_guest(lg, "no lguest_data at ebx %#x or edx %#x",
				  vcpu->regs->ebx, vcpu->regs->edx);
	lg->kernel.abi = abi;
	lg->kernel.calls = abi->calls;
	lg->kernel.data = first_argument(vcpu, abi);
	return 0;
}
