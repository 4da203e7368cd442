import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import { ethernet } from '../../packets/layers/ethernet.ts';
import { ipv4 } from '../../packets/layers/ipv4.ts';
import { ipv6 } from '../../packets/layers/ipv6.ts';
import { tcp } from '../../packets/layers/tcp.ts';
import { udp } from '../../packets/layers/udp.ts';
import { LinkType } from '../../packets/linktype.ts';
import { CaptureReader } from '../../packets/pcap/reader.ts';
import { Proto } from '../../packets/protocols.ts';
import { capturePath } from '../support/observe.ts';
import { hasTool } from '../tools.mjs';

/** What `tcpdump -e` puts at the front of a line: addresses, type, length on the wire, then ends and ports. */
interface Summary {
  source: string;
  destination: string;
  etherType?: number;
  /** On the wire; of an 802.3 frame, what its length field says. */
  length: number;
  /** `from` and `to` as address, or address.port. */
  from?: string;
  to?: string;
}

const FRONT =
  /^([0-9a-f:]{17}) > ([0-9a-f:]{17}), (?:ethertype [^(]*\((0x[0-9a-f]+)\), |802\.3, )length (\d+): (.*)$/;
/** Lines without a number go on from the one before. */
const NUMBERED = /^\s*\d+ {2}(.*)$/;
const ENDS =
  /(?:^|[ ,:]\s?)((?:\d+\.){3}\d+(?:\.\d+)?|[0-9a-f:]*::?[0-9a-f:.]*?(?:\.\d+)?) > ((?:\d+\.){3}\d+(?:\.\d+)?|[0-9a-f:]*::?[0-9a-f:.]*?(?:\.\d+)?): /;

function tcpdump(path: string): (Summary | null)[] {
  const output = execFileSync('tcpdump', ['-nn', '-e', '-t', '-#', '-r', path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output
    .split('\n')
    .flatMap((line) => NUMBERED.exec(line)?.[1] ?? [])
    .map((line) => {
      const front = FRONT.exec(line);
      if (front === null) return null;
      const ends = ENDS.exec(front[5]);
      return {
        source: front[1],
        destination: front[2],
        etherType: front[3] === undefined ? undefined : Number(front[3]),
        length: Number(front[4]),
        from: ends?.[1],
        to: ends?.[2],
      };
    });
}

function ends(d: Dissection): { from?: string; to?: string } {
  for (let i = 0; i < d.count; i++) {
    if (d.proto[i] !== Proto.ipv4 && d.proto[i] !== Proto.ipv6) continue;
    const { source, destination } = d.proto[i] === Proto.ipv4 ? ipv4.record(d, i) : ipv6.record(d, i);
    const next = i + 1 < d.count ? d.proto[i + 1] : Proto.none;
    if (next !== Proto.tcp && next !== Proto.udp) return { from: source, to: destination };
    const { sourcePort, destinationPort } = next === Proto.tcp ? tcp.record(d, i + 1) : udp.record(d, i + 1);
    return { from: `${source}.${sourcePort}`, to: `${destination}.${destinationPort}` };
  }
  return {};
}

function isEthernet(name: string): boolean {
  const reader = new CaptureReader();
  reader.feed(readFileSync(capturePath(name)));
  return reader.next() && reader.frame.linkType === LinkType.ethernet;
}

const captures = readdirSync(capturePath('.'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /^(hil|zeek|tcpdump)\/.*\.pcap$/.test(name) && isEthernet(name))
  .sort();

describe.runIf(hasTool('tcpdump'))('the front of every line of tcpdump', () => {
  let compared = 0;

  test.each(captures)('%s', (name) => {
    const reader = new CaptureReader();
    reader.feed(readFileSync(capturePath(name)));
    const d = new Dissection();
    const lines = tcpdump(capturePath(name));
    while (reader.next()) {
      const { frame } = reader;
      const line = lines[frame.number - 1];
      dissect(d, frame.bytes(), frame.linkType, frame.originalLength);
      // tcpdump prints no such line for what it calls malformed, nor do we have layers there.
      if (line === null || line === undefined || d.count === 0) continue;
      const said = ethernet.record(d, 0);
      const front = {
        source: said.src,
        destination: said.dst,
        etherType: said.type,
        length: said.len ?? frame.originalLength,
      };
      const { from, to } = ends(d);
      expect({ number: frame.number, ...line }).toEqual({ number: frame.number, ...front, from, to });
      compared++;
    }
  });

  test('was compared often', () => {
    expect(compared).toBeGreaterThan(2500);
  });
});
