// SPDX-License-Identifier: GPL-2.0
/*
 * The devices of a guest's configuration: each is an option's value, as the device's own
 * file understands it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "config.h"

const struct device_option *device_option(unsigned int i)
{
	if (i >= (unsigned int)(__stop_device_options - __start_device_options))
		return NULL;
	return __start_device_options[i];
}

static struct device_config *find(struct config *config, const struct device_option *opt)
{
	unsigned int i;

	for (i = 0; i < config->nr_devices; i++) {
		if (config->device[i].option == opt)
			return &config->device[i];
	}
	return NULL;
}

/**
 * config_find() - the first device of an option
 * @config: has it, or not
 * @name: of the option
 */
const struct device_config *config_find(const struct config *config, const char *name)
{
	unsigned int i;

	for (i = 0; i < config->nr_devices; i++) {
		if (!strcmp(config->device[i].option->name, name))
			return &config->device[i];
	}
	return NULL;
}

static void release(struct device_config *device)
{
	free(device->value);
	free(device->pieces);
	free(device->spec);
}

/* Returns what is wrong with it, or NULL.  @device is to be released in any case. */
static const char *understand(struct device_config *device)
{
	const struct device_option *opt = device->option;
	const char *wrong = NULL;

	if (!opt->parse)
		return NULL;
	device->pieces = strdup(device->spec);
	if (!device->pieces)
		return "does not fit in memory";
	device->value = opt->parse(device->pieces, &wrong);
	return wrong;
}

static void replace(struct device_config *old, const struct device_config *new)
{
	release(old);
	*old = *new;
}

/* It is there already, and gets one value more. */
static const char *join(struct device_config *device, const struct device_config *more)
{
	struct device_config both = { .option = device->option };
	const char *wrong;

	if (strchr(more->spec, '\n') ||
	    asprintf(&both.spec, "%s\n%s", device->spec, more->spec) < 0)
		return "cannot be";
	wrong = understand(&both);
	if (wrong)
		release(&both);
	else
		replace(device, &both);
	return wrong;
}

static const char *add(struct config *config, const struct device_config *device)
{
	if (config->nr_devices == CONFIG_DEVICES_MAX)
		return "is one device too many: a guest has at most 16";
	if (device->option->single && find(config, device->option))
		return "is given twice";
	config->device[config->nr_devices++] = *device;
	return NULL;
}

/* What the command line can replace, once. */
static struct device_config *replaceable(struct config *config, const struct device_option *opt)
{
	struct device_config *old = opt->single || opt->joined ? find(config, opt) : NULL;

	return old && old->from_file ? old : NULL;
}

/* @new is the configuration's from now on, unless something is wrong or @joined is set. */
static const char *place(struct config *config, const struct device_config *new, bool *joined)
{
	struct device_config *old = replaceable(config, new->option);

	*joined = false;
	if (old) {
		replace(old, new);
		return NULL;
	}
	old = new->option->joined ? find(config, new->option) : NULL;
	*joined = old;
	return old ? join(old, new) : add(config, new);
}

/**
 * config_device() - have a device
 * @config: gets it
 * @opt: its option
 * @prefix: of the option's value
 * @spec: the rest of the value
 *
 * Return: what is wrong with it, or NULL.
 */
const char *config_device(struct config *config, const struct device_option *opt,
			  const char *prefix, const char *spec)
{
	struct device_config device = { .option = opt };
	bool joined = false;
	const char *wrong;

	if (asprintf(&device.spec, "%s%s", prefix, spec) < 0)
		return "does not fit in memory";
	wrong = understand(&device);
	if (!wrong)
		wrong = place(config, &device, &joined);
	if (wrong || joined)
		release(&device);
	return wrong;
}

/** config_release_devices() - free what they have */
void config_release_devices(struct config *config)
{
	while (config->nr_devices)
		release(&config->device[--config->nr_devices]);
}
