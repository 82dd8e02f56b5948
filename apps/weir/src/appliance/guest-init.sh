#!/bin/sh
# The first process of the demo appliance: brings up devices and network, says so on every console, then gives a shell.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /run /tmp /data /seed /etc
mount -t devpts devpts /dev/pts
while read -r module; do insmod "$module" 2>/dev/null; done </modules.order

for port in /sys/class/virtio-ports/*; do
  [ -r "$port/name" ] && mkdir -p /dev/virtio-ports && ln -sf "../${port##*/}" "/dev/virtio-ports/$(cat "$port/name")"
done

# cloud-init's NoCloud source: a volume labelled "cidata" with meta-data and user-data.
hostname=appliance
seed=$(findfs LABEL=cidata 2>/dev/null || findfs LABEL=CIDATA 2>/dev/null)
if [ -n "$seed" ] && mount -o ro "$seed" /seed 2>/dev/null; then
  name=$(sed -n 's/^local-hostname:[ "]*\([A-Za-z0-9.-]*\).*/\1/p' /seed/meta-data | head -n 1)
  [ -n "$name" ] && hostname=$name
  case $(head -n 1 /seed/user-data 2>/dev/null) in '#!'*) sh /seed/user-data ;; esac
  umount /seed
fi
hostname "$hostname"

# The second partition of the boot disk keeps the number of boots, so that a restored or moved disk can be recognised.
boots=0
for disk in vda sda; do
  if [ -b "/dev/${disk}2" ] && mount -t ext4 "/dev/${disk}2" /data 2>/dev/null; then
    boots=$(($(cat /data/boots 2>/dev/null || echo 0) + 1))
    echo "$boots" >/data/boots
    sync
    break
  fi
done

ip link set lo up
for nic in /sys/class/net/e*; do
  [ -e "$nic" ] || continue
  ip link set "${nic##*/}" up
  udhcpc -i "${nic##*/}" -s /dhcp.sh -b -t 15 -T 1 -A 2 >/dev/null 2>&1
done
mkdir -p /www && hostname >/www/index.html && httpd -h /www
[ -e /dev/virtio-ports/org.qemu.guest_agent.0 ] && qemu-ga -d -m virtio-serial -p /dev/virtio-ports/org.qemu.guest_agent.0 2>/dev/null
# The power button, as the host presses it to ask for an orderly end.
mkdir -p /etc/acpi/PWRF /var/run
printf '#!/bin/sh\nsync\npoweroff -f\n' >/etc/acpi/PWRF/00000080
chmod +x /etc/acpi/PWRF/00000080
acpid -c /etc/acpi -l /dev/null 2>/dev/null

echo "WEIR-GUEST-READY $hostname boots=$boots uptime=$(cut -d ' ' -f 1 /proc/uptime)" >/dev/console
while :; do setsid cttyhack sh -l; done
