# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# On the machine where it was installed: as the README says.

. /vm/lib.sh

PATH=/usr/local/bin:$PATH
is "$(command -v lguest)" /usr/local/bin/lguest "the launcher that was installed is found"
check "modprobe loads the module" modprobe lguest
like "$(cat /proc/modules)" '^lguest ' "which is there"
lguest run --mem 32M --kernel /guests/hello > out 2> err
is $? 0 "a guest runs" || diag "$(cat err)"
like "$(cat out)" '^Hello' "and says hello"
check "modprobe unloads it" modprobe -r lguest
done_testing
