import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian package of each program that a test runs. */
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
  testssl: 'testssl.sh',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  chromium: 'chromium',
};

/** Where daemons live, whether or not the user's PATH has it. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

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
