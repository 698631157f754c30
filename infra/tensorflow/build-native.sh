#!/usr/bin/env bash
# Builds the native TensorFlow backend (`npm run native-tensorflow`), also where the host that @tensorflow/tfjs-node downloads its
# library from cannot be reached: libtensorflow comes out of the Python wheel tensorflow-cpu, which carries it with its C interface,
# and the addon is compiled from the npm package's own sources. Everything lands in infra/tensorflow/node_modules, apart from the
# project's own dependencies, so that `npm ci` neither pays for it (800 MB) nor deletes it. Repeating it does nothing.
# Linux on x86-64. Needs Node with its headers, g++, make and Python 3 with pip or venv. No line of the wheel's Python is run.
set -euo pipefail
# What is written is for this user only.
umask 077

# 2.15.1 passes all tests of tfjs-core on this backend; 2.10.1 and earlier lack libtensorflow_cc, 2.20.0 fails one (round).
tensorflow=2.15.1
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
packages="$here/node_modules/@tensorflow"
addon="$packages/tfjs-node"
stamp="$addon/deps/.tensorflow-$tensorflow"
began=$(date +%s)

say() { printf 'native-tensorflow: [%3ss] %s\n' "$(($(date +%s) - began))" "$*" >&2; }
# Runs a long step and says every ten seconds that it is still at it, and how long.
step() {
  local title=$1 code=0
  shift
  say "$title"
  (while sleep 10 && kill -0 "$$" 2>/dev/null; do say "$title: at it"; done) &
  local teller=$!
  "$@" || code=$?
  kill "$teller" 2>/dev/null || true
  wait "$teller" 2>/dev/null || true
  return "$code"
}
fail() {
  printf 'native-tensorflow: %s\n' "$1" >&2
  exit "${2:-1}"
}

[ "$(uname -sm)" = 'Linux x86_64' ] || fail "only Linux on x86-64 is supported, this is $(uname -sm); the wasm backend serves everywhere" 2
for tool in g++ make python3; do
  command -v "$tool" >/dev/null || fail "$tool is missing; install it and run this again" 2
done
[ -d "$project/node_modules/@tensorflow/tfjs-core" ] || fail 'install the project first: npm ci' 2

# Node's own headers lie beside it or where the system's packages put them; node-gyp would download them.
nodedir=${npm_config_nodedir:-$(node -p 'require("path").dirname(require("path").dirname(process.execPath))')}
[ -f "$nodedir/include/node/node_api.h" ] || fail "no include/node/node_api.h under $nodedir; set npm_config_nodedir to the folder that holds it" 2

verify() {
  (cd "$here" && TF_CPP_MIN_LOG_LEVEL=2 node -e "
    const tf = require('@tensorflow/tfjs-node');
    const y = tf.tidy(() => tf.tensor2d([[1, 2], [3, 4]]).matMul(tf.tensor2d([[1, 0], [0, 1]])).dataSync());
    if (tf.getBackend() !== 'tensorflow' || y.join() !== '1,2,3,4') throw new Error('the native backend computes wrongly');
    if (require('$project/node_modules/@tensorflow/tfjs-core').engine() !== tf.engine()) throw new Error('two copies of tfjs-core');
    console.log('TensorFlow ' + tf.backend().binding.TF_Version + ' works');" 2>&1 | grep 'works$')
}

if [ -f "$stamp" ] && found=$(verify); then
  say "already built: $found"
  exit 0
fi

install() { (cd "$here" && npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error >&2); }
step 'installing @tensorflow/tfjs-node' install || fail 'npm ci failed (see above); run this again, it goes on with what npm has fetched'
# One registry of kernels: core and layers are those of the project, which Node finds further up.
for shared in tfjs-core tfjs-layers tfjs-backend-cpu; do
  [ -d "$project/node_modules/@tensorflow/$shared" ] || continue
  versions=$(node -p "[require('$packages/$shared/package.json').version, require('$project/node_modules/@tensorflow/$shared/package.json').version].join(' and ')")
  [ "${versions%% and *}" = "${versions##* and }" ] || fail "@tensorflow/$shared differs: $versions; bring infra/tensorflow/package.json up to the project's version"
  rm -rf "${packages:?}/$shared"
done

scratch=$(mktemp -d "${TMPDIR:-/tmp}/native-tensorflow.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
pip=(python3 -m pip)
if ! "${pip[@]}" --version >/dev/null 2>&1; then
  python3 -m venv "$scratch/python" || fail 'python3 has neither pip nor venv; install one of them' 2
  pip=("$scratch/python/bin/python" -m pip)
fi
# The Python version only selects a file: all of them hold the same library. What was fetched whole stays in pip's cache.
fetch() {
  "${pip[@]}" download --no-deps --disable-pip-version-check --only-binary :all: --python-version 3.11 \
    --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 --dest "$scratch" "tensorflow-cpu==$tensorflow" >&2
}
step "fetching the tensorflow-cpu $tensorflow wheel (207 MB)" fetch || fail 'the wheel was not fetched (see above); run this again'

rm -rf "$addon/deps"
mkdir -p "$addon/deps/lib"
python3 "$here/unpack-wheel.py" "$scratch"/*.whl "$addon/deps"
cd "$addon/deps/lib"
ln -s libtensorflow_cc.so.2 libtensorflow.so
# The name that the addon's installer looks for: present means "do not download".
ln -s libtensorflow.so libtensorflow.so.2.9.1
ln -s libtensorflow_framework.so.2 libtensorflow_framework.so

cd "$addon"
compile() {
  PATH="$here/node_modules/.bin:$project/node_modules/.bin:$PATH" npm_config_nodedir="$nodedir" \
    node-pre-gyp install --build-from-source >"$scratch/build.log" 2>&1
}
step 'compiling the addon' compile || {
  tail -30 "$scratch/build.log" >&2
  fail 'the addon did not compile (see above)'
}
rm -rf "$addon/build"
found=$(verify) || fail "the addon was built but does not load; see why: cd infra/tensorflow && node -e 'require(\"@tensorflow/tfjs-node\")'"
touch "$stamp"
say "$found; SIGNALBOX_TF_BACKEND=native, or auto, uses it"
