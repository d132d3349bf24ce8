/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzzers have in common.  Each is a file in this directory: libFuzzer gives it
 * bytes, it makes of them what somebody does that the launcher does not trust, and the
 * sanitizers see what the launcher does wrong.  stubs.c stands in for the host.
 */
#ifndef LAUNCHER_FUZZ_H
#define LAUNCHER_FUZZ_H

#include <spawn.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);

/* What the linker calls instead of the launcher's functions, and libc's. */
void __wrap_host_irq(__u32 irq);
void __wrap_host_eventfd(__u32 addr, int event);
int __wrap_host_getdma(__u32 key, __u32 *addr);
void __wrap_complain(const char *fmt, ...);
int __wrap_posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const argv[],
			char *const environment[]);

/* What a fuzzer was given, as far as it is not used. */
struct input {
	const __u8 *at, *end;
};

static inline size_t input_left(const struct input *in)
{
	return in->end - in->at;
}

/* A number; what is not there is 0. */
static inline __u32 take(struct input *in, unsigned int bytes)
{
	__u32 value = 0;

	while (bytes-- && in->at < in->end)
		value = value << 8 | *in->at++;
	return value;
}

/* The next bytes, @most or fewer; how many is in the input, too. */
static inline const __u8 *take_piece(struct input *in, size_t most, size_t *len)
{
	const __u8 *piece;

	*len = take(in, 2) % (most + 1);
	piece = in->at;
	if (*len > input_left(in))
		*len = input_left(in);
	in->at += *len;
	return piece;
}

/* What must be so: libFuzzer keeps the input if it is not. */
static inline void must(bool good)
{
	if (!good)
		abort();
}

/* stubs.c */
int fuzz_file(const char *name, const void *data, size_t size);
int fuzz_stream(const void *data, size_t size, int *other);
void fuzz_place(char *to, size_t room, int fd);
bool fuzz_notify(__u32 addr);
void fuzz_forget_events(void);

/* What a guest's getdma finds; set by who has one. */
struct fuzz_buffer {
	bool free;
	__u32 addr;
};

extern struct fuzz_buffer fuzz_buffer;

#endif /* LAUNCHER_FUZZ_H */
