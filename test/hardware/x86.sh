#!/bin/sh
# Makes an x86 machine of Debian's own packages: its kernel 6.12 as it is, and gpio-sim, which Debian leaves out, built
# from the source that Debian ships with it. Its root is this machine's own.
#   sh test/hardware/x86.sh     →  .cache/hardware/x86/{vmlinuz,root.cpio}
set -eu
cd "$(dirname "$0")/../.."
. test/hardware/debian.sh
sum=$(cat test/hardware/x86.sh test/hardware/x86-init.sh test/hardware/debian.sh | sha256sum)
if made x86 "$sum"; then exit 0; fi

say 'making the x86 machine: the kernel, and gpio-sim for it (a minute or two)'
work=$(mktemp -d "$PWD/.cache/hardware/tmp-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/debs" "$work/kernel" "$work/headers" "$work/source" "$work/gpio" "$work/out" "$work/root/bin"
# A list of yesterday may name packages that the mirror no longer has.
apt-get -qq update
kernel=$(kernel_of linux-image-6.12-amd64)
version=${kernel#linux-image-}
depends() { apt-cache depends "linux-headers-$version" | sed -n "s/ *Depends: \($1\)\$/\1/p" | head -n 1; }
(cd "$work/debs" && apt-get -o APT::Sandbox::User=root -qq download "$kernel" "linux-headers-$version" \
  "$(depends 'linux-headers-.*-common')" "$(depends 'linux-kbuild-.*')" linux-source-6.12)

dpkg-deb -x "$work"/debs/linux-image-*.deb "$work/kernel" &
for deb in "$work"/debs/linux-headers-*.deb "$work"/debs/linux-kbuild-*.deb; do dpkg-deb -x "$deb" "$work/headers"; done
# It stops when both are found, so that what writes to it complains of a broken pipe.
dpkg-deb --fsys-tarfile "$work"/debs/linux-source-*.deb 2>/dev/null | tar xO --wildcards './usr/src/linux-source-*.tar.xz' |
  xz -dc -T0 2>/dev/null | tar x -C "$work/source" --strip-components=1 --occurrence=1 --wildcards \
  '*/drivers/gpio/gpio-sim.c' '*/kernel/irq/irq_sim.c'
wait
cp "$work/kernel/boot/vmlinuz-$version" "$work/out/vmlinuz"

# irq_sim is meant to be a part of the kernel, which exports to modules only the safe way to raise an interrupt.
cp "$work/source/drivers/gpio/gpio-sim.c" "$work/gpio"
{
  sed 's/handle_simple_irq(irq_to_desc(\(.*\)));/generic_handle_irq(\1);/' "$work/source/kernel/irq/irq_sim.c"
  printf '\n#include <linux/module.h>\nMODULE_LICENSE("GPL");\n'
} >"$work/gpio/irq_sim.c"
echo 'obj-m := irq_sim.o gpio-sim.o' >"$work/gpio/Makefile"
sed -i "s#/usr/src/#$work/headers/usr/src/#" "$work/headers/usr/src/linux-headers-$version/Makefile"
if ! make -s -j2 -C "$work/headers/usr/src/linux-headers-$version" M="$work/gpio" CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$work/log" 2>&1; then
  tail "$work/log" >&2
  exit 1
fi

modules "$work/root/modules" "$work/kernel" virtio_net 9p 9pnet_virtio configfs evdev xhci_pci usbhid hid_generic vivid snd_aloop
cp "$work"/gpio/*.ko "$work/root/modules"
printf 'irq_sim.ko\ngpio-sim.ko\n' >>"$work/root/modules/order"
cp /bin/busybox "$work/root/bin"
mkdir -p "$work/root/proc" "$work/root/sys" "$work/root/dev" "$work/root/root"
install -m 755 test/hardware/x86-init.sh "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet) >"$work/out/root.cpio"
finish x86 "$sum" "$work/out"
