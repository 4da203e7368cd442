/** What an access point's or a bridge's own software says of a host, into the record that frames fill, too. */
import { u16, u32 } from '../bytes.ts';
import { channelOfFrequency } from './channel.ts';
import type { Host } from './host.ts';
import type { HostTable } from './host-table.ts';
import { WifiSide } from './wifi-side.ts';

/** Addresses are `aa:bb:cc:dd:ee:ff`; absent means not said, and changes nothing. */
export interface ReportedStation {
  mac: string;
  state: 'authenticating' | 'associated' | 'left';
  bssid?: string;
  ssid?: string;
  frequencyMhz?: number;
  rssiDbm?: number;
  /** Absent where user names are not derived. */
  userName?: string;
  vlan?: number;
  timeMs: number;
  interfaceName: string;
}

export interface ReportedHost {
  mac: string;
  port: string;
  vlan?: number;
  userName?: string;
  timeMs: number;
}

/** No frame stands behind it: provenance is 0. */
const NO_FRAME = 0;
const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

function addressBytes(text: string): Uint8Array | null {
  if (!MAC.test(text)) return null;
  return Uint8Array.from(text.split(':'), (digits) => Number.parseInt(digits, 16));
}

function hostOf(hosts: HostTable, mac: string, timeMs: number): Host | null {
  const address = addressBytes(mac);
  const host = address && hosts.obtain(address, 0, NO_FRAME, timeMs);
  if (host) hosts.hear(host, Math.max(host.lastSeenMs, timeMs));
  return host;
}

export function learnStation(hosts: HostTable, of: ReportedStation): void {
  const host = hostOf(hosts, of.mac, of.timeMs);
  if (host === null) return;
  host.wifi ??= new WifiSide(NO_FRAME);
  const { wifi } = host;
  const bssid = of.bssid === undefined ? null : addressBytes(of.bssid);
  // Who leaves one access point may be at another already: that one's word counts.
  const isElsewhere = bssid !== null && wifi.bssid !== undefined && wifi.bssid !== of.bssid?.toLowerCase();
  if (of.state === 'left' && isElsewhere) return;
  if (bssid !== null && (wifi.bssid === undefined || isElsewhere)) {
    wifi.bssidHigh = u32(bssid, 0);
    wifi.bssidLow = u16(bssid, 4);
    wifi.bssid = of.bssid?.toLowerCase();
    wifi.bssidFrame = NO_FRAME;
    wifi.ssid = undefined;
  }
  // A station that is associated is not less so because its 802.1X goes on.
  if (of.state !== 'authenticating' || wifi.state !== 'associated') wifi.enter(of.state, NO_FRAME);
  if (of.ssid !== undefined && of.ssid !== '') wifi.ssid = of.ssid;
  if (of.frequencyMhz !== undefined) tune(wifi, of.frequencyMhz);
  if (of.rssiDbm !== undefined) wifi.rssi.add(of.rssiDbm, NO_FRAME);
  if (of.userName !== undefined) host.setUserName(of.userName, NO_FRAME);
  if (of.vlan !== undefined) host.seenOn(of.interfaceName, of.vlan, NO_FRAME, of.timeMs);
}

function tune(wifi: WifiSide, frequencyMhz: number): void {
  const tuned = channelOfFrequency(frequencyMhz);
  wifi.frequencyMhz = frequencyMhz;
  wifi.channel = tuned?.channel;
  wifi.band = tuned?.band;
  wifi.channelFrame = NO_FRAME;
}

export function learnBridged(hosts: HostTable, of: ReportedHost): void {
  const host = hostOf(hosts, of.mac, of.timeMs);
  host?.seenOn(of.port, of.vlan ?? -1, NO_FRAME, of.timeMs);
  if (of.userName !== undefined) host?.setUserName(of.userName, NO_FRAME);
}
