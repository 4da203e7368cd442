import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { compile } from '../../support/compiled.ts';

const { main } = compile();
const doctor = (before: string[], ...words: string[]) =>
  spawnSync(before[0], [...before.slice(1), process.execPath, main, 'doctor', ...words], {
    encoding: 'utf8',
  });
/** A network of our own, with nothing but the loopback; root there, or nobody. */
const ROOT = [
  'unshare',
  '--net',
  '--mount',
  '--',
  'sh',
  '-c',
  'mount -t sysfs s /sys; ip link set lo up; exec "$@"',
  '-',
];
const NOBODY = [...ROOT, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

test('as root: what works, and what is not here, as JSON and as a table', () => {
  const { status, stdout } = doctor(ROOT, '--json');
  const found = JSON.parse(stdout) as { source: string; state: string; detail: string; mend?: string }[];
  expect(found.map(({ source }) => source)).toEqual([
    'live',
    'tcpdump',
    'lldpd',
    'hostapd',
    'iw',
    'bridge',
    'ble',
  ]);
  const of = (name: string) => found.find(({ source }) => source === name);
  expect(of('iw')).toMatchObject({ state: 'absent' });
  expect(of('bridge')).toMatchObject({ state: 'absent' });
  expect(of('live')?.state).toBe('ready');
  expect(status).toBe(0);
  const table = doctor(ROOT).stdout.split('\n');
  expect(table[0]).toMatch(/^source +state +what there is$/);
  expect(table[1]).toMatch(/^live +✓ ready/);
});

test('as nobody: the command that gives the right, and an exit code for scripts', () => {
  const { status, stdout } = doctor(NOBODY, '--json');
  const live = (JSON.parse(stdout) as { source: string }[]).find(({ source }) => source === 'live');
  expect(live).toMatchObject({ state: 'blocked', mend: expect.stringMatching(/^sudo (setcap|usermod) /) });
  expect(status).toBe(6);
});
