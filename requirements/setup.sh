#!/usr/bin/env bash
# setup.sh FOLDER REQUIREMENTS [alone]: a virtual environment with exactly these packages and, if not alone, this project in it.
# Done once for each state of the requirement files: a stamp in the folder holds their hash.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 requirements=$2 alone=${3:-}
python=${PYTHON:-python3}
uv=$(grep -oE '^uv==[0-9.]+' "$requirements")

die() {
    echo "make setup: $*" >&2
    exit 1
}

command -v "$python" >/dev/null || die "there is no $python. Install Python 3.11 or newer (Debian: apt-get install" \
    "python3 python3-venv), or name one: make setup PYTHON=/path/to/python3"
version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "$python is Python $version, and 3.11 or newer" \
    "is needed. Install one and name it: make setup PYTHON=python3.12"

# The folder's own path counts: environments cannot be moved.
stamp="$folder/.stamp"
wanted=$({ echo "$PWD $version $uv"; cat "$requirements" setup.cfg pyproject.toml requirements/setup.sh; } |
    "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
[ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && exit 0

echo "Setting up $folder from $requirements (Python $version) …"
if ! { [ -x "$folder/bin/python" ] && [ -x "$folder/bin/pip" ] &&
    [ "$("$folder/bin/python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null)" = "$version" ] &&
    [ "$(sed -n 2p "$folder/.made" 2>/dev/null)" = "$PWD" ]; }; then
    rm -rf "$folder"
    "$python" -m venv "$folder" >"$folder.log" 2>&1 || {
        cat "$folder.log" >&2
        rm -rf "$folder" "$folder.log"
        die "$python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"
    }
    rm -f "$folder.log"
    printf 'made for\n%s\n' "$PWD" >"$folder/.made"
fi
rm -f "$stamp"

"$folder/bin/python" -m pip --version >/dev/null 2>&1 || die "$folder has no pip: make clean, then try again"
# uv's wheel stays in .cache, which `make clean` leaves: with it and uv's own cache a later set-up needs no network.
install_uv() {
    local pip=("$folder/bin/python" -m pip --disable-pip-version-check --quiet) wheels=.cache/uv-wheel
    mkdir -p "$wheels"
    sed -n '/^uv==/,/[^\\]$/p' "$requirements" >"$wheels/uv.txt"
    local offline=(install --no-deps --no-index --find-links "$wheels" --require-hashes -r "$wheels/uv.txt")
    "${pip[@]}" "${offline[@]}" >/dev/null 2>&1 && return
    "${pip[@]}" download --no-deps --only-binary :all: --dest "$wheels" --require-hashes -r "$wheels/uv.txt" &&
        "${pip[@]}" "${offline[@]}"
}

[ "$("$folder/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" = "${uv#uv==}" ] || install_uv ||
    die "$uv could not be installed; the lines above say why. The first set-up needs the package index (PyPI);" \
        "a mirror of your own is named by PIP_INDEX_URL"

# uv does not read pip's settings.
mirror=$("$folder/bin/python" -m pip config get global.index-url 2>/dev/null || true)
mirror=${PIP_INDEX_URL:-$mirror}
[ -z "$mirror" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$mirror}"
export VIRTUAL_ENV="$PWD/$folder" UV_NO_PROGRESS=1

# What uv holds already, from this index or from PyPI, it takes without asking, which might be in vain.
sync=("$folder/bin/uv" pip sync --quiet --require-hashes "$requirements")
"${sync[@]}" --offline 2>/dev/null || env -u UV_DEFAULT_INDEX "${sync[@]}" --offline 2>/dev/null || "${sync[@]}" ||
    die "the packages of $requirements could not be installed; the lines above say which and why. The first set-up" \
        "needs the package index (PyPI); a mirror of your own is named by PIP_INDEX_URL"
if [ -z "$alone" ]; then
    "$folder/bin/uv" pip install --quiet --no-deps --no-build-isolation --offline --editable . ||
        die "this project could not be installed into $folder; the lines above say why"
fi

echo "$wanted" >"$stamp"
echo "Ready: $folder/bin/$([ -n "$alone" ] && basename "$requirements" .txt || echo tradewind) --help"
