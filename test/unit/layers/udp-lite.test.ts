import { describe, expect, it } from 'vitest';
import { checksumVerdict } from '../../../packets/checksum.ts';
import { udpLite } from '../../../packets/layers/udp-lite.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { Proto } from '../../../packets/protocols.ts';
import {
  be16,
  cat,
  ethernetFrame,
  IP_A,
  IP_B,
  internetChecksum,
  ipv4Packet,
} from '../../support/build-frames.ts';
import { dissected, layerNames, recordOf } from '../../support/dissected.ts';
import { withFrameFile } from '../../support/frame-file.ts';
import { tsharkTree } from '../../support/tshark-tree.ts';

const UDP_LITE = 136;
const PAYLOAD = Uint8Array.from({ length: 21 }, (_, i) => 7 * i);
const LENGTH = 8 + PAYLOAD.length;

/** @param error added to the checksum */
function frame(coverage: number, error = 0): Uint8Array {
  const datagram = cat(be16(5004), be16(50_123), be16(coverage), [0, 0], PAYLOAD);
  const covered = datagram.subarray(0, coverage === 0 ? LENGTH : coverage);
  const checksum = internetChecksum([...IP_A, ...IP_B, 0, UDP_LITE, ...be16(LENGTH)], covered);
  datagram.set(be16(checksum ^ error), 6);
  return ethernetFrame(0x0800, ipv4Packet(UDP_LITE, datagram));
}

describe('UDP-Lite', () => {
  it('reads as tshark reads it, its checksum over no more than it covers', async () => {
    const frames = [frame(0), frame(8), frame(12), frame(15), frame(LENGTH), frame(12, 1), frame(0, 0x8000)];
    const shown = await withFrameFile(LinkType.ethernet, frames, async (path) =>
      tsharkTree(path, ['udplite.check_checksum:TRUE', 'udplite.ignore_checksum_coverage:FALSE']),
    );
    const verdicts = frames.map((bytes, k) => {
      const d = dissected(bytes, LinkType.ethernet);
      expect(layerNames(d)).toEqual(['ethernet', 'ipv4', 'udpLite']);
      const fields = shown[k].find(({ name }) => name === 'udplite')?.fields;
      const record = recordOf(d, udpLite);
      expect([record.sourcePort, record.destinationPort]).toEqual([
        Number(fields?.get('udp.srcport')?.[0]),
        Number(fields?.get('udp.dstport')?.[0]),
      ]);
      // Where all is covered, tshark shows how much that is.
      const coverage = record.checksumCoverage === 0 ? LENGTH : record.checksumCoverage;
      expect(coverage).toBe(Number(fields?.get('udp.checksum_coverage')?.[0]) || LENGTH);
      expect(record.checksum).toBe(Number(fields?.get('udp.checksum')?.[0]));
      const verdict = checksumVerdict(d, d.find(Proto.udpLite));
      expect(verdict).toBe(fields?.get('udp.checksum.status')?.[0] === '1' ? 'right' : 'wrong');
      return verdict;
    });
    expect(verdicts).toEqual(['right', 'right', 'right', 'right', 'right', 'wrong', 'wrong']);
  });

  it('covers its header at least, and a coverage beyond the datagram cannot be checked', () => {
    expect(dissected(frame(7), LinkType.ethernet)).toMatchObject({
      faultKind: 'malformed',
      fault: { layer: 'udpLite' },
    });
    const d = dissected(frame(LENGTH + 1), LinkType.ethernet);
    expect(checksumVerdict(d, d.find(Proto.udpLite))).toBe('unverifiable');
  });
});
