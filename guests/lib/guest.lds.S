/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a guest's parts go.  The launcher copies each segment to its physical
 * address; the guest runs at PAGE_OFFSET above that from its first instruction.
 */
#include "layout.h"

OUTPUT_FORMAT("elf32-i386")
OUTPUT_ARCH(i386)
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = PAGE_OFFSET + LOAD_PHYS;

	.text : AT(ADDR(.text) - PAGE_OFFSET) {
		*(.text.start)
		*(.text .text.*)
		*(.rodata .rodata.*)
	} :text

	. = ALIGN(PAGE_SIZE);
	.data : AT(ADDR(.data) - PAGE_OFFSET) {
		*(.data .data.*)
	} :data

	.bss : AT(ADDR(.bss) - PAGE_OFFSET) {
		. = ALIGN(4);
		__bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(4);
		__bss_end = .;
	} :data

	. = ALIGN(PAGE_SIZE);
	__image_end = .;

	/DISCARD/ : {
		*(.comment)
		*(.note .note.*)
		*(.eh_frame)
	}
}
