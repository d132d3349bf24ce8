// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's side of the laboratory: its first instructions, gates for all
 * vectors, and the way to ring 3 and back.  All of this runs in the guest,
 * although it is linked into the launcher; the C library must stay out of it,
 * since it wants its thread's segment in gs.
 */
#include <stdarg.h>
#include "mini.h"

static char message[128] __attribute__((aligned(128)));
static u32 saved_esp;

__attribute__((used)) static void start(void);
__attribute__((used)) static void trap(struct frame *f);

__attribute__((naked)) void mini_entry(void)
{
	asm volatile("movl %0, %%esp\n\t"
		     "call %P1" : : "i" (mini.stack[2]), "i" (start));
}

/* Vectors for which the CPU pushes an error code: 8, 10 to 14, 17. */
asm("	.pushsection .text\n"
	"	.balign	16\n"
	"	.globl	mini_trap_stubs\n"
	"mini_trap_stubs:\n"
	"	.set	vector, 0\n"
	"	.rept	65\n"
	"	.balign	16\n"
	"	.if	!((vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17))\n"
	"	pushl	$0\n"
	"	.endif\n"
	"	.if	vector == 64\n"
	"	pushl	$0x80\n"
	"	.else\n"
	"	pushl	$vector\n"
	"	.endif\n"
	"	jmp	mini_trap_common\n"
	"	.set	vector, vector + 1\n"
	"	.endr\n"
	"mini_trap_common:\n"
	"	pushal\n"
	"	pushl	%ds\n"
	"	pushl	%es\n"
	"	pushl	%fs\n"
	"	pushl	%gs\n"
	"	cld\n"
	"	movl	$0x69, %eax\n"
	"	movl	%eax, %ds\n"
	"	movl	%eax, %es\n"
	"	movl	%esp, %eax\n"
	"	pushl	%eax\n"
	"	call	trap\n"
	"	addl	$4, %esp\n"
	"	popl	%gs\n"
	"	popl	%fs\n"
	"	popl	%es\n"
	"	popl	%ds\n"
	"	popal\n"
	"	addl	$8, %esp\n"
	"	iret\n"
	"	.popsection");

