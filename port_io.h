/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decoding IN and OUT: a pure function of the bytes at eip, which also compiles
 * in user space for the unit tests.  (Processor manual, volume 2: IN, OUT,
 * "Instruction Prefixes".)
 */
#ifndef LGUEST_PORT_IO_H
#define LGUEST_PORT_IO_H

#include <linux/types.h>

#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* The CPU refuses anything longer, however many prefixes it has. */
#define MAX_INSN_LEN		15

/**
 * struct port_io - an IN or OUT instruction
 * @len: bytes of the instruction
 * @mask: the bits of eax that take part
 * @is_in: the direction
 */
struct port_io {
	__u8 len;
	__u32 mask;
	bool is_in;
};

/* Prefixes that mean nothing to IN and OUT.  LOCK is not one: it faults. */
static inline bool port_io_ignores(__u8 prefix)
{
	switch (prefix) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x67:
	case 0xf2:
	case 0xf3:
		return true;
	default:
		return false;
	}
}

/*
 * @insn: @avail bytes of a 32-bit code segment.  False if this is no IN or OUT
 * that could be executed, or if it is not all there.
 */
static inline bool port_io_decode(const __u8 *insn, __u8 avail,
				  struct port_io *io)
{
	bool is_16bit = false;
	__u8 opcode, i;

	for (i = 0; i < avail; i++) {
		if (insn[i] == 0x66)
			is_16bit = true;
		else if (!port_io_ignores(insn[i]))
			break;
	}
	if (i >= avail)
		return false;
	opcode = insn[i];
	/* 1110 x1dw: x tells dx from an immediate, d out from in, w the width */
	if ((opcode & 0xf4) != 0xe4)
		return false;
	io->len = opcode & 8 ? i + 1 : i + 2;
	if (io->len > avail)
		return false;
	io->is_in = !(opcode & 2);
	if (!(opcode & 1))
		io->mask = 0xff;
	else
		io->mask = is_16bit ? 0xffff : 0xffffffff;
	return true;
}

#endif /* LGUEST_PORT_IO_H */
