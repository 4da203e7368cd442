import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Where provisioning puts what Debian has not. */
export const OWN_TOOLS = resolve(import.meta.dirname, '../node_modules/.cache/airherd-tools');

/** Debian package of each program that a test runs; `npm:` before one of the registry's that is only a program. */
export const PACKAGES = {
  tshark: 'tshark',
  capinfos: 'wireshark-common',
  editcap: 'wireshark-common',
  mergecap: 'wireshark-common',
  text2pcap: 'wireshark-common',
  tcpdump: 'tcpdump',
  tcpreplay: 'tcpreplay',
  lldpd: 'lldpd',
  lldpcli: 'lldpd',
  mosquitto: 'mosquitto',
  'nats-server': 'nats-server',
  'rabbitmq-server': 'rabbitmq-server',
  'aircrack-ng': 'aircrack-ng',
  hcxpcapngtool: 'hcxtools',
  openssl: 'openssl',
  ip: 'iproute2',
  ss: 'iproute2',
  python3: 'python3',
  dnsmasq: 'dnsmasq-base',
  hostapd: 'hostapd',
  hostapd_cli: 'hostapd',
  nmap: 'nmap',
  zsh: 'zsh',
  fish: 'fish',
  groff: 'groff-base',
  'systemd-analyze': 'systemd',
  'systemd-notify': 'systemd',
  socat: 'socat',
  pgrep: 'procps',
  testssl: 'testssl.sh',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  chromium: 'chromium',
  xmllint: 'libxml2-utils',
  // The next line of Node, which must compute the same worlds.
  node22: `npm:node-linux-${process.arch}@22.23.3`,
  curl: 'curl',
  dumpcap: 'wireshark-common',
  setpriv: 'util-linux',
  wpa_supplicant: 'wpasupplicant',
  udhcpc: 'udhcpc',
  bridge: 'iproute2',
  setcap: 'libcap2-bin',
};

/** Where daemons live, whether or not the user's PATH has it. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', OWN_TOOLS];

export function hasTool(tool) {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export const missingTools = () => Object.keys(PACKAGES).filter((tool) => !hasTool(tool));
