/**
 * Header-only slicing: a frame becomes a prefix of itself with some bytes overwritten by zeros. The law, which
 * `test/contract/non-interference.test.ts` holds against every recorded frame: changing any byte of payload
 * changes no byte of the output. The rules, one file a protocol family, are in `docs/header-only.md`.
 *
 * This walker is not the decoder: it is fail-closed, so whatever is malformed, reserved or unknown ends the
 * frame at the last layer that was checked, and it shares with the decoders no code that judges.
 */
import { Proto } from '../protocols.ts';
import { dhcp } from './dhcp.ts';
import { eapol } from './eapol.ts';
import { arp, ethernet, llc, mpls, pppoe, pppoeDiscovery, vlan } from './ethernet.ts';
import { gre } from './gre.ts';
import { icmp, icmpv6, igmp } from './icmp.ts';
import { ieee80211 } from './ieee80211.ts';
import { ipv4, ipv6 } from './ip.ts';
import { ah, esp } from './ipsec.ts';
import { link } from './link.ts';
import { lldp } from './lldp.ts';
import { PPPOE_DISCOVERY } from './next.ts';
import { type SliceOptions, STRICT } from './options.ts';
import { sctp } from './sctp.ts';
import { tcp } from './tcp.ts';
import { udp, udpLite } from './udp.ts';
import { Cut, Walk } from './walk.ts';

export class Slicer {
  private readonly walk: Walk;
  private readonly isFull: boolean;
  private start = 0;
  private target: Uint8Array = new Uint8Array(0);
  private targetView: DataView = new DataView(this.target.buffer);
  /** Of the last frame: why it ends where it does (`Cut`), and what was zeroed in it (`Zeroed`, a bit set). */
  cut = 0;
  zeroed = 0;

  constructor(options: SliceOptions = STRICT) {
    this.walk = new Walk(options);
    this.isFull = options.mode === 'full';
  }

  /**
   * Walks the frame whose `capturedLength` bytes begin at `start` of `source`, and returns how many of them are
   * kept. Allocates nothing, never throws, reads nothing beyond the frame. `zeroInto` belongs to it.
   *
   * @param originalLength length on the wire, as the capture says; bytes
   * @param fcsLength of the frame check sequence inside `originalLength` as the container says, bytes;
   *   negative when it does not say
   */
  measure(
    source: Uint8Array,
    start: number,
    capturedLength: number,
    originalLength: number,
    linkType: number,
    fcsLength = -1,
  ): number {
    const w = this.walk;
    w.reset(source, start, capturedLength, originalLength);
    if (this.isFull) w.keep = start + capturedLength;
    else {
      if (fcsLength >= 0) w.stateFcs(fcsLength);
      link(w, linkType, start);
      while (w.proto !== Proto.none) {
        const rule = RULES[w.proto];
        w.proto = Proto.none;
        rule?.(w, w.start, w.end);
      }
      w.finish();
    }
    this.start = start;
    const kept = w.keep - start;
    this.cut = kept === capturedLength ? Cut.none : w.cut || Cut.payload;
    this.zeroed = w.zeroed;
    return kept;
  }

  /** Zeroes what must not leave in a copy, beginning at `at` of `target`, of the prefix just measured. */
  zeroInto(target: DataView, at: number): void {
    const { keep, zeroCount, zeroStart, zeroEnd } = this.walk;
    const shift = at - this.start;
    for (let range = 0; range < zeroCount; range++) {
      const end = Math.min(zeroEnd[range], keep) + shift;
      let i = zeroStart[range] + shift;
      // In words: elements that are zeroed have some twenty bytes, too few to call `fill` for.
      for (const last = end - 4; i <= last; i += 4) target.setInt32(i, 0, true);
      for (; i < end; i++) target.setUint8(i, 0);
    }
  }

  /** `measure`, the copy and `zeroInto` in one; `target` must have room for `capturedLength` at `at`. */
  slice(
    source: Uint8Array,
    start: number,
    capturedLength: number,
    originalLength: number,
    linkType: number,
    target: Uint8Array,
    at: number,
    fcsLength = -1,
  ): number {
    const kept = this.measure(source, start, capturedLength, originalLength, linkType, fcsLength);
    const shift = at - start;
    for (let i = start; i < start + kept; i++) target[i + shift] = source[i];
    if (target !== this.target) {
      this.target = target;
      this.targetView = new DataView(target.buffer, target.byteOffset, target.byteLength);
    }
    this.zeroInto(this.targetView, at);
    return kept;
  }
}

type Rule = (w: Walk, start: number, end: number) => void;

const RULES: readonly (Rule | undefined)[] = (() => {
  const table: (Rule | undefined)[] = new Array(256).fill(undefined);
  const rules: readonly (readonly [proto: number, rule: Rule])[] = [
    [Proto.ethernet, ethernet],
    [Proto.vlan, vlan],
    [Proto.llc, llc],
    [Proto.arp, arp],
    [Proto.mpls, mpls],
    [Proto.pppoe, pppoe],
    [PPPOE_DISCOVERY, pppoeDiscovery],
    [Proto.ieee80211, ieee80211],
    [Proto.eapol, eapol],
    [Proto.lldp, lldp],
    [Proto.ipv4, ipv4],
    [Proto.ipv6, ipv6],
    [Proto.tcp, tcp],
    [Proto.udp, udp],
    [Proto.udpLite, udpLite],
    [Proto.sctp, sctp],
    [Proto.icmp, icmp],
    [Proto.icmpv6, icmpv6],
    [Proto.igmp, igmp],
    [Proto.gre, gre],
    [Proto.esp, esp],
    [Proto.ah, ah],
    [Proto.dhcpv4, dhcp],
  ];
  for (const [proto, rule] of rules) table[proto] = rule;
  return table;
})();
