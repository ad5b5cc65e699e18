#!/usr/bin/env bash
# Kills a sweep with SIGKILL at random moments, resumes it each time with 1, 2 or 4 jobs or over 2 ranks in turn, and compares its table with that of
# an undisturbed one; counts trials that were lost or that came to the end of a rung twice. Of ranks a random one is killed.
#   tools/kill-sweep.sh [kills] [openmpi|mpich]          (without the second: no ranks; UNROLL=PROGRAM: another program than ./unroll)
set -euo pipefail
kills=${1:-20} mpi=${2:-}
unroll=${UNROLL:-$(cd "$(dirname "$0")/.." && pwd)/unroll}
launch=()
if [ -n "$mpi" ]; then
  launch=("$(command -v "mpirun.$mpi" || command -v mpirun)" -n 2)
  [ "$mpi" = mpich ] || launch+=(--oversubscribe --mca mpi_yield_when_idle 1)
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

trials=24
settings=(--data airline --window 12 --epochs 27 --space lr=log:1e-4..1e-1 --space hidden=4..16 --space cell=gru,lstm --trials "$trials" --halving)
ways=("1 job" "2 jobs" "4 jobs")
[ -z "$mpi" ] || ways+=("2 ranks")
start() {                                                                # WAY OPTIONS…
  local way=$1; shift
  if [ "$way" = 3 ]; then exec "${launch[@]}" "$unroll" sweep train forecast --mpi "$@"; fi
  exec "$unroll" sweep train forecast --jobs $((1 << way)) "$@"
}
table_of() { sha256sum <"runs/$1/trials.csv"; }

(start 0 "${settings[@]}" --run undisturbed) >undisturbed.out 2>undisturbed.log
table=$(table_of undisturbed)
echo "undisturbed, ${ways[0]}: $table"
agree=0 rounds=0
for ((way = 1; way < ${#ways[@]}; way++)); do
  (start "$way" "${settings[@]}" --run "whole-$way") >whole.out 2>whole.log </dev/null
  echo "undisturbed, ${ways[way]}: $(table_of "whole-$way")"
  rounds=$((rounds + 1))
  if [ "$(table_of "whole-$way")" = "$table" ]; then agree=$((agree + 1)); fi
done

killed=0 lost=0 doubled=0 starts=0 by=(0 0 0 0) resumed=0
while [ "$killed" -lt "$kills" ] || [ "$resumed" -lt 3 ]; do            # a sweep that reaches its end is compared, and another begins
  run="killed-$resumed" resumed=$((resumed + 1)) rounds=$((rounds + 1)) resume=()
  while :; do
    way=$((starts % ${#ways[@]})) starts=$((starts + 1)) first=("${settings[@]}")
    if [ ${#resume[@]} -gt 0 ]; then first=(); fi
    rm -rf "runs/$run.ranks"
    (start "$way" "${first[@]}" --run "$run" "${resume[@]}") >"$run.out" 2>>"$run.log" </dev/null & process=$!
    victim=$process
    if [ "$way" = 3 ]; then                                              # from when its ranks know each other; a launcher may not be killed alone
      victim='' log=runs/$run.ranks/rank-$((RANDOM % 2)).log
      until victim=$(sed -n 's/^host .*, process \([0-9]*\), .*/\1/p' "$log" 2>/dev/null) && [ -n "$victim" ]; do
        kill -0 "$process" 2>/dev/null || break
        sleep 0.02
      done
    fi
    sleep "$(awk -v seed="$RANDOM" -v from="$([ "$way" = 3 ] && echo 0 || echo 0.4)" 'BEGIN { srand(seed); printf "%.3f", from + 2 * rand() }')"
    if [ "$killed" -lt "$kills" ] && [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null; then
      killed=$((killed + 1)) by[way]=$((by[way] + 1))
    fi
    if wait "$process" 2>/dev/null; then break; fi
    if grep -q '^error:' "$run.log"; then echo "refused: $(grep '^error:' "$run.log")"; exit 1; fi
    if [ -f "runs/$run/config.json" ]; then resume=(--resume); else resume=(); fi
  done
  if [ "$(table_of "$run")" = "$table" ]; then agree=$((agree + 1)); fi
  lost=$((lost + trials - $(find "runs/$run/trials" -name result.json | wc -l)))
  # A line for each end of a rung that was reported; a kill between the result and its line leaves one line less, never one more.
  doubled=$((doubled + $(sed -n 's/^trial \([0-9]*\) .*epoch \([0-9]*\) .*/\1 \2/p' "$run.log" | sort | uniq -d | wc -l)))
  echo "$run: $killed kills so far, $(table_of "$run" | cut -c1-16)"
done
said=
for ((way = 0; way < ${#ways[@]}; way++)); do said+="${said:+, }${by[way]} with ${ways[way]}"; done
echo "$killed kills ($said), $resumed sweeps of $trials trials resumed to their end,"
echo "$agree of $rounds tables as the undisturbed one, $lost trials lost, $doubled done twice"
[ "$agree" = "$rounds" ] && [ "$lost" = 0 ] && [ "$doubled" = 0 ]
