#!/bin/bash
# A guest without a disk: Debian's kernel, and a small initrd that mounts this machine's own / over 9p, read-only.
# usage: prepare.sh FOLDER
set -e
folder=${1:?folder}
missing=
need() { command -v "$1" > /dev/null || missing="$missing $2"; }
need qemu-system-x86_64 qemu-system-x86
need hostapd hostapd
need wpa_supplicant wpasupplicant
need dnsmasq dnsmasq-base
need udhcpc udhcpc
need iw iw
need bridge iproute2
need btmgmt bluez
need btvirt bluez-test-tools
need cpio cpio
need depmod kmod
# The one that is put into the initrd has no libraries there.
case "$(file -L /bin/busybox 2> /dev/null)" in *statically*) ;; *) missing="$missing busybox-static file" ;; esac
if [ -n "$missing" ]; then
  echo "the guest needs more of Debian: apt-get install$missing" >&2
  exit 1
fi
mkdir -p "$folder" && cd "$folder"
if [ ! -d kernel ]; then
  package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
  apt-get download -qq "$package"
  rm -rf unpacked && dpkg-deb -x linux-image-*.deb unpacked && rm -f linux-image-*.deb
  depmod -b unpacked "$(ls unpacked/lib/modules)"
  mv unpacked kernel
fi
[ -f initrd.gz ] && exit 0
version=$(ls kernel/lib/modules)
rm -rf root && mkdir -p root/{bin,proc,sys,dev,host} "root/lib/modules/$version"
cp /bin/busybox root/bin/
for module in virtio_pci 9p 9pnet_virtio virtio_net; do
  modprobe -d "$folder/kernel" -S "$version" --show-depends "$module" 2>/dev/null | awk '$1 == "insmod" { print $2 }'
done | sort -u | while read -r file; do
  target="root/lib/modules/$version/${file#*"$version"/}"
  mkdir -p "$(dirname "$target")"
  cp "$file" "$target"
done
cp kernel/lib/modules/"$version"/modules.{builtin,order,builtin.modinfo} "root/lib/modules/$version/"
depmod -b root "$version"
cat > root/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc p /proc; mount -t sysfs s /sys; mount -t devtmpfs d /dev
for module in virtio_pci 9pnet_virtio 9p virtio_net; do modprobe $module; done
options=trans=virtio,version=9p2000.L,msize=524288
mount -t 9p -o $options,ro,cache=loose hostroot /host
for folder in tmp run mnt; do mount -t tmpfs t /host/$folder; done
mkdir -p /host/run/wpa /host/run/netns
mount -t 9p -o $options,cache=none share /host/mnt
mount --move /dev /host/dev; mkdir -p /host/dev/pts /host/dev/shm
mount -t devpts devpts /host/dev/pts; mount -t tmpfs t /host/dev/shm
mount --move /proc /host/proc; mount --move /sys /host/sys
chroot /host /bin/bash /mnt/guest.sh
/bin/busybox poweroff -f
INIT
chmod +x root/init
(cd root && find . | cpio -o -H newc --quiet | gzip -1) > initrd.tmp
mv initrd.tmp initrd.gz
