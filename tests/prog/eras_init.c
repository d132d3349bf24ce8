// SPDX-License-Identifier: GPL-2.0
/*
 * LGUEST_INIT in every era: what the host writes into the shared structure, and
 * where; what it does not touch; what it reads there; and what it refuses.
 */
#include <time.h>
#include "era.h"

#define PATTERN		0xa5
#define TOP		0xffc00000u	/* from here on addresses are the host's */

static u32 the_arg;

static void guest_does_nothing(void)
{
}

static void guest_inits(void)
{
	call1(LHCALL_LGUEST_INIT, the_arg);
}

/* As run says, and nothing but INIT. */
static void prepare_init(void)
{
	era_prepare(guest_inits);
	run.no_init = true;
	the_arg = run.data;
}

/* -- What is written -- */

struct field {
	u32 at, size;
};

/* The fields that the host writes; 0 for those that the era has not. */
static u32 host_fields(struct field *fields)
{
	const struct era_layout *at = era->data;
	u32 n = 0;

	fields[n++] = (struct field){ DATA_TIME, 8 };
	fields[n++] = (struct field){ at->reserve_mem, 4 };
	fields[n++] = (struct field){ at->tsc_khz, 4 };
	if (at->pgdir)
		fields[n++] = (struct field){ at->pgdir, 4 };
	return n;
}

/* All bytes that somebody could write to, but for what must be right. */
static void fill_with_pattern(void)
{
	u32 kernel = run.kernel_address, vec = SYSCALL_VECTOR;

	memset(IN_LAUNCHER->data, PATTERN, sizeof(IN_LAUNCHER->data));
	memset(seen(run.data + era->data->status), LHCALL_RING_FREE, LHCALL_RING_SIZE);
	*seen_word(era->data->kernel_address) = kernel;
	*seen_word(era->data->syscall_vec) = vec;
}

static u8 before[2 * PAGE];

static bool is_hosts(u32 offset)
{
	struct field fields[4];
	u32 n = host_fields(fields);

	while (n--) {
		if (offset - fields[n].at < fields[n].size)
			return true;
	}
	return false;
}

static void check_untouched(void)
{
	u32 i;

	for (i = 0; i < sizeof(before); i++) {
		u32 offset = PHYS(data) + i - run.data;

		if (is_hosts(offset))
			continue;
		expect(IN_LAUNCHER->data[i] == before[i],
		       "byte %d of the structure is %#x now", (int)offset,
		       IN_LAUNCHER->data[i]);
	}
}

/* Not time(), which is that of the last tick. */
static u32 seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static void check_fields(void)
{
	const struct era_layout *at = era->data;
	u32 reserve = *seen_word(at->reserve_mem), now = seconds_now();
	u32 sec = *seen_word(DATA_TIME), nsec = *seen_word(DATA_TIME + 4);

	expect(reserve && reserve <= 0x400000 && !(reserve % PAGE),
	       "reserve_mem is %#x", reserve);
	if (at->pgdir)
		expect_value(reserve, 0x400000);
	expect(now - sec <= 60, "the time is %u, not %u", sec, now);
	expect(nsec < 1000000000, "nanoseconds are %u", nsec);
	expect(*seen_word(at->tsc_khz) < 20000000, "tsc_khz is %u", *seen_word(at->tsc_khz));
	if (at->pgdir)
		expect_value(*seen_word(at->pgdir),
			     era_has(ERA_LAUNCHER_DIR) ? run.pgdir : ERA_FIRST_DIR);
}

static void check_init_at(u32 where)
{
	prepare_init();
	run.data = where;
	the_arg = where;
	fill_with_pattern();
	memcpy(before, IN_LAUNCHER->data, sizeof(before));
	expect_reason(era_run_again(), "CRASH: done");
	check_untouched();
	check_fields();
}

