/* SPDX-License-Identifier: GPL-2.0 */
/* All of the launcher's interfaces, for files that do not say which they need. */
#ifndef LAUNCHER_H
#define LAUNCHER_H

#include "base.h"
#include "boot.h"
#include "classic.h"
#include "config.h"
#include "confine.h"
#include "console.h"
#include "device_option.h"
#include "disk.h"
#include "guest_memory.h"
#include "hold.h"
#include "host.h"
#include "iov.h"
#include "kernel_image.h"
#include "machine.h"
#include "net.h"
#include "newline.h"
#include "restart.h"
#include "rng.h"
#include "sandbox.h"
#include "server.h"
#include "signals.h"
#include "sock.h"
#include "sockets.h"
#include "supervise.h"
#include "terminal.h"
#include "transport.h"
#include "verbs.h"
#include "waker.h"

#endif /* LAUNCHER_H */
