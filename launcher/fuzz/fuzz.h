/* SPDX-License-Identifier: GPL-2.0 */
/* What libFuzzer calls, and what the linker calls instead of the launcher's. */
#ifndef LAUNCHER_FUZZ_H
#define LAUNCHER_FUZZ_H

#include <stddef.h>
#include <linux/types.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);

void __wrap_host_irq(__u32 irq);
void __wrap_host_eventfd(__u32 addr, int event);
void __wrap_complain(const char *fmt, ...);

#endif /* LAUNCHER_FUZZ_H */
