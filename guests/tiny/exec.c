// SPDX-License-Identifier: GPL-2.0
/*
 * Programs from the disk: ELF files for the i386, linked to a fixed address.
 * The new address space is complete before the old one goes, so a bad file
 * leaves the caller as it was.
 */
#include <linux/elf.h>

#include "tiny.h"
#include "fs.h"

#define MAX_SEGMENTS	8

struct image {
	u32 ino;
	pte_t *pgdir;
	u32 entry, end, esp;
};

static int read_exactly(u32 ino, u32 offset, void *buf, u32 len)
{
	int got = fs_read(ino, offset, buf, len);

	if (got < 0)
		return got;
	return got == len ? 0 : -ENOEXEC;
}

static int load_segment(struct image *image, const struct elf32_phdr *ph)
{
	u32 addr = ph->p_vaddr, end = addr + ph->p_memsz;
	u32 file_end = addr + ph->p_filesz, offset = ph->p_offset, part;
	u8 *page;
	int err;

	if (end < addr || addr < USER_TEXT || end > USER_HEAP_MAX ||
	    file_end < addr || file_end > end)
		return -ENOEXEC;
	for (; addr < end; addr += part) {
		part = min(end - addr, PAGE_SIZE - addr % PAGE_SIZE);
		page = vm_page(image->pgdir, addr, ph->p_flags & PF_W,
			       ph->p_flags & PF_X);
		if (!page)
			return -ENOMEM;
		if (addr >= file_end)
			continue;
		err = read_exactly(image->ino, offset, page + addr % PAGE_SIZE,
				   min(part, file_end - addr));
		if (err)
			return err;
		offset += part;
	}
	image->end = max(image->end, end);
	return 0;
}

static int load_segments(struct image *image)
{
	struct elf32_phdr ph[MAX_SEGMENTS];
	struct elf32_hdr eh;
	u32 i;
	int err;

	err = read_exactly(image->ino, 0, &eh, sizeof(eh));
	if (err)
		return err;
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_type != ET_EXEC ||
	    eh.e_machine != EM_386 || eh.e_phentsize != sizeof(*ph) ||
	    eh.e_phnum > MAX_SEGMENTS)
		return -ENOEXEC;
	err = read_exactly(image->ino, eh.e_phoff, ph, eh.e_phnum * sizeof(*ph));
	for (i = 0; i < eh.e_phnum && !err; i++)
		if (ph[i].p_type == PT_LOAD && ph[i].p_memsz)
			err = load_segment(image, &ph[i]);
	image->entry = eh.e_entry;
	return err;
}

/* Copies the arguments of the running process; their number, or an error. */
static int copy_args(u32 user_argv, char *text, u32 *lengths)
{
	u32 used = 0, argc;
	int len;

	for (argc = 0; argc < ARG_COUNT && user_argv; argc++, user_argv += 4) {
		if (!vm_reach(user_argv, 4, false))
			return -EFAULT;
		if (!*(u32 *)user_argv)
			break;
		len = vm_string(*(u32 *)user_argv, text + used,
				ARG_SIZE - used);
		if (len < 0)
			return len;
		lengths[argc] = len + 1;
		used += len + 1;
	}
	return argc;
}

/* Puts argc, argv and the strings on the first page of the new stack. */
static int make_stack(struct image *image, u32 user_argv)
{
	u8 *page = vm_page(image->pgdir, USER_STACK_TOP - 1, true, false);
	u32 base = USER_STACK_TOP - PAGE_SIZE, lengths[ARG_COUNT], at, *sp;
	int argc, i;

	if (!page)
		return -ENOMEM;
	at = PAGE_SIZE - ARG_SIZE;
	argc = copy_args(user_argv, (char *)page + at, lengths);
	if (argc < 0)
		return argc;
	sp = (u32 *)(page + at) - ARG_COUNT - 2;
	image->esp = base + ((u8 *)sp - page);
	*sp++ = argc;
	for (i = 0; i < argc; at += lengths[i++])
		*sp++ = base + at;
	*sp = 0;
	return 0;
}

static void set_name(struct proc *p, const char *name)
{
	memset(p->name, 0, NAME_SIZE);
	memcpy(p->name, name, min(strlen(name), NAME_SIZE - 1));
}

/* The point of no return: @image becomes the running process. */
static void become(struct image *image, const char *name,
		   struct trap_frame *frame)
{
	pte_t *old = current->pgdir;

	set_name(current, name);
	current->pgdir = image->pgdir;
	current->heap_start = (image->end + PAGE_SIZE - 1) & PTE_ADDR;
	current->heap_end = current->heap_start;
	fpu_fresh(current);
	pgdir_switch(image->pgdir);
	vm_free(old);
	user_frame(frame, image->entry, image->esp);
}

/**
 * exec - run another program in this process
 * @name: its file; in kernel memory
 * @user_argv: its arguments, in the process' memory; 0 if there are none
 * @frame: where to put the registers it starts with
 */
int exec(const char *name, u32 user_argv, struct trap_frame *frame)
{
	struct image image = { .pgdir = pgdir_new() };
	int err;

	if (!image.pgdir)
		return -ENOMEM;
	fs_lock();
	err = fs_lookup(name);
	if (err >= 0) {
		image.ino = err;
		err = load_segments(&image);
	}
	fs_unlock();
	if (!err)
		err = make_stack(&image, user_argv);
	if (err)
		vm_free(image.pgdir);
	else
		become(&image, name, frame);
	return err;
}
