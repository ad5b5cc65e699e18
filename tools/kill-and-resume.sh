#!/usr/bin/env bash
# Kills a training run with SIGKILL at random moments, resumes it each time, and compares the final weights with an undisturbed run's.
#   tools/kill-and-resume.sh [kills]
set -euo pipefail
kills=${1:-50}
unroll=$(cd "$(dirname "$0")/.." && pwd)/unroll
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

train() { "$unroll" train forecast --threads 2 --json "$@"; }
hash_of() { sed -n 's/.*"weights_sha256":"\([0-9a-f]*\)".*/\1/p' | tail -n 1; }

undisturbed=$(train --run undisturbed 2>/dev/null | hash_of)
echo "undisturbed: $undisturbed"

unreadable=0 done=0 rounds=0 agree=0 killed=0
while [ "$killed" -lt "$kills" ]; do                                     # a run that reaches its end is compared, and another begins
  run="killed-$rounds" rounds=$((rounds + 1)) resume=()
  while :; do
    (exec "$unroll" train forecast --threads 2 --json --run "$run" "${resume[@]}") >"$run.out" 2>"$run.log" & process=$!      # exec: the very process is killed
    sleep "$(awk -v seed="$RANDOM" 'BEGIN { srand(seed); printf "%.3f", 0.3 + 2.5 * rand() }')"
    if [ "$killed" -lt "$kills" ] && kill -9 "$process" 2>/dev/null; then killed=$((killed + 1)); fi
    if wait "$process" 2>/dev/null; then break; fi
    if grep -qiE 'damaged|unreadable' "$run.log"; then unreadable=$((unreadable + 1)); fi
    if grep -q '^error:' "$run.log"; then echo "refused: $(grep '^error:' "$run.log")"; exit 1; fi
    if [ -d "runs/$run" ]; then resume=(--resume); else resume=(); fi
  done
  done=$((done + 1))
  if [ "$(hash_of <"$run.out")" = "$undisturbed" ]; then agree=$((agree + 1)); fi
done
echo "$killed kills, $done runs resumed to their end, $unreadable unreadable checkpoints, $agree of $done with the undisturbed run's weights"
[ "$agree" = "$done" ] && [ "$unreadable" = 0 ]
