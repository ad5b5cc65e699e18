#!/usr/bin/env bash
# Kills a random rank of a training run with SIGKILL at random moments, resumes it each time with another number of ranks, and compares the final
# weights with an undisturbed run's. Checks that all ranks end within 5 s, that the launcher says so, and that every log names its last step.
#   tools/kill-ranks.sh [kills] [openmpi|mpich]
set -euo pipefail
kills=${1:-100} mpi=${2:-openmpi}
unroll=${UNROLL:-$(cd "$(dirname "$0")/.." && pwd)/unroll}
mpirun=$(command -v "mpirun.$mpi" || command -v mpirun)
options=(); [ "$mpi" = mpich ] || options=(--oversubscribe --mca mpi_yield_when_idle 1)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

settings=(--hidden 16 --epochs 40 --patience 40)
train() { local ranks=$1; shift; exec "$mpirun" "${options[@]}" -n "$ranks" $unroll train forecast --mpi --threads 1 --json "$@"; }
hash_of() { sed -n 's/.*"weights_sha256":"\([0-9a-f]*\)".*/\1/p' | tail -n 1; }
random() { awk -v seed="$RANDOM" -v from="$1" -v to="$2" 'BEGIN { srand(seed); printf "%.3f", from + (to - from) * rand() }'; }
now() { date +%s%3N; }

undisturbed=$( (train 1 --run undisturbed "${settings[@]}") 2>/dev/null | hash_of)
echo "undisturbed: $undisturbed"

killed=0 late=0 unsaid=0 unnamed=0 damaged=0 changed=0 finished=0 agree=0 rounds=0 slowest=0
while [ "$killed" -lt "$kills" ]; do                                     # a run that reaches its end is compared, and another begins
  run=killed-$rounds rounds=$((rounds + 1)) before=0 more=("${settings[@]}")
  while :; do
    ranks=$((RANDOM % 3 + 1))
    [ "$before" != 0 ] && [ "$before" != "$ranks" ] && changed=$((changed + 1))
    before=$ranks
    rm -rf "runs/$run.ranks"
    (train "$ranks" --run "$run" "${more[@]}") >"$run.out" 2>"$run.log" & launcher=$!
    victim=$((RANDOM % ranks)) log=runs/$run.ranks/rank-$victim.log process=
    if [ "$killed" -lt "$kills" ]; then
      until process=$(sed -n 's/^host .*, process \([0-9]*\), .*/\1/p' "$log" 2>/dev/null) && [ -n "$process" ]; do
        kill -0 "$launcher" 2>/dev/null || break
        sleep 0.02
      done
      sleep "$(random 0 2)"
      if [ -n "$process" ] && kill -9 "$process" 2>/dev/null; then
        began=$(now)
        wait "$launcher" && { echo "exit code 0 after a kill"; exit 1; }
        took=$(($(now) - began))
        killed=$((killed + 1))
        [ "$took" -le "$slowest" ] || slowest=$took
        [ "$took" -le 5000 ] || { late=$((late + 1)); echo "took $took ms"; }
        echo "$killed: $run, rank $victim of $ranks, $took ms"
        grep -qiE 'killed|signal 9|exit code: 9' "$run.log" "$run.out" || { unsaid=$((unsaid + 1)); cat "$run.log"; }
        for ((rank = 0; rank < ranks; rank++)); do
          grep -qE '^last finished step: [0-9]+' "runs/$run.ranks/rank-$rank.log" || unnamed=$((unnamed + 1))
        done
        if grep -qiE 'damaged|unreadable' "$run.log"; then damaged=$((damaged + 1)); fi
        if grep -q '^error:' "$run.log"; then echo "refused: $(grep '^error:' "$run.log")"; exit 1; fi
        if [ -d "runs/$run" ]; then more=(--resume); else more=("${settings[@]}"); fi
        continue
      fi
    fi
    wait "$launcher" || { echo "ended with an error:"; cat "$run.log"; exit 1; }
    if grep -qiE 'damaged|unreadable' "$run.log"; then damaged=$((damaged + 1)); fi
    break
  done
  finished=$((finished + 1))
  if [ "$(hash_of <"$run.out")" = "$undisturbed" ]; then agree=$((agree + 1)); fi
done
echo "$killed kills under $mpi, all ranks ended within $slowest ms ($late later than 5 s), launcher silent $unsaid times, $unnamed logs without a step,"
echo "$damaged damaged checkpoints, $changed times resumed with another number of ranks, $agree of $finished runs with the undisturbed run's weights"
[ "$agree" = "$finished" ] && [ "$late$unsaid$unnamed$damaged" = 0000 ]
