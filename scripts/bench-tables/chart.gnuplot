# SPDX-License-Identifier: GPL-2.0
#
# The chart of a table: what chart.awk says of it is in the file "data"; "title" is what it
# is of, and "chart" where it goes.

set terminal svg size 900, 740 font "sans-serif,13" background rgb "white"
set termoption noenhanced
set output chart
set title title font ",15"
set xlabel "instructions, where the native kernel takes 1"
set logscale x
set xrange [0.8:200]
set xtics (1, 1.5, 2, 3, 5, 10, 20, 50, 100)
set datafile separator tab
stats data using 1 nooutput
set yrange [-0.7:STATS_max + 0.7]
set ytics nomirror scale 0 textcolor rgb "black"
set grid xtics lc rgb "#dddddd"
set xtics nomirror textcolor rgb "black"
set border 3 lc rgb "#888888"
set key outside top center horizontal
set style fill solid
set arrow from 1, graph 0 to 1, graph 1 nohead lc rgb "black" front

# (bars are from 1, the native kernel, to the guest's ratio)
plot data using (1):1:(1):3:($1 - 0.35):($1 + 0.35):ytic(2) with boxxyerror \
		lc rgb "#3a76af" title "guest, and its exits", \
	data using 4:1 with points pt 7 ps 0.6 lc rgb "#c44e52" title "User-mode Linux", \
	data using ($3 < 1 ? 1 : $3):1:5 with labels left offset 0.6, 0 font ",11" notitle
