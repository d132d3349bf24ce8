// SPDX-License-Identifier: GPL-2.0
/*
 * Starting code in any ring and recording the trap that ends it, see raw.h.
 * The stubs here take the place of those of entry.S, which make all frames
 * look the same: a test of the frame itself needs it as it came.
 */
#include "raw.h"
#include "tap.h"
#include "context.h"

#define RAW_VECTORS	64		/* and one more for SYSCALL_VECTOR */
#define RAW_STUB_SIZE	16

struct raw raw;
u32 raw_stack_top;

extern const char raw_stubs[], __image_end[];
static struct context raw_back;
static u8 raw_trap_stack[3 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/*
 * ss is the one segment register that a trap from ring 3 makes good, so all
 * goes by way of it until the rest is saved.
 */
asm("	.text\n"
    "	.globl raw_stubs\n"
    "	.balign 16\n"
    "raw_stubs:\n"
    "	.set vector, 0\n"
    "	.rept 65\n"
    "	.balign 16\n"
    "	.if vector == 64\n"
    "	movl $0x80, %ss:raw\n"
    "	.else\n"
    "	movl $vector, %ss:raw\n"
    "	.endif\n"
    "	jmp raw_common\n"
    "	.set vector, vector + 1\n"
    "	.endr\n"
    "raw_common:\n"
    "	movl %edi, %ss:raw+12\n"
    "	movl %esi, %ss:raw+16\n"
    "	movl %ebp, %ss:raw+20\n"
    "	movl %ebx, %ss:raw+24\n"
    "	movl %edx, %ss:raw+28\n"
    "	movl %ecx, %ss:raw+32\n"
    "	movl %eax, %ss:raw+36\n"
    "	movl %gs, %eax\n"
    "	movl %eax, %ss:raw+40\n"
    "	movl %fs, %eax\n"
    "	movl %eax, %ss:raw+44\n"
    "	movl %es, %eax\n"
    "	movl %eax, %ss:raw+48\n"
    "	movl %ds, %eax\n"
    "	movl %eax, %ss:raw+52\n"
    "	movl %esp, %ss:raw+68\n"
    "	movl %ss, %eax\n"
    "	movl %eax, %ss:raw+72\n"
    "	movl %ss:lguest_data, %eax\n"
    "	movl %eax, %ss:raw+4\n"
    "	movl %ss, %eax\n"
    "	movl %eax, %ds\n"
    "	movl %eax, %es\n"
    "	movl %esp, %ebx\n"
    "	xorl %ecx, %ecx\n"
    "	pushfl\n"
    "	popl raw+8\n"
    "1:	movl (%ebx, %ecx, 4), %eax\n"
    "	movl %eax, raw+76(, %ecx, 4)\n"
    "	incl %ecx\n"
    "	cmpl $6, %ecx\n"
    "	jne 1b\n"
    "	cld\n"
    "	call raw_caught\n");

_Static_assert(offsetof(struct raw, regs) == 12, "see raw_common");
_Static_assert(offsetof(struct raw, regs.esp) == 68, "see raw_common");
_Static_assert(offsetof(struct raw, word) == 76, "see raw_common");
_Static_assert(RAW_WORDS == 6, "see raw_common");

/* The flags that raw_common shows are those after xorl: not ZF and its like. */
void __noreturn raw_caught(void);

void raw_caught(void)
{
	context_load(&raw_back);
}

/*
 * The same for every ring: esp and ss are on the frame only for ring 3, for
 * ring 1 the frame is put where it leaves the right esp behind.
 */
void __noreturn raw_enter(const struct raw_regs *regs);
asm("	.globl raw_enter\n"
    "raw_enter:\n"
    "	movl 4(%esp), %ebx\n"
    "	movl %ebx, %esp\n"
    "	testl $2, 48(%ebx)\n"
    "	jnz 1f\n"
    "	movl 56(%ebx), %edi\n"
    "	subl $12, %edi\n"
    "	leal 44(%ebx), %esi\n"
    "	movl $3, %ecx\n"
    "	cld\n"
    "	rep movsl\n"
    "1:	popl %edi\n"
    "	popl %esi\n"
    "	popl %ebp\n"
    "	addl $4, %esp\n"
    "	popl %edx\n"
    "	popl %ecx\n"
    "	popl %eax\n"
    "	popl %gs\n"
    "	popl %fs\n"
    "	popl %es\n"
    "	testl $2, 48(%ebx)\n"
    "	jnz 2f\n"
    /* The start may lie on a page that its own segments do not reach. */
    "	movl 56(%ebx), %esp\n"
    "	subl $12, %esp\n"
    "	pushl 40(%ebx)\n"
    "	pushl 12(%ebx)\n"
    "	popl %ebx\n"
    "	popl %ds\n"
    "	iret\n"
    "2:	movl 12(%ebx), %ebx\n"
    "	popl %ds\n"
    "	iret\n");

/* The stub for a vector, for gates that the test makes itself. */
const void *raw_entry(u32 vector)
{
	if (vector == SYSCALL_VECTOR)
		vector = RAW_VECTORS;
	return raw_stubs + vector * RAW_STUB_SIZE;
}

void raw_gate(u32 vector, enum gate_type type, u32 dpl)
{
	set_gate(vector, raw_entry(vector), type, dpl);
}

/* All that can be set, in one go. */
void raw_gates(enum gate_type type, u32 dpl)
{
	u32 v;

	for (v = 0; v < RAW_VECTORS; v++)
		raw_gate(v, type, dpl);
	raw_gate(SYSCALL_VECTOR, type, dpl);
}

void raw_stack(u32 top, u32 pages)
{
	raw_stack_top = top;
	hcall(LHCALL_SET_STACK, KERNEL_DS, top, pages);
}

static void start_anywhere(struct raw_regs *start)
{
	*start = (struct raw_regs){
		.edi = 0xd1d1d1d1, .esi = 0x51515151, .ebp = 0xb9b9b9b9,
		.ebx = 0xb3b3b3b3, .edx = 0xd2d2d2d2, .ecx = 0xc1c1c1c1,
		.eax = 0xa0a0a0a0, .eflags = EFLAGS_FIXED | EFLAGS_IF,
	};
}

/**
 * raw_kernel - a start in ring 1
 * @start: filled with recognisable values
 * @eip: where
 */
void raw_kernel(struct raw_regs *start, const void *eip)
{
	start_anywhere(start);
	start->eip = (u32)eip;
	start->cs = KERNEL_CS;
	start->ds = KERNEL_DS;
	start->es = KERNEL_DS;
	start->ss = KERNEL_DS;
	start->esp = (u32)raw_trap_stack + 2 * PAGE_SIZE;
}

/**
 * raw_user - a start in ring 3
 * @start: filled with recognisable values
 * @eip: where, as the kernel sees it: the program runs in USER_IMAGE
 */
void raw_user(struct raw_regs *start, const void *eip)
{
	start_anywhere(start);
	start->eip = user_addr(eip);
	start->cs = USER_CS;
	start->ds = USER_DS;
	start->es = USER_DS;
	start->ss = USER_DS;
	start->esp = user_addr(raw_trap_stack + PAGE_SIZE);
}

/**
 * raw_run - run until a trap comes through one of our gates
 * @start: the registers; @raw has the result
 */
void raw_run(const struct raw_regs *start)
{
	static struct raw_regs copy;
	u32 flags = lguest_data.irq_enabled;

	memset(&raw, 0xee, sizeof(raw));
	copy = *start;
	if (!context_save(&raw_back))
		raw_enter(&copy);
	asm volatile("movl %0, %%fs\n\tmovl %0, %%gs" : : "r" (0));
	irq_restore(flags);
}

/* A test result that shows what came when it was wrong. */
bool raw_ok(bool good, const char *fmt, ...)
{
	char title[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(title, sizeof(title), fmt, ap);
	va_end(ap);
	if (ok(good, "%s", title))
		return true;
	diag("gate %u, irq_enabled 0x%x, flags 0x%x, eax %x, esp %x:%x",
	     raw.vector, raw.irq_enabled, raw.live_eflags, raw.regs.eax,
	     raw.regs.ss, raw.regs.esp);
	diag("frame %x %x %x %x %x %x", raw.word[0], raw.word[1], raw.word[2],
	     raw.word[3], raw.word[4], raw.word[5]);
	return false;
}

/* The usual question. */
bool raw_trapped(u32 vector, bool has_error, u32 error, u32 eip)
{
	return raw.vector == vector && (!has_error || raw.word[0] == error) &&
	       RAW_EIP(has_error) == eip;
}

/* After paging_init(): the user's view of the image, and a stack for traps. */
void raw_init(void)
{
	u32 addr;

	for (addr = LOAD_PHYS; addr < phys(__image_end); addr += PAGE_SIZE) {
		if (!map_page(kernel_pgdir, USER_IMAGE + addr,
			      addr | PTE_P | PTE_RW | PTE_US))
			panic("no memory for the user's view of the image");
	}
	raw_stack((u32)raw_trap_stack + 2 * PAGE_SIZE, 1);
}
