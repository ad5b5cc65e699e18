#!/usr/bin/env bash
# Whether the compiler made of the matrix product on ARM64 what was meant: reads the machine code of a program that tests/arm64.sh has built.
#
#     tests/arm64-loop.sh [PROGRAM]
#
# The innermost loop of the tile of 6 rows and 16 columns must consist of multiply-adds by element (fmla v.4s, v.4s, v.s[lane]) into 24 sums, must
# not copy numbers into vectors (dup), and must keep its vectors in registers: no load from and no store to the stack.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=${1:-artifacts/native/tests/Unroll.Tests}
skip() { echo "the loop on ARM64 [SKIP] $1"; echo "ARM64 loop  Total: 1, Errors: 0, Failed: 0, Skipped: 1, Not Run: 0"; exit 0; }
[ -f "$program" ] || skip "$program has not been built"
objdump=$(command -v aarch64-linux-gnu-objdump || { [ "$(uname -m)" = aarch64 ] && command -v objdump; }) ||
  skip "needs aarch64-linux-gnu-objdump"

"$objdump" -d --no-show-raw-insn "$program" | awk '
  # A loop ends with a branch backwards; the loop with the most multiply-adds by element that holds no other is the one.
  function finish(   i, j, target, place, byElement, sums, seen, dups, stack, register, inner) {
    for (i = 1; i <= count; i++) {
      if (code[i] !~ /^(b\.[a-z]+|cbz|cbnz|tbz|tbnz)\t/ || !match(code[i], /[0-9a-f]+ </)) continue
      target = substr(code[i], RSTART, RLENGTH - 2)
      if (!(target in at) || at[target] > i) continue
      byElement = dups = stack = sums = inner = 0
      split("", seen)
      for (j = at[target]; j <= i; j++) {
        place = code[j]
        if (j < i && place ~ /^(b\.[a-z]+|cbz|cbnz|tbz|tbnz)\t/ && match(place, /[0-9a-f]+ </)) {
          register = substr(place, RSTART, RLENGTH - 2)
          if (register in at && at[register] <= j && at[register] > at[target]) inner = 1
        }
        if (place ~ /^fmla\tv[0-9]+\.4s, v[0-9]+\.4s, v[0-9]+\.s\[[0-3]\]/) {
          byElement++
          register = place; sub(/^fmla\t/, "", register); sub(/\..*/, "", register)
          if (!(register in seen)) { seen[register] = 1; sums++ }
        }
        if (place ~ /^dup\t/) dups++
        if (place ~ /^(ldr|str|ldp|stp|ldur|stur)\t[qsd][0-9]+.*\[(sp|x29)/) stack++
      }
      if (!inner && byElement > most) {
        most = byElement; mostSums = sums; mostDups = dups; mostStack = stack; mostLength = i - at[target] + 1; where = symbol
      }
    }
  }
  /^[0-9a-f]+ <.*>:$/ { if (reading) finish(); symbol = $2; reading = symbol ~ /MatrixTiles/; count = 0; split("", at); next }
  reading && match($0, /^ *[0-9a-f]+:\t/) {
    address = substr($0, RSTART, RLENGTH - 2); gsub(/ /, "", address)
    code[++count] = substr($0, RSTART + RLENGTH); at[address] = count
  }
  END {
    if (reading) finish()
    printf "the loop on ARM64: %d multiply-adds by element into %d sums, %d copies of one number, %d vectors on the stack, %d instructions; %s\n",
      most, mostSums, mostDups, mostStack, mostLength, where
    right = most > 0 && mostSums == 24 && mostDups == 0 && mostStack == 0
    printf "ARM64 loop%s  Total: 1, Errors: 0, Failed: %d, Skipped: 0, Not Run: 0\n", right ? "" : " [FAIL]", !right
    exit !right
  }'
