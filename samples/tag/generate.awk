# Writes made-up orders, a token and its label on each line: awk -f generate.awk > orders.conll
# A number is a COUNT before a thing and a PRICE before a currency; a word after "from" is a PLACE.
function pick(list, n,   words) { split(list, words, ","); return words[1 + int(n)] }
function draw(k) { seed = (seed * 1103515245 + 12345) % 2147483648; return int(seed / 65536) % k }
function number() { return draw(2) ? 1 + draw(99) : pick("two,three,five,ten,twelve,twenty", draw(6)) }
function put(token, label) { print token, label }
BEGIN {
  seed = 7
  for (i = 0; i < 400; i++) {
    put(pick("please,we,kindly", draw(3)), "O"); put(pick("send,want,order", draw(3)), "O")
    put(number(), "COUNT"); put(pick("chairs,lamps,tables,books,cups", draw(5)), "THING")
    if (draw(2)) { put("for", "O"); put(number(), "PRICE"); put(pick("euro,crowns,dollars", draw(3)), "O") }
    if (draw(2)) { put("from", "O"); put(pick("Malmo,Turin,Lyon,Ghent,Porto", draw(5)), "PLACE") }
    if (draw(3) == 0) { put("and", "O"); put(number(), "COUNT"); put(pick("chairs,lamps,tables,books,cups", draw(5)), "THING") }
    print ""
  }
}
