# SPDX-License-Identifier: GPL-2.0
#
# The accepted table and the newest one: columns are known by their names, and those that
# are new are not compared.  Fails if the guest's instructions or exits are not the same.
#
#	-v percent=N -v few=N	by how much they may differ
#	-v not_judged=NAMES	rows that may be anything

function abs(x) {
	return x < 0 ? -x : x
}

function change(row, column) {
	return now[row, column] - was[row, column]
}

function percents(row, column) {
	return was[row, column] > 0 ? 100 * change(row, column) / was[row, column] : 0
}

function beyond(row) {
	return abs(percents(row, "guest_instr")) > percent ||
	       abs(change(row, "exits")) > few && abs(percents(row, "exits")) > percent
}

# is that a column of what a guest's counters say, of both tables?
function compared(i) {
	return i > at["guest_instr"] && column[i] != "exits" && column[i] in known
}

function headings(   i) {
	printf "%-9s%8s%7s%7s |%10s%10s%8s |%9s%9s", "", "native", "host", "uml",
	       "guest was", "is", "", "exits was", "is"
	for (i = 1; i <= columns; i++)
		if (compared(i))
			printf "%16s", column[i]
	print ""
}

BEGIN {
	FS = ","
}

FNR == 1 {
	for (i = 2; i <= NF; i++) {
		at[$i] = i
		column[i] = $i
		if (NR == 1)
			known[$i] = 1
	}
	columns = NF
	if (NR != 1)
		headings()
	next
}

NR == FNR {
	for (i = 2; i <= NF; i++)
		was[$1, column[i]] = $i
	missing[$1] = 1
	next
}

!($1 in missing) {
	print $1 ": new"
	bad++
	next
}

{
	delete missing[$1]
	for (i = 2; i <= NF; i++)
		now[$1, column[i]] = $i
	printf "%-9s%+7.1f%%%+6.1f%%%+6.1f%% |%10.0f%10.0f%+7.1f%% |%9.2f%9.2f", $1,
	       percents($1, "native_instr"), percents($1, "host_instr"),
	       percents($1, "uml_instr"), was[$1, "guest_instr"], now[$1, "guest_instr"],
	       percents($1, "guest_instr"), was[$1, "exits"], now[$1, "exits"]
	for (i = 1; i <= columns; i++)
		if (compared(i))
			printf "%+16.2f", change($1, column[i])
	if (beyond($1) && index(" " not_judged " ", " " $1 " ")) {
		printf "  (not judged)"
	} else if (beyond($1)) {
		bad++
		printf "  DIFFERS"
	}
	print ""
}

END {
	for (row in missing) {
		print row ": missing"
		bad++
	}
	exit bad > 0
}
