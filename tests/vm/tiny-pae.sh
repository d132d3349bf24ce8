# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The small guests once more, with PAE page tables.

export FORMAT=-pae
. /vm/tiny.sh
