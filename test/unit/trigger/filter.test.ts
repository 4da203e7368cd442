/** Filters against tcpdump's own, on recorded frames; and the frames of one client against tshark's. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { OutputBuffer } from '../../../packets/pcap/output.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { SlicedWriter } from '../../../packets/slice/sliced-writer.ts';
import { Slicer } from '../../../packets/slice/slicer.ts';
import { parseFilter } from '../../../packets/trigger/filter.ts';
import { isWholeSection, sectionOfClient } from '../../../packets/trigger/section-of-client.ts';
import { capturePath } from '../../support/observe.ts';
import { framesOf } from '../../support/recorded-frames.ts';

const d = new Dissection();
const folder = mkdtempSync(join(tmpdir(), 'airherd-filter-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Times of the frames that tcpdump lets through. */
function tcpdumpTimes(path: string, expression: string): string[] {
  const args = ['-nn', '-tt', '-r', path, ...(expression === '' ? [] : [expression])];
  const out = execFileSync('tcpdump', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return out.split('\n').flatMap((line) => /^(\d+\.\d+) /.exec(line)?.[1] ?? []);
}

function ourTimes(file: string, expression: string): string[] {
  const parsed = parseFilter(expression);
  if (!parsed.ok) throw new Error(parsed.reason);
  return framesOf(file)
    .filter(({ bytes, linkType }) => {
      dissect(d, bytes, linkType);
      return parsed.filter(d);
    })
    .map(({ seconds, nanoseconds }) => `${seconds}.${String(nanoseconds / 1000).padStart(6, '0')}`);
}

/** Ours on the left; tcpdump's on the right where it has no such word. */
const CASES: readonly (readonly [file: string, ours: string, tcpdumps?: string])[] = [
  ['hil/dhcp.pcap', 'arp'],
  ['hil/dhcp.pcap', 'dhcp', 'udp port 67 or udp port 68 or udp port 546 or udp port 547'],
  ['hil/dhcp.pcap', 'not ip'],
  ['hil/http.pcap', 'tcp port 80 and not ip6'],
  ['hil/http.pcap', '!(tcp or arp) && ip6'],
  ['hil/http.pcap', 'arp or tcp and host 10.77.0.1'],
  ['hil/eap.pcap', 'eapol', 'ether proto 0x888e'],
  ['hil/lldp.pcap', 'lldp', 'ether proto 0x88cc'],
  ['hil/hwsim-ap-eth.pcap', 'port 53 or icmp or arp'],
  ['zeek/testing/btest/Traces/ipv6-fragmented-dns.pcap', 'host 2607:f740:b::f93', 'ip6'],
  ['hil/rtap_live.pcap', 'type mgt'],
  ['hil/rtap_live.pcap', 'type data and eapol', 'type data and ether proto 0x888e'],
];

describe('a filter', () => {
  it.each(CASES.map(([file, ours, tcpdumps = ours]) => [file, ours, tcpdumps] as const))(
    '%s: %s',
    (file, ours, tcpdumps) => {
      const expected = tcpdumpTimes(capturePath(file), tcpdumps);
      expect(ourTimes(file, ours)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(0);
    },
  );

  it('keeps frames out', () => {
    for (const name of [
      'lldp',
      'cdp',
      'stp',
      'sctp',
      'igmp',
      'vlan',
      'vlan 7',
      'radius',
      'wlan',
      'host 10.9.9.9',
    ]) {
      expect(ourTimes('hil/dhcp.pcap', name)).toEqual([]);
    }
  });

  it('by station', () => {
    const [sender] = framesOf('hil/http.pcap').map(({ bytes }) => Buffer.from(bytes.subarray(6, 12)));
    const named = `ether host ${sender.toString('hex').replace(/..(?=.)/g, '$&:')}`;
    expect(ourTimes('hil/http.pcap', named)).toEqual(tcpdumpTimes(capturePath('hil/http.pcap'), named));
  });

  it.each([
    ['', 'is empty'],
    ['arp or', 'ends early'],
    ['(arp', 'lacks a ")"'],
    ['arp)', 'does not expect ")"'],
    ['arp udp', 'does not expect "udp"'],
    ['frobnicate', 'does not know "frobnicate"'],
    ['constructor', 'does not know "constructor"'],
    ['port 70000', 'wants a port from 0 to 65535'],
    ['host example.org', 'wants an IP address behind "host"'],
    ['tcp[13] & 2 != 0', 'does not know "tcp[13]"'],
    [`${'('.repeat(500)}arp`, 'nests too deep'],
    [`${'not '.repeat(200)}arp`, 'nests too deep'],
    ['x'.repeat(1025), 'is longer than 1024 characters'],
  ])('%s is refused', (text, reason) => {
    expect(parseFilter(text)).toEqual({ ok: false, reason });
  });
});

describe('the frames of one client', () => {
  const sliced = (file: string): Uint8Array => {
    const reader = new CaptureReader();
    const output = new OutputBuffer();
    const writer = new SlicedWriter(new Slicer(), output);
    reader.feed(readFileSync(capturePath(file)));
    while (reader.next()) writer.write(reader.frame);
    return output.pending().slice();
  };
  const tshark = (path: string, filter: string): string =>
    execFileSync(
      'tshark',
      [
        '-r',
        path,
        ...(filter ? ['-Y', filter] : []),
        '-T',
        'fields',
        '-e',
        'frame.time_epoch',
        '-e',
        'frame.cap_len',
        '-e',
        'frame.comment',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );

  it.each([
    ['hil/http.pcap', 'eth.addr'],
    ['hil/rtap_live.pcap', 'wlan.addr'],
  ])('%s: as tshark picks them out of the slice, comments too', (file, field) => {
    const section = sliced(file);
    const all = join(folder, 'all.pcapng');
    writeFileSync(all, section);
    const client = file.includes('rtap')
      ? '020000000100'
      : Buffer.from(framesOf(file)[0].bytes.subarray(6, 12)).toString('hex');
    const picked = sectionOfClient(section, Buffer.from(client, 'hex'));
    const own = join(folder, 'own.pcapng');
    writeFileSync(own, picked ?? new Uint8Array(0));
    const expected = tshark(all, `${field} == ${client.replace(/..(?=.)/g, '$&:')}`);
    expect(expected).toContain('cut=');
    expect(tshark(own, '')).toBe(expected);
  });

  it('are none where the client was not, nor in what is no section', () => {
    const section = sliced('hil/http.pcap');
    const client = Uint8Array.from(framesOf('hil/http.pcap')[0].bytes.subarray(6, 12));
    expect(sectionOfClient(section, Uint8Array.of(2, 0, 0, 9, 9, 9))).toBeNull();
    expect(isWholeSection(section)).toBe(true);
    for (let length = 0; length < 400; length++) {
      const cut = section.subarray(0, length);
      const isWhole = isWholeSection(cut);
      // Where a block ends, the beginning is a section too.
      if (!isWhole) expect(sectionOfClient(cut, client)).toBeNull();
    }
    for (let at = 0; at < 400; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const damaged = section.slice(0, 2000);
        damaged[at] ^= change;
        const picked = sectionOfClient(damaged, client);
        expect(picked === null || isWholeSection(picked)).toBe(true);
      }
    }
  });
});
