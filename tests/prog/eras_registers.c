// SPDX-License-Identifier: GPL-2.0
/*
 * The requests by which a launcher of 4.0 to 4.13 serves what eras_devices.c is
 * about: GETREG, SETREG and TRAP.
 */
#include "era.h"

static void guest_does_nothing(void)
{
}

extern char after_in[];

static void guest_does_in(void)
{
	u32 value;

	asm volatile("movl $0x12345678, %%eax\n\t"
		     "movl $0xcfc, %%edx\n\t"
		     "inl (%%dx), %%eax\n"
		     "	.globl after_in\n"
		     "after_in:"
		     : "=a" (value) : : "edx");
	crash("eax %x", value);
}

static const u32 readable[] = {
	R_BX, R_CX, R_DX, R_SI, R_DI, R_BP, R_AX, R_DS, R_ES,
	R_FS, R_GS, R_IP, R_CS, R_FLAGS, R_SP, R_SS
};

static const u32 settable[] = {
	R_BX, R_CX, R_DX, R_SI, R_DI, R_BP, R_AX, R_IP, R_SP
};

static bool is_in(u32 offset, const u32 *list, u32 n)
{
	while (n--) {
		if (*list++ == offset)
			return true;
	}
	return false;
}

static void check_offset(int fd, u32 offset)
{
	if (is_in(offset, readable, ARRAY_SIZE(readable)))
		era_get_reg(fd, offset);
	else
		expect_error(mini_request(fd, LHREQ_GETREG, offset), ENOENT);
	if (is_in(offset, settable, ARRAY_SIZE(settable)))
		expect_value(era_request(fd, LHREQ_SETREG, offset, era_get_reg(fd, offset)), 12);
	else
		expect_error(era_request(fd, LHREQ_SETREG, offset, 0), ENOENT);
}

static void register_offsets(void)
{
	static const u32 far_off[] = {
		0x1000, 0x7fffffff, 0x80000000, 0x80000018, 0xffffffff, 0xfffffffc, 0x40000018
	};
	int fd = era_new(guest_does_in);
	u32 offset;

	era_next_trap(fd, 13);
	for (offset = 0; offset < 300; offset++)
		check_offset(fd, offset);
	for (offset = 0; offset < ARRAY_SIZE(far_off); offset++)
		check_offset(fd, far_off[offset]);
	expect_value(era_get_reg(fd, R_CS), 0x61);
	expect_value(era_get_reg(fd, R_DS), 0x69);
	expect_value(era_get_reg(fd, R_SS), 0x69);
	expect_value(era_get_reg(fd, R_FLAGS) & 0x3302, 0x202);
	era_set_reg(fd, R_IP, (u32)after_in);
	expect_reason(era_finish(fd), "CRASH: eax 12345678");
}

static u32 seen_regs[8];

static void guest_shows_registers(void)
{
	asm volatile("pushl %%ebp\n\t"
		     "hlt\n\t"
		     "movl %%ebp, %0\n\t"
		     "popl %%ebp\n\t"
		     : "=m" (seen_regs[6]) : : "memory");
	crash("done");
}

__attribute__((naked)) static void stores_registers(void)
{
	asm volatile("movl %%eax, %0\n\t"
		     "movl %%ebx, %1\n\t"
		     "movl %%ecx, %2\n\t"
		     "movl %%edx, %3\n\t"
		     "movl %%esi, %4\n\t"
		     "movl %%edi, %5\n\t"
		     "movl %%ebp, %6\n\t"
		     "movl %%esp, %7\n\t"
		     : "=m" (seen_regs[0]), "=m" (seen_regs[1]), "=m" (seen_regs[2]),
		       "=m" (seen_regs[3]), "=m" (seen_regs[4]), "=m" (seen_regs[5]),
		       "=m" (seen_regs[6]), "=m" (seen_regs[7]));
	asm volatile("movl %0, %%esp\n\tjmp %P1"
		     : : "i" (PHYS(stack) + PAGE), "i" (guest_does_nothing));
}

/* Where a guest goes that has no way back. */
static void guest_ends(void)
{
	crash("stored");
}

static void set_registers_reach_guest(void)
{
	static const u32 order[] = {
		R_AX, R_BX, R_CX, R_DX, R_SI, R_DI, R_BP, R_SP
	};
	int fd = era_new(guest_shows_registers);
	u32 i;

	era_next_trap(fd, 13);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		era_set_reg(fd, order[i], 0x1000 * i + 0x900);
	era_set_reg(fd, R_IP, (u32)stores_registers);
	*(u32 *)(IN_LAUNCHER->stack[0] + PAGE) = (u32)guest_ends;
	expect_reason(era_finish(fd), "CRASH: stored");
	for (i = 0; i < ARRAY_SIZE(order); i++)
		expect_value(seen_regs[i], 0x1000 * i + 0x900);
}

