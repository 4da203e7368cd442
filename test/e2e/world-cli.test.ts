/** `airherd world run` as its users have it: the same file from two processes, and parts of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Compiled, compile } from '../support/compiled.ts';
import { tsharkComplaints } from '../support/read-frames.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-world-cli-'));
const site = join(dir, 'site.yaml');
let compiled: Compiled;

const airherd = (...words: string[]): string =>
  execFileSync(process.execPath, [compiled.main, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

beforeAll(() => {
  compiled = compile();
  airherd('world', 'make', '--seed', '5', '--out', site);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('two processes write the same file, and tshark finds nothing wrong with it', () => {
  const paths = ['one.pcapng', 'two.pcapng'].map((name) => join(dir, name));
  const said = paths.map((path) =>
    airherd('world', 'run', site, '--for', '30s', '--clients', '20', '--pcap', path, '--json'),
  );
  expect(said[0]).toBe(said[1]);
  expect(JSON.parse(said[0]).frames).toBeGreaterThan(1000);
  expect(readFileSync(paths[0]).equals(readFileSync(paths[1]))).toBe(true);
  expect(tsharkComplaints(paths[0])).toEqual([]);
});

test('one device hears nothing that Wireshark would warn of', () => {
  const path = join(dir, 'ap1.pcapng');
  const words = ['--for', '3m', '--clients', '20', '--ap', 'ap1', '--pcap', path, '--json'];
  expect(JSON.parse(airherd('world', 'run', site, ...words)).frames).toBeGreaterThan(1000);
  // 6291456 is PI_WARN. In a capture of many devices the same packet is seen again on each wire; here it is not.
  const filter = '_ws.malformed || _ws.expert.severity >= 6291456';
  const said = execFileSync('tshark', ['-n', '-r', path, '-Y', filter], { encoding: 'utf8' });
  expect(said).toBe('');
});

test('one access point alone is what the whole has of it', () => {
  const words = ['world', 'run', site, '--for', '20s', '--clients', '10', '--json'];
  const whole = JSON.parse(airherd(...words)).interfaces;
  const alone = JSON.parse(airherd(...words, '--ap', 'ap1')).interfaces;
  const expected = Object.fromEntries(Object.entries(whole).filter(([name]) => name.startsWith('ap1/')));
  expect(alone).toEqual(expected);
});

describe('a file that is no site', () => {
  const refused = (path: string) => {
    const { status, stderr } = spawnSync(process.execPath, [compiled.main, 'world', 'show', path], {
      encoding: 'utf8',
    });
    return { status, lines: stderr.trim().split('\n') };
  };

  test('of 200 MB is refused before it is read', () => {
    const path = join(dir, 'huge.yaml');
    writeFileSync(path, '');
    truncateSync(path, 200 * 2 ** 20);
    const { status, lines } = refused(path);
    expect(status).not.toBe(0);
    expect(lines[0]).toBe(`${path}:0: 200 MB is more than the 64 that are read; split it into several sites`);
    expect(lines).toHaveLength(2);
  });

  test('is told with file, line and what to write instead, everything at once', () => {
    const path = join(dir, 'bad.yaml');
    const text = readFileSync(site, 'utf8')
      .replace('timeZone: UTC', 'timeZone: Mars')
      .replace(/powerDbm: 8/, 'powerDbm: -8');
    writeFileSync(path, text);
    const { lines } = refused(path);
    const line = (pattern: RegExp) => text.split('\n').findIndex((one) => pattern.test(one)) + 1;
    expect(lines).toEqual([
      `${path}:${line(/Mars/)}: timeZone: no time zone Mars; write UTC, or one like Europe/Berlin`,
      `${path}:${line(/powerDbm: -8/)}: accessPoints[0].radios[0].powerDbm: -8 dBm is not possible; write 0 to 36`,
      expect.stringContaining('site-invalid'),
    ]);
  });
});
