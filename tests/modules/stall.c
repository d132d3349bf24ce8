// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/stall: stops a task inside the kernel, where a test needs it to be.  What is
 * written there is "FUNCTION PID": the next time that this task calls the function,
 * it goes to sleep instead; with "go" it makes the call after all.  What is read is
 * "idle", "armed", or "stalled" once the task sleeps.  It sleeps until it is told to
 * go on, whatever signals it gets, but no longer than the parameter says.
 * The call is diverted: a probe at the function's entry changes the instruction
 * pointer, so the function must be one in which its caller may sleep.
 */
#include <linux/kprobes.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/objtool.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include "host.h"

static unsigned int patience = 60;
module_param(patience, uint, 0444);
MODULE_PARM_DESC(patience, "seconds after which a task goes on by itself (60)");

enum { IDLE, ARMED, STALLED };

static const char * const state_names[] = { "idle", "armed", "stalled" };

static DEFINE_MUTEX(write_lock);
static DECLARE_WAIT_QUEUE_HEAD(wait_to_go);
static char function[KSYM_NAME_LEN];
static struct kprobe probe = { .symbol_name = function };
static bool has_probe;
static pid_t pid;
static atomic_t state;

static unsigned long target;

static void stall(void)
{
	wait_event_timeout(wait_to_go, atomic_read(&state) == IDLE, patience * HZ);
	atomic_set(&state, IDLE);
}

/* Registers hold the call's arguments, and the stack's top its return address. */
static __naked void diversion(void)
{
	asm volatile(SAVE_ARGUMENTS
		     "call %P0\n\t"
		     RESTORE_ARGUMENTS
		     PUSH_WORD " %1\n\t"
		     ASM_RET
		     : : "i" (stall), "m" (target));
}

STACK_FRAME_NON_STANDARD(diversion);

static int on_call(struct kprobe *unused, struct pt_regs *regs)
{
	if (current->pid != READ_ONCE(pid) ||
	    atomic_cmpxchg(&state, ARMED, STALLED) != ARMED)
		return 0;
	regs->ip = (unsigned long)diversion;
	return 1;
}

/* Nobody is stalled: so nobody is on the way to the old function. */
static int arm(const char *name, pid_t task)
{
	int err;

	if (has_probe)
		unregister_kprobe(&probe);
	has_probe = false;
	strscpy(function, name, sizeof(function));
	memset(&probe, 0, sizeof(probe));
	probe.symbol_name = function;
	probe.pre_handler = on_call;
	err = register_kprobe(&probe);
	if (err)
		return err;
	has_probe = true;
	target = (unsigned long)probe.addr;
	WRITE_ONCE(pid, task);
	atomic_set(&state, ARMED);
	return 0;
}

static int obey(const char *request)
{
	char name[KSYM_NAME_LEN];
	pid_t task;

	if (!strcmp(request, "go")) {
		atomic_set(&state, IDLE);
		wake_up(&wait_to_go);
		return 0;
	}
	if (sscanf(request, "%127s %d", name, &task) != 2)
		return -EINVAL;
	return atomic_read(&state) == IDLE ? arm(name, task) : -EBUSY;
}

static ssize_t stall_write(struct file *file, const char __user *buf, size_t size, loff_t *pos)
{
	char request[KSYM_NAME_LEN + 16] = "";
	int err;

	if (size >= sizeof(request))
		return -EINVAL;
	if (copy_from_user(request, buf, size))
		return -EFAULT;
	mutex_lock(&write_lock);
	err = obey(strim(request));
	mutex_unlock(&write_lock);
	return err ?: size;
}

static int stall_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%s\n", state_names[atomic_read(&state)]);
	return 0;
}

static int stall_open(struct inode *inode, struct file *file)
{
	return single_open(file, stall_show, NULL);
}

static const struct proc_ops stall_ops = {
	.proc_open	= stall_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
	.proc_write	= stall_write,
};

static int __init stall_init(void)
{
	return proc_create("stall", 0600, NULL, &stall_ops) ? 0 : -ENOMEM;
}

static void __exit stall_exit(void)
{
	remove_proc_entry("stall", NULL);
	if (has_probe)
		unregister_kprobe(&probe);
}

module_init(stall_init);
module_exit(stall_exit);
MODULE_DESCRIPTION("Stops tasks inside the kernel, for tests");
MODULE_LICENSE("GPL");
