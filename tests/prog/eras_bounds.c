// SPDX-License-Identifier: GPL-2.0
/*
 * Base and limit of the guest's memory are the launcher's to name, and may end
 * beyond its address space: what is there is no memory, though the sum of a base
 * and a guest-physical address may be an address of the launcher's again.
 */
#include <sys/eventfd.h>
#include "era.h"

/* Launcher address OTHERS is no part of the guest's, but base + WRAPPED is that. */
#define OTHERS		0x08000000u
#define WRAPPED		(OTHERS - ERA_BASE)
/* Where base + END is the end of the launcher's address space. */
#define END		(0xC0000000u - ERA_BASE)

#define VADDR		0x04000000u	/* where the guest maps something of it */

static const u32 limits[] = {
	END / PAGE, END / PAGE + 1, WRAPPED / PAGE + 1, 0xfffff, 0x100000, 0x100001,
	0xffffffff
};

static u32 at;
static u32 *others;

static void prepare(void (*main)(void), u32 limit)
{
	if (!others) {
		others = mmap((void *)OTHERS, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			      MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		expect(others == (void *)OTHERS, "mmap: %m");
	}
	memset(others, 0, PAGE);
	*others = 0x5ec2e7;
	era_prepare(main);
	run.release = era->release;	/* by such limits nobody is recognised */
	run.pfn_limit = limit;
	run.device_limit = limit;
}

/* It must end for that reason, and the page must be as it was. */
static void ends_with(const char *reason)
{
	expect_prefix(era_run_again(), reason);
	expect(*others == 0x5ec2e7 && !others[1], "the launcher's other memory changed");
}

static void guest_reads(void)
{
	crash("it read %x", *word_at(VADDR));
}

static void guest_writes(void)
{
	*word_at(VADDR + 4) = 1;
	crash("it wrote");
}

static void nothing_else_is_mapped(void)
{
	static const u32 where[] = { WRAPPED, END, END + PAGE, 0xfffff000, -ERA_BASE };
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		for (j = 0; j < ARRAY_SIZE(where); j++) {
			prepare(j % 2 ? guest_writes : guest_reads, limits[i]);
			era_map(run.root, VADDR, where[j] | P_ALL);
			ends_with("bad page table entry");
		}
		prepare(guest_writes, limits[i]);
		era_map(run.root, VADDR, WRAPPED | P_ALL);
		ends_with("bad page table entry");
	}
}

static void guest_announces(void)
{
	(void)*word_at(VADDR + PAGE);	/* now the host has a table for it */
	era_set_pte(run.root, VADDR, WRAPPED | P_ALL | P_ACCESSED | P_DIRTY);
	crash("it was announced");
}

static void nor_by_announcement(void)
{
	prepare(guest_announces, 0x100000);
	era_map(run.root, VADDR + PAGE, PHYS(scratch[0]) | P_ALL);
	ends_with("bad page table entry");
}

/* Before there are tables: addresses are physical. */
static void guest_reads_physical(void)
{
	crash("it read %x", *word_at(WRAPPED));
}

static void nor_without_tables(void)
{
	prepare(guest_reads_physical, 0x100000);
	run.no_root = true;
	run.no_gates = true;
	ends_with("bad page table entry");
}

static void guest_loads_tls(void)
{
	call1(LHCALL_LOAD_TLS, at);
	crash("it was read");
}

static void guest_tells_why(void)
{
	crash_at(at);
}

static void guest_loads_tables(void)
{
	call1(LHCALL_NEW_PGTABLE, at);
	*word_at(0x05000000) = 0;
	crash("it was used");
}

