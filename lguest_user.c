// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/lguest: one open file is one guest.  A launcher writes requests, and
 * reads to run the guest.  This file knows who may ask for what; guest.c makes a
 * guest, and core.c runs it.
 *
 * The task that initialised the guest is its owner.  Nobody else may run it or
 * touch it, so hardly anything needs a lock; just a few requests may come from
 * other tasks of the launcher (struct launcher_abi, owners).
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "lg.h"

/**
 * struct lguest_file - an open file
 * @lg: its guest, once it has been initialised
 * @launcher: what the launcher says it is, if it does
 * @lock: against two threads that set these; held while the launcher's memory is
 *	touched, which may last for ever, so it is nobody else's, and whoever
 *	waits for it can be killed
 */
struct lguest_file {
	struct lguest *lg;
	const struct launcher_abi *launcher;
	struct mutex lock;	/* of both */
};

/* The top slot is the switcher's, and the kernel needs one too. */
#define PAGE_OFFSET_SLOTS	1023
#define PAGE_OFFSET_SLOT_SHIFT	22

/* A guest has one CPU. */
#define GUEST_CPUS		1

static struct lguest *guest_of(struct file *file)
{
	struct lguest_file *ours = file->private_data;

	/* Pairs with initialize(). */
	return smp_load_acquire(&ours->lg);
}

static bool is_owner(const struct lguest *lg)
{
	return current == lg->vcpu.owner && current->mm == lg->mm;
}

/*
 * A worker of io_uring, say, is no task that a guest could run in: the guest would
 * have registers of somebody else's.
 */
static bool may_own_guests(void)
{
	return compat_has_fpu(current);
}

static int already_initialized(const struct lguest *lg)
{
	if (lg->launcher->always_busy)
		return -EBUSY;
	if (guest_is_dead(lg))
		return -ENOENT;
	return is_owner(lg) ? -EBUSY : -EPERM;
}

/*
 * Fetch the words of LHREQ_INITIALIZE, and see whose they are; word 0 is what
 * arguments are that a form does not have.
 */
static const struct launcher_abi *
read_initialize(const struct lguest_file *ours, const u32 __user *input,
		size_t size, struct initialize_args *args)
{
	const struct launcher_abi *launcher = ours->launcher;
	u32 word[1 + INITIALIZE_WORDS_MAX] = { 0 };

	if (copy_from_user(word + 1, input, min(size, sizeof(word) - sizeof(word[0]))))
		return ERR_PTR(-EFAULT);
	if (!launcher)
		launcher = launcher_of_form(launcher_form(word + 1, size));
	if (!launcher || size != launcher->words * sizeof(word[0]))
		return ERR_PTR(-EINVAL);
	*args = (struct initialize_args){
		.base = word[launcher->base],
		.pfn_limit = word[launcher->pfn_limit],
		.pgdir = word[launcher->pgdir],
		.start = word[launcher->start],
		.page_offset = word[launcher->page_offset],
		.device_limit = word[launcher->device_limit],
	};
	if (args->page_offset >> PAGE_OFFSET_SLOT_SHIFT >= PAGE_OFFSET_SLOTS)
		return ERR_PTR(-EINVAL);
	return launcher;
}

/* With the file's lock held. */
static ssize_t __initialize(struct lguest_file *ours, const u32 __user *input,
			    size_t size, const struct cred *opener)
{
	const struct launcher_abi *launcher;
	struct initialize_args args;
	struct lguest *lg;

	if (!may_own_guests())
		return -EOPNOTSUPP;
	if (ours->lg)
		return already_initialized(ours->lg);
	launcher = read_initialize(ours, input, size, &args);
	if (IS_ERR(launcher))
		return PTR_ERR(launcher);
	lg = create_guest(launcher, &args, opener);
	if (IS_ERR(lg))
		return PTR_ERR(lg);
	/* The guest is complete before anybody can find it. */
	smp_store_release(&ours->lg, lg);
	return size;
}

static ssize_t initialize(struct file *file, const u32 __user *input, size_t size)
{
	struct lguest_file *ours = file->private_data;
	ssize_t ret;

	if (mutex_lock_killable(&ours->lock))
		return -EINTR;
	ret = __initialize(ours, input, size, file->f_cred);
	mutex_unlock(&ours->lock);
	return ret;
}

