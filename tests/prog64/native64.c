// SPDX-License-Identifier: GPL-2.0
/*
 * A 64-bit launcher, for what a run of a guest could cost it: the bases of FS and GS,
 * however they were set, an LDT's segments, SYSCALL, and the rights of protection keys.
 * Its guest changes all of these that it can.
 */
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/lguest.h>
#include <linux/lguest_launcher.h>

#define ROUNDS		100

/* Guest-physical addresses, which are the launcher's and the guest's own, too. */
#define BASE		0x90000000u
#define PAGE		4096u
#define DIRECTORY	BASE
#define TABLE		(BASE + PAGE)
#define DATA		(BASE + 2 * PAGE)
#define CODE		(BASE + 3 * PAGE)
#define STACK_TOP	(BASE + 5 * PAGE)
#define DMA		(BASE + 5 * PAGE)
#define XSTATE		(BASE + 6 * PAGE)	/* the first word: is it to be loaded? */
#define PAGES		8
#define PAGE_OFFSET	0x80000000u
#define PFN_LIMIT	0xc0000u
#define ENTRY_FLAGS	7u			/* present, writable, the user's */

#define KERNEL_DS	0x69

/* Bits of AT_HWCAP2 and of CPUID's leaf 7. */
#define HWCAP2_HAS_FSGSBASE	2
#define OSPKE			(1u << 4)
#define XSTATE_PKRU		9

static unsigned int tests;

static void result(bool good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++tests, name);
}

static void skip(const char *name, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++tests, name, why);
}

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

/*
 * The guest: it loads segments, with the bases that they have, and perhaps its idea of
 * the keys' rights, meets the host in different ways, and then its launcher.
 */
__attribute__((naked, used)) static void guest(void)
{
	asm volatile(".code32\n\t"
		     ".globl guest_start, guest_end\n"
		     "guest_start:\n\t"
		     "movl %0, %%esp\n\t"
		     "movl %1, %%eax\n\t"
		     "movl %2, %%edx\n\t"
		     "int $0x1f\n"
		     "1:\tmovl %3, %%eax\n\t"
		     "movl %%eax, %%fs\n\t"
		     "movl %%eax, %%gs\n\t"
		     "cmpl $0, %c4\n\t"
		     "je 2f\n\t"
		     "movl $0x200, %%eax\n\t"
		     "xorl %%edx, %%edx\n\t"
		     "xrstor (%c4 + 64)\n"
		     "2:\tmovl %5, %%eax\n\t"
		     "int $0x1f\n\t"
		     "inb $0x80, %%al\n\t"
		     "xorl %%eax, %%eax\n\t"
		     "movl %%eax, %%fs\n\t"
		     "movl %6, %%eax\n\t"
		     "movl %7, %%edx\n\t"
		     "movl %7, %%ebx\n\t"
		     "int $0x1f\n\t"
		     "jmp 1b\n"
		     "guest_end:\n\t"
		     ".code64"
		     : : "i" (STACK_TOP), "i" (LHCALL_LGUEST_INIT), "i" (DATA), "i" (KERNEL_DS),
		     "i" (XSTATE), "i" (LHCALL_FLUSH_ASYNC), "i" (LHCALL_SEND_DMA), "i" (DMA));
}

extern const char guest_start[], guest_end[];

static void *at(__u32 addr)
{
	return (void *)(unsigned long)addr;
}

