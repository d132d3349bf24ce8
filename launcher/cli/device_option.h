/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a device's file says of its option, for options.c.
 */
#ifndef DEVICE_OPTION_H
#define DEVICE_OPTION_H

#include "base.h"

#define CONFIG_DEVICES_MAX	LGUEST_MAX_DEVICES

#define CLASSIC_ALIASES		3

struct model;
struct era;

/* What a device's file says of its option; found through a linker section. */
struct device_option {
	const char *name;
	const char *argument;	/* NULL if it has none */
	const char *help;
	char letter;
	const char *standard;	/* the value if the option is not given */
	const char *with_command; /* likewise, if the guest is to run a command */
	const char *with_daemon; /* likewise, if there is no terminal */
	const char *with_command_alone; /* and has no initial ramdisk */
	bool single;		/* may be given once */
	bool joined;		/* several are one device, with newlines between the values */
	bool spare;		/* the standard one is left out if there is no room */
	/*
	 * Understands a value, which lasts longer, and opens nothing for it.  What it
	 * returns is what the others get, and goes to free(); NULL if @wrong was set to what
	 * is wrong.  If there is no such function, they get NULL.
	 */
	void *(*parse)(char *spec, const char **wrong);
	/* Has this guest the device at all?  NULL: always. */
	bool (*wanted)(const struct era *era, const void *config);
	/*
	 * Makes what is to outlive a restart, if there is any, which @kept is set for; may be
	 * NULL.  False if that fails (failure()).
	 */
	bool (*keep)(const void *config, bool *kept);
	/*
	 * Asked before create(): do other processes map the guest's memory?  @shared is set
	 * for that.  May be NULL.  False if that fails.
	 */
	bool (*shares)(const void *config, const struct era *era, bool *shared);
	/* NULL if that fails. */
	struct model *(*create)(const void *config);
	struct classic_alias {
		const char *name;	/* option of the classic form */
		const char *starts;	/* only for values that begin with this; NULL: all */
		const char *prefix;	/* put before the rest of the value */
		bool mac;		/* a colon and an address may be at its end */
	} classic[CLASSIC_ALIASES];
};

#define DEVICE_OPTION(option) \
	static const struct device_option *const option##_entry \
	__attribute__((used, section("device_options"))) = &(option)

/* Bounds of that section, made by the linker; only for options.c. */
extern const struct device_option *const __start_device_options[];
extern const struct device_option *const __stop_device_options[];

/* Number @i of them, in no order that matters; NULL after the last. */
const struct device_option *device_option(unsigned int i);

#endif /* DEVICE_OPTION_H */
