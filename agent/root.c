// SPDX-License-Identifier: GPL-2.0
/*
 * A directory of the host's as the root of the guest, instead of the ramdisk: as it is,
 * or below a file system in memory, which takes all that is written.  What belongs to
 * the guest's own kernel, or to this boot, is the guest's in any case.
 */
#include <linux/mount.h>
#include "agent.h"

#define LOWER		"/lower"
#define UPPER		"/upper"
#define ROOT		"/newroot"
#define KEPT		"/kept"
#define OVERLAY_OPTIONS	"lowerdir=" LOWER ",upperdir=" UPPER "/data,workdir=" UPPER "/work"
#define WORDS		4u
#define PATH_ROOM	4096u

/* What is moved there from the ramdisk, and what begins empty. */
static const char *const moved[] = { "/dev", "/proc", "/sys" };
static const struct {
	const char *name;
	const char *options;
} empty[] = {
	{ "/run", "mode=0755" },
	{ "/tmp", "mode=1777" },
};

static char kept[PATH_ROOM];		/* a directory in one of those, or "" */

/* Up to four words, of which the last has all that is left; those missing are "". */
static void split(const char *text, char *to, const char *words[WORDS])
{
	unsigned int i;

	text_add(to, to + PATH_ROOM, text);
	for (i = 0; i < WORDS; i++) {
		words[i] = to;
		while (*to && (*to != ' ' || i == WORDS - 1))
			to++;
		if (*to)
			*to++ = '\0';
	}
}

static const char *in_root(const char *name)
{
	static char path[PATH_ROOM];

	text_add(text_add(path, path + sizeof(path), ROOT), path + sizeof(path), name);
	return path;
}

/* With those above it, if there are none. */
static void make_directories(char *path)
{
	char *at;

	for (at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		sys_mkdir(path, 0755);
		*at = '/';
	}
	sys_mkdir(path, 0755);
}

/* "TYPE TAG DIRECTORY [OPTIONS]" */
long root_mount(const char *value)
{
	static char text[PATH_ROOM], path[PATH_ROOM];
	const char *words[WORDS];

	split(value, text, words);
	text_add(path, path + sizeof(path), words[2]);
	make_directories(path);
	return sys_mount(words[1], path, words[0], 0, words[3]);
}

/* A directory that is to be seen although /tmp, say, is the guest's own. */
long root_keep(const char *value)
{
	text_add(kept, kept + sizeof(kept), value);
	return 0;
}

static long mount_overlay(void)
{
	long error;

	sys_mkdir(UPPER, 0755);
	error = sys_mount("upper", UPPER, "tmpfs", 0, "mode=0755");
	if (error < 0)
		return error;
	sys_mkdir(UPPER "/data", 0755);
	sys_mkdir(UPPER "/work", 0755);
	return sys_mount("root", ROOT, "overlay", 0, OVERLAY_OPTIONS);
}

static long mount_root(const char *type, const char *tag, const char *how, const char *options)
{
	const bool overlay = text_is(how, "overlay"), rw = text_is(how, "rw");
	long error;

	if (!overlay && !rw && !text_is(how, "ro"))
		return -EINVAL;
	sys_mkdir(LOWER, 0755);
	sys_mkdir(ROOT, 0755);
	error = sys_mount(tag, overlay ? LOWER : ROOT, type, rw ? 0 : MS_RDONLY, options);
	return error < 0 || !overlay ? error : mount_overlay();
}

static void move(const char *from, const char *to)
{
	sys_mkdir(to, 0755);
	sys_mount(from, to, "", MS_MOVE, "");
}

static void put_kept(void)
{
	static char path[PATH_ROOM];

	text_add(path, path + sizeof(path), in_root(kept));
	make_directories(path);
	move(KEPT, path);
}

static void fill(void)
{
	unsigned int i;

	sys_mkdir(KEPT, 0755);
	if (*kept && sys_mount(in_root(kept), KEPT, "", MS_BIND, "") < 0)
		*kept = '\0';
	for (i = 0; i < ARRAY_SIZE(moved); i++)
		move(moved[i], in_root(moved[i]));
	for (i = 0; i < ARRAY_SIZE(empty); i++) {
		sys_mkdir(in_root(empty[i].name), 0755);
		sys_mount(empty[i].name + 1, in_root(empty[i].name), "tmpfs",
			  MS_NOSUID | MS_NODEV, empty[i].options);
	}
	if (*kept)
		put_kept();
}

/* "TYPE TAG [ro|overlay|rw] [OPTIONS]".  The first file system cannot be left otherwise. */
long root_set(const char *value)
{
	static char text[PATH_ROOM];
	const char *words[WORDS];
	long error;

	split(value, text, words);
	error = mount_root(words[0], words[1], words[2], words[3]);
	if (error < 0)
		return error;
	fill();
	error = sys_chdir(ROOT);
	if (error >= 0)
		error = sys_mount(".", "/", "", MS_MOVE, "");
	if (error >= 0)
		error = sys1(__NR_chroot, (long)".");
	return error < 0 ? error : sys_chdir("/");
}
