// SPDX-License-Identifier: GPL-2.0
/*
 * The start of a guest, in the order that it takes: what can be wrong with the command
 * line is said before /dev/lguest is asked for anything, files are opened before the
 * launcher gives up its rights, and threads begin when it has.
 */
#include "base.h"
#include "boot.h"
#include "classic.h"
#include "config.h"
#include "control.h"
#include "daemon.h"
#include "debug.h"
#include "device_option.h"
#include "dump.h"
#include "ends.h"
#include "era.h"
#include "guest_agent.h"
#include "guest_memory.h"
#include "hold.h"
#include "host.h"
#include "kernel.h"
#include "loop.h"
#include "restart.h"
#include "sandbox.h"
#include "signals.h"
#include "supervise.h"
#include "transport.h"
#include "virtio.h"
#include "vm.h"
#include "waker.h"

static const struct transport *const transports[NR_BUSES] = {
	[BUS_CLASSIC]	= &classic_transport,
	[BUS_VIRTIO]	= &virtio_transport,
};

typedef bool (*device_act)(struct vm *vm, const struct device_option *option, const void *value);

/* With each device of the configuration; false at the first that it cannot be done with. */
static bool for_devices(struct vm *vm, device_act act)
{
	const struct config *config = vm->config;
	unsigned int i = 0;

	while (i < config->nr_devices &&
	       act(vm, config->device[i].option, config->device[i].value))
		i++;
	return i == config->nr_devices;
}

static bool attach(struct vm *vm, const struct device_option *option, const void *value)
{
	struct model *model;

	if (option->wanted && !option->wanted(vm->kernel.era, value))
		return true;
	model = option->create(value);
	return model && vm->transport->attach(vm->kernel.era, &vm->memory, model);
}

/* Is there something that a launcher which starts anew needs from this one? */
static bool keep(struct vm *vm, const struct device_option *option, const void *value)
{
	return !option->keep || option->keep(value, &vm->keeps);
}

/* Do other processes map the guest's memory? */
static bool ask_shared(struct vm *vm, const struct device_option *option, const void *value)
{
	return !option->shares || option->shares(value, vm->kernel.era, &vm->shared);
}

static bool leave_terminal(const struct config *config)
{
	return !config->daemon || restart_is() || daemon_fork();
}

/* What others find the guest by, and write of it. */
static bool open_ways_in(const struct config *config)
{
	return control_open(config) && gdb_open(config) && dump_open(config);
}

/* Goes on in a child, if there is need of somebody who starts the guest anew. */
static bool have_parent(struct vm *vm)
{
	const bool restarts = vm->kernel.era->restarts;

	if (restarts && !restart_prepare())
		return false;
	if (!for_devices(vm, keep))
		return false;
	if (!(restarts && vm->keeps) && !sandbox_supervised(vm->config, restarts))
		return true;
	if (!supervise())
		return false;
	control_lend();
	return true;
}

static bool make_memory(struct vm *vm)
{
	return boot_plan(&vm->kernel, vm->config, &vm->boot) && for_devices(vm, ask_shared) &&
	       memory_map(&vm->memory, vm->kernel.era, vm->boot.ram, vm->shared) &&
	       boot_load(&vm->memory, &vm->kernel, vm->config, &vm->boot);
}

static bool make_devices(struct vm *vm)
{
	vm->transport = transports[vm->kernel.era->bus];
	command_wants(vm->config);
	return for_devices(vm, attach);
}

/* What is wrong with the command line was said by now. */
static bool make_guest(struct vm *vm)
{
	if (!host_open() || !host_initialize(vm->kernel.release, &vm->memory, &vm->boot))
		return false;
	boot_tell_memory(&vm->memory, vm->memory.ram);
	return true;
}

/* Nothing else is to be opened: gives up all rights, and starts what is beside the guest. */
static bool start_all(struct vm *vm)
{
	deadline_start();
	daemon_detach();
	if (!sandbox_enter(vm->config))
		return false;
	waker_start();
	if (!agent_start())
		return false;
	gdb_start(&vm->memory);
	dump_start(&vm->memory, vm->kernel.image.page_offset);
	control_start();
	if (!loop_start())
		return false;
	daemon_ready();
	return true;
}

/**
 * vm_start() - have a guest that can run
 * @vm: zero, but for its configuration
 *
 * Gives up all rights that the options say, and returns in a child if there is need of
 * somebody who starts the guest anew.
 *
 * Return: false, see failure(), if it cannot be; @vm is for vm_undo() then.
 */
bool vm_start(struct vm *vm)
{
	const struct config *config = vm->config;

	if (!fill_standard_fds())
		return false;
	if (config->timeout && !deadline_at())
		deadline_set(clock_ms() + config->timeout);
	if (!leave_terminal(config) || !sandbox_find_user(config) ||
	    !kernel_open(config, &vm->kernel) || !open_ways_in(config) || !have_parent(vm))
		return false;
	hold_setup();
	if (!make_memory(vm))
		return false;
	signals_setup();
	return make_devices(vm) && make_guest(vm) && start_all(vm);
}

/**
 * vm_undo() - close what vm_start() has left when it failed
 * @vm: it
 */
void vm_undo(struct vm *vm)
{
	loop_stop();
	if (vm->transport)
		vm->transport->close();
	host_close();
}