static void nothing_else_is_read(void)
{
	static void (* const guests[])(void) = {
		guest_loads_tls, guest_tells_why, guest_loads_tables
	};
	static const u32 where[] = { WRAPPED, END, END - 8, -ERA_BASE - 8, 0xffffffe0 };
	u32 i, j, k;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		for (j = 0; j < ARRAY_SIZE(guests); j++) {
			for (k = 0; k < ARRAY_SIZE(where); k++) {
				at = where[k];
				if (at == END - 8 && guests[j] == guest_loads_tables)
					continue;	/* the launcher's own stack */
				prepare(guests[j], limits[i]);
				ends_with("bad read address");
			}
		}
	}
}

static void nothing_else_is_written(void)
{
	prepare(guest_reads, 0x100000);
	run.data = WRAPPED;
	ends_with("no lguest_data");
}

static void guest_works(void)
{
	guest_expect(*word_at(VADDR) == 0x600d);
	*word_at(VADDR) = 0;
}

/* What is the guest's it has, up to the limit. */
static void all_of_it_is_there(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		prepare(guest_works, limits[i]);
		*(u32 *)IN_LAUNCHER->scratch[0] = 0x600d;
		era_map(run.root, VADDR, PHYS(scratch[0]) | P_ALL);
		ends_with("CRASH: done");
		expect_value(*(u32 *)IN_LAUNCHER->scratch[0], 0);
	}
}

/* A queue lies in the guest's memory. */
static void nor_an_eventfd(void)
{
	int event = eventfd(0, 0), fd;

	prepare(guest_works, 0x100000);
	fd = era_start();
	expect_value(era_request(fd, LHREQ_EVENTFD, END - 1, event), 0);
	expect_error(era_request(fd, LHREQ_EVENTFD, END, event), EINVAL);
	expect_error(era_request(fd, LHREQ_EVENTFD, WRAPPED, event), EINVAL);
	expect_error(era_request(fd, LHREQ_EVENTFD, -1, event), EINVAL);
	close(fd);
}

/* Between the end of the address space and the limit there are no devices either. */
static void nor_devices(void)
{
	struct lguest_pending reply;
	int fd;

	prepare(guest_reads, WRAPPED / PAGE + 1);
	run.device_limit = 0x100000;
	era_map(run.root, VADDR, WRAPPED | P_ALL);
	ends_with("bad page table entry");
	prepare(guest_reads, WRAPPED / PAGE + 1);
	run.device_limit = 0x100000;
	era_map(run.root, VADDR, (WRAPPED + PAGE) | P_ALL);
	fd = era_start();
	expect_value(read(fd, &reply, sizeof(reply)), sizeof(reply));
	expect_value(reply.addr, WRAPPED + PAGE);
	close(fd);
}

/* The base itself. */
static void bases(void)
{
	static const u32 bad[] = { 1, ERA_BASE + 1, 0xc0000000, 0xfffff000 };
	u32 i;
	int fd;

	prepare(guest_works, 0x100000);
	fd = era_open();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		prepare(guest_works, 0x100000);
		run.base = bad[i];
		expect_error(era_initialize(fd), EINVAL);
	}
	prepare(guest_works, 0x100000);
	run.base = 0xbffff000;
	if (era_has(ERA_HOST_DIR) && !era_has(ERA_LINEAR)) {
		expect(era_initialize(fd) == (int)era->words * 4 || errno == EFAULT, "%m");
		return;
	}
	expect_value(era_initialize(fd), era->words * 4);
	expect(strncmp(era_finish(fd), "CRASH", 5), "there was memory");
}

int main(void)
{
	RUN_FORMATS(nothing_else_is_mapped, 0, 0);
	RUN_FORMATS(nor_by_announcement, 0, 0);
	RUN_ERAS(nor_without_tables, ERA_LINEAR, 0);
	RUN_ERAS(nothing_else_is_read, 0, 0);
	RUN_ERAS(nothing_else_is_written, 0, 0);
	RUN_ERAS(all_of_it_is_there, 0, 0);
	RUN_ERAS(nor_an_eventfd, ERA_EVENTFD, 0);
	RUN_ERAS(nor_devices, ERA_TRAPS, 0);
	RUN_ERAS(bases, 0, 0);
	return mini_done();
}