static char *put_number(char *to, u32 n, u32 base)
{
	char digits[12];
	int i = 0;

	do {
		digits[i++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	while (i)
		*to++ = digits[--i];
	return to;
}

static char *put_argument(char *to, char what, va_list *args)
{
	const char *s;
	int n;

	switch (what) {
	case 's':
		for (s = va_arg(*args, const char *); *s; s++)
			*to++ = *s;
		return to;
	case 'x':
		return put_number(to, va_arg(*args, u32), 16);
	case 'd':
		n = va_arg(*args, int);
		if (n < 0)
			*to++ = '-';
		return put_number(to, n < 0 ? -n : n, 10);
	default:
		return put_number(to, va_arg(*args, u32), 10);
	}
}

static void classic_end(u32 text)
{
	hcall1(LHCALL_CRASH, text);
}

/* The guests of another laboratory have a way of their own. */
void (*mini_end_it)(u32 text) = classic_end;

/**
 * crash_at() - end with whatever text is there
 * @text: its guest-physical address
 */
void crash_at(u32 text)
{
	for (;;)
		mini_end_it(text);
}

/**
 * crash() - end, and say something
 * @fmt: knows %s %u %d %x; at most 127 characters come out
 */
void crash(const char *fmt, ...)
{
	char *to = message;
	va_list args;

	va_start(args, fmt);
	for (; *fmt; fmt++) {
		if (*fmt == '%')
			to = put_argument(to, *++fmt, &args);
		else
			*to++ = *fmt;
	}
	va_end(args);
	*to = '\0';
	crash_at((u32)message);
}

/**
 * mini_set_gate() - let a vector lead to trap()
 * @vector: 0 to 63, or 0x80
 * @type: GATE_TRAP or GATE_INTERRUPT, with a DPL
 */
void mini_set_gate(u32 vector, u32 type)
{
	u32 index = vector == SYSCALL_VECTOR ? 64 : vector;
	u32 stub = (u32)mini_trap_stubs + 16 * index;

	hcall(LHCALL_LOAD_IDT_ENTRY, vector, KERNEL_CS << 16 | (stub & 0xffff),
	      (stub & 0xffff0000) | type);
}

static void set_gates(void)
{
	u32 vector;

	/* Gates of this type are never direct. */
	for (vector = 0; vector < 64; vector++)
		mini_set_gate(vector, GATE_INTERRUPT);
	mini_set_gate(SYSCALL_VECTOR, GATE_TRAP | GATE_DPL3);
}

static void start(void)
{
	if (!mini.no_init)
		hcall1(LHCALL_LGUEST_INIT, &mini.data);
	if (!mini.no_init && !mini.no_root)
		mini_load_root();
	if (!mini.no_init && !mini.no_traps)
		set_gates();
	mini.main();
	crash("done");
}

static void trap(struct frame *f)
{
	mini.traps++;
	if (mini.recover && f->vector < 32) {
		mini.trapped = f->vector;
		mini.trap_errcode = f->errcode;
		mini.trap_eip = f->eip;
		mini.trap_cr2 = mini.data.cr2;
		f->eip = mini.recover;
		mini.recover = 0;
		return;
	}
	if (mini.on_trap) {
		mini.on_trap(f);
		return;
	}
	crash("trap %u at %x errcode %x", f->vector, f->eip, f->errcode);
}

/**
 * mini_try() - call a function that may fault
 * @f: a function that changes no segment register for good
 *
 * Return: the vector of its fault, or -1 if it had none.
 */
int mini_try(void (*f)(void))
{
	mini.trapped = -1;
	asm volatile("movl $1f, %0\n\t"
		     "movl %%esp, %1\n\t"
		     "call *%2\n"
		     "1:\tmovl %1, %%esp\n\t"
		     "cld"
		     : "=m" (mini.recover), "+m" (saved_esp)
		     : "r" (f)
		     : "eax", "ebx", "ecx", "edx", "esi", "edi", "memory", "cc");
	mini.recover = 0;
	return mini.trapped;
}

/**
 * mini_load_gdt() - add segments for ring 3, or whatever mini.gdt holds
 */
void mini_load_gdt(void)
{
	static const u32 high[] = { KERNEL_CODE, KERNEL_DATA, USER_CODE, USER_DATA };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(high); i++) {
		mini.gdt[KERNEL_CS / 8 + i][0] = FLAT_LOW;
		mini.gdt[KERNEL_CS / 8 + i][1] = high[i];
	}
	hcall2(LHCALL_LOAD_GDT, mini.gdt, GDT_ENTRIES);
}

void mini_irqs(bool on)
{
	*(volatile u32 *)&mini.data.irq_enabled = on ? FL_IF : 0;
}

/**
 * mini_enter_user() - go to ring 3, with interrupts
 * @f: where to; it ends in a trap
 * @esp: the top of its stack
 *
 * The GDT must be loaded, and the kernel's stack be known to the host.  The kernel starts
 * at the top of that again with each trap, so this never comes back: on_trap() goes on
 * from there.
 */
void mini_enter_user(void (*f)(void), u32 esp)
{
	asm volatile("movl %0, %%ds\n\t"
		     "movl %0, %%es\n\t"
		     "pushl %0\n\t"
		     "pushl %1\n\t"
		     "pushl $0x202\n\t"
		     "pushl %2\n\t"
		     "pushl %3\n\t"
		     "iret"
		     : : "r" (USER_DS), "r" (esp), "i" (USER_CS), "r" (f)
		     : "memory");
	__builtin_unreachable();
}

/**
 * mini_user() - run a function in ring 3, with interrupts
 * @f: never returns; it ends by mini_user_exit() or in a trap
 *
 * As mini_enter_user(), which the stacks of struct mini are for.
 */
void mini_user(void (*f)(void))
{
	hcall(LHCALL_SET_STACK, KERNEL_DS, STACK_TOP - 0x400, 2);
	mini_enter_user(f, USTACK_TOP);
}

/**
 * guest_spin() - compute until the launcher has had enough
 */
void guest_spin(void)
{
	for (;;)
		(*(volatile u32 *)mini.scratch[3])++;
}

/**
 * hcall_later() - leave a call in the ring
 * @slot: 0 to 63
 * @call: and its arguments, as for hcall()
 * @arg1: -
 * @arg2: -
 * @arg3: -
 */
void hcall_later(u32 slot, u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	volatile u8 *status = &mini.data.hcall_status[slot];

	mini.data.hcalls[slot] = (struct lguest_ring_entry) {
		call, arg1, arg2, arg3
	};
	asm volatile("" : : : "memory");
	*status = LHCALL_RING_READY;
}