/* Nothing has to be aligned, and it may lie across pages. */
static void what_is_written(void)
{
	check_init_at(PHYS(data));
	check_init_at(PHYS(data) + PAGE - 40);
	check_init_at(PHYS(data) + PAGE - 1370);
	check_init_at(PHYS(data) + 3);
	check_init_at(PHYS(data) + 2 * PAGE - era->data->size);
}

static void directory_follows_boot_params(void)
{
	prepare_init();
	*(u32 *)seen(0x21c) += 7 * PAGE;	/* a larger initrd */
	fill_with_pattern();
	expect_reason(era_run_again(), "CRASH: done");
	expect_value(*seen_word(era->data->pgdir), ERA_FIRST_DIR - 7 * PAGE);
}

/* What the guest had read before must not be what it reads after. */
static void guest_reads_twice(void)
{
	const struct era_layout *at = era->data;
	volatile u32 *reserve = guest_word(at->reserve_mem);

	guest_expect(*reserve == 0xa5a5a5a5);
	call1(LHCALL_LGUEST_INIT, run.data);
	guest_expect(*reserve != 0xa5a5a5a5);
	if (at->pgdir)
		guest_expect(*guest_word(at->pgdir) != 0xa5a5a5a5);
}

static void private_pages_are_dropped(void)
{
	int fd = memfd_create("data", MFD_CLOEXEC);
	void *to;

	era_prepare(guest_reads_twice);
	run.no_init = true;
	fill_with_pattern();
	expect(write(fd, IN_LAUNCHER->data, 2 * PAGE) == 2 * PAGE, "memfd: %m");
	to = mmap(IN_LAUNCHER->data, 2 * PAGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_FIXED, fd, 0);
	expect(to == IN_LAUNCHER->data, "mmap: %m");
	expect_reason(era_run_again(), "CRASH: done");
}

/* -- What is refused -- */

static void wrong_syscall_vectors(void)
{
	static const u32 wrong[] = { 0, 1, 0x1f, 0x20, 0x7f, 0x81, 0xff, 0x180, 0x80000080 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		prepare_init();
		*seen_word(era->data->syscall_vec) = wrong[i];
		expect(strncmp(era_run_again(), "CRASH", 5), "vector %#x", wrong[i]);
	}
}

static void kernel_addresses(void)
{
	static const u32 wrong[] = { TOP, TOP + PAGE, 0xffffffff, 0xffe00000 };
	static const u32 right[] = {
		PAGE, 0x40000000, 0xC0000000, 0xf0000000, TOP - 0x400000
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		prepare_init();
		*seen_word(era->data->kernel_address) = wrong[i];
		expect(strncmp(era_run_again(), "CRASH", 5), "kernel at %#x", wrong[i]);
	}
	for (i = 0; i < ARRAY_SIZE(right); i++) {
		prepare_init();
		*seen_word(era->data->kernel_address) = right[i];
		expect_reason(era_run_again(), "CRASH: done");
	}
}

static void map_last_page(u32 limit)
{
	void *at = seen(limit - PAGE);

	expect(mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		    MAP_FIXED_NOREPLACE, -1, 0) == at, "mmap: %m");
}

static void put_structure(u32 at)
{
	run.data = at;
	the_arg = at;
	memset(seen(at + era->data->status), LHCALL_RING_FREE, LHCALL_RING_SIZE);
	*seen_word(era->data->kernel_address) = ERA_KERNEL;
	*seen_word(era->data->syscall_vec) = SYSCALL_VECTOR;
}

/* It may end where memory ends, however long other eras' structures are. */
static void structure_at_limit(void)
{
	u32 limit, i;

	prepare_init();
	limit = run.pfn_limit * PAGE;
	map_last_page(limit);
	for (i = 0; i < 3; i++) {
		prepare_init();
		memset(seen(limit - PAGE), 0, PAGE);
		put_structure(limit - era->data->size - 4 * i);
		expect_reason(era_run_again(), "CRASH: done");
		check_fields();
	}
	for (i = 1; i < era->data->size + 8; i += i < 8 ? 1 : 37) {
		prepare_init();
		the_arg = limit - era->data->size + i;
		expect_prefix(era_run_again(), "no lguest_data at ");
	}
}

