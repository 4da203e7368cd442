import { ipv4Text, ipv6Text, macText } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { ARP_SENDER_IPV4, ARP_TARGET_IPV4, arpIsIpv4 } from '../layers/arp.ts';
import { DESTINATION, SOURCE } from '../layers/ethernet.ts';
import { isControl, isData, isManagement } from '../layers/ieee80211-header.ts';
import { IPV4_DESTINATION, IPV4_SOURCE } from '../layers/ipv4.ts';
import { IPV6_DESTINATION, IPV6_SOURCE } from '../layers/ipv6.ts';
import { udpDestinationPort, udpSourcePort } from '../layers/udp.ts';
import { vlanIdOf } from '../layers/vlan.ts';
import { Proto } from '../protocols.ts';

/** Whether a frame is wanted. */
export type FrameFilter = (d: Dissection) => boolean;

/** A name stands for a frame that has one of these layers, at any depth. */
const NAMES: Readonly<Record<string, readonly number[]>> = {
  arp: [Proto.arp],
  ip: [Proto.ipv4],
  ip6: [Proto.ipv6],
  icmp: [Proto.icmp],
  icmp6: [Proto.icmpv6],
  igmp: [Proto.igmp],
  tcp: [Proto.tcp],
  udp: [Proto.udp],
  sctp: [Proto.sctp],
  vlan: [Proto.vlan],
  wlan: [Proto.ieee80211],
  eapol: [Proto.eapol],
  lldp: [Proto.lldp],
  cdp: [Proto.cdp],
  stp: [Proto.stp],
  dhcp: [Proto.dhcpv4, Proto.dhcpv6],
  dns: [Proto.dns, Proto.mdns],
  radius: [Proto.radius],
};
const WLAN_TYPES: Readonly<Record<string, (b: Uint8Array, start: number) => boolean>> = {
  mgt: isManagement,
  ctl: isControl,
  data: isData,
};
/** UDP has its ports where TCP and SCTP have theirs. */
const WITH_PORTS: ReadonlySet<number> = new Set([Proto.tcp, Proto.udp, Proto.sctp]);

const MAX_LENGTH = 1024;
const MAX_NESTED = 32;

export type ParsedFilter = { ok: true; filter: FrameFilter } | { ok: false; reason: string };

/**
 * Reads a filter, in the words that tcpdump has for the same (pcap-filter(7)):
 *
 *     arp or dhcp or (tcp port 443 and not host 10.0.0.1)
 *
 * Terms: protocol names, `host ADDRESS`, `ether host MAC`, `port NUMBER` (also behind `tcp`, `udp`, `sctp`),
 * `vlan ID`, `type mgt|ctl|data`; `not`, `and`, `or` (also `!`, `&&`, `||`) and parentheses. As in tcpdump,
 * `and` and `or` bind alike, from left to right. Unlike there, a layer counts inside tunnels too.
 */
export function parseFilter(text: string): ParsedFilter {
  if (text.length > MAX_LENGTH) return { ok: false, reason: `is longer than ${MAX_LENGTH} characters` };
  const words = text.match(/\(|\)|&&|\|\||!|[^\s()!&|]+|[&|]/g) ?? [];
  const parser = new Parser(words);
  const filter = parser.expression(0);
  if (filter === null) return { ok: false, reason: parser.reason };
  const left = parser.peek();
  return left === undefined ? { ok: true, filter } : { ok: false, reason: `does not expect "${left}"` };
}

class Parser {
  reason = 'is empty';
  private readonly words: readonly string[];
  private at = 0;

  constructor(words: readonly string[]) {
    this.words = words;
  }

  peek(): string | undefined {
    return this.words[this.at];
  }

  expression(depth: number): FrameFilter | null {
    let left = this.term(depth);
    for (;;) {
      const isAnd = this.take('and', '&&');
      if (left === null || (!isAnd && !this.take('or', '||'))) return left;
      const first: FrameFilter = left;
      const second = this.term(depth);
      if (second === null) return null;
      left = isAnd ? (d) => first(d) && second(d) : (d) => first(d) || second(d);
    }
  }

  private term(depth: number): FrameFilter | null {
    if (depth > MAX_NESTED) return this.fail('nests too deep');
    if (this.take('not', '!')) {
      const inner = this.term(depth + 1);
      return inner && ((d) => !inner(d));
    }
    if (this.take('(')) {
      const inner = this.expression(depth + 1);
      if (inner !== null && !this.take(')')) return this.fail('lacks a ")"');
      return inner;
    }
    return this.primitive();
  }

