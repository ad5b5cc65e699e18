# Reads the dictionary as the package has it ("word(2)": "W ER1 D",) and writes part TAB spelling TAB phonemes.
# The digits of stress and of further pronunciations go; words with other signs than letters and apostrophes go; equal pairs are written once.
# A word tests when its hash modulo 100 is below 12, validates below 17, else trains. The hash is that of the word without 's or ' at its end, so that
# dog, dog's and dogs' are in one part:  h = (31 h + code of the letter) mod 1000003, from left to right, from 7.
BEGIN { for (i = 32; i < 127; i++) code[sprintf("%c", i)] = i }
{ split($0, field, "\"") }
/^  "/ {
    word = field[2]; sounds = field[4]
    sub(/\([0-9]+\)$/, "", word); gsub(/[0-9]/, "", sounds)
    if (word !~ /^[a-z'][a-z']*$/ || word !~ /[a-z]/ || sounds !~ /^[A-Z][A-Z ]*$/ || (word, sounds) in seen) next
    seen[word, sounds] = 1
    stem = word; sub(/'s?$/, "", stem)
    h = 7; for (i = 1; i <= length(stem); i++) h = (31 * h + code[substr(stem, i, 1)]) % 1000003
    h = h % 100
    print (h < 12 ? "test" : h < 17 ? "valid" : "train") "\t" word "\t" sounds
}