static int new_guest(void)
{
	__u32 words[] = { LHREQ_INITIALIZE, PFN_LIMIT, DIRECTORY, CODE, PAGE_OFFSET };
	struct lguest_data *data = at(DATA);
	__u32 *directory = at(DIRECTORY), *table = at(TABLE), i;
	int fd = open("/dev/lguest", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/lguest");
	memset(at(BASE), 0, PAGES * PAGE);
	directory[BASE >> 22] = TABLE | ENTRY_FLAGS;
	for (i = 0; i < PAGES; i++)
		table[(BASE >> 12 & 1023) + i] = (BASE + i * PAGE) | ENTRY_FLAGS;
	memset(data->hcall_status, LHCALL_RING_FREE, sizeof(data->hcall_status));
	memcpy(at(CODE), guest_start, guest_end - guest_start);
	if (write(fd, words, sizeof(words)) < 0)
		die("INITIALIZE");
	return fd;
}

/* Run it until it wants its launcher: no library, whose thread is where FS is. */
static inline __attribute__((always_inline)) long run(int fd)
{
	struct lguest_dma_notice notice;
	long got;

	asm volatile("syscall" : "=a" (got)
		     : "0" (SYS_read), "D" (fd), "S" (&notice), "d" (sizeof(notice))
		     : "rcx", "r11", "memory");
	return got;
}

static void say_how_it_ended(int fd, long got)
{
	char reason[200] = "";

	if (got == sizeof(struct lguest_dma_notice))
		return;
	if (read(fd, reason, sizeof(reason) - 1) < 0)
		strcpy(reason, strerror(errno));
	printf("# the guest ended (%ld): %s\n", got, reason);
}

static __u64 base_of(int which)
{
	__u64 base = 0;

	if (syscall(SYS_arch_prctl, which, &base))
		die("arch_prctl");
	return base;
}

/* -- bases by system call -- */

static bool bases_stay(int fd, __u64 gs)
{
	__u64 fs = base_of(ARCH_GET_FS);
	unsigned int i;
	long got = 0;

	if (syscall(SYS_arch_prctl, ARCH_SET_GS, gs))
		die("ARCH_SET_GS");
	for (i = 0; i < ROUNDS; i++) {
		got = run(fd);
		if (got != sizeof(struct lguest_dma_notice))
			break;
		if (base_of(ARCH_GET_FS) != fs || base_of(ARCH_GET_GS) != gs) {
			printf("# round %u: FS %#llx and GS %#llx became %#llx and %#llx\n",
			       i, fs, gs, base_of(ARCH_GET_FS), base_of(ARCH_GET_GS));
			return false;
		}
	}
	say_how_it_ended(fd, got);
	return i == ROUNDS;
}

static void bases_by_arch_prctl(int fd)
{
	result(bases_stay(fd, 0x123456789000), "a base of GS that the kernel has set");
	result(bases_stay(fd, 0x1000), "a small one");
	result(bases_stay(fd, 0), "none");
}

/* -- bases by instructions -- */

#define READ_BASE(name)							\
	static inline __attribute__((always_inline)) __u64 read_##name(void) \
	{ __u64 base; asm volatile("rd" #name " %0" : "=r" (base)); return base; }
#define WRITE_BASE(name)						\
	static inline __attribute__((always_inline)) void write_##name(__u64 base) \
	{ asm volatile("wr" #name " %0" : : "r" (base) : "memory"); }

READ_BASE(fsbase)
READ_BASE(gsbase)
WRITE_BASE(fsbase)
WRITE_BASE(gsbase)

struct bases {
	__u64 fs, gs;
};

/* While FS is another's, nothing of the library's may be called. */
static struct bases __attribute__((noinline, optimize("no-stack-protector")))
run_with(int fd, __u64 fs, __u64 gs, long *got)
{
	__u64 own_fs = read_fsbase();
	struct bases after;

	write_fsbase(fs);
	write_gsbase(gs);
	*got = run(fd);
	after.fs = read_fsbase();
	after.gs = read_gsbase();
	write_fsbase(own_fs);
	return after;
}

static bool written_bases_stay(int fd)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		__u64 fs = 0x7edcba987000 - i * 0x1001, gs = 0x123456789 + i * 0x1000000;
		struct bases after;
		long got;

		after = run_with(fd, fs, gs, &got);
		if (after.fs != fs || after.gs != gs) {
			printf("# round %u: FS %#llx and GS %#llx became %#llx and %#llx\n",
			       i, fs, gs, after.fs, after.gs);
			return false;
		}
		if (got != sizeof(struct lguest_dma_notice)) {
			say_how_it_ended(fd, got);
			return false;
		}
	}
	return true;
}

static void bases_by_instruction(int fd)
{
	if (getauxval(AT_HWCAP2) & HWCAP2_HAS_FSGSBASE)
		result(written_bases_stay(fd), "bases that WRFSBASE and WRGSBASE have set");
	else
		skip("bases that WRFSBASE and WRGSBASE have set",
		     "this processor or kernel has no FSGSBASE");
}

/* -- segments of an LDT -- */

#define LDT_SELECTOR(n)	((n) << 3 | 7)

static __u32 ldt_word = 0x12345678;

static void make_ldt(void)
{
	static __u32 *low;
	struct user_desc desc = {
		.limit = 0xfff, .seg_32bit = 1, .contents = MODIFY_LDT_CONTENTS_DATA,
	};

	/* its base has 32 bits */
	low = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		die("mmap");
	*low = ldt_word;
	for (desc.entry_number = 0; desc.entry_number < 3; desc.entry_number++) {
		/*
		 * Only that of GS counts.  QEMU's translator (7.2) lets DS's count, too, where
		 * an instruction names DS, as kernels of today do to fill up space.
		 */
		desc.base_addr = desc.entry_number == 2 ? (unsigned long)low : 0;
		if (syscall(SYS_modify_ldt, 1, &desc, sizeof(desc)))
			die("modify_ldt");
	}
}

static bool ldt_stays(int fd)
{
	__u16 ds = LDT_SELECTOR(0), es = LDT_SELECTOR(1), gs = LDT_SELECTOR(2);
	__u16 now_ds, now_es, now_gs;
	unsigned int i;
	__u32 word;
	long got = 0;

	asm volatile("movw %0, %%ds\n\tmovw %1, %%es\n\tmovw %2, %%gs"
		     : : "r" (ds), "r" (es), "r" (gs));
	for (i = 0; i < ROUNDS; i++) {
		got = run(fd);
		if (got != sizeof(struct lguest_dma_notice))
			break;
		asm volatile("movw %%ds, %0\n\tmovw %%es, %1\n\tmovw %%gs, %2\n\tmovl %%gs:0, %3"
			     : "=r" (now_ds), "=r" (now_es), "=r" (now_gs), "=r" (word));
		if (now_ds != ds || now_es != es || now_gs != gs || word != ldt_word) {
			printf("# round %u: ds %x es %x gs %x, which leads to %#x\n", i, now_ds,
			       now_es, now_gs, word);
			return false;
		}
	}
	asm volatile("movw %0, %%ds\n\tmovw %0, %%es\n\tmovw %0, %%gs" : : "r" ((__u16)0));
	say_how_it_ended(fd, got);
	return i == ROUNDS;
}

static void with_ldt(int fd)
{
	make_ldt();
	result(ldt_stays(fd), "selectors of an LDT, and what they lead to");
	result(bases_stay(fd, 0x23456789a000), "a base of GS, with an LDT");
	if (getauxval(AT_HWCAP2) & HWCAP2_HAS_FSGSBASE)
		result(written_bases_stay(fd), "bases that instructions have set, with an LDT");
	else
		skip("bases that instructions have set, with an LDT",
		     "this processor or kernel has no FSGSBASE");
}

/* -- protection keys -- */

#define PKRU_OF_LAUNCHER	0x0000000cu
#define PKRU_OF_GUEST		0xaaaaaaa8u

static __u32 read_pkru(void)
{
	__u32 pkru;

	asm volatile("rdpkru" : "=a" (pkru) : "c" (0) : "rdx");
	return pkru;
}

static void write_pkru(__u32 pkru)
{
	asm volatile("wrpkru" : : "a" (pkru), "c" (0), "d" (0) : "memory");
}

/* (A guest has just XRSTOR for it.) */
static bool has_pkru(void)
{
	unsigned int a, b, c = 0, d;

	__cpuid(1, a, b, c, d);
	if (!(c & bit_OSXSAVE))
		return false;
	c = 0;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && c & OSPKE;
}

/* What XRSTOR takes: just that. */
static void give_pkru_to_guest(void)
{
	unsigned int size, offset, c, d;
	__u8 *area = (__u8 *)at(XSTATE) + 64;

	__cpuid_count(0xd, XSTATE_PKRU, size, offset, c, d);
	if (offset + size > PAGE - 64)
		die("XSAVE's area is too large");
	area[512 + XSTATE_PKRU / 8] = 1 << XSTATE_PKRU % 8;
	*(__u32 *)(area + offset) = PKRU_OF_GUEST;
	*(__u32 *)at(XSTATE) = 1;
}

static bool pkru_stays(int fd)
{
	__u32 before = read_pkru(), now = 0;
	unsigned int i;
	long got = 0;

	write_pkru(PKRU_OF_LAUNCHER);
	for (i = 0; i < ROUNDS; i++) {
		got = run(fd);
		now = read_pkru();
		if (got != sizeof(struct lguest_dma_notice) || now != PKRU_OF_LAUNCHER)
			break;
	}
	write_pkru(before);
	if (now != PKRU_OF_LAUNCHER)
		printf("# round %u: PKRU became %#x\n", i, now);
	say_how_it_ended(fd, got);
	return i == ROUNDS;
}

static void protection_keys(int fd)
{
	if (!has_pkru()) {
		skip("the rights of protection keys", "this processor or kernel has none");
		return;
	}
	give_pkru_to_guest();
	result(pkru_stays(fd), "the rights of protection keys, which a guest's XRSTOR loads");
}

int main(void)
{
	int fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (mmap(at(BASE), PAGES * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		die("mmap");
	fd = new_guest();
	bases_by_arch_prctl(fd);
	bases_by_instruction(fd);
	protection_keys(fd);
	with_ldt(fd);
	close(fd);
	printf("1..%u\n", tests);
	return 0;
}
