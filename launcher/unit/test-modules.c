// SPDX-License-Identifier: GPL-2.0
/*
 * Which modules are loaded, and when, by modules.dep; and archives of cpio, by what
 * cpio(1) finds in them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpio.h"
#include "modules.h"
#include "tap.h"

#define DEP \
	"kernel/fs/fuse/fuse.ko:\n" \
	"kernel/fs/fuse/virtiofs.ko: kernel/fs/fuse/fuse.ko\n" \
	"kernel/fs/netfs/netfs.ko.xz:\n" \
	"kernel/net/9p/9pnet.ko: kernel/fs/fscache/fscache.ko kernel/fs/netfs/netfs.ko.xz\n" \
	"kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/fs/fscache/fscache.ko" \
	" kernel/fs/netfs/netfs.ko.xz\n" \
	"kernel/fs/over-lay.ko:"

static struct modules modules;

static const char *list(void)
{
	static char text[512];
	unsigned int i;

	*text = '\0';
	for (i = 0; i < modules.nr; i++) {
		const char *base = strrchr(modules.path[i], '/') + 1;

		strcat(strcat(text, base), " ");
	}
	modules_free(&modules);
	return text;
}

static const char *of(const char *name)
{
	is_right(modules_add(&modules, DEP, name), name);
	return list();
}

static void test_order(void)
{
	is_wrong(of("fuse"), "fuse.ko ", "one that needs no other");
	is_wrong(of("virtiofs"), "fuse.ko virtiofs.ko ", "what it needs comes first");
	is_wrong(of("9pnet_virtio"), "netfs.ko.xz fscache.ko 9pnet.ko 9pnet_virtio.ko ",
		 "the last one it needs is the first");
	is_wrong(of("over_lay"), "over-lay.ko ", "a line and a dash are the same");
	ok(!*of("9pne"), "a part of a name is none");
	modules_add(&modules, DEP, "virtiofs");
	modules_add(&modules, DEP, "fuse");
	is_wrong(list(), "fuse.ko virtiofs.ko ", "each is loaded once");
}

static void test_many(void)
{
	char *dep = calloc(1, 16 * (MODULES_MAX + 2)), *to = dep;
	unsigned int i;

	to += sprintf(to, "a/m.ko:");
	for (i = 0; i < MODULES_MAX; i++)
		to += sprintf(to, " a/m%u.ko", i);
	is_wrong(modules_add(&modules, dep, "m"), "too many", "more than there is room for");
	modules_free(&modules);
	free(dep);
}

static void test_archive(void)
{
	const size_t before = cpio_bytes("d", 0) + cpio_bytes("d/file", 5);
	const size_t bytes = cpio_end_bytes(before);
	char *all = calloc(1, bytes), *to = all;
	char file[] = "/tmp/lguest-unit-XXXXXX", command[128], text[64] = "";
	int fd = mkstemp(file);
	FILE *pipe;

	to = cpio_put(to, "d", CPIO_DIRECTORY, "", 0);
	to = cpio_put(to, "d/file", CPIO_FILE, "text\n", 5);
	is_number(to - all, before, "an archive's files are as large as was said");
	cpio_end(to);
	is_number(bytes % 512, 0, "it ends where another can begin");
	if (write(fd, all, bytes) != (ssize_t)bytes)
		exit(1);
	snprintf(command, sizeof(command), "cpio -i --quiet --to-stdout d/file < %s", file);
	pipe = popen(command, "r");
	ok(fgets(text, sizeof(text), pipe), "cpio reads it");
	is_wrong(text, "text\n", "and finds what was put there");
	pclose(pipe);
	close(fd);
	unlink(file);
	free(all);
}

int main(void)
{
	test_order();
	test_many();
	test_archive();
	return tap_done();
}
