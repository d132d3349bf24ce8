/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest asks for, in the form of its release: hypercalls.c and abi.c; and what is
 * for its launcher's devices: io.c, notify.c.
 */
#ifndef LGUEST_HYPERCALLS_H
#define LGUEST_HYPERCALLS_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include "abi.h"
#include "guest_memory.h"

struct lguest_vcpu;

/**
 * struct guest_kernel - what a guest's kernel has said of itself
 * @abi: the form of its ABI, or NULL before LHCALL_LGUEST_INIT
 * @calls: a bit for each call that it may make
 * @data: where the shared structure is, if @abi is set
 * @noirq_start: no interrupts while eip is from here...
 * @noirq_end: ... up to here
 * @noirq_iret: an iret whose frame an interrupt can have; 0: none
 * @direct_faults: it wants page faults without an exit, and will announce what it does
 */
struct guest_kernel {
	const struct lguest_abi *abi;
	u32 calls;
	gpa_t data;
	u32 noirq_start;
	u32 noirq_end;
	u32 noirq_iret;
	bool direct_faults;
};

/**
 * struct vcpu_calls - the hypercalls of a guest's CPU
 * @waiting: one has trapped
 * @by_vmcall: the last one was made so
 * @next: the slot of the ring whose turn it is
 */
struct vcpu_calls {
	bool waiting;
	bool by_vmcall;
	u32 next;
};

/**
 * struct guest_devices - what is for the launcher's devices
 * @dma_arrays: bound by the guest
 * @eventfds: [any] who hears of notifications, by NOTIFY's address
 * @nr_eventfds: [any] how many
 */
struct guest_devices {
	struct list_head dma_arrays;
	struct xarray eventfds;
	atomic_t nr_eventfds;
};

/* hypercalls.c */
__must_check int do_hypercalls(struct lguest_vcpu *vcpu);

/* io.c: the classic DMA */
__must_check int bind_dma(struct lguest *lg, gpa_t key, gpa_t array, u32 count,
			  u32 irq);
__must_check int send_dma(struct lguest_vcpu *vcpu, gpa_t key, gpa_t dma);
long get_dma(struct lguest *lg, gpa_t key);
void release_dma(struct lguest *lg);

/* abi.c: the forms of the ABI */
const struct launcher_abi *launcher_of_release(u32 release);
const struct launcher_abi *launcher_of_form(enum launcher_form form);
void guest_call_args(const struct lguest_vcpu *vcpu, struct hypercall *hcall);
void guest_slot_args(const struct lguest *lg, const u32 *slot,
		     struct hypercall *hcall);
__must_check int recognise_guest(struct lguest_vcpu *vcpu);

/* notify.c: what a guest says to its launcher, or to a thread of it */
__must_check int notify_launcher(struct lguest_vcpu *vcpu, u32 addr);
int add_eventfd(struct lguest *lg, u32 addr, int fd);
void release_eventfds(struct lguest *lg);

#endif /* LGUEST_HYPERCALLS_H */
