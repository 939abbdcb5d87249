#!/bin/sh
# Makes an ARM machine of Debian's own packages: its kernel as it is, and a root in an initial RAM disk.
#   sh test/hardware/arm64.sh bookworm|trixie     →  .cache/hardware/arm64-SUITE/{vmlinuz,root.cpio}
set -eu
cd "$(dirname "$0")/../.."
. test/hardware/debian.sh
suite=$1
case $suite in
  bookworm) libraries='libgpiod2' ;;
  # gpioset 2 reads commands from a terminal; gpiod 2 measures with the 64-bit libraries of this list.
  trixie) libraries='libgpiod3 libedit2 libbsd0 libtinfo6 libmd0' ;;
esac
sum=$(cat test/hardware/arm64.sh test/hardware/arm64-init.sh test/hardware/debian.sh | sha256sum)
if made "arm64-$suite" "$sum"; then exit 0; fi

say "making the ARM machine with Debian $suite (half a minute)"
work=$(mktemp -d "$PWD/.cache/hardware/tmp-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs" "$work/kernel" "$work/out" "$work/root"
APT_CONFIG=$(apt_of arm64 "$suite" "$work/apt")
export APT_CONFIG
apt-get -qq update
kernel=$(kernel_of linux-image-arm64)
# setpriv, with which the service starts its programs, is in util-linux.
# shellcheck disable=SC2086
(cd "$work/debs" && apt-get -qq download "$kernel" busybox-static libc6 libgcc-s1 libstdc++6 util-linux libcap-ng0 gpiod $libraries)

dpkg-deb -x "$work"/debs/linux-image-*.deb "$work/kernel"
rm "$work"/debs/linux-image-*.deb
cp "$work"/kernel/boot/vmlinuz-* "$work/out/vmlinuz"
modules "$work/root/modules" "$work/kernel" virtio_pci virtio_net

# Debian 12 has /lib and /usr/lib in one, but its packages do not know it yet.
for folder in bin sbin lib; do
  mkdir -p "$work/root/usr/$folder"
  ln -s "usr/$folder" "$work/root/$folder"
done
for deb in "$work"/debs/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar x -C "$work/root" --keep-directory-symlink --exclude='./usr/share' --exclude='./etc' --exclude='./var'
done
mkdir -p "$work/root/proc" "$work/root/sys" "$work/root/dev" "$work/root/tmp" "$work/root/run" "$work/root/data"
install -m 755 test/hardware/arm64-init.sh "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet) >"$work/out/root.cpio"

# The board without the power button that is wired to line 3, so that all eight lines are free.
qemu-system-aarch64 -M "virt,dumpdtb=$work/out/virt.dtb" -cpu cortex-a72 -m 1024 -display none >/dev/null 2>&1
fdtput -r "$work/out/virt.dtb" /gpio-keys
finish "arm64-$suite" "$sum" "$work/out"
