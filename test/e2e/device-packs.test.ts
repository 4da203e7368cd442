/** Identities by the thousand, as a user makes, claims, loads, renews and revokes them; here fewer. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pack } from '../../certs/pack/read.ts';
import { sharedAuthority } from '../support/authority.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { compile } from '../support/compiled.ts';

const COUNT = 6;
let main: string;
let home: string;
let pack: string;
let cloud: CloudProcess | null = null;

beforeAll(async () => {
  ({ main } = compile());
  home = mkdtempSync(join(tmpdir(), 'airherd-packs-'));
  cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
  pack = join(home, 'fleet.pack');
}, 60_000);
afterAll(async () => {
  await cloud?.end('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

function airherd(args: string[], passphrase = 'correct horse') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, AIRHERD_HOME: home, AIRHERD_PACK_PASSPHRASE: passphrase },
  });
  return { status, stdout, stderr };
}

const fingerprints = async (): Promise<string[]> => {
  const opened = await Pack.open(pack, { passphrase: 'correct horse' });
  const found: string[] = [];
  for (const { serial } of opened.devices()) {
    found.push((await opened.identity(serial)).certificateSha256.toString('hex'));
  }
  await opened.close();
  return found;
};

test('made, claimed, loaded by a fleet, renewed and revoked in waves', async () => {
  const made = airherd([
    'device',
    'create',
    '--kind',
    'ap',
    '--count',
    String(COUNT),
    '--pack',
    pack,
    '--json',
  ]);
  expect(made.status).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({ pack, count: COUNT });
  expect(airherd(['device', 'create', '--kind', 'ap', '--count', '1', '--pack', pack])).toMatchObject({
    status: 6,
    stderr: expect.stringContaining('it is there already'),
  });

  expect(airherd(['device', 'claim', '--all', '--org', 'Fleet', '--site', 'HQ']).stdout).toContain(
    `${COUNT} claimed by Fleet, site HQ`,
  );
  const list = join(home, 'list');
  writeFileSync(list, '# two lines, one of them wrong\nNOPE-NOPE-NOPE\n');
  const wrong = airherd(['device', 'claim', '--file', list, '--org', 'Fleet', '--site', 'HQ']);
  expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining('1 of 1 failed') });
  const devices = JSON.parse(airherd(['device', 'list', '--json']).stdout);
  expect(devices.filter(({ org }: { org: string }) => org === 'Fleet')).toHaveLength(COUNT);

  const before = await fingerprints();
  const waves = ['--pack', pack, '--wave', '4', '--every', '50ms', '--json'];
  const renewed = JSON.parse(airherd(['device', 'renew', ...waves]).stdout);
  expect(renewed.results).toHaveLength(COUNT);
  expect(renewed.failures).toEqual([]);
  const after = await fingerprints();
  expect(new Set([...before, ...after]).size).toBe(2 * COUNT);

  cloud = await spawnCloud(main, home);
  const file = join(home, 'run.yaml');
  writeFileSync(file, 'generator: { maxSlip: 1m, maxLoopDelay: 1m }\n');
  const run = () =>
    airherd([
      ...[
        'fleet',
        'run',
        file,
        '--cloud',
        `mqtts://127.0.0.1:${cloud?.devicePort}`,
        '--json',
        '--pack',
        pack,
      ],
      ...['--devices', String(COUNT), '--rate', '6', '--for', '4s', '--give-up', '3s', '--workers', '1'],
    ]);
  const { counters, reasons } = JSON.parse(run().stdout);
  expect(reasons).toEqual([]);
  expect(counters).toMatchObject({ started: COUNT, reached: COUNT, lost: 0 });

  const revoked = JSON.parse(airherd(['device', 'revoke', ...waves]).stdout);
  expect(revoked.results).toHaveLength(COUNT);
  const refused = run();
  expect(refused.status).toBe(10);
  expect(JSON.parse(refused.stdout).counters.reached).toBe(0);
}, 90_000);

test('a wrong passphrase, none, and no pack are named', () => {
  const plan = (file: string, passphrase?: string) =>
    airherd(
      ['fleet', 'plan', '--cloud', 'mqtts://localhost', '--devices', '1', '--rate', '1', '--pack', file],
      passphrase,
    );
  expect(plan(pack, 'wrong horse')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('pack-damaged'),
  });
  expect(plan(pack, '')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('AIRHERD_PACK_PASSPHRASE'),
  });
  expect(plan(join(home, 'none.pack'))).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('pack-missing'),
  });
});