  private primitive(): FrameFilter | null {
    const word = this.words[this.at++];
    switch (word) {
      case undefined:
        return this.fail(this.words.length === 0 ? 'is empty' : 'ends early');
      case 'host':
        return this.host();
      case 'ether':
        return this.take('host') ? this.station() : this.fail('knows "ether host MAC" only');
      case 'port':
        return this.port(WITH_PORTS);
      case 'type':
        return this.wlanType();
    }
    const protos = Object.hasOwn(NAMES, word) ? NAMES[word] : undefined;
    if (protos === undefined) return this.fail(`does not know "${word}"`);
    const [first] = protos;
    if (WITH_PORTS.has(first) && this.take('port')) return this.port(new Set([first]));
    if (first === Proto.vlan && /^\d+$/.test(this.peek() ?? '')) return this.vlan();
    return (d) => protos.some((proto) => d.find(proto) >= 0);
  }

  private host(): FrameFilter | null {
    const wanted = (this.words[this.at++] ?? '').toLowerCase();
    const isIpv4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(wanted);
    if (!isIpv4 && !/^[0-9a-f:]*:[0-9a-f:.]*$/.test(wanted)) {
      return this.fail('wants an IP address behind "host"');
    }
    const isArp = (b: Uint8Array, at: number) =>
      isIpv4 &&
      arpIsIpv4(b, at) &&
      (ipv4Text(b, at + ARP_SENDER_IPV4) === wanted || ipv4Text(b, at + ARP_TARGET_IPV4) === wanted);
    return (d) =>
      someLayer(d, (proto, b, at) => {
        if (proto === Proto.arp) return isArp(b, at);
        if (proto === Proto.ipv4 && isIpv4) {
          return ipv4Text(b, at + IPV4_SOURCE) === wanted || ipv4Text(b, at + IPV4_DESTINATION) === wanted;
        }
        if (proto !== Proto.ipv6 || isIpv4) return false;
        return ipv6Text(b, at + IPV6_SOURCE) === wanted || ipv6Text(b, at + IPV6_DESTINATION) === wanted;
      });
  }

  private station(): FrameFilter | null {
    const wanted = (this.words[this.at++] ?? '').toLowerCase();
    if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(wanted)) return this.fail('wants a MAC address');
    return (d) =>
      someLayer(
        d,
        (proto, b, at) =>
          proto === Proto.ethernet &&
          (macText(b, at + DESTINATION) === wanted || macText(b, at + SOURCE) === wanted),
      );
  }

  private port(protos: ReadonlySet<number>): FrameFilter | null {
    const wanted = this.number(65_535);
    if (wanted === null) return this.fail('wants a port from 0 to 65535');
    return (d) =>
      someLayer(
        d,
        (proto, b, at) =>
          protos.has(proto) && (udpSourcePort(b, at) === wanted || udpDestinationPort(b, at) === wanted),
      );
  }

  private vlan(): FrameFilter | null {
    const wanted = this.number(4095);
    if (wanted === null) return this.fail('wants a VLAN from 0 to 4095');
    return (d) => someLayer(d, (proto, b, at) => proto === Proto.vlan && vlanIdOf(b, at) === wanted);
  }

  private wlanType(): FrameFilter | null {
    const word = this.words[this.at++] ?? '';
    const isType = Object.hasOwn(WLAN_TYPES, word) ? WLAN_TYPES[word] : undefined;
    if (isType === undefined) return this.fail('knows the types mgt, ctl and data');
    return (d) => someLayer(d, (proto, b, at) => proto === Proto.ieee80211 && isType(b, at));
  }

  private number(most: number): number | null {
    const word = this.words[this.at++] ?? '';
    return /^\d{1,5}$/.test(word) && Number(word) <= most ? Number(word) : null;
  }

  private take(...words: string[]): boolean {
    const word = this.peek();
    if (word === undefined || !words.includes(word)) return false;
    this.at++;
    return true;
  }

  private fail(reason: string): null {
    this.reason = reason;
    return null;
  }
}

function someLayer(d: Dissection, test: (proto: number, b: Uint8Array, start: number) => boolean): boolean {
  for (let i = 0; i < d.count; i++) if (test(d.proto[i], d.frame, d.start[i])) return true;
  return false;
}
