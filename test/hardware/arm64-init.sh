#!/usr/bin/busybox sh
# The first program of the ARM machine: brings up its network and obeys the tests (see guest.ts).
# Debian's own programs stay; busybox gives those that are not there.
/usr/bin/busybox --install -s /usr/bin 2>/dev/null
export PATH=/app/node_modules/.bin:/usr/sbin:/usr/bin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
for module in $(cat /modules/order); do insmod "/modules/$module" || echo "insmod $module failed"; done
ifconfig lo 127.0.0.1
ifconfig eth0 10.0.2.15
echo "guest $(uname -rm), up for $(cut -d ' ' -f 1 /proc/uptime) s"
sh /app/test/hardware/guest.sh "$(sed 's/.*guest_port=\([0-9]*\).*/\1/' /proc/cmdline)"
poweroff -f
