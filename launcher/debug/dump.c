// SPDX-License-Identifier: GPL-2.0
/*
 * A dump of a guest: an ELF core of i386, with all of its memory as the kernel maps it,
 * its registers, and what its kernel says of itself for those who read dumps
 * (VMCOREINFO), if that is found in its memory.  gdb opens it with the kernel's vmlinux.
 *
 * Pages of zeros become holes of the file.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "dump.h"
#include "guest_memory.h"

#define NOTES_MAX	(2 * PAGE_BYTES)	/* with the headers, before the memory */
#define VMCOREINFO	"VMCOREINFO"
#define CRASH_NOTE	"CORE"
/* What the page begins with, and has somewhere. */
#define INFO_BEGINS	"OSRELEASE="
#define INFO_HAS	"\nPAGESIZE="
#define INFO_MAX	PAGE_BYTES
#define RUN_PAGES	16u			/* that are written at once */

/* struct elf_prstatus of an i386 kernel. */
struct prstatus {
	__u32 info[3];
	__u16 signal, pad;
	__u32 pending, held, pid, ppid, pgrp, sid;
	__u32 times[8];
	__u32 ebx, ecx, edx, esi, edi, ebp, eax, ds, es, fs, gs, orig_eax;
	__u32 eip, cs, eflags, esp, ss;
	__u32 has_fpu;
};

_Static_assert(sizeof(struct prstatus) == 144, "struct elf_prstatus of i386");

/* What comes before the memory. */
struct head {
	Elf32_Ehdr elf;
	Elf32_Phdr notes, memory;
	char text[NOTES_MAX - sizeof(Elf32_Ehdr) - 2 * sizeof(Elf32_Phdr)];
};

static bool is_zero(const char *at, size_t len)
{
	return !*at && !memcmp(at, at + 1, len - 1);
}

/**
 * dump_find_info() - find what a Linux kernel says of itself for dumps
 * @mem: its memory, which may change meanwhile
 * @text: where to; ends with NUL
 *
 * Return: false if there is none.
 */
bool dump_find_info(const struct memory *mem, char text[INFO_MAX + 1])
{
	__u32 at;

	for (at = 0; at + PAGE_BYTES <= mem->ram; at += PAGE_BYTES) {
		if (memcmp(memory_at(mem, at), INFO_BEGINS, strlen(INFO_BEGINS)))
			continue;
		memcpy(text, memory_at(mem, at), INFO_MAX);
		text[INFO_MAX] = '\0';
		if (strstr(text, INFO_HAS))
			return true;
	}
	return false;
}

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* Adds a note behind those that are there. */
static void add_note(struct head *head, const char *name, __u32 type, const void *data, size_t len)
{
	const size_t name_len = strlen(name) + 1;
	const Elf32_Nhdr note = { name_len, len, type };
	char *at = head->text + head->notes.p_filesz;

	memcpy(at, &note, sizeof(note));
	at += sizeof(note);
	memcpy(at, name, name_len);
	memcpy(at + padded(name_len), data, len);
	head->notes.p_filesz += sizeof(note) + padded(name_len) + padded(len);
}

static void add_registers(struct head *head, const struct lguest_debug_regs *regs)
{
	const struct prstatus status = {
		.pid = 1,
		.ebx = regs->ebx, .ecx = regs->ecx, .edx = regs->edx, .esi = regs->esi,
		.edi = regs->edi, .ebp = regs->ebp, .eax = regs->eax, .ds = regs->ds,
		.es = regs->es, .fs = regs->fs, .gs = regs->gs, .orig_eax = ~0u,
		.eip = regs->eip, .cs = regs->cs, .eflags = regs->eflags,
		.esp = regs->esp, .ss = regs->ss,
	};

	add_note(head, CRASH_NOTE, NT_PRSTATUS, &status, sizeof(status));
}

/* As the kernel maps it, as far as it can. */
static void describe_memory(struct head *head, const struct memory *mem, __u32 page_offset)
{
	const __u64 room = (1ull << 32) - page_offset;

	head->memory = (Elf32_Phdr){
		.p_type = PT_LOAD,
		.p_offset = sizeof(*head),
		.p_vaddr = mem->ram <= room ? page_offset : 0,
		.p_paddr = 0,
		.p_filesz = mem->ram,
		.p_memsz = mem->ram,
		.p_flags = PF_R | PF_W | PF_X,
		.p_align = PAGE_BYTES,
	};
}

static void fill(struct head *head, const struct dump_subject *subject)
{
	char info[INFO_MAX + 1];

	memset(head, 0, sizeof(*head));
	memcpy(head->elf.e_ident, ELFMAG, SELFMAG);
	head->elf.e_ident[EI_CLASS] = ELFCLASS32;
	head->elf.e_ident[EI_DATA] = ELFDATA2LSB;
	head->elf.e_ident[EI_VERSION] = EV_CURRENT;
	head->elf.e_type = ET_CORE;
	head->elf.e_machine = EM_386;
	head->elf.e_version = EV_CURRENT;
	head->elf.e_phoff = offsetof(struct head, notes);
	head->elf.e_ehsize = sizeof(head->elf);
	head->elf.e_phentsize = sizeof(head->notes);
	head->elf.e_phnum = 2;
	head->notes.p_type = PT_NOTE;
	head->notes.p_offset = offsetof(struct head, text);
	add_registers(head, &subject->regs);
	if (dump_find_info(subject->mem, info))
		add_note(head, VMCOREINFO, 0, info, strlen(info));
	describe_memory(head, subject->mem, subject->page_offset);
}

/* Pages from @at on that have something in them, at most so many as one write takes. */
static size_t run_of_pages(const struct memory *mem, __u32 at)
{
	size_t len = 0;

	while (len < RUN_PAGES * PAGE_BYTES && at + len < mem->ram &&
	       !is_zero(memory_at(mem, at + len), PAGE_BYTES))
		len += PAGE_BYTES;
	return len;
}

static bool write_all(int fd, const void *from, size_t len, __u64 at)
{
	while (len) {
		const ssize_t n = pwrite(fd, from, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EIO;
			return false;
		}
		from = (const char *)from + n;
		len -= n;
		at += n;
	}
	return true;
}

static bool write_memory(int fd, const struct dump_subject *subject)
{
	const struct memory *mem = subject->mem;
	__u32 at;
	size_t len;

	for (at = 0; at < mem->ram; at += len ? len : PAGE_BYTES) {
		if (subject->too_late()) {
			errno = EINTR;
			return false;
		}
		len = run_of_pages(mem, at);
		if (!write_all(fd, memory_at(mem, at), len, sizeof(struct head) + at))
			return false;
	}
	return true;
}

/**
 * dump_write() - write a dump
 * @fd: a file that can be written anywhere
 * @subject: of whom, who does not run meanwhile
 *
 * Return: false if that fails, as errno says.
 */
bool dump_write(int fd, const struct dump_subject *subject)
{
	struct head head;

	fill(&head, subject);
	return !ftruncate(fd, 0) && !ftruncate(fd, sizeof(head) + (off_t)subject->mem->ram) &&
	       write_all(fd, &head, sizeof(head), 0) && write_memory(fd, subject) &&
	       !fsync(fd);
}
