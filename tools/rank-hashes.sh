#!/usr/bin/env bash
# Trains small models of four tasks with 1, 2, 3, 4 and 8 ranks under each MPI that is installed, and without ranks, all with 8 shards, and prints the
# hashes of their weights: each task has one. A few minutes on two cores.
#   tools/rank-hashes.sh [task…]         (UNROLL=PROGRAM: another program than ./unroll)
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
unroll=${UNROLL:-$here/unroll}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# A text of the project's own; truncated backpropagation with a carried state, and dropout.
cat "$here"/docs/notation.md "$here"/docs/packed-sequences.md "$here"/docs/gate-orders.md "$here"/docs/own-*.md | sed -n '1,250p' >text.txt     # head would end before cat does
head -n 600 "$here/samples/translate/numbers.tsv" >pairs.tsv
declare -A options=(
  [forecast]="--hidden 16 --epochs 4 --dropout 0.1"
  [lm]="--data text.txt --hidden 24 --layers 2 --bptt 24 --batch 20 --dropout 0.2 --epochs 2"
  [speech]="--mode ctc --join 2..4 --hidden 16 --epochs 2"
  [translate]="--data pairs.tsv --hidden 16 --epochs 2"
)
tasks=("$@"); [ ${#tasks[@]} -gt 0 ] || tasks=(forecast lm speech translate)
hash_of() { sed -n 's/.*"weights_sha256":"\([0-9a-f]*\)".*/\1/p' "$1" | tail -n 1; }
train() {                                                                # NAME LAUNCH…: prints the hash
  local name=$1; shift
  "$@" --threads 1 --json --run "$name" >"$name.out" 2>"$name.err" </dev/null || { tail -n 5 "$name.err" >&2; return 1; }
  hash_of "$name.out"
}

differ=0 runs=0
for task in "${tasks[@]}"; do
  # shellcheck disable=SC2086
  expected=$(train "$task-alone" "$unroll" train "$task" ${options[$task]} --shards 8)
  steps=$(grep -o '"epochs":[0-9]*' "$task-alone.out" | tail -n 1)
  printf '%-10s %-8s 1 process, --shards 8: %s (%s)\n' "$task" "" "$expected" "$steps"
  for mpi in openmpi mpich; do
    mpirun=$(command -v "mpirun.$mpi") || { echo "$task: no $mpi on this machine"; continue; }
    more=(); [ "$mpi" = mpich ] || more=(--oversubscribe --mca mpi_yield_when_idle 1)
    for ranks in 1 2 3 4 8; do
      # shellcheck disable=SC2086
      hash=$(train "$task-$mpi-$ranks" "$mpirun" "${more[@]}" -n "$ranks" "$unroll" train "$task" ${options[$task]} --mpi)
      runs=$((runs + 1)) said=same
      [ "$hash" = "$expected" ] || { differ=$((differ + 1)); said=DIFFERENT; }
      printf '%-10s %-8s N = %d: %s %s\n' "$task" "$mpi" "$ranks" "${hash:0:16}…" "$said"
    done
  done
done
echo "$runs runs of ranks, $differ with other weights than one process"
[ "$differ" = 0 ] && [ "$runs" -gt 0 ]
