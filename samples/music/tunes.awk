# Writes 300 made-up tunes in ABC: awk -f tunes.awk > tunes.abc
# A tune has a key, a meter of 3/4, 4/4 or 6/8, and two parts of four bars, each repeated. A chord underlies each bar; notes on the beat belong to it, the
# others are one step of the scale away from the note before. The first part's first two bars come back in its third and fourth but for the last notes.
function draw(k) { seed = (seed * 1103515245 + 12345) % 2147483648; return int(seed / 65536) % k }
function pick(list,   n, words) { n = split(list, words, "|"); return words[1 + draw(n)] }
function letter(degree) { return substr("CDEFGABcdefgab", 1 + tonic + degree, 1) }
# The degree of the chord on `root` that is nearest to `from`, 0 to 7.
function chordal(root, from,   away, side, d, first) {
    first = draw(2) ? 1 : -1
    for (away = 0; away < 8; away++)
        for (side = first; side == first || side == -first; side -= 2 * first) {
            d = from + side * away
            if (d >= 0 && d <= 7 && (d - root + 14) % 7 ~ /^[024]$/) return d
        }
}
# A bar: its lengths in eighths, each on a beat (+) or off it (-).
function bar(root, rhythm,   n, lengths, i, text) {
    n = split(rhythm, lengths, " ")
    for (i = 1; i <= n; i++) {
        if (lengths[i] ~ /-/) at += at == 0 ? 1 : at == 7 ? -1 : draw(2) ? 1 : -1
        else at = chordal(root, at + draw(5) - 2 < 0 ? 0 : at)
        text = text letter(at) (lengths[i] + 0 > 1 || lengths[i] + 0 < -1 ? substr(lengths[i], 2) : "")
    }
    return text
}
function rhythm() {
    if (meter == "3/4") return pick("+2 +2 +2|+1 -1 +1 -1 +2|+2 +1 -1 +1 -1|+3 -1 +2")
    if (meter == "4/4") return pick("+2 +2 +2 +2|+1 -1 +1 -1 +2 +2|+2 +1 -1 +2 +1 -1|+3 -1 +2 +2|+1 -1 +1 -1 +1 -1 +1 -1")
    return pick("+2 -1 +2 -1|+1 -1 -1 +1 -1 -1|+3 +1 -1 -1|+2 -1 +3")
}
function whole() { return meter == "4/4" ? "8" : "6" }
BEGIN {
    seed = 11
    print "% Made up by tunes.awk: nobody's music."
    for (tune = 1; tune <= 300; tune++) {
        key = pick("C|D|F|G|A"); tonic = index("CDEFGAB", key) - 1
        meter = pick("3/4|4/4|6/8")
        at = pick("0|2|4")
        r = rhythm(); s = rhythm()
        home = bar(0, r); away = bar(pick("3|4|5"), s)
        print "\nX:" tune "\nT:Made-up tune " tune "\nM:" meter "\nL:1/8\nK:" key
        print "|:" home "|" away "|" home "|" bar(4, r) ":|"
        third = bar(pick("3|5|1"), rhythm()) "|" bar(4, rhythm())
        print "|:" third "|" home "|" letter(pick("0|0|0|7")) whole() ":|"
    }
}
