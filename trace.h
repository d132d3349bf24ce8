/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, under events/lguest of tracefs: what ended each run of a guest,
 * and what the host did about it.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM lguest

#if !defined(LGUEST_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define LGUEST_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(lguest_exit,
	TP_PROTO(u32 vector, u32 eip, u32 errcode),
	TP_ARGS(vector, eip, errcode),
	TP_STRUCT__entry(
		__field(u32, vector)
		__field(u32, eip)
		__field(u32, errcode)
	),
	TP_fast_assign(
		__entry->vector = vector;
		__entry->eip = eip;
		__entry->errcode = errcode;
	),
	TP_printk("vector %u eip %#x errcode %#x",
		  __entry->vector, __entry->eip, __entry->errcode)
);

TRACE_EVENT(lguest_hypercall,
	TP_PROTO(u32 call, u32 arg1, u32 arg2, u32 arg3),
	TP_ARGS(call, arg1, arg2, arg3),
	TP_STRUCT__entry(
		__field(u32, call)
		__field(u32, arg1)
		__field(u32, arg2)
		__field(u32, arg3)
	),
	TP_fast_assign(
		__entry->call = call;
		__entry->arg1 = arg1;
		__entry->arg2 = arg2;
		__entry->arg3 = arg3;
	),
	TP_printk("call %u args %#x %#x %#x", __entry->call, __entry->arg1,
		  __entry->arg2, __entry->arg3)
);

TRACE_EVENT(lguest_page_fault,
	TP_PROTO(u32 address, u32 errcode, int handled),
	TP_ARGS(address, errcode, handled),
	TP_STRUCT__entry(
		__field(u32, address)
		__field(u32, errcode)
		__field(int, handled)
	),
	TP_fast_assign(
		__entry->address = address;
		__entry->errcode = errcode;
		__entry->handled = handled;
	),
	TP_printk("address %#x errcode %#x %s", __entry->address,
		  __entry->errcode, __entry->handled > 0 ? "mapped" :
		  __entry->handled == 0 ? "reflected" : "killed")
);

TRACE_EVENT(lguest_interrupt,
	TP_PROTO(u32 irq),
	TP_ARGS(irq),
	TP_STRUCT__entry(__field(u32, irq)),
	TP_fast_assign(__entry->irq = irq;),
	TP_printk("irq %u", __entry->irq)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
