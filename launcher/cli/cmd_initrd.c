// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "initrd": makes an initial ramdisk with the modules by which a kernel finds
 * its root among the host's files (--root), for kernels that have them as such.  The
 * agent loads those that it lists.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cpio.h"
#include "modules.h"
#include "verbs.h"

#define DIRECTORY	"lguest-modules.d"
#define LIST		"lguest-modules"	/* agent/init.c */
#define DEP		"modules.dep"

static const char *const wanted[] = {
	"virtio_console", "9p", "9pnet_virtio", "virtiofs", "overlay",
};

struct file {
	char name[128];		/* in the ramdisk */
	char *data;
	size_t bytes;
};

static void usage(void)
{
	puts("usage: lguest initrd [-o FILE] [--kernel-release VERSION] [--modules DIR]\n"
	     "\n"
	     "  -o, --output FILE       where to (default: lguest.initrd)\n"
	     "      --kernel-release V  whose modules: as the guest's 'uname -r' says it\n"
	     "      --modules DIR       where they are (default: /lib/modules/V)\n"
	     "\n"
	     "For lguest run --initrd FILE --root DIR with a kernel that has 9P, virtiofs or\n"
	     "overlayfs as modules.");
}

static char *read_file(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "re");
	char *data = NULL;
	long size = -1;

	if (file && !fseek(file, 0, SEEK_END))
		size = ftell(file);
	if (size >= 0) {
		rewind(file);
		data = calloc(1, size + 1);
		*bytes = size;
		if (data && fread(data, 1, size, file) != (size_t)size) {
			free(data);
			data = NULL;
		}
	}
	if (!data)
		complain("%s: %s", path, strerror(errno));
	if (file)
		fclose(file);
	return data;
}

static bool is_packed(const char *path)
{
	const char *end = strrchr(path, '.');

	return end && strcmp(end, ".ko");
}

/* A module, and its line in the list. */
static bool take(struct file *file, const char *directory, const char *path, char **list)
{
	const char *base = strrchr(path, '/');
	char whole[2 * PATH_MAX], *more;

	base = base ? base + 1 : path;
	if (is_packed(path)) {
		complain("%s/%s: is packed; unpack it, and run depmod", directory, path);
		return false;
	}
	snprintf(whole, sizeof(whole), "%s/%s", directory, path);
	snprintf(file->name, sizeof(file->name), DIRECTORY "/%.100s", base);
	file->data = read_file(whole, &file->bytes);
	if (!file->data || asprintf(&more, "%s/%s\n", *list, file->name) < 0)
		return false;
	free(*list);
	*list = more;
	return true;
}

static bool save(const char *output, const struct file *files, unsigned int nr)
{
	size_t bytes = cpio_bytes(DIRECTORY, 0);
	char *all, *to;
	FILE *file;
	bool good;
	unsigned int i;

	for (i = 0; i < nr; i++)
		bytes += cpio_bytes(files[i].name, files[i].bytes);
	bytes = cpio_end_bytes(bytes);
	all = calloc(1, bytes);
	if (!all)
		return false;
	to = cpio_put(all, DIRECTORY, CPIO_DIRECTORY, "", 0);
	for (i = 0; i < nr; i++)
		to = cpio_put(to, files[i].name, CPIO_FILE, files[i].data, files[i].bytes);
	cpio_end(to);
	file = fopen(output, "we");
	good = file && fwrite(all, 1, bytes, file) == bytes;
	if (file && fclose(file))
		good = false;
	if (!good)
		complain("%s: %s", output, strerror(errno));
	free(all);
	return good;
}

static bool make(const char *output, const char *directory, const char *dep)
{
	static struct file files[MODULES_MAX + 1];
	struct modules modules = { 0 };
	char *list = strdup("");
	const char *wrong;
	unsigned int i, n;
	bool good = list;

	for (i = 0; i < ARRAY_SIZE(wanted) && good; i++) {
		wrong = modules_add(&modules, dep, wanted[i]);
		if (wrong)
			complain("%s: the module %s %s", directory, wanted[i], wrong);
		good = !wrong;
	}
	for (n = 0; n < modules.nr && good; n++)
		good = take(&files[n], directory, modules.path[n], &list);
	if (good) {
		strcpy(files[n].name, LIST);
		files[n].data = list;
		files[n].bytes = strlen(list);
		good = save(output, files, n + 1);
		explain("%s: %u modules", output, modules.nr);
	}
	for (i = 0; i < n; i++)
		free(files[i].data);
	free(list);
	modules_free(&modules);
	return good;
}

static int run(const char *output, const char *release, const char *directory)
{
	char standard[PATH_MAX], path[PATH_MAX];
	size_t bytes;
	char *dep;
	bool good;

	if (!directory && (!release || strchr(release, '/'))) {
		complain("initrd: say which kernel: --kernel-release VERSION, or --modules DIR");
		return STATUS_SETUP;
	}
	snprintf(standard, sizeof(standard), "/lib/modules/%s", release ? release : "");
	if (!directory)
		directory = standard;
	if (snprintf(path, sizeof(path), "%s/" DEP, directory) >= (int)sizeof(path))
		return STATUS_SETUP;
	dep = read_file(path, &bytes);
	if (!dep)
		return STATUS_SETUP;
	good = make(output, directory, dep);
	free(dep);
	return good ? 0 : STATUS_SETUP;
}

/** initrd_main() - the verb */
int initrd_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "kernel-release", required_argument, NULL, 'r' },
		{ "modules", required_argument, NULL, 'm' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *output = "lguest.initrd", *release = NULL, *directory = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "o:vh", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			output = optarg;
			break;
		case 'r':
			release = optarg;
			break;
		case 'm':
			directory = optarg;
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			usage();
			return 0;
		default:
			fputs("Try 'lguest initrd --help'.\n", stderr);
			return STATUS_SETUP;
		}
	}
	if (optind < argc) {
		complain("initrd: %s: is no option", argv[optind]);
		return STATUS_SETUP;
	}
	return run(output, release, directory);
}