static void structure_nowhere(void)
{
	static const u32 wrong[] = {
		-1u, -4u, -1128u, -1136u, -1396u, 0xffc00000, 0x60000000, ERA_LOW_SIZE,
		/* with the base: 0, the end of the launcher's addresses, the host's */
		-ERA_BASE, -ERA_BASE - 100, 0xC0000000 - ERA_BASE, 0xC0000000 - ERA_BASE - 100,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		prepare_init();
		the_arg = wrong[i];
		expect_prefix(era_run_again(), "no lguest_data at ");
	}
}

static void read_only_structure(void)
{
	prepare_init();
	expect(!mprotect(IN_LAUNCHER->data, PAGE, PROT_READ), "mprotect: %m");
	expect_prefix(era_run_again(), "bad write address");
}

/* -- The state that the guest starts in -- */

static u32 regs[8], start_esp, selectors[6], flags;

__attribute__((naked)) static void notes_registers(void)
{
	asm volatile("movl %%eax, %0\n\t"
		     "movl %%ebx, %1\n\t"
		     "movl %%ecx, %2\n\t"
		     "movl %%edx, %3\n\t"
		     "movl %%esi, %4\n\t"
		     "movl %%edi, %5\n\t"
		     "movl %%ebp, %6\n\t"
		     "movl %%esp, %7\n\t"
		     : "=m" (regs[0]), "=m" (regs[1]), "=m" (regs[2]), "=m" (regs[3]),
		       "=m" (regs[4]), "=m" (regs[5]), "=m" (regs[6]), "=m" (start_esp));
	asm volatile("movl %%cs, %%eax\n\tmovl %%eax, %0\n\t"
		     "movl %%ds, %%eax\n\tmovl %%eax, %1\n\t"
		     "movl %%es, %%eax\n\tmovl %%eax, %2\n\t"
		     "movl %%fs, %%eax\n\tmovl %%eax, %3\n\t"
		     "movl %%gs, %%eax\n\tmovl %%eax, %4\n\t"
		     "movl %%ss, %%eax\n\tmovl %%eax, %5\n\t"
		     : "=m" (selectors[0]), "=m" (selectors[1]), "=m" (selectors[2]),
		       "=m" (selectors[3]), "=m" (selectors[4]), "=m" (selectors[5]) : : "eax");
	asm volatile("movl %0, %%esp\n\tpushfl\n\tpopl %1\n\tjmp %P2"
		     : : "i" (PHYS(stack) + PAGE), "m" (flags), "i" (era_entry));
}

static void initial_state(void)
{
	static const u32 want[] = { 0x61, 0x69, 0x69, 0, 0, 0x69 };
	u32 i;

	era_prepare(guest_does_nothing);
	run.start = (u32)notes_registers;
	memset(regs, PATTERN, sizeof(regs));
	start_esp = 1;
	expect_reason(era_run_again(), "CRASH: done");
	for (i = 0; i < 7; i++)
		expect(!regs[i], "register %u was %#x", i, regs[i]);
	expect(!start_esp, "esp was %#x", start_esp);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		expect(selectors[i] == want[i], "selector %u was %#x", i, selectors[i]);
	expect_value(flags & ~0x44, 0x202);	/* zero and parity are the asm's */
}

int main(void)
{
	RUN_ERAS(initial_state, 0, 0);
	RUN_ERAS(what_is_written, 0, 0);
	RUN_ERAS(directory_follows_boot_params, ERA_HOST_DIR, 0);
	RUN_ERAS(private_pages_are_dropped, 0, 0);
	RUN_ERAS(wrong_syscall_vectors, 0, 0);
	RUN_ERAS(kernel_addresses, 0, 0);
	RUN_ERAS(structure_at_limit, 0, 0);
	RUN_ERAS(structure_nowhere, 0, 0);
	RUN_ERAS(read_only_structure, 0, 0);
	return mini_done();
}
