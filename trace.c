// SPDX-License-Identifier: GPL-2.0
/* The tracepoints of trace.h, in the one file that has them. */
#include <linux/types.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
