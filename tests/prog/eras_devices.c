// SPDX-License-Identifier: GPL-2.0
/*
 * What a launcher of 4.0 to 4.13 hears: replies of 12 bytes for instructions and
 * for accesses to devices, which it serves or refuses.  eras_registers.c has the
 * requests that it does this with.
 */
#include "era.h"

#define DEVICE		ERA_RAM				/* the first page of devices */
#define DEVICE_END	(ERA_RAM + 2 * ERA_DEVICE_PAGES * PAGE)
#define WINDOW		ERA_WINDOW			/* where the guest maps things */

static u32 trap_vector, trap_errcode, trap_cr2, value;
static int the_fd;

static void check_insn(const struct lguest_pending *reply, const void *at)
{
	expect(!memcmp(reply->insn, at, sizeof(reply->insn)),
	       "the instruction is %02x %02x %02x", reply->insn[0], reply->insn[1],
	       reply->insn[2]);
}

/* -- Instructions -- */

extern char the_in[], after_in[];

static void guest_does_in(void)
{
	asm volatile("movl $0x12345678, %%eax\n\t"
		     "movl $0xcfc, %%edx\n"
		     "	.globl the_in\n"
		     "the_in:\n\t"
		     "inl (%%dx), %%eax\n"
		     "	.globl after_in\n"
		     "after_in:\n\t"
		     "nop; nop; nop; nop; nop; nop; nop; nop"
		     : "=a" (value) : : "edx");
	crash("eax %x", value);
}

static void launcher_does_in(void)
{
	struct lguest_pending reply;
	int fd = era_new(guest_does_in);

	reply = era_next_trap(fd, 13);
	check_insn(&reply, the_in);
	expect_value(era_get_reg(fd, R_IP), (u32)the_in);
	expect_value(era_get_reg(fd, R_AX), 0x12345678);
	expect_value(era_get_reg(fd, R_DX), 0xcfc);
	era_set_reg(fd, R_AX, 0xcafe);
	era_skip(fd, 1);
	expect_reason(era_finish(fd), "CRASH: eax cafe");
}

/* A launcher that does nothing hears of it again, each time once. */
static void nothing_done(void)
{
	struct lguest_pending reply;
	int fd = era_new(guest_does_in), i;

	for (i = 0; i < 3; i++) {
		reply = era_next_trap(fd, 13);
		check_insn(&reply, the_in);
		expect_value(era_get_reg(fd, R_IP), (u32)the_in);
	}
	era_set_reg(fd, R_IP, (u32)after_in);
	expect_reason(era_finish(fd), "CRASH: eax 12345678");
}

static void note_trap(struct frame *f)
{
	trap_vector = f->vector;
	trap_errcode = f->errcode;
	trap_cr2 = *guest_word(DATA_CR2);
	crash("trap %u errcode %x cs %x eip %x", f->vector, f->errcode, f->cs, f->eip);
}

static void launcher_refuses(void)
{
	int fd;

	era_prepare(guest_does_in);
	mini.on_trap = note_trap;
	fd = era_start();
	era_next_trap(fd, 13);
	expect_value(mini_request(fd, LHREQ_TRAP, 13), 0);
	expect_formatted(era_finish(fd), "CRASH: trap 13 errcode 0 cs 61 eip %x", (u32)the_in);
}

static void does_hlt(void)
{
	asm volatile("hlt");
}

static void user_main(void)
{
	does_hlt();
}

static void guest_runs_user(void)
{
	era_load_gdt();
	era_user(user_main);
}

/* Of ring 3, too. */
static void user_instructions(void)
{
	struct lguest_pending reply;
	int fd;

	era_prepare(guest_runs_user);
	mini.on_trap = note_trap;
	fd = era_start();
	reply = era_next_trap(fd, 13);
	expect_value(reply.insn[0], 0xf4);
	expect_value(era_get_reg(fd, R_CS), USER_CS);
	expect_value(era_get_reg(fd, R_SS), USER_DS);
	expect_value(era_get_reg(fd, R_SP) - PHYS(ustack) < PAGE + 1, 1);
	expect_value(mini_request(fd, LHREQ_TRAP, 13), 0);
	expect_prefix(era_finish(fd), "CRASH: trap 13 errcode 0 cs 73");
}

static void loads_bad_selector(void)
{
	asm volatile("movl %0, %%es" : : "r" (0x50));
}

static void guest_loads_bad_selector(void)
{
	loads_bad_selector();
}

/* An error code that is not 0 is the guest's own affair. */
static void selectors_are_guests(void)
{
	era_prepare(guest_loads_bad_selector);
	mini.on_trap = note_trap;
	expect_prefix(era_run_again(), "CRASH: trap 13 errcode 50 cs 61");
}

