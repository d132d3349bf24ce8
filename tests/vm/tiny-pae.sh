# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The small guests once more, with PAE page tables.

FORMAT=-pae
. /vm/tiny.sh
