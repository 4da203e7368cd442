import { ipv4Text, macText } from '../../packets/bytes.ts';
import type { Dissection } from '../../packets/dissection.ts';
import { DHCPV4_CHADDR, DHCPV4_YIADDR, dhcpv4MessageType, dhcpv4Xid } from '../../packets/layers/dhcpv4.ts';
import { EapCode, eapCode } from '../../packets/layers/eap.ts';
import { SOURCE } from '../../packets/layers/ethernet.ts';
import { bodyOffset } from '../../packets/layers/ieee80211.ts';
import { hasBadFcs } from '../../packets/layers/ieee80211-capture.ts';
import * as header from '../../packets/layers/ieee80211-header.ts';
import { associationStatus, authStatus, reasonCode } from '../../packets/layers/ieee80211-management.ts';
import { Proto } from '../../packets/protocols.ts';

/** Something that happened to a client, as frames tell it. */
export interface HeardHappening {
  name: string;
  /** `aa:bb:cc:dd:ee:ff` */
  mac: string;
  bssid?: string;
  /** From its beginning: the first authentication frame, the first DISCOVER or REQUEST, the first EAP response. */
  durationMs?: number;
  reason?: string;
  timeMs: number;
  /** It happened to a Wi-Fi client. */
  wifi: boolean;
  details?: Record<string, string | number>;
}

const { Management } = header;
/** RFC 2132 9.6. */
const DhcpType = { discover: 1, request: 3, ack: 5, nak: 6 } as const;
/** With these SAE goes on (IEEE 802.11-2020 table 9-50): anti-clogging token, group, hash to element, public key. */
const GOES_ON: readonly number[] = [0, 76, 77, 126, 127];
/** Exchanges that are under way, at most; the oldest makes room. */
const MAX_OPEN = 1024;

/** When each exchange began. */
class Beginnings {
  private readonly at = new Map<string, number>();

  begin(key: string, timeMs: number): void {
    if (this.at.has(key)) return;
    this.at.set(key, timeMs);
    if (this.at.size <= MAX_OPEN) return;
    const [oldest] = this.at.keys();
    this.at.delete(oldest);
  }

  /** Undefined where nobody heard it begin. */
  end(key: string, timeMs: number): number | undefined {
    const from = this.at.get(key);
    this.at.delete(key);
    return from === undefined ? undefined : timeMs - from;
  }
}

/** Reads happenings off frames; keeps nothing of a frame but addresses and times. */
export class HeardHappenings {
  private readonly joins = new Beginnings();
  private readonly eaps = new Beginnings();
  private readonly leases = new Beginnings();
  /** On a wire EAP goes to a group address: who spoke last is meant. */
  private supplicant = '';

  frame(d: Dissection, timeMs: number): HeardHappening | null {
    if (d.count === 0) return null;
    const wifiLayer =
      d.proto[0] === Proto.ieee80211 ? 0 : d.count > 1 && d.proto[1] === Proto.ieee80211 ? 1 : -1;
    if (wifiLayer >= 0 && hasBadFcs(d, wifiLayer)) return null;
    if (wifiLayer >= 0 && header.isManagement(d.frame, d.start[wifiLayer])) {
      return this.management(d, wifiLayer, timeMs);
    }
    const last = d.count - 1;
    switch (d.proto[last]) {
      case Proto.dhcpv4:
        return this.dhcp(d, last, timeMs, wifiLayer >= 0);
      case Proto.eap:
        return this.eap(d, last, timeMs, wifiLayer);
      default:
        return null;
    }
  }

  private management(d: Dissection, i: number, timeMs: number): HeardHappening | null {
    const b = d.frame;
    const s = d.start[i];
    const body = bodyOffset(d, i);
    if (header.isProtected(b, s) || body + 2 > d.end[i]) return null;
    const station = header.stationOffset(b, s);
    if (station < 0 || (b[station] & 1) !== 0) return null;
    const mac = macText(b, station);
    const bssid = macText(b, s + header.ADDRESS_3);
    const toStation = station !== s + header.ADDRESS_2;
    const happening = { mac, bssid, timeMs, wifi: true };
    const key = `${mac} ${bssid}`;
    switch (header.frameSubtype(b, s)) {
      case Management.authentication: {
        if (!toStation) this.joins.begin(key, timeMs);
        const status = toStation && body + 6 <= d.end[i] ? authStatus(b, body) : 0;
        if (GOES_ON.includes(status)) return null;
        return { ...happening, name: 'client-authentication-failed', reason: `status ${status}` };
      }
      case Management.associationResponse:
      case Management.reassociationResponse: {
        if (!toStation || body + 4 > d.end[i]) return null;
        const status = associationStatus(b, body);
        const durationMs = this.joins.end(key, timeMs);
        if (status === 0) return { ...happening, name: 'client-associated', durationMs };
        return { ...happening, name: 'client-association-refused', durationMs, reason: `status ${status}` };
      }
      case Management.deauthentication:
      case Management.disassociation:
        return { ...happening, name: 'client-left', reason: `reason ${reasonCode(b, body)}` };
      default:
        return null;
    }
  }

  private eap(d: Dissection, i: number, timeMs: number, wifiLayer: number): HeardHappening | null {
    const b = d.frame;
    const code = eapCode(b, d.start[i]);
    const wifi = wifiLayer >= 0;
    if (!wifi && d.proto[0] !== Proto.ethernet) return null;
    const at = wifi ? header.stationOffset(b, d.start[wifiLayer]) : d.start[0] + SOURCE;
    if (at < 0) return null;
    if (code === EapCode.response) {
      this.supplicant = macText(b, at);
      this.eaps.begin(this.supplicant, timeMs);
      return null;
    }
    if (code !== EapCode.success && code !== EapCode.failure) return null;
    const destination = d.start[0];
    const isGroup = !wifi && (b[destination] & 1) !== 0;
    const mac = wifi ? macText(b, at) : isGroup ? this.supplicant : macText(b, destination);
    if (mac === '') return null;
    const base = { mac, durationMs: this.eaps.end(mac, timeMs), timeMs, wifi };
    if (code === EapCode.success) return { ...base, name: 'client-authenticated' };
    return { ...base, name: 'client-authentication-failed', reason: 'EAP failure' };
  }

  private dhcp(d: Dissection, i: number, timeMs: number, wifi: boolean): HeardHappening | null {
    const b = d.frame;
    const start = d.start[i];
    const mac = macText(b, start + DHCPV4_CHADDR);
    const key = `${dhcpv4Xid(b, start)} ${mac}`;
    const type = dhcpv4MessageType(b, start, d.end[i]);
    if (type === DhcpType.discover || type === DhcpType.request) {
      this.leases.begin(key, timeMs);
      return null;
    }
    if (type !== DhcpType.ack && type !== DhcpType.nak) return null;
    const durationMs = this.leases.end(key, timeMs);
    // The answer to an INFORM, or one that went by before on another port.
    if (durationMs === undefined) return null;
    const base = { mac, durationMs, timeMs, wifi };
    if (type === DhcpType.nak) return { ...base, name: 'dhcp-refused' };
    return { ...base, name: 'dhcp-completed', details: { ip: ipv4Text(b, start + DHCPV4_YIADDR) } };
  }
}
