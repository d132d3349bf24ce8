// SPDX-License-Identifier: GPL-2.0
/*
 * Holds the lock of a process's address space, as the process itself can do with
 * the help of a file system that never answers.  A test writes the number of the
 * process to the parameter, and 0 to let go.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>

static struct mm_struct *held;

static void let_go(void)
{
	if (!held)
		return;
	mmap_write_unlock(held);
	mmput(held);
	held = NULL;
}

static struct mm_struct *mm_of(int number)
{
	struct pid *pid = find_get_pid(number);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mm_struct *mm = task ? get_task_mm(task) : NULL;

	if (task)
		put_task_struct(task);
	put_pid(pid);
	return mm;
}

static int set_process(const char *text, const struct kernel_param *param)
{
	int number, err = kstrtoint(text, 0, &number);

	if (err)
		return err;
	let_go();
	if (!number)
		return 0;
	held = mm_of(number);
	if (!held)
		return -ESRCH;
	mmap_write_lock(held);
	return 0;
}

static const struct kernel_param_ops process_ops = {
	.set = set_process,
};

module_param_cb(process, &process_ops, NULL, 0200);
MODULE_PARM_DESC(process, "the process whose lock to hold; 0: none");

static int __init lockholder_init(void)
{
	return 0;
}

static void __exit lockholder_exit(void)
{
	let_go();
}

module_init(lockholder_init);
module_exit(lockholder_exit);
MODULE_DESCRIPTION("Holds the lock of an address space, for tests");
MODULE_LICENSE("GPL");
