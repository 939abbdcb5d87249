# Read by the scripts beside it: gets Debian packages that are not to be installed here.

say() { echo "hardware: $*" >&2; }

# The mirror that this machine's own apt has for Debian itself.
mirror() {
  apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2 == "bookworm" { print $1; exit }'
}

# apt_of ARCH SUITE FOLDER: makes an apt of its own in FOLDER that knows this one suite, and prints its configuration's path.
apt_of() {
  mkdir -p "$3/lists/partial" "$3/cache/archives/partial" "$3/etc/apt.conf.d" "$3/etc/preferences.d"
  : >"$3/status"
  echo "deb [arch=$1 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) $2 main" >"$3/sources.list"
  cat >"$3/apt.conf" <<CONF
Dir::State "$3";
Dir::State::status "$3/status";
Dir::State::lists "$3/lists";
Dir::Cache "$3/cache";
Dir::Etc "$3/etc";
Dir::Etc::sourcelist "$3/sources.list";
Dir::Etc::sourceparts "-";
APT::Architecture "$1";
APT::Architectures { "$1"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
  echo "$3/apt.conf"
}

# kernel_of PACKAGE: the package with the kernel that PACKAGE, which is empty, stands for.
kernel_of() {
  apt-cache depends "$1" | awk '/ Depends:/ { print $2; exit }'
}

# modules INTO FROM NAME…: copies modules of the kernel unpacked in FROM, and what they need, to INTO, and appends their
# names to INTO/order in the order in which they must be loaded. One that is not there is built into the kernel.
modules() {
  into=$1 from=$2
  shift 2
  mkdir -p "$into"
  touch "$into/order"
  [ -s "$into/../all" ] || find "$from" -name '*.ko*' >"$into/../all"
  for name in "$@"; do
    grep -qx "$name.ko" "$into/order" && continue
    file=$(grep -E "/$(echo "$name" | sed 's/[-_]/[-_]/g')\.ko(\.xz)?\$" "$into/../all" | head -n 1)
    [ -n "$file" ] || continue
    # shellcheck disable=SC2046
    (modules "$into" "$from" $(/sbin/modinfo -F depends "$file" | tr , ' '))
    case $file in
      *.xz) xz -dc "$file" >"$into/$name.ko" ;;
      *) cp "$file" "$into/$name.ko" ;;
    esac
    echo "$name.ko" >>"$into/order"
  done
}

# made NAME SUM: whether .cache/hardware/NAME was made from the same.
made() {
  [ "$(cat ".cache/hardware/$1/made-from" 2>/dev/null)" = "$2" ]
}

# finish NAME SUM FOLDER: FOLDER becomes .cache/hardware/NAME.
finish() {
  echo "$2" >"$3/made-from"
  rm -rf ".cache/hardware/$1"
  mv "$3" ".cache/hardware/$1"
}
