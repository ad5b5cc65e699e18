# Writes made-up opinions, label TAB text: awk -f generate.awk > opinions.tsv
# The label follows from the judgement and from whether it is denied, so that single words do not decide it.
function pick(list, n,   words) { split(list, words, ","); return words[1 + int(n)] }
function draw(k) { seed = (seed * 1103515245 + 12345) % 2147483648; return int(seed / 65536) % k }
BEGIN {
  seed = 20
  for (i = 0; i < 600; i++) {
    what = pick("film,book,concert,meal,hotel,walk", draw(6))
    good = draw(2); denied = draw(3) == 0
    word = good ? pick("good,lovely,moving,clever,warm,worth it", draw(6)) : pick("bad,dull,clumsy,cold,tiring,a waste", draw(6))
    opening = pick("the,our,that,this,my", draw(5)) " " what " was "
    closing = pick(" ,; we stayed to the end,; we told our friends,; it rained all day, and it was late,; the queue was long", draw(6))
    printf "%s\t%s%s%s%s\n", (good != denied) ? "likes" : "dislikes", opening, denied ? pick("not ,never ,hardly ", draw(3)) : pick(",very ,quite ", draw(3)), word, closing == " " ? "" : closing
  }
}
