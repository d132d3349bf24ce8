// SPDX-License-Identifier: GPL-2.0
/*
 * How many guests a user may have.  Most of what a guest costs is charged to the
 * memory control group of its launcher, but not all of it: the kernel charges nobody
 * for the FPU registers that hypervisors keep (fpu_alloc_guest_fpstate(), which are
 * some pages where a CPU has much of that), nor for what an eventfd is when it is no
 * file any more.  What is counted here bounds that, where there are no control groups
 * too.
 */
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include "lg.h"

/*
 * With the 512 eventfds that each may have (notify.c), at some 100 bytes, these are
 * 16 MB or so: a little of the 800 MB that a 32-bit kernel has for itself.  Nobody
 * who runs guests in earnest has had that many on a machine of that size.
 */
#define MAX_USER_GUESTS	256

static unsigned int max_user_guests = MAX_USER_GUESTS;
module_param(max_user_guests, uint, 0644);
MODULE_PARM_DESC(max_user_guests, "Guests that a user may have at once (default 256)");

/**
 * struct user_count - somebody who has guests
 * @list: in users
 * @uid: the user
 * @guests: how many
 */
struct user_count {
	struct list_head list;
	kuid_t uid;
	unsigned int guests;
};

static LIST_HEAD(users);
static DEFINE_SPINLOCK(users_lock);	/* of the list and what is in it */

/*
 * The real user, who stays the same if a program has the rights of another one.  In
 * a user namespace there are as many as one likes: there it is who made it.
 */
static kuid_t user_of(const struct cred *cred)
{
	struct user_namespace *ns = cred->user_ns;
	kuid_t uid = cred->uid;

	for (; ns->parent; ns = ns->parent)
		uid = ns->owner;
	return uid;
}

static struct user_count *count_of(kuid_t uid)
{
	struct user_count *user;

	list_for_each_entry(user, &users, list) {
		if (uid_eq(user->uid, uid))
			return user;
	}
	return NULL;
}

/* With the lock held; @new is for a user who has none yet. */
static int count_guest(kuid_t uid, struct user_count **new)
{
	struct user_count *user = count_of(uid);

	if ((user ? user->guests : 0) >= READ_ONCE(max_user_guests))
		return -ENOSPC;
	if (!user) {
		user = *new;
		*new = NULL;
		user->uid = uid;
		list_add(&user->list, &users);
	}
	user->guests++;
	return 0;
}

/**
 * user_gets_guest() - a user wants one more guest
 * @cred: whoever opened the file
 * @uid: who it was, for user_loses_guest()
 *
 * Return: 0; -ENOSPC if that would be too many; -ENOMEM.
 */
int user_gets_guest(const struct cred *cred, kuid_t *uid)
{
	struct user_count *new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	int err;

	if (!new)
		return -ENOMEM;
	*uid = user_of(cred);
	spin_lock(&users_lock);
	err = count_guest(*uid, &new);
	spin_unlock(&users_lock);
	kfree(new);
	return err;
}

/**
 * user_loses_guest() - a user has one guest less
 * @uid: what user_gets_guest() gave
 */
void user_loses_guest(kuid_t uid)
{
	struct user_count *user;

	spin_lock(&users_lock);
	user = count_of(uid);
	if (--user->guests)
		user = NULL;
	else
		list_del(&user->list);
	spin_unlock(&users_lock);
	kfree(user);
}
