import { type SliceOptions, STRICT } from '../../packets/slice/options.ts';
import { type PdmlField, type PdmlProto, shown } from './pdml.ts';

/** Bytes `start` to `end` of a frame. */
export type Range = readonly [start: number, end: number];

/** What tshark's dissection of a frame makes of it under the table of docs/header-only.md. */
export interface Payload {
  /** Where headers end; everything from here on is payload. */
  headerEnd: number;
  /** Payload, and bytes that a checksum over payload would give away. */
  ranges: Range[];
}

const METADATA = new Set(['geninfo', 'frame', 'fake-field-wrapper', 'wlan_radio', 'erspan']);
const WHOLE = new Set([
  'radiotap',
  'null',
  'sll',
  'vlan',
  'ieee8021ad',
  'llc',
  'mpls',
  'pppoes',
  'ppp',
  'gre',
]);
const EXTENSIONS = new Set([
  'ip',
  'ipv6',
  'ipv6.hopopts',
  'ipv6.fraghdr',
  'ipv6.routing',
  'ipv6.dstopts',
  'ah',
  'vxlan',
]);
const ICMP_ERRORS = new Set(['3', '4', '5', '11', '12']);
const ICMPV6_ERRORS = new Set(['1', '2', '3', '4']);
const ICMPV6_FIXED = new Map([
  ['133', 8],
  ['134', 16],
  ['135', 24],
  ['136', 24],
  ['137', 40],
  ['130', 24],
  ['131', 24],
  ['132', 24],
]);
const KEPT_TCP_OPTIONS = /\.(mss|wscale|sack_perm|sack|timestamp|nop|eol)$/;
const KEPT_TAGS = new Set(['1', '3', '7', '42', '45', '48', '50', '54', '61', '127', '191', '192']);
const KEPT_EXTENSION_TAGS = new Set(['35', '36', '106', '108']);
const KEPT_TLVS = new Set(['0', '1', '2', '3', '7']);
const NAMING_TLVS = new Set(['4', '5', '6', '8']);
const KEPT_NDP_OPTIONS = ['1', '2', '3', '5'];
const DNS_NDP_OPTIONS = ['25', '31'];
const KEPT_DHCP_OPTIONS = new Set(['0', '12', '50', '53', '54', '55', '60', '61', '255']);
const DHCP_FIXED = 44;
const DHCP_OPTIONS = 240;

/** Tunnels that are followed, by the port of UDP that they are sent to. */
const TUNNELS = new Map([
  ['4789', 'vxlan'],
  ['6081', 'geneve'],
  ['2152', 'gtp'],
  ['5246', 'capwap'],
  ['5247', 'capwap.data'],
]);

/** The fields inside `parent`, which stand directly behind it. */
function inside(proto: PdmlProto, parent: PdmlField): PdmlField[] {
  const from = proto.fields.indexOf(parent) + 1;
  const to = proto.fields.findIndex((field, i) => i >= from && field.depth <= parent.depth);
  return proto.fields.slice(from, to < 0 ? undefined : to);
}

class Finder {
  end = 0;
  quoted = false;
  readonly ranges: Range[] = [];
  private readonly options: SliceOptions;

  constructor(options: SliceOptions) {
    this.options = options;
  }

  private controls(name: SliceOptions['control'][number]): boolean {
    return this.options.mode === 'control' && this.options.control.includes(name);
  }

  /** A checksum that covers payload stands for it. */
  checksum(proto: PdmlProto, name: string): void {
    const field = proto.fields.find((of) => of.name === name);
    if (field !== undefined) this.ranges.push([field.pos, field.pos + field.size]);
  }

