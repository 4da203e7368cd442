import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pcap } from '../../../cli/commands/pcap.ts';
import { captureBytes, capturePath, captures } from './capture-list.ts';
import { capinfos } from './tshark.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'airherd-info-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What `airherd pcap info` prints, and what it fails with. */
async function info(...args: string[]): Promise<{ printed: string; error: unknown }> {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const program = new Command().exitOverride();
  (await pcap('info'))(program);
  const error = await program.parseAsync(['pcap', 'info', ...args], { from: 'user' }).then(
    () => null,
    (reason: unknown) => reason,
  );
  log.mockRestore();
  return { printed: lines.join('\n'), error };
}

const sampled = [
  ...captures.filter((name) => name.startsWith('hil/')),
  'tcpdump/tests/tcp-handshake-nano.pcap',
];

test.each(sampled)('%s: numbers are those of capinfos', async (name) => {
  const { printed, error } = await info('--json', capturePath(name));
  const ours = JSON.parse(printed);
  const theirs = capinfos(capturePath(name));
  expect(error).toBeNull();
  expect(`${ours.frames}`).toBe(theirs.get('Number of packets'));
  expect(`${ours.fileBytes} bytes`).toBe(theirs.get('File size'));
  expect(`${ours.originalBytes} bytes`).toBe(theirs.get('Data size'));
  expect(ours.inTimeOrder ? 'True' : 'False').toBe(theirs.get('Strict time order'));
  expect(ours.interfaces[0].ticksPerSecond).toBe(theirs.get('Time ticks per second'));
  const [first, last] = ['First packet time', 'Last packet time'].map((label) => theirs.get(label) ?? '');
  expect(instant(ours.earliest, first)).toBe(first);
  expect(instant(ours.latest, last)).toBe(last);
});

/** A time in the form, the zone and the precision of capinfos. */
function instant(seconds: string, like: string): string {
  const [whole, fraction] = seconds.split('.');
  const local = new Date(Number(whole) * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
  const time = `${two(local.getHours())}:${two(local.getMinutes())}:${two(local.getSeconds())}`;
  return `${day} ${time}.${fraction.slice(0, like.length - like.indexOf('.') - 1)}`;
}

test('interfaces of all sections, with their names, drops and frames', async () => {
  const { printed } = await info('--json', capturePath('pcapng-testgen/le/difficult/test202.pcapng'));
  // Names, sections and frames as in capinfos; drops as the statistics blocks of the file have them.
  expect(
    JSON.parse(printed).interfaces.map(({ section, name, frames, dropped }: Record<string, unknown>) => [
      section,
      name,
      frames,
      dropped,
    ]),
  ).toEqual([
    [0, 'eth0', 2, null],
    [0, 'null1', 1, null],
    [1, 'silly ethernet interface 2', 4, 10],
    [2, 'eth0', 0, 43],
    [2, 'null1', 1, null],
  ]);
});

test('a cut capture is told of as far as it goes, and then refused', async () => {
  const path = join(folder, 'cut.pcap');
  writeFileSync(path, captureBytes('hil/dhcp.pcap').subarray(0, 1000));
  const { printed, error } = await info(path);
  expect(printed).toContain('pcap, damaged');
  expect(printed).toMatch(/^frames +5$/m);
  expect(error).toMatchObject({ code: 'capture-cut-off' });
});

test('what is no capture is refused, and nothing is told of it', async () => {
  const path = join(folder, 'text');
  writeFileSync(path, 'no capture');
  expect(await info(path)).toMatchObject({ printed: '', error: { code: 'capture-not' } });
});

test('a name that would move the cursor is shown without that', async () => {
  const path = join(folder, 'name.pcapng');
  const bytes = captureBytes('pcapng-testgen/le/difficult/test202.pcapng');
  const at = Buffer.from(bytes).indexOf('eth0');
  expect(at).toBeGreaterThan(0);
  bytes.set([0x1b, 0x5b, 0x32, 0x4a], at);
  writeFileSync(path, bytes);
  const { printed } = await info(path);
  expect(printed).toContain('?[2J');
  expect(printed).not.toContain('\u001b');
});