/* LHREQ_RELEASE: the launcher says which form of the ABI it uses. */
static int set_release(struct lguest_file *ours, u32 release)
{
	const struct launcher_abi *launcher = launcher_of_release(release);
	int err = 0;

	if (mutex_lock_killable(&ours->lock))
		return -EINTR;
	if (ours->lg)
		err = -EBUSY;
	else if (!launcher)
		err = -EINVAL;
	else
		ours->launcher = launcher;
	mutex_unlock(&ours->lock);
	return err;
}

/*
 * The classic launcher must serve its devices while its one task runs the
 * guest: a helper stops the guest, and waits until the launcher has done so.
 */
static long break_guest(struct lguest *lg, u32 on)
{
	if (!on) {
		WRITE_ONCE(lg->break_out, false);
		wake_up(&lg->break_wait);
		return 0;
	}
	WRITE_ONCE(lg->break_out, true);
	wake_guest(lg);
	return wait_event_interruptible(lg->break_wait,
					!READ_ONCE(lg->break_out) ||
					guest_is_dead(lg));
}

/* What launchers of 4.0 and later expect on success. */
#define GETREG_DONE		8
#define SETREG_DONE		12

static long get_register(struct lguest_vcpu *vcpu, u32 offset)
{
	u32 *reg = launcher_register(vcpu, offset, false);

	if (!reg)
		return -ENOENT;
	vcpu->reply.reg_wanted = reg;
	return GETREG_DONE;
}

static long set_register(struct lguest_vcpu *vcpu, u32 offset, u32 value)
{
	u32 *reg = launcher_register(vcpu, offset, true);

	if (!reg)
		return -ENOENT;
	*reg = value;
	return SETREG_DONE;
}

static long do_request(struct lguest_vcpu *vcpu, u32 request, const u32 *arg)
{
	struct lguest *lg = vcpu->lg;

	switch (request) {
	case LHREQ_GETDMA:
		return get_dma(lg, arg[0]);
	case LHREQ_IRQ:
		return raise_irq(vcpu, arg[0]);
	case LHREQ_BREAK:
		return break_guest(lg, arg[0]);
	case LHREQ_EVENTFD:
		return add_eventfd(lg, arg[0], arg[1]);
	case LHREQ_GETREG:
		return get_register(vcpu, arg[0]);
	case LHREQ_SETREG:
		return set_register(vcpu, arg[0], arg[1]);
	case LHREQ_TRAP:
		return launcher_trap(vcpu, arg[0]);
	default:
		return -EINVAL;
	}
}

static bool names_other_cpu(const struct lguest *lg, loff_t off)
{
	return lg->launcher->offset_is_cpu && off >= GUEST_CPUS;
}

static bool is_among(u32 request, u16 requests)
{
	return requests & BIT(min_t(u32, request, REQUEST_OTHER));
}

/* May the caller ask a guest for this, whatever the arguments? */
static int check_request(const struct lguest *lg, u32 request, loff_t off)
{
	if (!lg || names_other_cpu(lg, off))
		return -EINVAL;
	if (guest_is_dead(lg))
		return -ENOENT;
	if (!is_owner(lg) && is_among(request, lg->launcher->owners))
		return -EPERM;
	return is_among(request, lg->launcher->requests) ? 0 : -EINVAL;
}

static bool is_debuggers(u32 request)
{
	return request >= LHREQ_DEBUG && request <= LHREQ_DEBUG_PASS;
}

/*
 * They are the owner's, whatever the launcher's form.  What there is can be asked
 * before there is a guest, and the registers of one that has ended.
 */
static ssize_t debuggers_request(struct lguest *lg, u32 request, const u32 __user *input,
				 size_t size, loff_t off)
{
	if (!lg)
		return request == LHREQ_DEBUG ? debugger_offers(input, size) : -EINVAL;
	if (names_other_cpu(lg, off))
		return -EINVAL;
	if (guest_is_dead(lg) && request != LHREQ_GETREGS)
		return -ENOENT;
	if (!is_owner(lg))
		return -EPERM;
	return debugger_request(&lg->vcpu, request, input, size);
}

