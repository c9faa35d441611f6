#!/usr/bin/env bash
#SBATCH --job-name=gdr
#SBATCH --array=1-4
#SBATCH --requeue
#SBATCH --output=gdr-%A_%a.out
# A night over a Slurm array, in the folder it is submitted from. The first argument is the seed, for tasks may start
# on different days; what follows goes to gdr fuzz. Slurm may kill and requeue a task: it goes on from its state.
#
#     sbatch Fixtures/nightly/slurm.sh "$(date -u +%Y%m%d)" --for 8h
#     sbatch --array=3 --export=ALL,GDR_SHARD_TOTAL=4 Fixtures/nightly/slurm.sh 20261126 --for 8h    # task 3 alone, again
#     gdr merge-reports night/parts/*.json --to night/20261126.json
#     gdr report night/*.json --html night/20261126.html
#
# A task whose shard has findings ends with exit code 1, which Slurm shows as FAILED.
set -euo pipefail
seed=${1:?"the seed of the night is missing: sbatch slurm.sh \"\$(date -u +%Y%m%d)\""}
shift
gdr=${GDR:-.build/release/gdr}
night=${NIGHT:-night}
mkdir -p "$night"
# A copy of the saved cases, to which the findings of all tasks are added; made by the first, whole or not at all.
if [ ! -e "$night/corpus" ]; then
  cp -R Corpus "$night/corpus.$$"
  mv -T "$night/corpus.$$" "$night/corpus" 2>/dev/null || rm -rf "$night/corpus.$$"
fi
exec "$gdr" fuzz --profile nightly --shard auto --seed "$seed" --corpus "$night/corpus" \
  --state "$night/parts/" "$@"
