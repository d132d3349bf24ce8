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

# what a heading takes, and a number of what is counted
function wide(name,   word, i, most) {
	most = 10
	for (i = split(name, word, "_"); i; i--)
		if (length(word[i]) > most)
			most = length(word[i])
	return most + 1
}

function bar() {
	line[1] = line[1] " |"
	line[2] = line[2] " |"
}

function headings(   i) {
	line[1] = line[2] = sprintf("%-9s", "")
	heading("native_instr", 10)
	heading("host_instr", 10)
	heading("uml_instr", 12)
	heading("guest_instr", 11)
	heading("ratio", 7)
	heading("to_uml", 7)
	bar()
	heading("native_us", 10)
	heading("uml_us", 12)
	heading("guest_us", 11)
	heading("ratio", 7)
	heading("to_uml", 7)
	bar()
	for (i = at["guest_instr"] + 1; i <= NF; i++) {
		width[i] = wide($i)
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
	printf "%-9s%s%s%s%s%s%s |", $1, cell(native, 10, 0), cell($at["host_instr"], 10, 0),
	       cell(uml, 12, 0), cell(guest, 11, 0), cell(ratio(guest, native), 7, 2),
	       cell(ratio(guest, uml), 7, 2)
	printf "%s%s%s%s%s |", cell(native_us[$1], 10, 1), cell(uml_us[$1], 12, 1),
	       cell(guest_us[$1], 11, 1), cell(ratio(guest_us[$1], native_us[$1]), 7, 2),
	       cell(ratio(guest_us[$1], uml_us[$1]), 7, 2)
	for (i = at["guest_instr"] + 1; i <= NF; i++)
		printf "%s", cell($i, width[i], 2)
	print ""
}
