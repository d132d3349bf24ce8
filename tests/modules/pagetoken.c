// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/pagetoken plays the host of this host, which has swapped out one of its pages:
 * "arm" says on CPU 0 that the next page fault is none, as KVM would, "wake" that all
 * such pages are there again.  Reading it tells whether somebody has asked since.
 * The kernel's own handler does not ask on a machine that is no guest of KVM's.
 *
 * Where KVM would say it is a variable of the kernel's that modules cannot name; the
 * function that asks has its address at its start.
 */
#include <linux/cpu.h>
#include <linux/kvm_para.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "host.h"

static struct kvm_vcpu_pv_apf_data __percpu *reason;

/* What it asks first is "enabled". */
static bool find_reason(void)
{
	unsigned long enabled = first_percpu_address((const u8 *)kvm_read_and_reset_apf_flags);

	if (!enabled)
		return false;
	enabled -= offsetof(struct kvm_vcpu_pv_apf_data, enabled);
	reason = (void __percpu __force *)enabled;
	return true;
}

static void arm(void *unused)
{
	struct kvm_vcpu_pv_apf_data *mine = this_cpu_ptr(reason);

	mine->flags = KVM_PV_REASON_PAGE_NOT_PRESENT;
	mine->enabled = 1;
}

static void disarm(void *unused)
{
	struct kvm_vcpu_pv_apf_data *mine = this_cpu_ptr(reason);

	mine->enabled = 0;
	mine->flags = 0;
}

static void wake(void *unused)
{
	kvm_async_pf_task_wake(~0U);
}

static ssize_t pagetoken_write(struct file *file, const char __user *buf, size_t size,
			       loff_t *pos)
{
	char word[8] = "";

	if (copy_from_user(word, buf, min(size, sizeof(word) - 1)))
		return -EFAULT;
	if (strstarts(word, "arm")) {
		smp_call_function_single(0, arm, NULL, 1);
	} else if (strstarts(word, "wake")) {
		smp_call_function_single(0, disarm, NULL, 1);
		on_each_cpu(wake, NULL, 1);
	} else {
		return -EINVAL;
	}
	return size;
}

static int pagetoken_show(struct seq_file *m, void *v)
{
	seq_puts(m, per_cpu_ptr(reason, 0)->flags ? "waits\n" : "taken\n");
	return 0;
}

static int pagetoken_open(struct inode *inode, struct file *file)
{
	return single_open(file, pagetoken_show, NULL);
}

static const struct proc_ops pagetoken_ops = {
	.proc_open	= pagetoken_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
	.proc_write	= pagetoken_write,
};

static int __init pagetoken_init(void)
{
	if (!find_reason())
		return -ENODEV;
	return proc_create("pagetoken", 0600, NULL, &pagetoken_ops) ? 0 : -ENOMEM;
}

static void __exit pagetoken_exit(void)
{
	remove_proc_entry("pagetoken", NULL);
	smp_call_function_single(0, disarm, NULL, 1);
}

module_init(pagetoken_init);
module_exit(pagetoken_exit);
MODULE_DESCRIPTION("Plays the host of the host, for tests");
MODULE_LICENSE("GPL");
