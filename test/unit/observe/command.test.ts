import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { observe } from '../../../cli/commands/observe.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { bytes, capturePath } from '../../support/observe.ts';

let folder = '';
let printed: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airherd-observe-'));
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function run(...words: string[]): Promise<unknown> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  observe(program);
  try {
    await program.parseAsync(['observe', ...words], { from: 'user' });
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A capture of one DHCP request whose host name is `name`. */
function captureOf(name: string): string {
  const data = Buffer.from(name);
  const dhcp = bytes(
    '01 01 06 00 00 00 00 01 00 00 00 00',
    '00'.repeat(16),
    '02 11 22 33 44 55',
    '00'.repeat(10 + 64 + 128),
    '63 82 53 63 35 01 03 0c',
    [data.length],
    data,
    'ff',
  );
  const u16 = (value: number): number[] => [value >> 8, value & 255];
  const udp = bytes('00 44 00 43', u16(8 + dhcp.length), '00 00', dhcp);
  const frame = bytes(
    'ff ff ff ff ff ff 02 11 22 33 44 55 08 00 45 00',
    u16(20 + udp.length),
    '00 00 00 00 40 11 00 00 00 00 00 00 ff ff ff ff',
    udp,
  );
  const head = Buffer.alloc(16);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  const path = join(folder, 'one.pcap');
  writeFileSync(path, bytes('d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000', head, frame));
  return path;
}

const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/u;

describe('airherd observe', () => {
  test('prints tables of who is there', async () => {
    expect(await run(capturePath('hil/http.pcap'))).toBeUndefined();
    const text = printed.join('\n');
    expect(text).toContain('Wired hosts (2)');
    expect(text).toMatch(/02:11:22:33:44:01 \*.*10\.77\.0\.80.*iPhone.*iOS 17\.5/);
    expect(text).toContain('29 frames');
  });

  test('--json is one document with the frame of each field', async () => {
    expect(await run('--json', capturePath('hil/dhcp.pcap'))).toBeUndefined();
    expect(printed).toHaveLength(1);
    const document = JSON.parse(printed[0]);
    expect(document).toMatchObject({ complete: true, clients: [], totals: { frames: 11 } });
    const host = document.wiredHosts.find((of: { mac: string }) => of.mac === '02:11:22:33:44:01');
    expect(host).toMatchObject({
      hostName: 'alice-laptop',
      ip4: ['10.77.0.80'],
      provenance: { hostName: 1, ip4: [9] },
    });
  });

  test('--fields chooses columns and keys, and names those that there are', async () => {
    await run('--fields', 'mac,ip4', capturePath('hil/http.pcap'));
    expect(printed.join('\n')).toContain('  MAC                  IPv4');
    expect(printed.join('\n')).not.toContain('iPhone');
    printed = [];
    await run('--json', '--fields', 'mac,ip4', capturePath('hil/http.pcap'));
    expect(Object.keys(JSON.parse(printed[0]).wiredHosts[0]).sort()).toEqual(['ip4', 'mac', 'provenance']);
    const error = await run('--fields', 'mac,colour', capturePath('hil/http.pcap'));
    expect(error).toBeInstanceOf(AirherdError);
    expect(error).toMatchObject({ code: 'usage-invalid', exitCode: 2 });
    expect(String(error)).toMatch(/"colour".*hostName/);
  });

  test('--tls-fingerprint adds one, and nobody gets one without it', async () => {
    const built = capturePath('../built/ip-and-up.pcap');
    const fingerprints = () =>
      JSON.parse(printed[0]).wiredHosts.flatMap((of: { tlsFingerprint?: string }) => of.tlsFingerprint ?? []);
    await run('--json', built);
    expect(fingerprints()).toEqual([]);
    printed = [];
    await run('--json', '--tls-fingerprint', built);
    expect(fingerprints()).toEqual([expect.stringMatching(/^[qt]13d\d{4}/)]);
    expect(printed[0]).not.toContain('example.com');
  });

  // tshark reads five frames of it too.
  test('a capture that is cut off is shown as far as it goes, and refused with exit code 6', async () => {
    const path = join(folder, 'cut.pcap');
    writeFileSync(path, readFileSync(capturePath('hil/dhcp.pcap')).subarray(0, 1000));
    expect(await run('--json', path)).toMatchObject({
      code: 'capture-cut-off',
      exitCode: 6,
      parameters: { frames: 5 },
    });
    expect(JSON.parse(printed[0])).toMatchObject({ complete: false, totals: { frames: 5 } });
    expect(JSON.parse(printed[0]).wiredHosts).toHaveLength(2);
  });

  test('what is no capture, or not there, prints nothing', async () => {
    const path = join(folder, 'text.pcap');
    writeFileSync(path, 'this is not a capture at all');
    expect(await run(path)).toMatchObject({ code: 'capture-not', exitCode: 6 });
    expect(await run(join(folder, 'absent.pcap'))).toMatchObject({ code: 'input-missing', exitCode: 6 });
    expect(printed).toEqual([]);
  });

  test('hostile names are data, and never reach the terminal as they are', async () => {
    const name = '\u001b[2Jevil\u0007\u202egpj.exe<script>alert(1)</script>\n02:00:00:00:00:00';
    await run(captureOf(name));
    expect(printed.join('').replaceAll('\n', '')).not.toMatch(UNPRINTABLE);
    expect(
      printed
        .join('\n')
        .split('\n')
        .filter((line) => line.includes('02:00:00:00:00:00')),
    ).toHaveLength(1);
    printed = [];
    await run('--json', captureOf(name));
    expect(printed[0].replaceAll('\n', '')).not.toMatch(UNPRINTABLE);
    expect(JSON.parse(printed[0]).wiredHosts[0].hostName).toBe(name);
  });
});
