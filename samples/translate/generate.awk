# Writes numbers in words and in figures, as part TAB words TAB figures: awk -f generate.awk > numbers.tsv
# Every 37th number from 0 to 99,999; of eleven in turn nine train, one validates, one tests.
function small(n) { return n < 20 ? one[n] : ten[int(n / 10)] (n % 10 ? "-" one[n % 10] : "") }
function hundreds(n) {
    if (n < 100) return small(n)
    return one[int(n / 100)] " hundred" (n % 100 ? " and " small(n % 100) : "")
}
function words(n) {
    if (n < 1000) return hundreds(n)
    return hundreds(int(n / 1000)) " thousand" (n % 1000 ? (n % 1000 < 100 ? " and " : " ") hundreds(n % 1000) : "")
}
BEGIN {
    split("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", one, " ")
    one[0] = "zero"
    split("ten twenty thirty forty fifty sixty seventy eighty ninety", ten, " ")
    for (i = 0; 37 * i < 100000; i++)
        print (i % 11 == 3 ? "valid" : i % 11 == 7 ? "test" : "train") "\t" words(37 * i) "\t" 37 * i
}