  /** Whether the layers inside `proto` may have headers too. */
  visit(proto: PdmlProto, next: string | undefined): boolean {
    const { name, pos, size } = proto;
    if (METADATA.has(name)) return true;
    if (WHOLE.has(name) || EXTENSIONS.has(name)) {
      this.end = Math.max(this.end, pos + size);
      return true;
    }
    switch (name) {
      case 'eth':
        this.end = pos + 14;
        return true;
      case 'wlan':
        this.end = pos + size;
        return next !== undefined;
      case 'wlan.mgt':
        this.management(proto);
        return false;
      case 'arp':
        this.end =
          pos + 8 + 2 * (Number(shown(proto, 'arp.hw.size')) + Number(shown(proto, 'arp.proto.size')));
        return false;
      case 'pppoed':
        this.end = pos + 6;
        return false;
      case 'eapol':
        this.end = pos + 4 + (shown(proto, 'eapol.type') === '3' ? 13 : 0);
        return true;
      case 'eap': {
        const hasType = shown(proto, 'eap.code') === '1' || shown(proto, 'eap.code') === '2';
        this.end = pos + (hasType ? 5 : 4);
        if (shown(proto, 'eap.type') === '1' && this.controls('eap'))
          this.end = pos + Number(shown(proto, 'eap.len'));
        return false;
      }
      case 'lldp':
        this.lldp(proto);
        return false;
      case 'tcp':
        this.tcp(proto);
        return false;
      case 'udp':
        this.end = pos + (this.quoted ? 4 : 8);
        if (!this.quoted && Number(shown(proto, 'udp.length')) > 8) this.checksum(proto, 'udp.checksum');
        if (this.quoted) return false;
        if (next === 'dhcp') return this.controls('dhcp');
        if (next === 'dns' || next === 'mdns') return this.controls('dns');
        return TUNNELS.get(shown(proto, 'udp.dstport') ?? '') === next;
      case 'dhcp':
        this.dhcp(proto);
        return false;
      case 'dns':
      case 'mdns':
        this.end = pos + 12;
        return false;
      case 'gtp':
        // Extension headers are beyond the table.
        if (size > 12) return false;
        this.end = pos + size;
        return true;
      case 'geneve':
        this.end = pos + size;
        for (const field of proto.fields) {
          if (field.name === 'geneve.option.unknown.data')
            this.ranges.push([field.pos, field.pos + field.size]);
        }
        return true;
      case 'capwap.data':
        return next === 'eth';
      case 'capwap':
        this.end = pos + 8;
        return false;
      case 'esp':
        this.end = pos + 8;
        return false;
      case 'mipv6':
        this.end = pos + size;
        this.ranges.push([pos + 4, this.end]);
        return false;
      case 'sctp':
        this.end = pos + 16;
        this.checksum(proto, 'sctp.checksum');
        return false;
      case 'icmp':
        this.end = pos + 8;
        if (size > 8) this.checksum(proto, 'icmp.checksum');
        this.quoted = ICMP_ERRORS.has(shown(proto, 'icmp.type') ?? '');
        return this.quoted;
      case 'icmpv6':
        return this.icmpv6(proto);
      case 'igmp':
        this.end = pos + size;
        return false;
      default:
        return false;
    }
  }

  private tcp(proto: PdmlProto): void {
    if (this.quoted) {
      this.end = proto.pos + 4;
      return;
    }
    this.end = proto.pos + proto.size;
    const isStampless =
      this.options.ts === 'zero' && proto.fields.some(({ name }) => name === 'tcp.options.timestamp');
    if (isStampless || Number(shown(proto, 'tcp.len')) > 0) this.checksum(proto, 'tcp.checksum');
    for (const field of proto.fields) {
      if (field.depth !== 1 || !field.name.startsWith('tcp.options.') || field.size < 3) continue;
      const isZeroed = field.name.endsWith('.timestamp') && this.options.ts === 'zero';
      if (isZeroed || !KEPT_TCP_OPTIONS.test(field.name))
        this.ranges.push([field.pos + 2, field.pos + field.size]);
    }
  }

