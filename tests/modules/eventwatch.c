// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/eventwatch: counts the NMIs and machine checks that somebody outside of
 * the machine sends, and how many of them lguest.ko passed on to the host's
 * handlers.  What is written there ("COUNT EVENTS COMMAND") goes out through an
 * I/O port, for tests/lib/outside.pl to send: COUNT times, each time when as many
 * EVENTS as the command makes have been announced at that port.  The write ends
 * when all have come, or when none came for long.
 * An event is announced when interrupts are on again, so that the next one does
 * not find its handler's return address, and is not taken for it.
 */
#include <linux/io.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <asm/mce.h>
#include <asm/nmi.h>
#include <asm/segment.h>
#include <asm/trapnr.h>
#include "host.h"

#define PATIENCE	(30 * HZ)
#define INT_OPCODE	0xcd
#define INT_SIZE	2

static unsigned int port = 0xe9;
module_param(port, uint, 0444);
MODULE_PARM_DESC(port, "where to tell the world outside (0xe9)");

static DEFINE_MUTEX(write_lock);
static DECLARE_WAIT_QUEUE_HEAD(all_came);
static DEFINE_PER_CPU(struct irq_work, announcement);
static atomic_t came, nmis, nmis_passed_on, mces, mces_passed_on;
static unsigned int awaited;

static bool all_have_come(void)
{
	return (unsigned int)atomic_read(&came) >= READ_ONCE(awaited);
}

static void announce(void)
{
	atomic_inc(&came);
	if (all_have_come())
		wake_up(&all_came);
	outb('!', port);
}

static void announce_nmi(struct irq_work *work)
{
	announce();
}

/* Was this handler called by an "int" in the kernel?  Only lguest.ko has one. */
static bool by_int(unsigned long ip, u8 vector)
{
	const u8 *insn = (const u8 *)ip - INT_SIZE;

	return offset_in_page(ip) >= INT_SIZE && insn[0] == INT_OPCODE &&
	       insn[1] == vector;
}

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	if (all_have_come())
		return NMI_DONE;
	atomic_inc(&nmis);
	if (!user_mode(regs) && by_int(regs->ip, X86_TRAP_NMI))
		atomic_inc(&nmis_passed_on);
	irq_work_queue(this_cpu_ptr(&announcement));
	return NMI_HANDLED;
}

/* A guest's is recorded as one of user space, with a selector of the guest's. */
static bool is_guests(const struct mce *m)
{
	if ((m->cs & SEGMENT_RPL_MASK) == USER_RPL)
		return !is_programs_cs(m->cs);
	return m->cs == __KERNEL_CS && by_int(m->ip, X86_TRAP_MC);
}

static int on_mce(struct notifier_block *nb, unsigned long unused, void *data)
{
	struct mce *m = data;

	if (all_have_come())
		return NOTIFY_DONE;
	atomic_inc(&mces);
	if (is_guests(m))
		atomic_inc(&mces_passed_on);
	m->kflags |= MCE_HANDLED_EDAC;	/* not to be logged */
	announce();
	return NOTIFY_OK;
}

static struct notifier_block mce_notifier = {
	.notifier_call = on_mce,
	.priority = MCE_PRIO_EDAC,
};

static int wait_for_all(void)
{
	while (!all_have_come()) {
		int before = atomic_read(&came);

		wait_event_interruptible_timeout(all_came, all_have_come(),
						 PATIENCE);
		if (signal_pending(current))
			return -EINTR;
		if (before == atomic_read(&came))
			return -ETIMEDOUT;
	}
	return 0;
}

static int ask_and_wait(const char *request)
{
	unsigned int count, events;
	int err;

	if (sscanf(request, "%u %u", &count, &events) != 2)
		return -EINVAL;
	WRITE_ONCE(awaited, atomic_read(&came) + count * events);
	while (*request)
		outb(*request++, port);
	err = wait_for_all();
	WRITE_ONCE(awaited, 0);
	return err;
}

static ssize_t eventwatch_write(struct file *file, const char __user *buf,
				size_t size, loff_t *pos)
{
	char *request = memdup_user_nul(buf, size);
	int err;

	if (IS_ERR(request))
		return PTR_ERR(request);
	mutex_lock(&write_lock);
	err = ask_and_wait(request);
	mutex_unlock(&write_lock);
	kfree(request);
	return err ?: size;
}

static int eventwatch_show(struct seq_file *m, void *v)
{
	seq_printf(m, "nmis %d\n", atomic_read(&nmis));
	seq_printf(m, "nmis_passed_on %d\n", atomic_read(&nmis_passed_on));
	seq_printf(m, "mces %d\n", atomic_read(&mces));
	seq_printf(m, "mces_passed_on %d\n", atomic_read(&mces_passed_on));
	return 0;
}

static int eventwatch_open(struct inode *inode, struct file *file)
{
	return single_open(file, eventwatch_show, NULL);
}

static const struct proc_ops eventwatch_ops = {
	.proc_open	= eventwatch_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
	.proc_write	= eventwatch_write,
};

static int __init eventwatch_init(void)
{
	int cpu, err;

	for_each_possible_cpu(cpu)
		init_irq_work(per_cpu_ptr(&announcement, cpu), announce_nmi);
	err = register_nmi_handler(NMI_LOCAL, on_nmi, 0, "eventwatch");
	if (err)
		return err;
	mce_register_decode_chain(&mce_notifier);
	if (proc_create("eventwatch", 0600, NULL, &eventwatch_ops))
		return 0;
	mce_unregister_decode_chain(&mce_notifier);
	unregister_nmi_handler(NMI_LOCAL, "eventwatch");
	return -ENOMEM;
}

static void __exit eventwatch_exit(void)
{
	int cpu;

	remove_proc_entry("eventwatch", NULL);
	mce_unregister_decode_chain(&mce_notifier);
	unregister_nmi_handler(NMI_LOCAL, "eventwatch");
	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&announcement, cpu));
}

module_init(eventwatch_init);
module_exit(eventwatch_exit);
MODULE_DESCRIPTION("Counts NMIs and machine checks from outside, for tests");
MODULE_LICENSE("GPL");
