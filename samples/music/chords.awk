# Writes 120 made-up pieces for four voices as a piano roll: awk -f chords.awk > chords.json
# A step is a list of MIDI pitches. A piece is twelve chords of a major key, two steps each, drawn by what usually follows what, from I to V I. The bass has
# the root; each other voice goes to the nearest note of the chord; on the second step of a chord the highest voice may go one step of the scale further.
function draw(k) { seed = (seed * 1103515245 + 12345) % 2147483648; return int(seed / 65536) % k }
function pick(list,   n, words) { n = split(list, words, " "); return words[1 + draw(n)] }
function pitch(degree) { return key + 12 * int(degree / 7) + scale[1 + degree % 7] }
# The degree that belongs to the chord on `root`, is above `floor`, and is nearest to `from`.
function nearest(root, from, floor,   away, side) {
    for (away = 0; away < 14; away++)
        for (side = -1; side <= 1; side += 2)
            if (from + side * away > floor && (from + side * away - root + 14) % 7 ~ /^[024]$/) return from + side * away
}
function piece(   c, root, text, tenor, alto, top, ornament) {
    key = 36 + draw(12); tenor = 11; alto = 14; top = 18; root = 0
    for (c = 0; c < 12; c++) {
        if (c == 10) root = 4
        else if (c == 11) root = 0
        else if (c > 0) root = pick(follows[root])
        tenor = nearest(root, tenor, 8); alto = nearest(root, alto, tenor); top = nearest(root, top + (top < 16) - (top > 20), alto)
        ornament = c < 11 && draw(3) == 0 ? top + (draw(2) ? 1 : -1) : top
        if (ornament <= alto) ornament = top
        text = text (c ? "," : "") voices(root, tenor, alto, top) "," voices(root, tenor, alto, ornament)
    }
    return "[" text "]"
}
function voices(a, b, c, d) { return "[" pitch(a) "," pitch(b) "," pitch(c) "," pitch(d) "]" }
function part(name, pieces,   i) {
    printf "\"%s\":[", name
    for (i = 0; i < pieces; i++) printf "%s%s", i ? ",\n" : "\n", piece()
    printf "]"
}
BEGIN {
    seed = 5
    split("0 2 4 5 7 9 11", scale, " ")
    follows[0] = "3 3 4 5 1"; follows[1] = "4 4 6"; follows[2] = "5 3"; follows[3] = "4 4 0 1"; follows[4] = "0 0 5"; follows[5] = "1 3 2"; follows[6] = "0"
    printf "{"; part("train", 96); printf ",\n"; part("valid", 12); printf ",\n"; part("test", 12); print "}"
}