/* -- The bytes at eip -- */

static u32 insn_at;

static void guest_jumps(void)
{
	asm volatile("jmp *%0" : : "r" (insn_at));
}

/* Code at the end of a page of scratch, that the guest sees at WINDOW. */
static void prepare_jump(u32 bytes, bool second_page)
{
	u8 *code = IN_LAUNCHER->scratch[0];

	era_prepare(guest_jumps);
	memset(code, 0xf4, 2 * PAGE);
	memcpy(code + PAGE - bytes, "\xe4\x01\xe4\x02\xe4\x03\xe4", 7);
	era_map(run.root, WINDOW, PHYS(scratch[0]) | P_ALL);
	if (second_page)
		era_map(run.root, WINDOW + PAGE, PHYS(scratch[1]) | P_ALL);
	insn_at = WINDOW + PAGE - bytes;
	mini.on_trap = note_trap;
}

static void instruction_bytes(void)
{
	static const u8 zero[7];
	struct lguest_pending reply;
	u32 bytes;
	int fd;

	for (bytes = 2; bytes <= 7; bytes++) {
		prepare_jump(bytes, true);
		fd = era_start();
		reply = era_next_trap(fd, 13);
		check_insn(&reply, IN_LAUNCHER->scratch[0] + PAGE - bytes);
		close(fd);
		prepare_jump(bytes, false);
		fd = era_start();
		reply = era_next_trap(fd, 13);
		expect(!memcmp(reply.insn, IN_LAUNCHER->scratch[0] + PAGE - bytes, bytes) &&
		       !memcmp(reply.insn + bytes, zero, 7 - bytes),
		       "%u bytes: %02x ... %02x", bytes, reply.insn[0], reply.insn[6]);
		close(fd);
	}
}

/* -- Accesses to devices -- */

static u32 address;
static bool store;
static u64 the_entry;		/* of the page that is accessed */

static void guest_accesses(void)
{
	value = 0x11223344;
	if (store)
		asm volatile("movl %0, (%1)\n\tnop" : : "a" (value), "b" (address));
	else
		asm volatile("movl (%1), %0\n\tnop" : "=a" (value) : "b" (address));
	crash("value %x", value);
}

static void access_at(u32 physical, u32 flags)
{
	the_entry = (physical & -PAGE) | flags;
	era_prepare(guest_accesses);
	mini.on_trap = note_trap;
	era_map(run.root, WINDOW, the_entry);
	address = WINDOW + physical % PAGE;
	the_fd = era_start();
}

static void serve_access(u32 physical, bool is_store)
{
	struct lguest_pending reply;

	reply = era_next_trap(the_fd, 14);
	expect_value(reply.addr, physical);
	expect_value(reply.insn[0], is_store ? 0x89 : 0x8b);
	expect_value(reply.insn[1], 0x03);
	expect(era_get(ERA_BASE, era_page_entry(ERA_BASE, run.root, WINDOW)) == the_entry,
	       "the entry was changed");
	if (!is_store)
		era_set_reg(the_fd, R_AX, 0x55667788);
	else
		expect_value(era_get_reg(the_fd, R_AX), 0x11223344);
	era_skip(the_fd, 2);
	expect_reason(era_finish(the_fd), is_store ? "CRASH: value 11223344" :
		      "CRASH: value 55667788");
	close(the_fd);
}

static void accesses(void)
{
	static const u32 places[] = {
		DEVICE, DEVICE + 1, DEVICE + 0x123, DEVICE + PAGE + 0xffc,
		DEVICE_END - 4, DEVICE_END - PAGE
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (store = false;; store = true) {
			access_at(places[i], P_ALL | P_PCD);
			serve_access(places[i], store);
			/* that the guest has used it already means nothing */
			access_at(places[i], P_PRESENT | P_RW | P_ACCESSED | P_DIRTY);
			serve_access(places[i], store);
			if (store)
				break;
		}
	}
}

/* By SET_PTE, before and after the first access. */
static void guest_maps_device(void)
{
	u32 entry = era_page_entry(0, run.root, WINDOW);

	guest_expect(*(volatile u32 *)WINDOW == 0);
	era_put(0, entry, the_entry);
	era_set_pte(run.root, WINDOW, the_entry);
	address = WINDOW + 16;
	guest_accesses();
}

static void device_by_set_pte(void)
{
	era_prepare(guest_maps_device);
	era_map(run.root, WINDOW, PHYS(scratch[2]) | P_ALL);
	the_entry = DEVICE | P_ALL | P_ACCESSED | P_DIRTY;
	store = false;
	the_fd = era_start();
	serve_access(DEVICE + 16, false);
}

