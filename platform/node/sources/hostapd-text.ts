/** What hostapd_cli prints; fields that another version adds, drops or reorders are no matter. */
import type { Finding } from '../../ports/finding.ts';

/** `status` of an access point. */
export interface HostapdStatus {
  bssid?: string;
  ssid?: string;
  /** Absent where hostapd guards a wired port. */
  frequencyMhz?: number;
  isEnabled: boolean;
}

const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i;
const KEY_VALUE = /^([^=\s]+)=(.*)$/;

function fields(lines: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of lines) {
    const [, key, value] = KEY_VALUE.exec(line.trim()) ?? [];
    if (key !== undefined && !found.has(key)) found.set(key, value);
  }
  return found;
}

const number = (text: string | undefined): number | undefined => {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};

export function readStatus(text: string): HostapdStatus {
  const of = fields(text.split('\n'));
  const frequencyMhz = number(of.get('freq'));
  return {
    bssid: of.get('bssid[0]') ?? of.get('bssid'),
    ssid: unescaped(of.get('ssid[0]') ?? of.get('ssid')),
    frequencyMhz: frequencyMhz ? frequencyMhz : undefined,
    isEnabled: (of.get('state') ?? 'ENABLED') === 'ENABLED',
  };
}

/** hostapd prints names as printf would escape them: `\"`, `\\`, `\n`, `\xc3` of UTF-8. */
export function unescaped(text: string | undefined): string | undefined {
  if (!text?.includes('\\')) return text;
  const bytes: number[] = [];
  const letters: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, e: 27 };
  for (let at = 0; at < text.length; at++) {
    const next = text[at + 1];
    if (text[at] !== '\\' || next === undefined) {
      bytes.push(...Buffer.from(text[at]));
      continue;
    }
    const hex = next === 'x' ? /^[0-9a-f]{2}/i.exec(text.slice(at + 2)) : null;
    bytes.push(hex ? Number.parseInt(hex[0], 16) : (letters[next] ?? next.charCodeAt(0)));
    at += hex ? 3 : 1;
  }
  return Buffer.from(bytes).toString('utf8');
}

/** `all_sta`: a block for each station, which its address begins. */
export function readStations(
  text: string,
  ap: HostapdStatus,
  interfaceName: string,
  timeMs: number,
): Finding[] {
  const findings: Finding[] = [];
  let mac = '';
  let block: string[] = [];
  const close = () => {
    if (mac !== '') findings.push(stationOf(mac, fields(block), ap, interfaceName, timeMs));
    block = [];
  };
  for (const line of text.split('\n')) {
    if (MAC.test(line.trim())) {
      close();
      mac = line.trim().toLowerCase();
    } else block.push(line);
  }
  close();
  return findings;
}

function stationOf(
  mac: string,
  of: ReadonlyMap<string, string>,
  ap: HostapdStatus,
  interfaceName: string,
  timeMs: number,
): Finding {
  const flags = of.get('flags') ?? '';
  const userName = unescaped(of.get('dot1xAuthSessionUserName')) || undefined;
  const vlan = number(of.get('vlan_id')) || undefined;
  if (ap.frequencyMhz === undefined)
    return { kind: 'host', mac, port: interfaceName, vlan, userName, timeMs };
  return {
    kind: 'station',
    mac,
    // Before 802.1X or the handshake is through, it is not let in.
    state: flags.includes('[AUTHORIZED]') ? 'associated' : 'authenticating',
    bssid: ap.bssid,
    ssid: ap.ssid,
    frequencyMhz: ap.frequencyMhz,
    rssiDbm: number(of.get('signal')),
    userName,
    vlan,
    timeMs,
  };
}

const HAPPENINGS = {
  'AP-STA-CONNECTED': 'client-associated',
  'AP-STA-DISCONNECTED': 'client-left',
  'CTRL-EVENT-EAP-SUCCESS': 'client-authenticated',
  'CTRL-EVENT-EAP-SUCCESS2': 'client-authenticated',
  'CTRL-EVENT-EAP-FAILURE': 'client-authentication-failed',
  'CTRL-EVENT-EAP-FAILURE2': 'client-authentication-failed',
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE': 'client-authentication-failed',
  'AP-STA-POSSIBLE-PSK-MISMATCH': 'client-authentication-failed',
} as const;

/** A line of an event: `[<3>][IFNAME=wlan0 ][wlan0 ]AP-STA-CONNECTED 02:00:00:00:01:00 …`. */
export function readEvent(line: string, ap: HostapdStatus, timeMs: number): Finding[] {
  const [, event, mac] = /\b([A-Z][A-Z0-9-]+) ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\b/i.exec(line) ?? [];
  const name = HAPPENINGS[event as keyof typeof HAPPENINGS];
  if (name === undefined) return [];
  const { bssid } = ap;
  const reason = name === 'client-authentication-failed' ? event : undefined;
  const of = { mac: mac.toLowerCase(), bssid, timeMs };
  const findings: Finding[] = [{ kind: 'happening', name, ...of, reason }];
  if (ap.frequencyMhz === undefined) return findings;
  if (name === 'client-left') findings.push({ kind: 'station', ...of, state: 'left' });
  return findings;
}
