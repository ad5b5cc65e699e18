#!/usr/bin/env bash
# Kills a sweep with SIGKILL at random moments, resumes it each time with 1, 2 or 4 jobs in turn, and compares its table with that of an undisturbed
# one; counts trials that were lost or that came to the end of a rung twice.
#   tools/kill-sweep.sh [kills]          (UNROLL=PROGRAM: another program than ./unroll)
set -euo pipefail
kills=${1:-20}
unroll=${UNROLL:-$(cd "$(dirname "$0")/.." && pwd)/unroll}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

trials=24
sweep() { "$unroll" sweep train forecast "$@"; }
settings=(--data airline --window 12 --epochs 27 --space lr=log:1e-4..1e-1 --space hidden=4..16 --space cell=gru,lstm --trials "$trials" --halving)

sweep "${settings[@]}" --jobs 1 --run undisturbed >undisturbed.out 2>undisturbed.log
table=$(sha256sum <runs/undisturbed/trials.csv)
echo "undisturbed, 1 job: $table"

killed=0 rounds=0 agree=0 lost=0 doubled=0 starts=0 by=(0 0 0)
while [ "$killed" -lt "$kills" ] || [ "$rounds" -lt 3 ]; do             # a sweep that reaches its end is compared, and another begins
  run="killed-$rounds" rounds=$((rounds + 1)) resume=()
  while :; do
    turn=$((starts % 3)) jobs=$((1 << starts % 3)) starts=$((starts + 1))
    first=("${settings[@]}")
    if [ ${#resume[@]} -gt 0 ]; then first=(); fi
    (exec "$unroll" sweep train forecast "${first[@]}" --jobs "$jobs" --run "$run" "${resume[@]}") >"$run.out" 2>>"$run.log" & process=$!
    sleep "$(awk -v seed="$RANDOM" 'BEGIN { srand(seed); printf "%.3f", 0.4 + 2 * rand() }')"
    if [ "$killed" -lt "$kills" ] && kill -9 "$process" 2>/dev/null; then
      killed=$((killed + 1)) by[turn]=$((by[turn] + 1))
    fi
    if wait "$process" 2>/dev/null; then break; fi
    if grep -q '^error:' "$run.log"; then echo "refused: $(grep '^error:' "$run.log")"; exit 1; fi
    if [ -f "runs/$run/config.json" ]; then resume=(--resume); else resume=(); fi
  done
  if [ "$(sha256sum <"runs/$run/trials.csv")" = "$table" ]; then agree=$((agree + 1)); fi
  lost=$((lost + trials - $(find "runs/$run/trials" -name result.json | wc -l)))
  # A line for each end of a rung that was reported; a kill between the result and its line leaves one line less, never one more.
  doubled=$((doubled + $(sed -n 's/^trial \([0-9]*\) .*epoch \([0-9]*\) .*/\1 \2/p' "$run.log" | sort | uniq -d | wc -l)))
  echo "$run: $killed kills so far, $(sha256sum <"runs/$run/trials.csv" | cut -c1-16)"
done
echo "$killed kills (${by[0]} with 1 job, ${by[1]} with 2, ${by[2]} with 4), $rounds sweeps of $trials trials resumed to their end," \
  "$agree of $rounds with the undisturbed table, $lost trials lost, $doubled done twice"
[ "$agree" = "$rounds" ] && [ "$lost" = 0 ] && [ "$doubled" = 0 ]