/* What the guest's tables forbid is the guest's. */
static void forbidden_accesses(void)
{
	store = true;
	access_at(DEVICE, P_PRESENT | P_USER);
	expect_prefix(era_finish(the_fd), "CRASH: trap 14 errcode 3 cs 61");
	expect_value(trap_cr2, WINDOW);
	store = false;
	access_at(DEVICE, P_PRESENT | P_USER);
	serve_access(DEVICE, false);
	access_at(DEVICE, 0);
	expect_prefix(era_finish(the_fd), "CRASH: trap 14 errcode 0 cs 61");
}

/* PAT's bit, and what is beyond the devices, end the guest: nobody has that. */
static void nobodys_pages(void)
{
	store = false;
	access_at(DEVICE, P_ALL | P_LARGE);
	expect(strncmp(era_finish(the_fd), "CRASH", 5), "PAT");
	access_at(DEVICE_END, P_ALL);
	expect(strncmp(era_finish(the_fd), "CRASH", 5), "beyond the devices");
	access_at(0xfffff000, P_ALL);
	expect(strncmp(era_finish(the_fd), "CRASH", 5), "the last page of all");
}

static void user_accesses(void)
{
	asm volatile("movl (%0), %%eax" : : "b" (WINDOW) : "eax");
}

static void guest_lets_user_access(void)
{
	era_load_gdt();
	era_user(user_accesses);
}

static void user_and_devices(void)
{
	int fd;

	era_prepare(guest_lets_user_access);
	mini.on_trap = note_trap;
	era_map(run.root, WINDOW, DEVICE | P_PRESENT | P_RW);
	expect_prefix(era_run_again(), "CRASH: trap 14 errcode 5 cs 73");
	era_prepare(guest_lets_user_access);
	mini.on_trap = note_trap;
	era_map(run.root, WINDOW, DEVICE | P_ALL);
	fd = era_start();
	era_next_trap(fd, 14);
	expect_value(mini_request(fd, LHREQ_TRAP, 14), 0);
	expect_prefix(era_finish(fd), "CRASH: trap 14 errcode");
	expect_value(trap_cr2, WINDOW);
}

/* The address of what was refused, not of some fault before it. */
static void touches_nothing(void)
{
	*(volatile u32 *)(WINDOW + 0x1234560) = 0;
}

static void guest_faults_first(void)
{
	guest_expect(mini_try(touches_nothing) == 14);
	guest_expect(*guest_word(DATA_CR2) == (WINDOW + 0x1234560));
	guest_accesses();
}

static void refused_access(void)
{
	int fd;

	era_prepare(guest_faults_first);
	mini.on_trap = note_trap;
	era_map(run.root, WINDOW, DEVICE | P_ALL);
	address = WINDOW + 8;
	store = true;
	fd = era_start();
	era_next_trap(fd, 14);
	expect_value(mini_request(fd, LHREQ_TRAP, 14), 0);
	expect_prefix(era_finish(fd), "CRASH: trap 14 errcode");
	expect_value(trap_cr2, WINDOW + 8);
}

/* Where addresses are physical until there are tables. */
static void devices_in_linear_mode(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct lguest_pending reply;

		era_prepare(guest_accesses);
		run.no_root = true;
		store = i;
		address = DEVICE + 0x10 + i;
		the_fd = era_start();
		reply = era_next_trap(the_fd, 14);
		expect_value(reply.addr, DEVICE + 0x10 + i);
		if (!i)
			era_set_reg(the_fd, R_AX, 0x99);
		era_skip(the_fd, 2);
		expect_reason(era_finish(the_fd), i ? "CRASH: value 11223344" :
			      "CRASH: value 99");
		close(the_fd);
	}
}

int main(void)
{
	RUN_FORMATS(launcher_does_in, ERA_TRAPS, 0);
	RUN_ERAS(nothing_done, ERA_TRAPS, 0);
	RUN_ERAS(launcher_refuses, ERA_TRAPS, 0);
	RUN_ERAS(user_instructions, ERA_TRAPS, 0);
	RUN_ERAS(selectors_are_guests, ERA_TRAPS, 0);
	RUN_FORMATS(instruction_bytes, ERA_TRAPS, 0);
	RUN_FORMATS(accesses, ERA_TRAPS, 0);
	RUN_FORMATS(device_by_set_pte, ERA_TRAPS, 0);
	RUN_FORMATS(forbidden_accesses, ERA_TRAPS, 0);
	RUN_FORMATS(nobodys_pages, ERA_TRAPS, 0);
	RUN_FORMATS(user_and_devices, ERA_TRAPS, 0);
	RUN_ERAS(refused_access, ERA_TRAPS, 0);
	RUN_ERAS(devices_in_linear_mode, ERA_TRAPS, 0);
	return mini_done();
}
