# SPDX-License-Identifier: GPL-2.0
#
# Both tables, that of time and that of instructions, as one for people.  A ratio is the
# guest's cost to that of the native kernel; "to uml" is it to User-mode Linux.

# what there is nothing of stays empty
function cell(value, width, digits) {
	return value == "" ? sprintf("%" width "s", "") : sprintf("%" width "." digits "f", value)
}

function ratio(one, other) {
	return one != "" && other > 0 ? one / other : ""
}

# a heading of two lines, for a column of so many characters
function heading(name, width,   word) {
	if (split(name, word, "_") < 2) {
		word[2] = word[1]
		word[1] = ""
	}
	line[1] = line[1] sprintf("%" width "s", word[1])
	line[2] = line[2] sprintf("%" width "s", word[2])
}

function bar() {
	line[1] = line[1] " |"
	line[2] = line[2] " |"
}

function headings(   i) {
	line[1] = line[2] = sprintf("%-9s", "")
	heading("native_instr", 9)
	heading("host_instr", 9)
	heading("uml_instr", 10)
	heading("guest_instr", 9)
	heading("ratio", 7)
	heading("to_uml", 7)
	bar()
	heading("native_us", 10)
	heading("uml_us", 10)
	heading("guest_us", 10)
	heading("ratio", 7)
	heading("to_uml", 7)
	bar()
	for (i = at["guest_instr"] + 1; i <= NF; i++) {
		width[i] = length($i) > 7 && $i !~ /_/ ? length($i) + 1 : 8
		heading($i, width[i])
	}
	print line[1]
	print line[2]
}

BEGIN {
	FS = ","
}

# (columns are known by their names)
FNR == 1 {
	for (i = 1; i <= NF; i++)
		at[$i] = i
	if (NR != 1)
		headings()
	next
}

NR == FNR {
	native_us[$1] = $at["native_us"]
	uml_us[$1] = $at["uml_us"]
	guest_us[$1] = $at["guest_us"]
	next
}

{
	native = $at["native_instr"]
	uml = $at["uml_instr"]
	guest = $at["guest_instr"]
	printf "%-9s%s%s%s%s%s%s |", $1, cell(native, 9, 0), cell($at["host_instr"], 9, 0),
	       cell(uml, 10, 0), cell(guest, 9, 0), cell(ratio(guest, native), 7, 2),
	       cell(ratio(guest, uml), 7, 2)
	printf "%s%s%s%s%s |", cell(native_us[$1], 10, 1), cell(uml_us[$1], 10, 1),
	       cell(guest_us[$1], 10, 1), cell(ratio(guest_us[$1], native_us[$1]), 7, 2),
	       cell(ratio(guest_us[$1], uml_us[$1]), 7, 2)
	for (i = at["guest_instr"] + 1; i <= NF; i++)
		printf "%s", cell($i, width[i], 2)
	print ""
}