/* A register that was asked for comes before anything else, of that moment. */
static void register_waits(void)
{
	int fd = era_new(guest_does_in);
	u32 reg[3];

	era_next_trap(fd, 13);
	expect_value(mini_request(fd, LHREQ_GETREG, R_AX), 8);
	era_set_reg(fd, R_AX, 0x777);
	expect_error(read(fd, reg, 0), EINVAL);
	expect_error(read(fd, reg, 3), EINVAL);
	expect_value(read(fd, reg, 4), 4);
	expect_value(reg[0], 0x777);
	expect_value(mini_request(fd, LHREQ_GETREG, R_AX), 8);
	expect_error(read(fd, (void *)0x60000000, 4), EFAULT);
	/* the last one that was asked for */
	expect_value(mini_request(fd, LHREQ_GETREG, R_AX), 8);
	expect_value(mini_request(fd, LHREQ_GETREG, R_DX), 8);
	expect_value(read(fd, reg, sizeof(reg)), 4);
	expect_value(reg[0], 0xcfc);
	/* and an unknown one does not take it back */
	expect_value(mini_request(fd, LHREQ_GETREG, R_DX), 8);
	expect_error(mini_request(fd, LHREQ_GETREG, R_ORIG_AX), ENOENT);
	expect_value(read(fd, reg, 4), 4);
	era_set_reg(fd, R_IP, (u32)after_in);
	expect_reason(era_finish(fd), "CRASH: eax 777");
}

/* -- TRAP -- */

static void note_any(struct frame *f)
{
	crash("trap %u cs %x eip %x flags %x", f->vector, f->cs, f->eip, f->eflags & 0x300);
}

static void guest_enables_and_halts(void)
{
	era_irqs(true);
	asm volatile("hlt");
}

static bool is_never_settable(u32 vector)
{
	return vector == 2 || vector == 8 || vector == 15 || vector == 18 || vector == 31;
}

static void trap_vectors(void)
{
	u32 vector, eip;
	int fd;

	for (vector = 0; vector < 64; vector++) {
		era_prepare(guest_enables_and_halts);
		mini.on_trap = note_any;
		fd = era_start();
		era_next_trap(fd, 13);
		eip = era_get_reg(fd, R_IP);
		if (is_never_settable(vector)) {
			expect_error(mini_request(fd, LHREQ_TRAP, vector), EINVAL);
		} else {
			expect_value(mini_request(fd, LHREQ_TRAP, vector), 0);
			expect_formatted(era_finish(fd), "CRASH: trap %u cs 61 eip %x flags 200",
					 vector, eip);
		}
		close(fd);
	}
}

static void wrong_trap_vectors(void)
{
	static const u32 wrong[] = { 64, 100, 255, 256, 257, 0x1000, 0x80000000, 0xffffffff };
	u32 i;
	int fd = era_new(guest_does_in);

	era_next_trap(fd, 13);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_error(mini_request(fd, LHREQ_TRAP, wrong[i]), EINVAL);
	era_set_reg(fd, R_IP, (u32)after_in);
	expect_reason(era_finish(fd), "CRASH: eax 12345678");
}

/* Before the guest has gates, and before it has run at all. */
static void traps_without_gates(void)
{
	int fd = era_new(guest_does_nothing);
	u32 vector;

	for (vector = 0; vector < 300; vector++)
		expect_error(mini_request(fd, LHREQ_TRAP, vector), EINVAL);
	expect_value(era_get_reg(fd, R_IP), (u32)era_entry);
	expect_value(era_get_reg(fd, R_AX), 0);
	expect_reason(era_finish(fd), "CRASH: done");
}

/* The stack that the frame goes to may be no stack. */
static void trap_on_bad_stack(void)
{
	static const u32 stacks[] = { 0, 4, ERA_WINDOW, 0xffc00000, 0xffffffff, ERA_RAM + 16 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(stacks); i++) {
		int fd = era_new(guest_does_in);
		u32 reply[3];

		era_next_trap(fd, 13);
		era_set_reg(fd, R_SP, stacks[i]);
		if (mini_request(fd, LHREQ_TRAP, 13) == 0)
			expect(strncmp(era_finish(fd), "CRASH", 5), "stack %#x", stacks[i]);
		else
			expect_error(mini_request(fd, LHREQ_IRQ, 1), ENOENT);
		expect(read(fd, reply, sizeof(reply)) > 0, "no reason");
		close(fd);
	}
}

int main(void)
{
	RUN_ERAS(register_offsets, ERA_TRAPS, 0);
	RUN_ERAS(set_registers_reach_guest, ERA_TRAPS, 0);
	RUN_ERAS(register_waits, ERA_TRAPS, 0);
	RUN_ERAS(trap_vectors, ERA_TRAPS, 0);
	RUN_ERAS(wrong_trap_vectors, ERA_TRAPS, 0);
	RUN_ERAS(traps_without_gates, ERA_TRAPS, 0);
	RUN_ERAS(trap_on_bad_stack, ERA_TRAPS, 0);
	return mini_done();
}
