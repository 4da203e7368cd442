/** Attacks that get payload or keys out of captures cut at a fixed length, each shown to work on one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LinkType } from '../../../packets/linktype.ts';
import { Slicer } from '../../../packets/slice/slicer.ts';
import { ethernetFrame, hex, ipv4Packet, tcpSegment } from '../../support/build-frames.ts';
import { allRecordedFrames, captureOf, type RecordedFrame } from '../../support/recorded-frames.ts';
import { wpa2Handshake } from '../../support/wpa-handshake.ts';

const slicer = new Slicer();
const target = new Uint8Array(4096);
const sliceOf = (frame: Uint8Array, linkType: number): Uint8Array =>
  target.slice(0, slicer.slice(frame, 0, frame.length, frame.length, linkType, target, 0));

describe('TCP checksum against short payloads', () => {
  const HEADERS = 54;
  const frameWith = (payload: number): Uint8Array =>
    ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(0x18, Uint8Array.of(payload >> 8, payload & 0xff))));

  /** The one payload of two bytes that the checksum of a header without payload agrees with. */
  function recover(cut: Uint8Array): number {
    const length = 22;
    const covered = [...cut.subarray(26, 34), 0, 6, 0, length, ...cut.subarray(34, HEADERS)];
    let sum = 0;
    for (let i = 0; i < covered.length; i += 2) sum += (covered[i] << 8) | covered[i + 1];
    sum = (sum % 0xffff) & 0xffff;
    return (0xffff - sum) % 0xffff;
  }

  const payloads = Array.from({ length: 500 }, (_, i) => (i * 131 + 7) % 0xffff);

  it('gives keystrokes away in a capture that is cut behind the headers', () => {
    for (const payload of payloads) expect(recover(frameWith(payload).subarray(0, HEADERS))).toBe(payload);
  });

  it('gives nothing away in a slice', () => {
    const slices = payloads.map((payload) =>
      Buffer.from(sliceOf(frameWith(payload), LinkType.ethernet)).toString('hex'),
    );
    expect(new Set(slices).size).toBe(1);
    expect(slices[0].length).toBe(2 * HEADERS);
  });

  it('is kept where there is no payload', () => {
    const frame = ethernetFrame(0x0800, ipv4Packet(6, tcpSegment(0x10, new Uint8Array(0))));
    expect(Buffer.compare(sliceOf(frame, LinkType.ethernet), frame)).toBe(0);
  });
});

describe('password search on a WPA2 handshake', () => {
  const folder = mkdtempSync(join(tmpdir(), 'airherd-attack-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const PASSPHRASE = 'correct horse battery';
  const frames = wpa2Handshake({
    ssid: 'attack-me',
    passphrase: PASSPHRASE,
    ap: hex('020000000a01'),
    station: hex('020000000b02'),
  });
  const words = join(folder, 'words');
  writeFileSync(words, `password\n${PASSPHRASE}\nletmein99\n`);

  /** The same as classic pcap, the only format that aircrack-ng reads. */
  function classic(path: string): string {
    execFileSync('editcap', ['-F', 'pcap', path, `${path}.pcap`], { stdio: 'ignore' });
    return `${path}.pcap`;
  }

  function fileOf(name: string, cut: (frame: Uint8Array) => Uint8Array): string {
    const path = join(folder, `${name}.pcapng`);
    const linkType = LinkType.ieee80211;
    writeFileSync(
      path,
      captureOf(frames.map((of) => ({ bytes: cut(of), linkType, originalLength: of.length }))),
    );
    return path;
  }

  const aircrackFinds = (path: string): boolean =>
    spawnSync('aircrack-ng', ['-q', '-w', words, '-e', 'attack-me', classic(path)], {
      encoding: 'utf8',
      input: '',
    }).stdout.includes(`KEY FOUND! [ ${PASSPHRASE} ]`);

  /** Never /dev/null: hcxpcapngtool unlinks an output that stays empty. */
  function hcxFinds(path: string): boolean {
    const out = `${path}.hashes`;
    spawnSync('hcxpcapngtool', ['-o', out, classic(path)], { stdio: 'ignore' });
    return existsSync(out) && statSync(out).size > 0;
  }

  it('succeeds on the whole capture, and on one cut at 160 bytes', () => {
    for (const path of [fileOf('whole', (of) => of), fileOf('snap160', (of) => of.subarray(0, 160))]) {
      expect(aircrackSees(path)).toBe(true);
      expect(aircrackFinds(path)).toBe(true);
      expect(hcxFinds(path)).toBe(true);
    }
  });

  it('finds nothing in the slice', () => {
    const path = fileOf('sliced', (of) => sliceOf(of, LinkType.ieee80211));
    expect(aircrackFinds(path)).toBe(false);
    expect(hcxFinds(path)).toBe(false);
    const keys = execFileSync('tshark', ['-r', path, '-Y', 'eapol', '-T', 'fields', '-e', 'eapol.type'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // The four messages are still there to see.
    expect(keys.trim().split('\n')).toEqual(['3', '3', '3', '3']);
  });

  /** Whether aircrack-ng lists a network with a handshake or a PMKID. */
  function aircrackSees(path: string): boolean {
    const { stdout } = spawnSync('aircrack-ng', ['-w', words, classic(path)], {
      encoding: 'utf8',
      input: '',
    });
    return /[1-9]\d* handshake|with PMKID|KEY FOUND/.test(stdout);
  }

  /** Handshake messages and PMKIDs that hcxpcapngtool sees, whether or not a password could be tried on them. */
  function hcxSees(path: string): number {
    const { stdout } = spawnSync('hcxpcapngtool', ['-o', `${path}.hashes`, path], { encoding: 'utf8' });
    expect(stdout).toContain('packets inside');
    const counts = stdout.matchAll(/^(?:EAPOL M\d messages|PMKID) \(total\)\.*: (\d+)/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  const recorded = allRecordedFrames();

  it.each([
    ['radiotap', LinkType.radiotap],
    ['802.11', LinkType.ieee80211],
  ])('sees nothing in the slices of all recorded frames with link type %s', (kind, linkType) => {
    const frames = recorded.filter((frame) => frame.linkType === linkType);
    const save = (name: string, cut: (frame: RecordedFrame) => Uint8Array): string => {
      const path = join(folder, `${name}-${kind}.pcapng`);
      writeFileSync(path, captureOf(frames.map((frame) => ({ ...frame, bytes: cut(frame) }))));
      return path;
    };
    if (linkType === LinkType.radiotap) {
      const whole = save('whole', ({ bytes }) => bytes);
      expect(hcxSees(whole)).toBeGreaterThanOrEqual(10);
      expect(aircrackSees(whole)).toBe(true);
    }
    const sliced = save('sliced', ({ bytes }) => sliceOf(bytes, linkType));
    expect(hcxSees(sliced)).toBe(0);
    expect(hcxFinds(sliced)).toBe(false);
    // It reads as far as a frame was long on the wire: of a slice, bytes that another frame left in its memory.
    const alone = frames.map((frame) => sliceOf(frame.bytes, linkType));
    const path = join(folder, `alone-${kind}.pcapng`);
    writeFileSync(path, captureOf(alone.map((bytes) => ({ bytes, linkType, originalLength: bytes.length }))));
    expect(aircrackSees(path)).toBe(false);
  });
});
