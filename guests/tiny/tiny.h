/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tiny's kernel: its one structure and its prototypes, grouped by file.
 *
 * The kernel runs with interrupts off, on a stack per process, and gives up
 * the CPU only in schedule(); so what lies between two calls that may sleep
 * needs no lock.  Ring 3 runs with interrupts on and is preempted at will.
 */
#ifndef TINY_H
#define TINY_H

#include "guest.h"
#include "abi.h"

#define PROCS		32
#define FILES		8	/* open at a time in a process */
#define KSTACK_PAGES	2	/* what the host is willing to keep mapped */
#define TICK_NS		10000000
#define FPU_SIZE	512

enum state { FREE, RUNNABLE, SLEEPING, ZOMBIE };

enum file_type { FILE_NONE, FILE_CONSOLE, FILE_DISK };

struct file {
	enum file_type type;
	u32 ino, offset, flags;
};

struct proc {
	u8 fpu[FPU_SIZE] __aligned(16);
	enum state state;
	u32 pid;
	struct proc *parent;
	u32 status;		/* of a zombie */
	bool killed;		/* to die before it sees ring 3 again */
	u32 esp;		/* of its kernel stack, while another runs */
	u8 *kstack;
	pte_t *pgdir;
	u32 heap_start, heap_end;
	const void *channel;	/* what it sleeps for */
	u64 wake_at;
	u32 ticks;
	struct file files[FILES];
	char name[NAME_SIZE];
};

/* proc.c: birth and death */
extern struct proc procs[PROCS];

void procs_init(void);
void proc_start_first(void);
int proc_fork(struct trap_frame *frame);
void proc_exit(u32 status) __noreturn;
int proc_wait(int pid, u32 *status, bool hang);
int proc_kill(int pid);
int proc_info(u32 index, struct proc_info *info);
struct trap_frame *proc_frame(struct proc *p);

/* sched.c, switch.S: who runs */
extern struct proc *current;
extern u32 switches, preemptions;

void schedule(void);
void sleep_on(const void *channel);
void wake(const void *channel);
void sleep_ms(u32 ms);
u32 uptime_ms(void);
void sched_init(void);
void idle_loop(void) __noreturn;
void before_user(void);
void context_switch(u32 *save_esp, u32 load_esp);

/* fpu.c: one FPU for all */
void fpu_init(void);
void fpu_fresh(struct proc *p);
void fpu_fork(struct proc *child);
void fpu_forget(struct proc *p);
void fpu_switch(const struct proc *to);

/* vm.c: address spaces */
extern u32 cow_copies;

void vm_init(void);
u8 *vm_page(pte_t *pgdir, u32 addr, bool writable, bool code);
pte_t *vm_copy(pte_t *pgdir);
void vm_free(pte_t *pgdir);
bool vm_fault(struct proc *p, u32 addr, bool write);
bool vm_reach(u32 addr, u32 len, bool write);
int vm_string(u32 addr, char *buf, u32 size);
u32 vm_pages(pte_t *pgdir);
int vm_sbrk(int more);

/* exec.c: programs from the disk */
int exec(const char *name, u32 user_argv, struct trap_frame *frame);

/* file.c: what a file descriptor is */
void files_open_console(struct proc *p);
int file_open(const char *name, u32 flags);
int file_close(u32 fd);
int file_read(u32 fd, void *buf, u32 len);
int file_write(u32 fd, const void *buf, u32 len);
int file_unlink(const char *name);

/* disk.c: the file system's disk */
void disk_init(void);
void disk_mount(void);
void fs_lock(void);
void fs_unlock(void);

/* tty.c: lines from the keyboard */
extern u32 foreground;

int tty_read(void *buf, u32 len);
void tty_write(const void *buf, u32 len);

/* syscall.c, fault.c: where ring 3 meets us */
void syscall_init(void);
void faults_init(void);

#endif /* TINY_H */
