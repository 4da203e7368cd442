import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { Proto, protoName } from '../../../packets/protocols.ts';
import { layerOf } from '../../../packets/registry.ts';
import { capturesBelow, framesOf } from '../../support/captures.ts';
import { type PdmlProtocol, tsharkTree } from '../../support/tshark-tree.ts';
import { AGREEMENT, sameValues, shownValues } from './agreement.ts';

/**
 * tshark's protocols that are to be layers of ours. Extension headers stand inside the IPv6 tree. What an ICMP
 * error quotes is no layer, though tshark goes on to call its payload one.
 */
function layersOf(packet: readonly PdmlProtocol[]): PdmlProtocol[] {
  const layers: PdmlProtocol[] = [];
  for (const protocol of packet) {
    layers.push(protocol);
    if (protocol.name === 'ipv6') layers.push(...layersOf(protocol.nested));
    const isIcmp = protocol.name === 'icmp' || protocol.name === 'icmpv6';
    if (isIcmp && protocol.nested.some(({ name }) => name === 'ip' || name === 'ipv6')) break;
  }
  return layers;
}

/** A segment that tshark knows for HTTP only by the segments before it, or a request of HTTP/0.9. */
const isNoHead = ({ name, fields }: PdmlProtocol): boolean =>
  name === 'http' &&
  ((!fields.has('http.request') && !fields.has('http.response')) ||
    fields.get('http.request.version')?.[0] === '');

/** tshark lets reserved bits of VXLAN be set; anyone may send to its port, so we do not. */
const isNoTunnel = ({ name, fields }: PdmlProtocol): boolean =>
  name === 'vxlan' && fields.get('vxlan.flags')?.[0] !== '0x0800';

/** Protocols that tshark found and we did not, and values that differ, one line each. */
function differences(path: string, counts: Map<string, number>): string[] {
  const found: string[] = [];
  const packets = tsharkTree(path);
  const d = new Dissection();
  for (const frame of framesOf(path)) {
    dissect(d, frame.bytes, frame.linkType);
    const next = new Map<number, number>();
    const packet = packets[frame.number - 1] ?? [];
    for (const protocol of layersOf(packet)) {
      const entry = AGREEMENT[protocol.name];
      if (entry === undefined || protocol.size === 0) continue;
      const i = d.find(entry.proto, next.get(entry.proto) ?? 0);
      const where = `${path} frame ${frame.number}`;
      if (i < 0) {
        // tshark reads into a first fragment; we stop behind its transport header.
        if (d.firstFragment || isNoHead(protocol) || isNoTunnel(protocol)) continue;
        // Both call the frame malformed; we do not keep the layer that is.
        if (d.fault !== null && packet.some(({ name }) => name === '_ws.malformed')) continue;
        found.push(`${where}: no ${protoName(entry.proto)} layer`);
        continue;
      }
      next.set(entry.proto, i + 1);
      // Over TCP tshark counts the two length bytes as DNS.
      const prefix = protocol.name === 'dns' && d.proto[i - 1] === Proto.tcp ? 2 : 0;
      if (d.start[i] !== protocol.pos + prefix) found.push(`${where}: ${protocol.name} at ${d.start[i]}`);
      const record = layerOf[entry.proto]?.record(d, i);
      counts.set(protocol.name, (counts.get(protocol.name) ?? 0) + 1);
      for (const [field, get] of Object.entries(entry.fields)) {
        const shown = shownValues(protocol.fields, field);
        const ours = get(record as never);
        if (sameValues(shown, ours)) continue;
        found.push(`${where}: ${field} is ${JSON.stringify(shown)}, not ${JSON.stringify(ours)}`);
      }
    }
  }
  return found;
}

describe('fields of the recorded and built captures', () => {
  const counts = new Map<string, number>();
  // The files of pcapng-testgen are about blocks: tshark orders and cuts their frames in ways of its own, and
  // the tests of the containers compare them. The others hold nothing from IP up.
  const left = /testgen|lldp|LLDP|cdp|arp|eapon|eap_|radiotap/;
  const paths = ['fixtures/captures', 'fixtures/built'].flatMap(capturesBelow);
  for (const path of paths.filter((name) => !left.test(name))) {
    it(`${path} reads as tshark reads it`, () => {
      expect(differences(path, counts)).toEqual([]);
    });
  }

  it('have been compared for every protocol that the captures hold', () => {
    for (const name of [
      'ip',
      'ipv6',
      'tcp',
      'udp',
      'icmp',
      'icmpv6',
      'dhcp',
      'dhcpv6',
      'dns',
      'http',
      'gre',
    ]) {
      expect(counts.get(name), name).toBeGreaterThan(10);
    }
  });
});
