# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# In the host VM: a shell for a person, with the module loaded.

cat << END

This is the host VM, on $(uname -r).  Try: lguest run --mem 32M --kernel /guests/hello
Guests are in /guests, kernel modules in /modules, test programs in /tests;
"dmesg" has the host's messages.  Leave with "exit".

END
insmod /modules/lguest.ko || dmesg | tail -n 1
sh -i
