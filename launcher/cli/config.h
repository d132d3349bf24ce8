/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values of options, and the configuration of a guest that they make: options.c.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <getopt.h>
#include <limits.h>

#include "boot.h"
#include "device_option.h"

#define CONFIG_FILES_MAX	8

struct device_config {
	const struct device_option *option;
	char *spec;		/* its value, as it was given */
	char *pieces;		/* the same, for parse() to cut */
	void *value;		/* what parse() has made of it */
	bool from_file;		/* the command line may replace it */
};

struct config {
	__u32 memory;
	__u32 release;		/* of the kernel; 0: find out */
	const char *kernel;
	const char *initrd;
	const char *name;
	char cmdline[COMMAND_LINE_MAX + 1];
	const char *words[2];	/* that are no options' */
	char **command;		/* for the guest to run, or NULL */
	char directory[PATH_MAX]; /* where; "": / */
	bool agent;		/* it gets lguest's agent */
	bool stats;
	const char *gdb;		/* where it finds the guest */
	const char *dump;		/* file, if the guest dies */
	const char *user;
	const char *chroot;
	bool no_seccomp;
	__u64 timeout;		/* ms; 0: none */
	bool no_restart;
	bool dry_run;
	bool daemon;
	/* What files of options say. */
	const char *file_kernel;
	unsigned int nr_texts;
	char *text[CONFIG_FILES_MAX];
	unsigned int restart_limit;
	unsigned int nr_devices;
	struct device_config device[CONFIG_DEVICES_MAX];
};

const char *config_memory(struct config *config, const char *text);
const char *config_timeout(struct config *config, const char *text);
const char *config_restart_limit(struct config *config, const char *text);
const char *config_release_of(struct config *config, const char *text);
const char *config_cmdline(struct config *config, const char *text);
const char *config_finish(struct config *config);
void config_release(struct config *config);

/* device_config.c */
const char *config_device(struct config *config, const struct device_option *opt,
			  const char *prefix, const char *spec);
const struct device_config *config_find(const struct config *config, const char *name);
void config_release_devices(struct config *config);

/* What a verb knows of its options, besides getopt's own description. */
#define OPTIONS_MAX		64

struct option_set {
	struct option all[OPTIONS_MAX];	/* ends with one that is zero */
	const char *letters;
	bool one_dash;			/* also before long options */
	bool classic;			/* it is that form */
	const char *(*apply)(struct config *config, int c);
};

int config_options(struct config *config, const struct option_set *set,
		   int argc, char **argv);
/* config_file.c */
bool config_files(struct config *config, const struct option_set *set, int argc, char **argv);
bool option_is_listed(const struct option_set *set, const char *word);
int config_run(int argc, char **argv, void (*usage)(void), const char *hint,
	       int (*parse)(int argc, char **argv, struct config *config));

#endif /* CONFIG_H */
