// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/nmistorm: each write to it sends a number of NMIs to one CPU, each as
 * soon as the one before it has been handled; reading it tells how many were
 * sent and handled.  An NMI that is not handled in good time is lost, and ends the
 * storm.  A test does this while guests run on that CPU.  Whatever it
 * interrupts, the handler must find that CPU's own CR0 and CR4 (but for PGE).
 */
#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
#include <asm/apic.h>
#include <asm/nmi.h>
#include <asm/special_insns.h>

/* so many at a time, to keep the work short in the eyes of its watchdog */
#define BATCH	256
/* for one NMI, on a machine that may be busy with other things */
#define PATIENCE	(10 * HZ)

static unsigned int cpu = 1;
module_param(cpu, uint, 0644);
MODULE_PARM_DESC(cpu, "the CPU that gets the NMIs (1)");

static unsigned int count = 1000;
module_param(count, uint, 0644);
MODULE_PARM_DESC(count, "how many NMIs a write sends (1000)");

static DEFINE_MUTEX(storm_lock);
static unsigned int sent, lost;
static atomic_t handled, wrong_cr;
static DEFINE_PER_CPU(unsigned long, expected_cr0);
static DEFINE_PER_CPU(unsigned long, expected_cr4);
static atomic_t awaited = ATOMIC_INIT(-1);

static unsigned long cr4_but_pge(void)
{
	return __read_cr4() & ~X86_CR4_PGE;
}

static void note_registers(void *unused)
{
	this_cpu_write(expected_cr0, read_cr0());
	this_cpu_write(expected_cr4, cr4_but_pge());
}

static int nmistorm_nmi(unsigned int type, struct pt_regs *regs)
{
	int this_cpu = raw_smp_processor_id();

	if (atomic_cmpxchg(&awaited, this_cpu, -1) != this_cpu)
		return NMI_DONE;
	atomic_inc(&handled);
	if (read_cr0() != this_cpu_read(expected_cr0) ||
	    cr4_but_pge() != this_cpu_read(expected_cr4))
		atomic_inc(&wrong_cr);
	return NMI_HANDLED;
}

static bool send_one(int target)
{
	unsigned long end = jiffies + PATIENCE;

	atomic_set(&awaited, target);
	sent++;
	apic->send_IPI(target, NMI_VECTOR);
	while (atomic_read(&awaited) != -1) {
		if (time_after(jiffies, end))
			return atomic_xchg(&awaited, -1) == -1;
		cpu_relax();
	}
	return true;
}

struct batch {
	int target;
	unsigned int count;
};

static long send_batch(void *data)
{
	struct batch *batch = data;

	for (; batch->count; batch->count--) {
		if (!send_one(batch->target)) {
			lost++;
			return -ETIMEDOUT;
		}
		cond_resched();
	}
	return 0;
}

static long storm(int target, int from)
{
	unsigned int left = count;
	long err = 0;

	while (left && !err) {
		struct batch batch = {
			.target = target,
			.count = min_t(unsigned int, left, BATCH),
		};

		left -= batch.count;
		err = work_on_cpu(from, send_batch, &batch);
		if (signal_pending(current))
			return -EINTR;
	}
	return err;
}

static ssize_t nmistorm_write(struct file *file, const char __user *buf,
			      size_t size, loff_t *pos)
{
	int target = READ_ONCE(cpu), from;
	long err = -ENODEV;

	if (mutex_lock_interruptible(&storm_lock))
		return -EINTR;
	cpus_read_lock();
	from = cpumask_any_but(cpu_online_mask, target);
	if (target < nr_cpu_ids && cpu_online(target) && from < nr_cpu_ids)
		err = storm(target, from);
	cpus_read_unlock();
	mutex_unlock(&storm_lock);
	return err ? err : size;
}

static int nmistorm_show(struct seq_file *m, void *v)
{
	seq_printf(m, "sent %u\nhandled %u\nwrong_cr %u\nlost %u\n",
		   sent, atomic_read(&handled), atomic_read(&wrong_cr), lost);
	return 0;
}

static int nmistorm_open(struct inode *inode, struct file *file)
{
	return single_open(file, nmistorm_show, NULL);
}

static const struct proc_ops nmistorm_ops = {
	.proc_open	= nmistorm_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
	.proc_write	= nmistorm_write,
};

static int __init nmistorm_init(void)
{
	int err;

	on_each_cpu(note_registers, NULL, 1);
	err = register_nmi_handler(NMI_LOCAL, nmistorm_nmi, 0, "nmistorm");
	if (err)
		return err;
	if (!proc_create("nmistorm", 0600, NULL, &nmistorm_ops)) {
		unregister_nmi_handler(NMI_LOCAL, "nmistorm");
		return -ENOMEM;
	}
	return 0;
}

static void __exit nmistorm_exit(void)
{
	remove_proc_entry("nmistorm", NULL);
	unregister_nmi_handler(NMI_LOCAL, "nmistorm");
}

module_init(nmistorm_init);
module_exit(nmistorm_exit);
MODULE_DESCRIPTION("Sends NMIs, for tests");
MODULE_LICENSE("GPL");
