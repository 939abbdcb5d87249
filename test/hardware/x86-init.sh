#!/bin/busybox sh
# The first program of the x86 machine: takes the host's root, read-only, as its own and obeys the tests (see guest.ts).
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
options() {
  case $1 in
    # One camera that is a camera, and the loop of one sound card.
    vivid.ko) echo 'n_devs=1 node_types=0x1 input_types=0x0 num_inputs=1 no_error_inj=1' ;;
    snd-aloop.ko | snd_aloop.ko) echo 'pcm_substreams=1' ;;
  esac
}
for module in $($b cat /modules/order); do
  $b insmod "/modules/$module" $(options "$module") || echo "insmod $module failed"
done
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose host /root || exit 1
for folder in dev sys proc; do $b mount --move "/$folder" "/root/$folder"; done
exec $b switch_root /root /bin/sh -c '
  argument() { sed "s#.*$1=\([^ ]*\).*#\1#" /proc/cmdline; }
  # To a place of its own: where the host has it, /tmp for one, may be covered in a moment.
  mount --bind "$(argument guest_app)" /mnt || exit 1
  for folder in /run /tmp /var/tmp /dev/shm; do mkdir -p $folder; mount -t tmpfs tmpfs $folder; done
  mkdir -p /dev/pts && mount -t devpts devpts /dev/pts
  mount -t configfs configfs /sys/kernel/config
  export HOME=/tmp PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  busybox ifconfig lo 127.0.0.1; busybox ifconfig eth0 10.0.2.15
  echo "guest $(uname -rm), up for $(cut -d " " -f 1 /proc/uptime) s"
  sh /mnt/test/hardware/guest.sh "$(argument guest_port)"
  busybox poweroff -f'
