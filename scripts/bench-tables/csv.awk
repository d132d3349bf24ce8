# SPDX-License-Identifier: GPL-2.0
#
# A table, as CSV, of what tests/vm/bench.sh says: of each operation what it costs each of
# those that did it, and what was counted in the guest meanwhile.
#
#	-v unit=UNIT		instr: ticks are instructions; us: they become microseconds
#	-v counters=NAMES	what the guest's lines have after that

function number(n) {
	n = sprintf("%.2f", n)
	return n == "-0.00" ? "0.00" : n
}

# one on the way in, one on the way out, and one for a switch without that
function cr3_loads(row) {
	return number(2 * counted[row, "exits"] + counted[row, "direct_switches"])
}

BEGIN {
	columns = split("native host uml guest", who, " ")
	n = split(counters, counter, " ")
	printf "row"
	for (i = 1; i <= columns; i++)
		printf ",%s_%s", who[i], unit
	for (i = 1; i <= n; i++)
		printf ",%s", counter[i]
	print n ? ",cr3_loads" : ""
}

$1 == "mhz" {
	mhz = unit == "us" ? $2 : 1
	next
}

{
	cost[$1, $2] = number($3 / mhz)
}

$1 == "guest" {
	row[++rows] = $2
	for (i = 1; i <= n && i + 3 <= NF; i++)
		counted[$2, counter[i]] = number($(3 + i))
}

END {
	for (r = 1; r <= rows; r++) {
		printf "%s", row[r]
		for (i = 1; i <= columns; i++)
			printf ",%s", cost[who[i], row[r]]
		for (i = 1; i <= n; i++)
			printf ",%s", counted[row[r], counter[i]]
		print n ? "," cr3_loads(row[r]) : ""
	}
}
