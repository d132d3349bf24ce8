// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/flip: a word of a task's memory that changes as soon as it has been read, as
 * another thread might change it in the worst of all moments.  The task writes "ADDR
 * VALUE" there: a breakpoint of its own then waits for the next access to the end of the
 * word at ADDR, be it the kernel's, and stores VALUE.  So whoever fetches twice finds two
 * values.  "OFF" takes the breakpoint away.  What is read is how often a word was
 * changed.
 */
#include <linux/hw_breakpoint.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

static DEFINE_MUTEX(write_lock);
static struct perf_event *breakpoint;
static struct page *page;
static void *window;
static u32 *word, value;
static unsigned int flips;

static void on_access(struct perf_event *event, struct perf_sample_data *data,
		      struct pt_regs *regs)
{
	if (READ_ONCE(*word) == value)
		return;
	WRITE_ONCE(*word, value);
	flips++;
}

static void off(void)
{
	if (breakpoint)
		unregister_hw_breakpoint(breakpoint);
	breakpoint = NULL;
	if (window)
		vunmap(window);
	window = NULL;
	if (page)
		unpin_user_page(page);
	page = NULL;
}

static int on(unsigned long addr, u32 to)
{
	struct perf_event_attr attr;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1) {
		page = NULL;
		return -EFAULT;
	}
	window = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!window)
		return -ENOMEM;
	word = window + offset_in_page(addr);
	value = to;
	hw_breakpoint_init(&attr);
	/* (A copy may go byte by byte, and is one fetch all the same.) */
	attr.bp_addr = addr + sizeof(u32) - 1;
	attr.bp_len = HW_BREAKPOINT_LEN_1;
	attr.bp_type = HW_BREAKPOINT_RW;
	breakpoint = register_user_hw_breakpoint(&attr, on_access, NULL, current);
	if (IS_ERR(breakpoint)) {
		int err = PTR_ERR(breakpoint);

		breakpoint = NULL;
		return err;
	}
	return 0;
}

static int obey(const char *request)
{
	unsigned long addr;
	int err;
	u32 to;

	off();
	if (!strcmp(request, "OFF"))
		return 0;
	if (sscanf(request, "%lx %x", &addr, &to) != 2)
		return -EINVAL;
	err = on(addr, to);
	if (err)
		off();
	return err;
}

static ssize_t flip_write(struct file *file, const char __user *buf, size_t size, loff_t *pos)
{
	char request[40] = "";
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

static int flip_show(struct seq_file *m, void *v)
{
	seq_printf(m, "flips: %u\n", flips);
	return 0;
}

static int flip_open(struct inode *inode, struct file *file)
{
	return single_open(file, flip_show, NULL);
}

static const struct proc_ops flip_ops = {
	.proc_open	= flip_open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
	.proc_write	= flip_write,
};

static int __init flip_init(void)
{
	return proc_create("flip", 0600, NULL, &flip_ops) ? 0 : -ENOMEM;
}

static void __exit flip_exit(void)
{
	remove_proc_entry("flip", NULL);
	off();
}

module_init(flip_init);
module_exit(flip_exit);
MODULE_DESCRIPTION("Changes a word that has just been read, for tests");
MODULE_LICENSE("GPL");
