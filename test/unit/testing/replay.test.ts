/** What a failed lab leaves does the same again, to the byte of what its devices send. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { type Lab, type LabOptions, startLab } from '../../../testing/index.ts';
import { readScenario } from '../../../testing/scenario/file.ts';
import { runScenario } from '../../../testing/scenario/run.ts';
import { GENERATORS } from '../../../world/site/generators.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airherd-replay-'));
  vi.stubEnv('AIRHERD_LAB_DIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const left = (): string[] =>
  readdirSync(folder).sort((a, b) => Number(/\d+$/.exec(a)) - Number(/\d+$/.exec(b)));
const read = (name: string, of: string): string => readFileSync(join(folder, name, of), 'utf8');

/** The message of the failure, and what the replay of its folder came to. */
async function failAndReplay(options: LabOptions, session: (lab: Lab) => Promise<void>) {
  const lab = await startLab(options);
  const message = await session(lab).then(
    () => 'it did not fail',
    (error: Error) => error.message.split('\n')[0],
  );
  await lab.stop();
  const [first] = left();
  if (first === undefined) throw new Error(message);
  const scenario = readScenario(read(first, 'scenario.yaml'));
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.problems));
  const { steps } = await runScenario(scenario.value, join(folder, first, 'scenario.yaml'));
  const [, second] = left();
  return { message, first, second, steps };
}

test('links, faults, walks, keys, networks and settings of the lab', async () => {
  const { message, first, second, steps } = await failAndReplay(
    {
      seed: 12,
      aps: [{ config: { report: { repeatMs: 5_000 } } }, {}],
      switches: 1,
      ssids: [
        { name: 'lab-net', vlan: 30, security: 'open', passphrase: null },
        { name: 'other', vlan: 31, security: 'wpa2-psk', passphrase: 'a long passphrase' },
      ],
      clients: [{ id: 'phone', ssid: null }],
      faults: ['dns'],
    },
    async (lab) => {
      const phone = lab.client('phone');
      await phone.join('lab-net');
      await lab.expect.client(phone.mac).addressed({ vlan: 30 });
      lab.ap('ap1').link.delay(50, 10);
      lab.ap('ap1').link.limit({ up: 200_000 });
      const thief = lab.ap('ap1').copy();
      expect(await thief.login()).toBe(null);
      await lab.ap('ap1').replaceKey();
      await lab.expect.device('ap1').online({ within: '1 min' });
      expect(await thief.login()).toBe('login-refused');
      const vlan = await lab.ap('ap0').fail('vlan', { vlan: 30 });
      await phone.walkTo(30, 6, { metresPerS: 3 });
      await vlan.mend();
      await lab.clock.advance('10 s');
      await lab.expect.client(phone.mac).associated({ ssid: 'other', within: '2 s' });
    },
  );
  expect(message).toMatch(/^expected phone .* to be associated with other within 2 s/);
  expect(steps.filter(({ outcome }) => outcome !== 'passed')).toEqual([steps.at(-1)]);
  expect(steps.at(-1)?.message).toBe(message.replace('2 s', '2000ms'));
  for (const of of ['digests.json', 'facts.ndjson']) expect(read(second, of)).toBe(read(first, of));
  expect(Object.keys(JSON.parse(read(first, 'digests.json'))).length).toBeGreaterThan(10);
});

test('firmware, and calls of the cloud’s API with the ids that the other lab gives', async () => {
  const { message, first, second, steps } = await failAndReplay(
    { seed: 26, privacyClasses: ['pcap.payload'], clients: [{ id: 'phone', ssid: 'guest' }] },
    async (lab) => {
      const phone = lab.client('phone');
      await lab.expect.client(phone.mac).addressed();
      const orgs = `/api/airherd/v1/orgs/${lab.cloud.orgId}`;
      const made = await lab.cloud.api({
        ...{ method: 'POST', path: `${orgs}/consents` },
        body: { purpose: 'a printer', untilMs: 1_900_000_000_000 },
      });
      const { id } = made as { id: string };
      await lab.cloud.api({
        ...{ method: 'POST', path: `${orgs}/captures` },
        body: { serial: lab.ap().serial, interface: '5', consentId: id },
        keep: { capture: 'captureId' },
      });
      await lab.cloud.firmware.rollOut({ version: '2.0.0', settings: { report: { flushMs: 500 } } });
      await lab.expect.device('ap0').runsFirmware('2.0.0', { within: '5 min' });
      await phone.leave();
      await lab.expect.client(phone.mac).gone();
      await lab.expect.api({
        path: `${orgs}/captures`,
        has: { captureId: '{capture}', class: 'pcap.payload' },
      });
      await lab.cloud.api({
        method: 'POST',
        path: `${orgs}/consents/${id}/withdraw`,
        body: { captured: 'keep' },
      });
      await lab.expect.api({ path: `${orgs}/captures`, has: { captureId: '{capture}', complete: true } });
      await lab.expect.api({ path: `${orgs}/captures`, has: { complete: true }, atLeast: 2, within: '3 s' });
    },
  );
  expect(message).toContain('it has 1 entries with {"complete":true}, not 2');
  expect(steps.filter(({ outcome }) => outcome !== 'passed')).toEqual([steps.at(-1)]);
  expect(steps.at(-1)?.message).toContain('it has 1 entries with {"complete":true}, not 2');
  expect(Object.keys(JSON.parse(read(second, 'digests.json')))).toEqual(
    Object.keys(JSON.parse(read(first, 'digests.json'))),
  );
  expect(read(second, 'facts.ndjson')).toBe(read(first, 'facts.ndjson'));
});

test('a site of your own is in the record whole', async () => {
  const site = GENERATORS.home({ seed: 3 });
  await using lab = await startLab({ seed: 3, world: { site, ble: false } });
  await lab.expect.device(lab.ap().id).online();
  const scenario = readScenario(stringify(lab.scenario('mine')));
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.problems));
  expect(scenario.value.world?.site).toEqual(site);
  expect((await runScenario(scenario.value, 'mine.yaml')).passed).toBe(true);
});
