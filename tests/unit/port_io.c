// SPDX-License-Identifier: GPL-2.0
/*
 * port_io.h against a decoder that knows nothing of bit patterns, but has the
 * manual's eight instructions one by one.
 */
#include <string.h>
#include "port_io.h"
#include "unit.h"

static const struct insn {
	__u8 opcode;
	unsigned int bytes;	/* opcode and immediate */
	bool is_in;
	unsigned int width;	/* 0: by operand size */
} insns[] = {
	{ 0xe4, 2, true, 8 },
	{ 0xe5, 2, true, 0 },
	{ 0xe6, 2, false, 8 },
	{ 0xe7, 2, false, 0 },
	{ 0xec, 1, true, 8 },
	{ 0xed, 1, true, 0 },
	{ 0xee, 1, false, 8 },
	{ 0xef, 1, false, 0 },
};

/* Segment, operand size, address size, repeat. */
static const __u8 prefixes[] = {
	0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3
};

static bool is_prefix(__u8 byte)
{
	return memchr(prefixes, byte, sizeof(prefixes));
}

static bool naive(const __u8 *insn, unsigned int avail, struct port_io *io)
{
	unsigned int at = 0, i, width = 32;

	while (at < avail && is_prefix(insn[at])) {
		if (insn[at] == 0x66)
			width = 16;
		at++;
	}
	for (i = 0; at < avail && i < 8; i++) {
		if (insns[i].opcode != insn[at])
			continue;
		if (insns[i].width)
			width = insns[i].width;
		io->len = at + insns[i].bytes;
		io->mask = width == 8 ? 0xff : width == 16 ? 0xffff : 0xffffffff;
		io->is_in = insns[i].is_in;
		return io->len <= avail;
	}
	return false;
}

/* The bytes lie at the end of an array of just their size: no more is read. */
static bool agree(const __u8 *bytes, unsigned int avail)
{
	struct port_io want = {}, got = {};
	__u8 exact[MAX_INSN_LEN];
	const __u8 *insn = exact + MAX_INSN_LEN - avail;
	bool is, should;

	memcpy(exact + MAX_INSN_LEN - avail, bytes, avail);
	should = naive(insn, avail, &want);
	is = port_io_decode(insn, avail, &got);
	if (is == should && (!is || (want.len == got.len && want.mask == got.mask &&
				     want.is_in == got.is_in)))
		return true;
	printf("# %u bytes, %02x %02x %02x...: %d, not %d\n", avail, bytes[0], bytes[1],
	       bytes[2], is, should);
	return false;
}

static bool all_of_three_bytes(void)
{
	__u8 bytes[4] = {};
	unsigned int n, avail;

	for (n = 0; n < 1 << 24; n++) {
		bytes[0] = n;
		bytes[1] = n >> 8;
		bytes[2] = n >> 16;
		/* what follows an opcode and its immediate does not matter */
		if (bytes[2] > 2 && !is_prefix(bytes[0]))
			continue;
		for (avail = 2; avail <= 4; avail++) {
			if (!agree(bytes, avail))
				return false;
		}
	}
	for (n = 0; n < 256; n++) {
		bytes[0] = n;
		if (!agree(bytes, 1) || !agree(bytes, 0))
			return false;
	}
	return true;
}

/* Any number of prefixes of any kind, then any opcode, cut off anywhere. */
static bool long_ones(void)
{
	unsigned int round, n, i, avail, state = 1;
	__u8 bytes[MAX_INSN_LEN + 1];

	for (round = 0; round < 200000; round++) {
		state = state * 1664525 + 1013904223;
		n = (state >> 16) % MAX_INSN_LEN;
		for (i = 0; i < n; i++) {
			state = state * 1664525 + 1013904223;
			bytes[i] = prefixes[(state >> 16) % sizeof(prefixes)];
		}
		for (; i < sizeof(bytes); i++) {
			state = state * 1664525 + 1013904223;
			bytes[i] = state >> 31 ? insns[(state >> 16) % 8].opcode : state >> 16;
		}
		for (avail = 0; avail <= MAX_INSN_LEN; avail++) {
			if (!agree(bytes, avail))
				return false;
		}
	}
	return true;
}

static bool too_long(void)
{
	struct port_io io;
	__u8 bytes[MAX_INSN_LEN];

	memset(bytes, 0x2e, sizeof(bytes));
	if (port_io_decode(bytes, sizeof(bytes), &io))
		return false;
	bytes[14] = 0xec;
	if (!port_io_decode(bytes, sizeof(bytes), &io) || io.len != 15)
		return false;
	bytes[14] = 0xe4;	/* its port would be the sixteenth */
	return !port_io_decode(bytes, sizeof(bytes), &io);
}

int main(void)
{
	result("all of three bytes", all_of_three_bytes());
	result("long ones", long_ones());
	result("fifteen bytes and no more", too_long());
	return done();
}
