// SPDX-License-Identifier: GPL-2.0
/*
 * --dry-run: what would be run, if all that can be checked without opening a device is
 * right: options, kernel, initial ramdisk, and that they fit in the guest's memory.
 */
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "boot.h"
#include "config.h"
#include "era.h"
#include "kernel.h"
#include "plan.h"
#include "sandbox.h"

static void print_device(const struct device_option *option, const char *spec)
{
	char copy[256], *rest = copy, *one;

	snprintf(copy, sizeof(copy), "%s", spec);
	while ((one = strsep(&rest, "\n")))
		printf("%s:\t%s\n", option->name, one);
}

/**
 * plan_print() - tell what would be run
 * @config: the guest's; its devices are not opened
 *
 * Return: false, see failure(), if it could not.
 */
bool plan_print(const struct config *config)
{
	static struct kernel_file kernel;
	struct boot boot;
	unsigned int i;

	if (!sandbox_find_user(config) || !kernel_open(config, &kernel) ||
	    !boot_plan(&kernel, config, &boot))
		return false;
	printf("kernel:\t%s\nrelease:\t%u.%u.%u\nmemory:\t%uK\n", config->kernel,
	       kernel.release >> 16, kernel.release >> 8 & 255, kernel.release & 255,
	       boot.ram / 1024);
	if (config->initrd)
		printf("initrd:\t%s\n", config->initrd);
	printf("params:\t%s\n", config->cmdline);
	for (i = 0; i < config->nr_devices; i++) {
		const struct device_option *option = config->device[i].option;

		if (!option->wanted || option->wanted(kernel.era, config->device[i].value))
			print_device(option, config->device[i].spec);
	}
	for (i = 0; config->command && config->command[i]; i++)
		printf("command:\t%s\n", config->command[i]);
	return true;
}
