// SPDX-License-Identifier: GPL-2.0
/*
 * Birth and death of processes.
 */
#include "tiny.h"

#define FIRST_PROGRAM	"init"

struct proc procs[PROCS];

static u32 last_pid;
static struct proc *init;

/* Where the frame of ring 3 lies whenever the process is in the kernel. */
struct trap_frame *proc_frame(struct proc *p)
{
	return (struct trap_frame *)(p->kstack + KSTACK_PAGES * PAGE_SIZE) - 1;
}

void procs_init(void)
{
	u32 i;

	for (i = 0; i < PROCS; i++) {
		procs[i].kstack = page_alloc_run(KSTACK_PAGES);
		if (!procs[i].kstack)
			panic("no memory for kernel stacks; give more --mem");
	}
}

/* A process whose first act in the kernel will be @entry. */
static struct proc *proc_new(void (*entry)(void))
{
	struct proc *p;
	u32 *sp;

	for (p = procs; p < procs + PROCS; p++) {
		if (p->state != FREE)
			continue;
		sp = (u32 *)proc_frame(p);
		*--sp = 0;		/* nobody called @entry */
		*--sp = (u32)entry;
		sp -= 4;		/* what context_switch() pops */
		p->esp = (u32)sp;
		p->pid = ++last_pid;
		p->killed = false;
		p->wake_at = 0;
		p->ticks = 0;
		p->parent = NULL;
		p->pgdir = NULL;
		return p;
	}
	return NULL;
}

/* The first process: it mounts the disk and becomes a program. */
static void first_start(void)
{
	struct trap_frame *frame = proc_frame(current);
	int err;

	disk_mount();
	err = exec(FIRST_PROGRAM, 0, frame);
	if (err)
		panic("cannot run %s from the disk: error %d", FIRST_PROGRAM,
		      err);
	return_to_frame(frame);
}

void proc_start_first(void)
{
	init = proc_new(first_start);
	init->pgdir = pgdir_new();
	if (!init->pgdir)
		panic("no memory for the first process; give more --mem");
	files_open_console(init);
	init->state = RUNNABLE;
}

static void fork_return(void)
{
	before_user();
	return_to_frame(proc_frame(current));
}

int proc_fork(struct trap_frame *frame)
{
	struct proc *child = proc_new(fork_return);
	pte_t *pgdir;

	if (!child)
		return -EAGAIN;
	pgdir = vm_copy(current->pgdir);
	if (!pgdir)
		return -ENOMEM;
	child->pgdir = pgdir;
	child->parent = current;
	child->heap_start = current->heap_start;
	child->heap_end = current->heap_end;
	memcpy(child->files, current->files, sizeof(child->files));
	memcpy(child->name, current->name, sizeof(child->name));
	fpu_fork(child);
	*proc_frame(child) = *frame;
	proc_frame(child)->eax = 0;
	child->state = RUNNABLE;
	return child->pid;
}

/* Orphans become init's, which waits for everybody. */
static void orphan(struct proc *parent)
{
	struct proc *p;

	for (p = procs; p < procs + PROCS; p++) {
		if (p->state == FREE || p->parent != parent)
			continue;
		p->parent = init;
		if (p->state == ZOMBIE)
			wake(init);
	}
}

void proc_exit(u32 status)
{
	struct proc *p = current;

	irq_disable();
	if (p == init)
		panic("%s ended with status %x", FIRST_PROGRAM, status);
	orphan(p);
	fpu_forget(p);
	/* Not the tables that the CPU stands on. */
	pgdir_switch(kernel_pgdir);
	vm_free(p->pgdir);
	p->pgdir = NULL;
	p->status = status;
	p->state = ZOMBIE;
	wake(p->parent);
	schedule();
	panic("the dead walk: pid %u", p->pid);
}

/*
 * The pid of a child that has ended and is now forgotten.  0: none yet, and
 * the caller would not wait.
 */
int proc_wait(int pid, u32 *status, bool hang)
{
	struct proc *p;
	bool any;

	do {
		any = false;
		for (p = procs; p < procs + PROCS; p++) {
			if (p->state == FREE || p->parent != current ||
			    (pid != -1 && p->pid != pid))
				continue;
			any = true;
			if (p->state != ZOMBIE)
				continue;
			p->state = FREE;
			*status = p->status;
			return p->pid;
		}
		if (!any)
			return -ECHILD;
		if (hang)
			sleep_on(current);
	} while (hang && !current->killed);
	return 0;
}

int proc_kill(int pid)
{
	struct proc *p;

	for (p = procs; p < procs + PROCS; p++) {
		if (p->state == FREE || p->state == ZOMBIE || p->pid != pid)
			continue;
		if (p == init)
			return -EINVAL;
		p->killed = true;
		if (p->state == SLEEPING)
			p->state = RUNNABLE;
		return 0;
	}
	return -ESRCH;
}

int proc_info(u32 index, struct proc_info *info)
{
	struct proc *p = &procs[index];

	if (index >= PROCS)
		return -EINVAL;
	if (p->state == FREE)
		return -ENOENT;
	*info = (struct proc_info){
		.pid = p->pid, .ticks = p->ticks,
		.parent = p->parent ? p->parent->pid : 0,
		.pages = p->pgdir ? vm_pages(p->pgdir) : 0,
		.state = p == current ? '*' : "-RSZ"[p->state],
	};
	memcpy(info->name, p->name, NAME_SIZE);
	return 0;
}