  private icmpv6(proto: PdmlProto): boolean {
    const type = shown(proto, 'icmpv6.type') ?? '';
    this.end = proto.pos + (ICMPV6_FIXED.get(type) ?? 8);
    this.quoted = ICMPV6_ERRORS.has(type);
    if (this.quoted) return true;
    for (const field of proto.fields) {
      if (field.name === 'icmpv6.opt' && field.depth === 0) {
        const option = inside(proto, field).find(({ name }) => name === 'icmpv6.opt.type')?.show ?? '';
        const isKept =
          KEPT_NDP_OPTIONS.includes(option) || (this.controls('dns') && DNS_NDP_OPTIONS.includes(option));
        if (!isKept) this.ranges.push([field.pos + 2, field.pos + field.size]);
      }
      if (field.name === 'icmpv6.opt' || field.name === 'icmpv6.mldr.mar') this.end = field.pos + field.size;
    }
    if (type === '130' && proto.size >= 28) this.end = proto.pos + proto.size;
    if (proto.size > this.end - proto.pos) this.checksum(proto, 'icmpv6.checksum');
    return false;
  }

  private management(proto: PdmlProto): void {
    const fixed = proto.fields.find((field) => field.name === 'wlan.fixed.all');
    this.end = fixed === undefined ? proto.pos : fixed.pos + fixed.size;
    const isAction = proto.fields.some((field) => field.name === 'wlan.fixed.action_code');
    const algorithm = shown(proto, 'wlan.fixed.auth.alg');
    if (isAction) this.end = proto.pos + 2;
    if (isAction || (algorithm !== undefined && algorithm !== '0')) return;
    for (const field of proto.fields) {
      if (field.name !== 'wlan.tag' && field.name !== 'wlan.ext_tag') continue;
      this.end = field.pos + field.size;
      const parts = inside(proto, field);
      const number = parts.find(({ name }) => name === 'wlan.tag.number')?.show ?? '';
      const extension = parts.find(({ name }) => name === 'wlan.ext_tag.number')?.show ?? '';
      if (number === '0' && this.options.ssid === 'keep') continue;
      if (KEPT_TAGS.has(number)) {
        const pmkids = parts.find(({ name }) => name === 'wlan.rsn.pmkid.list');
        if (pmkids !== undefined) this.ranges.push([pmkids.pos, pmkids.pos + pmkids.size]);
      } else if (number === '255') {
        if (!KEPT_EXTENSION_TAGS.has(extension)) this.ranges.push([field.pos + 3, this.end]);
      } else this.ranges.push([field.pos + (number === '221' ? 6 : 2), this.end]);
    }
  }

  private dhcp(proto: PdmlProto): void {
    this.end = proto.pos + DHCP_OPTIONS;
    this.ranges.push([proto.pos + DHCP_FIXED, proto.pos + DHCP_OPTIONS - 4]);
    for (const field of proto.fields) {
      if (field.depth !== 0 || field.name !== 'dhcp.option.type') continue;
      this.end = field.pos + field.size;
      if (!KEPT_DHCP_OPTIONS.has(field.show)) this.ranges.push([field.pos + 2, this.end]);
    }
  }

  private lldp(proto: PdmlProto): void {
    for (const field of proto.fields) {
      if (field.depth !== 0) continue;
      const type = inside(proto, field).find(({ name }) => name === 'lldp.tlv.type')?.show ?? '';
      this.end = field.pos + field.size;
      const is = (name: string): boolean =>
        inside(proto, field).some((part) => part.name === name && part.show === '0x01');
      if (NAMING_TLVS.has(type) && this.controls('lldp')) continue;
      if (KEPT_TLVS.has(type) || is('lldp.ieee.802_1.subtype') || is('lldp.ieee.802_3.subtype')) continue;
      this.ranges.push([field.pos + (type === '127' ? 6 : 2), this.end]);
    }
  }
}

/**
 * Payload of a frame of `length` captured bytes when it is sliced as `options` say; null where tshark calls the
 * frame malformed.
 */
export function payloadOf(
  protos: readonly PdmlProto[],
  length: number,
  options: SliceOptions = STRICT,
): Payload | null {
  if (protos.some(({ name }) => name.startsWith('_ws.'))) return null;
  const finder = new Finder(options);
  for (const [i, proto] of protos.entries()) {
    if (!finder.visit(proto, protos[i + 1]?.name)) break;
  }
  const headerEnd = Math.min(finder.end, length);
  const ranges = finder.ranges.filter(([start, end]) => start < end && end <= length);
  if (headerEnd < length) ranges.push([headerEnd, length]);
  return { headerEnd, ranges };
}
