# Runs in the guest, as root; /mnt is the folder that it shares with the host. Files named *.done tell the host how
# far it is; the host's files named *.go let it go on.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp
cd /mnt
. ./settings
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,ro,cache=loose modules /mnt/node_modules
done_() { touch "/mnt/$1.done"; }
wait_for() { for _ in $(seq 3000); do [ -e "/mnt/$1.go" ] && return 0; sleep 0.2; done; echo "no $1.go"; }
until_() { for _ in $(seq 900); do eval "$1" >/dev/null 2>&1 && return 0; sleep 0.2; done; echo "never: $1"; return 1; }
load() { modprobe -d "$KERNEL" "$@" 2>/dev/null; }
ip link set lo up
ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0
for m in ccm ctr cmac gcm ecb af_alg algif_hash algif_skcipher bridge 8021q tun af_packet hci_vhci; do load $m; done
load mac80211_hwsim radios=5

# Two access points of one network at a bridge that filters VLANs; a monitor beside them.
ip link add br0 type bridge stp_state 0 vlan_filtering 1
ip addr add 10.79.0.1/24 dev br0; ip link set br0 up
ip link set wlan4 down; iw dev wlan4 set type monitor; ip link set wlan4 up; iw dev wlan4 set channel 6
for i in 2 3; do
  ip netns add s$i; iw phy "$(cat /sys/class/net/wlan$i/phy80211/name)" set netns name s$i
  ip -n s$i link set lo up
done
for i in 0 1; do
  sed "s/@I@/$i/" hostapd.conf > /tmp/hostapd$i.conf
  hostapd -B -f /tmp/hostapd$i.log /tmp/hostapd$i.conf > /tmp/hostapd$i.out 2>&1 || cat /tmp/hostapd$i.out
done
bridge vlan add dev wlan0 vid 20
/bin/busybox httpd -p 10.79.0.1:80 -h /mnt/www
dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --port=0 --interface=br0 --bind-interfaces --no-ping --dhcp-authoritative \
  --dhcp-range=10.79.0.50,10.79.0.90,5m --dhcp-leasefile=/mnt/leases --user=root --pid-file=

# An iBeacon from one virtual controller, heard by the other.
btvirt -L -l2 > /tmp/btvirt.log 2>&1 &
until_ '[ -e /sys/class/bluetooth/hci1 ]'
sleep 1
bt() { timeout 10 btmgmt --index "$@" </dev/null >> /mnt/bt.log 2>&1; }
bt 0 power on
bt 1 power on
bt 1 add-adv -d "$BEACON" -g 1

AIRHERD_AGENT_CLOUD_TIMEOUT_MS=120000 node $NODE_FLAGS dist/cli/main.js agent --identity /mnt/$SERIAL --cloud mqtts://10.0.2.100:8883 --server-name localhost \
  --outbox memory --log-level info --stream --source live:wlan4 live:br0 hostapd:wlan0 hostapd:wlan1 iw:wlan0 iw:wlan1 bridge:br0 ble:hci0 \
  > agent.log 2>&1 &
AGENT=$!
done_ started
wait_for agent

for i in 2 3; do
  ip netns exec s$i wpa_supplicant -B -D nl80211 -i wlan$i -c sta$i.conf -f /tmp/sta$i.log
done
until_ 'iw dev wlan0 station dump | grep -q "authorized:.*yes"'
ip netns exec s2 udhcpc -f -q -n -t 8 -i wlan2 -x hostname:phone-2 -s /mnt/udhcpc.sh 2>&1 | tail -1
for mbm in 2000 400; do
  ip netns exec s2 iw dev wlan2 set txpower fixed $mbm
  ip netns exec s2 /bin/busybox ping -c 8 10.79.0.1 > /dev/null
  iw dev wlan0 station dump > station-dump-$mbm.txt
done
# Every byte of what the station says over UDP and HTTP is the canary's.
ip netns exec s2 sh -c "echo $CANARY | /bin/busybox nc -u -w 1 10.79.0.1 9"
ip netns exec s2 curl -s -m 10 -d "$CANARY" http://10.79.0.1/ > /dev/null
hostapd_cli -p /run/hostapd -i wlan0 all_sta > all_sta.txt
iw dev wlan0 station dump > station-dump.txt
bridge -j fdb show br br0 > fdb.json; bridge -j vlan show > vlan.json
until_ "grep -q EAP-FAILURE /tmp/hostapd0.log /tmp/hostapd1.log"
grep -h EAP-FAILURE /tmp/hostapd*.log | head -3 > eap-failure.txt
done_ joined
wait_for joined
ip netns exec s2 wpa_cli -p /run/wpa -i wlan2 set_network 0 bssid any > /dev/null
ip netns exec s2 wpa_cli -p /run/wpa -i wlan2 scan > /dev/null; sleep 3
ip netns exec s2 wpa_cli -p /run/wpa -i wlan2 roam 02:00:00:00:01:00 > roam.txt 2>&1
until_ 'iw dev wlan1 station dump | grep -q "authorized:.*yes"'
iw dev wlan1 station dump > station-dump-roamed.txt
grep -E 'VmHWM|VmRSS' /proc/$AGENT/status > memory.txt
done_ roamed
wait_for roamed
kill -INT $AGENT; wait $AGENT; echo "agent $?"
cp /tmp/hostapd*.log /mnt/ 2>/dev/null
done_ all
