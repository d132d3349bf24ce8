// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's registers as gdb numbers them: those of i386, of which the host does not
 * give the floating point ones, and behind these what a kernel has.
 */
#include <string.h>

#include "debug.h"

#define FIRST_FLOAT	16u		/* st0 to st7, 10 bytes each */
#define FIRST_CONTROL	24u		/* of the FPU: 8 words */
#define FIRST_SYSTEM	32u

#define WORD_DIGITS	8
#define FLOAT_DIGITS	20

#define XML		"<?xml version=\"1.0\"?>"
#define DOCTYPE		"<!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
#define FEATURE(name)	"<feature name=\"" name "\">"
#define INT(name)	"<reg name=\"" name "\" bitsize=\"32\" type=\"int32\"/>"
#define DATA(name)	"<reg name=\"" name "\" bitsize=\"32\" type=\"data_ptr\"/>"
#define FLOAT(name)	"<reg name=\"" name "\" bitsize=\"80\" type=\"i387_ext\"/>"
#define FPU(name)	"<reg name=\"" name "\" bitsize=\"32\" type=\"int\" group=\"float\"/>"

const char gdb_description[] =
	XML DOCTYPE "<target><architecture>i386</architecture>"
	FEATURE("org.gnu.gdb.i386.core")
	INT("eax") INT("ecx") INT("edx") INT("ebx") DATA("esp") DATA("ebp") INT("esi") INT("edi")
	"<reg name=\"eip\" bitsize=\"32\" type=\"code_ptr\"/>"
	INT("eflags") INT("cs") INT("ss") INT("ds") INT("es") INT("fs") INT("gs")
	FLOAT("st0") FLOAT("st1") FLOAT("st2") FLOAT("st3")
	FLOAT("st4") FLOAT("st5") FLOAT("st6") FLOAT("st7")
	FPU("fctrl") FPU("fstat") FPU("ftag") FPU("fiseg")
	FPU("fioff") FPU("foseg") FPU("fooff") FPU("fop")
	"</feature>" FEATURE("lguest.system")
	INT("cr0") INT("cr2") INT("cr3") INT("cr4") DATA("fs_base") DATA("gs_base")
	"</feature></target>";

#define AT(name)	offsetof(struct lguest_debug_regs, name)

static const size_t integers[FIRST_FLOAT] = {
	AT(eax), AT(ecx), AT(edx), AT(ebx), AT(esp), AT(ebp), AT(esi), AT(edi),
	AT(eip), AT(eflags), AT(cs), AT(ss), AT(ds), AT(es), AT(fs), AT(gs),
};

static const size_t system_words[GDB_REGISTERS - FIRST_SYSTEM] = {
	AT(cr0), AT(cr2), AT(cr3), AT(cr4), AT(fs_base), AT(gs_base),
};

/* Where a register is; NULL if the host does not give it. */
static const __u32 *word(const struct lguest_debug_regs *regs, __u32 nr)
{
	const char *all = (const char *)regs;

	if (nr < FIRST_FLOAT)
		return (const __u32 *)(all + integers[nr]);
	if (nr >= FIRST_SYSTEM && nr < GDB_REGISTERS)
		return (const __u32 *)(all + system_words[nr - FIRST_SYSTEM]);
	return NULL;
}

/**
 * gdb_say_register() - add a register to a reply
 * @reply: the reply
 * @regs: all of them
 * @nr: which
 *
 * Return: false if there is none such.
 */
bool gdb_say_register(struct gdb_reply *reply, const struct lguest_debug_regs *regs, __u32 nr)
{
	const __u32 *value = word(regs, nr);

	if (nr >= GDB_REGISTERS)
		return false;
	if (value)
		gdb_say_hex(reply, value, sizeof(*value));
	else
		gdb_say(reply, nr < FIRST_CONTROL ? "xxxxxxxxxxxxxxxxxxxx" : "xxxxxxxx");
	return true;
}

/**
 * gdb_say_registers() - add all registers to a reply
 * @reply: the reply
 * @regs: them
 */
void gdb_say_registers(struct gdb_reply *reply, const struct lguest_debug_regs *regs)
{
	__u32 nr;

	for (nr = 0; nr < GDB_REGISTERS; nr++)
		gdb_say_register(reply, regs, nr);
}

/**
 * gdb_set_register() - take a register's value
 * @regs: all of them
 * @nr: which
 * @text: its digits
 *
 * Return: false if it cannot be set.
 */
bool gdb_set_register(struct lguest_debug_regs *regs, __u32 nr, const char *text)
{
	__u32 value;

	if (nr >= FIRST_FLOAT || !gdb_bytes(text, sizeof(value), &value))
		return false;
	*(__u32 *)((char *)regs + integers[nr]) = value;
	return true;
}

/**
 * gdb_set_registers() - take the values of all registers
 * @regs: them
 * @text: their digits; those of which gdb knows nothing are 'x', and stay
 *
 * Return: false if it is not as many as there are.
 */
bool gdb_set_registers(struct lguest_debug_regs *regs, const char *text)
{
	__u32 nr;

	if (strlen(text) < FIRST_FLOAT * WORD_DIGITS)
		return false;
	for (nr = 0; nr < FIRST_FLOAT; nr++, text += WORD_DIGITS) {
		if (*text != 'x' && !gdb_set_register(regs, nr, text))
			return false;
	}
	return true;
}