static bool has_two_arguments(u32 request)
{
	return request == LHREQ_EVENTFD || request == LHREQ_SETREG;
}

/*
 * A request.  Only as many words as it needs are read, and never more than the
 * caller says there are.
 */
static ssize_t lguest_dev_write(struct file *file, const char __user *in,
				size_t size, loff_t *off)
{
	struct lguest *lg = guest_of(file);
	const u32 __user *input = (const u32 __user *)in;
	u32 request, arg[2] = { 0 }, len;
	int err;

	if (size < sizeof(request))
		return -EINVAL;
	if (get_user(request, input++))
		return -EFAULT;
	size -= sizeof(request);
	if (request == LHREQ_INITIALIZE)
		return initialize(file, input, size);
	if (is_debuggers(request))
		return debuggers_request(lg, request, input, size, *off);
	if (request != LHREQ_RELEASE) {
		err = check_request(lg, request, *off);
		if (err)
			return err;
	}
	len = has_two_arguments(request) ? sizeof(arg) : sizeof(arg[0]);
	if (size < len)
		return -EINVAL;
	if (copy_from_user(arg, input, len))
		return -EFAULT;
	if (request == LHREQ_RELEASE)
		return set_release(file->private_data, arg[0]);
	return do_request(&lg->vcpu, request, arg);
}

static size_t reply_size(const struct lguest_vcpu *vcpu)
{
	if (vcpu->reply.reg_wanted)
		return sizeof(*vcpu->reply.reg_wanted);
	return max_t(size_t, vcpu->lg->launcher->reply_size, debugger_reply_size(vcpu));
}

/* Run the guest, or say why it cannot run any more. */
static ssize_t lguest_dev_read(struct file *file, char __user *user,
			       size_t size, loff_t *off)
{
	struct lguest *lg = guest_of(file);
	ssize_t ret;

	if (!lg || names_other_cpu(lg, *off))
		return -EINVAL;
	if (!may_own_guests())
		return -EOPNOTSUPP;
	if (!is_owner(lg))
		return -EPERM;
	if (unlikely(lg->vcpu.debug.regs_wanted))
		return debugger_tell_registers(&lg->vcpu, user, size);
	if (guest_is_dead(lg))
		return tell_death(lg, user, size);
	if (size < reply_size(&lg->vcpu))
		return -EINVAL;
	/* The launcher's own FPU state and the guest's never meet. */
	compat_fpu_swap(&lg->vcpu.fpu, true);
	ret = run_guest(&lg->vcpu, user);
	compat_fpu_swap(&lg->vcpu.fpu, false);
	return ret;
}

static int lguest_dev_open(struct inode *inode, struct file *file)
{
	struct lguest_file *ours = kzalloc(sizeof(*ours), GFP_KERNEL_ACCOUNT);

	if (!ours)
		return -ENOMEM;
	mutex_init(&ours->lock);
	file->private_data = ours;	/* misc devices find themselves here */
	return 0;
}

static int lguest_dev_release(struct inode *inode, struct file *file)
{
	struct lguest_file *ours = file->private_data;

	if (ours->lg)
		free_guest(ours->lg);
	kfree(ours);
	return 0;
}

static void lguest_dev_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct lguest *lg = guest_of(file);

	if (lg)
		show_stats(m, lg);
}

static const struct file_operations lguest_fops = {
	.owner = THIS_MODULE,
	.open = lguest_dev_open,
	.release = lguest_dev_release,
	.write = lguest_dev_write,
	.read = lguest_dev_read,
	.llseek = noop_llseek,
	.show_fdinfo = lguest_dev_show_fdinfo,
};

static struct miscdevice lguest_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lguest",
	.fops = &lguest_fops,
};

/**
 * lguest_device_init() - offer /dev/lguest
 *
 * Return: 0 or what registering the device gave.
 */
int lguest_device_init(void)
{
	return misc_register(&lguest_dev);
}

/**
 * lguest_device_exit() - take /dev/lguest away
 *
 * No file is open: the module is in use as long as one is.
 */
void lguest_device_exit(void)
{
	misc_deregister(&lguest_dev);
}
