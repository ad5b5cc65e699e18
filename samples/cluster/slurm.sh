#!/bin/bash
# sbatch slurm.sh: 8 ranks on 2 machines; submit it again to go on where it was stopped, with any number of ranks.
#SBATCH --job-name=unroll
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
# Two minutes before the time is up every rank gets USR1: the run ends at the same step everywhere, with its checkpoint written.
#SBATCH --signal=USR1@120

run=$HOME/runs/names                              # on a file system that the first machine sees
more=(--data "$HOME/data/names.txt" --epochs 30 --shards 8)
[ -d "$run" ] && more=(--resume)

# pmix serves Open MPI, pmi2 MPICH and Intel MPI; 'srun --mpi=list' says what this Slurm has.
srun --mpi=pmix --cpus-per-task="$SLURM_CPUS_PER_TASK" \
  unroll train lm --mpi --threads "$SLURM_CPUS_PER_TASK" --runs "$(dirname "$run")" --run "$(basename "$run")" "${more[@]}"
