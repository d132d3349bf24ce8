/* SPDX-License-Identifier: GPL-2.0 */
/* What the linker calls instead of the launcher's functions, or libc's, see the Makefile. */
#ifndef LAUNCHER_UNIT_WRAP_H
#define LAUNCHER_UNIT_WRAP_H

#include <poll.h>
#include <stdbool.h>
#include <sys/uio.h>
#include <linux/types.h>

int __wrap_host_getdma(__u32 key, __u32 *addr);
void __wrap_host_irq(__u32 irq);
void __wrap_host_eventfd(__u32 addr, int event);
__u64 __wrap_host_rests(void);

ssize_t __wrap_pwritev64(int fd, const struct iovec *iov, int nr, off64_t at);
ssize_t __real_pwritev64(int fd, const struct iovec *iov, int nr, off64_t at);
int __wrap_fdatasync(int fd);
bool __wrap_hold_ending(void);
int __wrap_poll(struct pollfd *fds, nfds_t nr, int timeout);
int __real_poll(struct pollfd *fds, nfds_t nr, int timeout);
void __wrap_waker_attention(void);
int __wrap_madvise(void *at, size_t len, int advice);
int __real_madvise(void *at, size_t len, int advice);

#endif /* LAUNCHER_UNIT_WRAP_H */
