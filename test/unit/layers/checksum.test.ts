import { describe, expect, it } from 'vitest';
import { checksumVerdict, internetChecksum, sctpChecksum } from '../../../packets/checksum.ts';
import { Proto } from '../../../packets/protocols.ts';
import { framesOf } from '../../support/captures.ts';
import { bytesOf, dissected } from '../../support/dissected.ts';
import { tsharkTree } from '../../support/tshark-tree.ts';

const STATUS: readonly [proto: number, protocol: string, field: string][] = [
  [Proto.ipv4, 'ip', 'ip.checksum.status'],
  [Proto.tcp, 'tcp', 'tcp.checksum.status'],
  [Proto.udp, 'udp', 'udp.checksum.status'],
  [Proto.icmp, 'icmp', 'icmp.checksum.status'],
  [Proto.icmpv6, 'icmpv6', 'icmpv6.checksum.status'],
  [Proto.igmp, 'igmp', 'igmp.checksum.status'],
  [Proto.sctp, 'sctp', 'sctp.checksum.status'],
];
/** tshark: 0 is bad, 1 is good; the rest it did not verify. */
const VERDICT: Readonly<Record<string, string>> = { 0: 'wrong', 1: 'right' };
const ZEEK = 'fixtures/captures/zeek/testing/btest/Traces';
const PATHS = [
  'fixtures/built/ip-and-up.pcap',
  'fixtures/captures/hil/http.pcap',
  'fixtures/captures/hil/dhcp.pcap',
  ...[
    'icmp/icmp6-nd-options',
    'icmp/icmp6-mldv2',
    'tunnels/Teredo',
    'tunnels/gre-sample',
    'ipv6-fragmented-dns',
  ].map((name) => `${ZEEK}/${name}.pcap`),
];
const OPTIONS = ['ip', 'tcp', 'udp'].map((name) => `${name}.check_checksum:TRUE`);

describe('checksums', () => {
  it('are judged as tshark judges them, over IPv4 and IPv6', () => {
    const differences: string[] = [];
    const seen = new Map<string, number>();
    for (const path of PATHS) {
      const packets = tsharkTree(path, [...OPTIONS, 'sctp.checksum:CRC 32c']);
      for (const { number, bytes, linkType } of framesOf(path)) {
        const d = dissected(bytes, linkType);
        for (const [proto, protocol, field] of STATUS) {
          const i = d.find(proto);
          const verdict =
            VERDICT[packets[number - 1].find(({ name }) => name === protocol)?.fields.get(field)?.[0] ?? ''];
          if (i < 0 || verdict === undefined) continue;
          seen.set(`${protocol} ${verdict}`, (seen.get(`${protocol} ${verdict}`) ?? 0) + 1);
          const ours = checksumVerdict(d, i);
          if (ours !== verdict) differences.push(`${path} ${number}: ${protocol} is ${verdict}, not ${ours}`);
        }
      }
    }
    expect(differences).toEqual([]);
    for (const [, protocol] of STATUS) expect(seen.get(`${protocol} right`), protocol).toBeGreaterThan(0);
    expect(seen.get('tcp wrong')).toBeGreaterThan(0);
  });

  it('match the example of RFC 1071 §3', () => {
    expect(internetChecksum(bytesOf('0001 f203 f4f5 f6f7'), 0, 8)).toBe(~0xddf2 & 0xffff);
  });

  it('of an odd number of bytes pad with zero', () => {
    expect(internetChecksum(bytesOf('0001 f2'), 0, 3)).toBe(internetChecksum(bytesOf('0001 f200'), 0, 4));
  });

  it('of SCTP match the CRC32c example of RFC 3720 B.4: 32 bytes of zero', () => {
    // The CRC is 0x8a9136aa, sent low byte first.
    expect(sctpChecksum(new Uint8Array(32), 0, 32)).toBe(0xaa36918a);
  });
});
