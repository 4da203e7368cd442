import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { pcapSlice } from '../../../cli/commands/pcap/slice.ts';

const HTTP = new URL('../../../fixtures/captures/hil/http.pcap', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'airherd-slice-command-'));
const out = (name: string): string => join(folder, name);

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** What the command printed on standard output. */
async function run(...args: string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const program = new Command().exitOverride();
  pcapSlice(program);
  await program.parseAsync(['slice', ...args], { from: 'user' });
  return lines.join('\n');
}

const tshark = (path: string, ...args: string[]): string[] =>
  execFileSync('tshark', ['-r', path, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trimEnd()
    .split('\n');

it('writes headers only, tells what it did, and brings nothing else over', async () => {
  const withComment = out('commented.pcapng');
  execFileSync('editcap', [
    '-F',
    'pcapng',
    '-a',
    '1:secret note',
    '--capture-comment',
    'secret site',
    HTTP,
    withComment,
  ]);
  expect(readFileSync(withComment, 'latin1')).toContain('secret note');
  const sliced = out('http.pcapng');
  const report = JSON.parse(await run(withComment, sliced, '--json'));
  const bytes = readFileSync(sliced, 'latin1');
  for (const text of ['secret', 'GET ', 'HTTP/1', 'User-Agent', 'Host']) expect(bytes).not.toContain(text);
  const fields = ['-T', 'fields', '-e', 'frame.len', '-e', 'frame.time_epoch'];
  expect(tshark(sliced, ...fields)).toEqual(tshark(HTTP, ...fields));
  expect(report.frames).toBe(tshark(HTTP).length);
  const lengths = tshark(sliced, '-T', 'fields', '-e', 'frame.cap_len').map(Number);
  expect(report.bytesKept).toBe(lengths.reduce((sum, length) => sum + length, 0));
  const cut = tshark(HTTP, '-Y', 'tcp.len > 0 || icmp').length;
  expect(report.flags['cut=payload zeroed=checksum']).toBe(cut);
  expect(tshark(sliced, '-Y', 'frame.comment == "cut=payload zeroed=checksum"')).toHaveLength(cut);
});

it('refuses full without a consent that is in force', async () => {
  const sliced = out('full.pcapng');
  const record = out('consent.json');
  const refusal = { code: 'consent-missing' };
  await expect(run(HTTP, sliced, '--mode', 'full')).rejects.toMatchObject(refusal);
  writeFileSync(record, JSON.stringify({ id: 'c1', purpose: 'why', until: '2020-01-01T00:00:00Z' }));
  await expect(run(HTTP, sliced, '--mode', 'full', '--consent', record)).rejects.toMatchObject(refusal);
  writeFileSync(record, JSON.stringify({ id: 'c1', until: '2999-01-01T00:00:00Z' }));
  await expect(run(HTTP, sliced, '--mode', 'full', '--consent', record)).rejects.toMatchObject(refusal);
  expect(existsSync(sliced)).toBe(false);
  writeFileSync(record, JSON.stringify({ id: 'c1', purpose: 'why', until: '2999-01-01T00:00:00Z' }));
  await run(HTTP, sliced, '--mode', 'full', '--consent', record);
  expect(readFileSync(sliced, 'latin1')).toContain('User-Agent');
});

it('refuses unknown control protocols, control without its mode, and its own input as output', async () => {
  const wrong = { code: 'usage-invalid' };
  await expect(run(HTTP, out('x'), '--mode', 'control', '--control', 'http')).rejects.toMatchObject(wrong);
  await expect(run(HTTP, out('x'), '--control', 'dhcp')).rejects.toMatchObject(wrong);
  const copy = out('copy.pcap');
  writeFileSync(copy, readFileSync(HTTP));
  await expect(run(copy, copy)).rejects.toMatchObject(wrong);
  expect(readFileSync(copy).equals(readFileSync(HTTP))).toBe(true);
});

it('leaves an existing output alone when the input is no capture, and says where one breaks off', async () => {
  const junk = out('junk');
  writeFileSync(junk, 'this is no capture');
  const existing = out('existing.pcapng');
  writeFileSync(existing, 'mine');
  await expect(run(junk, existing)).rejects.toMatchObject({ code: 'capture-not' });
  expect(readFileSync(existing, 'utf8')).toBe('mine');
  await expect(run(out('missing'), existing)).rejects.toMatchObject({ code: 'input-missing' });
  const cut = out('cut.pcap');
  writeFileSync(cut, readFileSync(HTTP).subarray(0, 1000));
  const sliced = out('cut.pcapng');
  await expect(run(cut, sliced)).rejects.toMatchObject({ code: 'capture-cut-off' });
  expect(tshark(sliced).length).toBeGreaterThan(2);
});
