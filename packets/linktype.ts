import { Proto } from './protocols.ts';

/** LINKTYPE_ values of the tcpdump registry that we read. Bluetooth has no layers, only advertisers. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  raw: 101,
  ieee80211: 105,
  linuxSll: 113,
  prism: 119,
  radiotap: 127,
  avs: 163,
  bluetoothHciH4: 187,
  ppi: 192,
  bluetoothHciH4WithPhdr: 201,
  ipv4: 228,
  ipv6: 229,
  bluetoothLeLl: 251,
  bluetoothLinuxMonitor: 254,
  bluetoothLeLlWithPhdr: 256,
  linuxSll2: 276,
} as const;

export function protocolOfLinkType(linkType: number): number {
  switch (linkType) {
    case LinkType.ethernet:
      return Proto.ethernet;
    case LinkType.radiotap:
      return Proto.radiotap;
    case LinkType.ieee80211:
      return Proto.ieee80211;
    case LinkType.ppi:
      return Proto.ppi;
    case LinkType.prism:
      return Proto.prism;
    case LinkType.avs:
      return Proto.avs;
    case LinkType.null:
      return Proto.nullLoopback;
    case LinkType.raw:
      return Proto.rawIp;
    case LinkType.ipv4:
      return Proto.ipv4;
    case LinkType.ipv6:
      return Proto.ipv6;
    case LinkType.linuxSll:
      return Proto.linuxSll;
    case LinkType.linuxSll2:
      return Proto.linuxSll2;
    default:
      return Proto.none;
  }
}
