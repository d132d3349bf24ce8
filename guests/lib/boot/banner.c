// SPDX-License-Identifier: GPL-2.0
/*
 * What the launcher looks for in the image, to know which release's devices and
 * requests the guest needs.
 */
#include "guest.h"
#include "internal.h"

const char banner[] = "Linux version " ERA_RELEASE " (lguest guest library)";
