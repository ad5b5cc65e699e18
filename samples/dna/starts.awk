# Reads an annotated bacterial genome (GenBank's flat form) and writes windows around ATG codons as split,label,sequence.
#   start   the ATG at which an annotated gene begins
#   inside  the first ATG, in any of the three frames, that begins 60 bases or more behind the begin of the same gene and ends in it
# Each window has 30 bases before the ATG and 30 behind it, in the direction of the gene; both windows of a gene are in one part. Genes that begin
# otherwise (GTG, TTG), in pieces or at an open end are left out, and so are inner ATGs where another gene begins, and windows seen before.
# The part is where the gene begins: the first seven tenths of the genome train, the eighth validates, the last two test.
/^     CDS / && $2 ~ /^(complement\()?[0-9]+\.\.[0-9]+\)?$/ {
    reverse[++genes] = $2 ~ /^c/
    gsub(/[^0-9.]/, "", $2); split($2, ends, /\.\./)
    first[genes] = ends[1]; last[genes] = ends[2]
    begins[reverse[genes], reverse[genes] ? ends[2] : ends[1]] = 1
}
/^ORIGIN/ { bases = 1; next }
/^\/\// { bases = 0 }
bases {
    for (i = 2; i <= NF; i++) some = some toupper($i)
    if (length(some) > 20000) { genome = genome some; some = "" }      # to lengthen a long string costs its length
}
END {
    genome = genome some
    split("A C G T", base, " "); split("T G C A", other, " ")
    for (i = 1; i <= 4; i++) complement[base[i]] = other[i]
    print "split,label,sequence"
    for (g = 1; g <= genes; g++) {
        begin = reverse[g] ? last[g] : first[g]
        tenth = int(10 * begin / length(genome))
        part = tenth < 7 ? "train" : tenth < 8 ? "valid" : "test"
        if (window(g, 0, 33) !~ /ATG$/) continue
        put(part, "start", window(g, 0, 63))
        for (at = 60; at + 3 <= last[g] - first[g] + 1; at++)
            if (window(g, at, 33) ~ /ATG$/ && !((reverse[g], reverse[g] ? begin - at : begin + at) in begins)) {
                put(part, "inside", window(g, at, 63))
                break
            }
    }
}
# The bases from 30 before base `at` of gene g on, counted from 0 in its direction.
function window(g, at, size,   i, bases) {
    if (!reverse[g]) return substr(genome, first[g] + at - 30, size)
    bases = ""
    for (i = 0; i < size; i++) bases = bases complement[substr(genome, last[g] - at + 30 - i, 1)]
    return bases
}
function put(part, label, sequence) {
    if (length(sequence) == 63 && sequence !~ /[^ACGT]/ && !(sequence in seen)) print part "," label "," sequence
    seen[sequence] = 1
}
