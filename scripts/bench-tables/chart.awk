# SPDX-License-Identifier: GPL-2.0
#
# A table of instructions as lines for chart.gnuplot, from below, of rows that the native
# kernel has, too: Y, name, ratio, that of User-mode Linux, and a label, between tabs.
# Before it the file "names" is read.

BEGIN {
	FS = "\t"
}

FNR == 1 && NR != 1 {
	FS = ","
	$0 = $0
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}

NR == FNR {
	if (NF == 2)
		name[$1] = $2
	next
}

$at["native_instr"] > 0 {
	native = $at["native_instr"]
	uml = $at["uml_instr"]
	ratio = $at["guest_instr"] / native
	line[++rows] = ($1 in name ? name[$1] : $1) "\t" ratio "\t" \
		       (uml > 0 ? uml / native : "NaN") "\t" \
		       sprintf("%.2f%s", ratio, exits($at["exits"]))
}

function exits(n) {
	return n < 0.05 ? "" : sprintf(", %.1f exits", n)
}

END {
	for (i = rows; i; i--)
		print rows - i "\t" line[i]
}
