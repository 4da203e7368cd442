/** Labs on brokers that are not the cloud's own, which the kit starts and ends with them. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startServerProcess } from '../../platform/node/server-process.ts';
import { startLab } from '../../testing/index.ts';
import { readScenario } from '../../testing/scenario/file.ts';
import { runScenario } from '../../testing/scenario/run.ts';
import { BROKER_PROGRAMS } from '../support/brokers.ts';
import { compile } from '../support/compiled.ts';

const isRefused = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });

test.each(BROKER_PROGRAMS)(
  '%s carries a lab, through the end of ingest and of the broker itself',
  async (name) => {
    const lab = await startLab({ seed: 7, broker: name, clients: [{ id: 'phone', ssid: null }] });
    const { dir, url } = lab.broker;
    expect(readdirSync(dir)).toContain('server.pem');
    try {
      expect(lab.clock.isVirtual).toBe(false);
      expect(lab.cloud.url).toBe(url);
      await lab.expect.device('ap0').online();
      const phone = lab.client('phone');
      await phone.join('guest');
      await lab.expect.client(phone.mac).addressed({ vlan: 20 });
      await lab.expect.ledger.balanced();

      // The broker keeps the device's connection, and nobody acknowledges.
      await lab.cloud.kill();
      await phone.leave();
      await lab.expect.client(phone.mac).gone();
      await phone.join('corp');
      await lab.cloud.start();
      await lab.expect.client(phone.mac).addressed({ vlan: 10 });
      await lab.expect.ledger.balanced();

      await lab.broker.kill();
      await lab.expect.device('ap0').offline();
      expect(await isRefused(url)).toBe(true);
      await lab.broker.start();
      await lab.expect.device('ap0').online({ within: '1 min' });
      await phone.leave();
      await lab.expect.client(phone.mac).gone();
      await lab.expect.ledger.balanced({ within: '1 min' });
      expect(lab.cloud.stub.ingest.counts.stored).toBeGreaterThan(0);
    } finally {
      await lab.stop();
    }
    expect(existsSync(dir)).toBe(false);
    expect(await isRefused(url)).toBe(true);
  },
  240_000,
);

test('a scenario names its broker, and has it killed', async () => {
  const scenario = readScenario(`scenario: the broker goes away and comes back
broker: nats
timeline:
  - { expect: online, device: ap0 }
  - { do: kill-broker }
  - { expect: offline, device: ap0 }
  - { do: start-broker }
  - { expect: online, device: ap0, within: 1 min }
  - { expect: balanced, within: 1 min }
`);
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.problems));
  const { steps } = await runScenario(scenario.value, 'broker.yaml');
  expect(steps.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
});

test('a broker ends with the process that started it, however that ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'airherd-tied-'));
  const held = join(folder, 'held');
  spawnSync('mkfifo', [held]);
  const program = `
    const { startServerProcess } = await import(${JSON.stringify(join(compile().dist, 'platform/node/server-process.js'))});
    const words = ['-c', 'exec 4>${held}; echo listening; exec sleep 600'];
    await startServerProcess({ program: 'sh', words, ready: /listening/, signal: 'SIGKILL', package: 'dash' });
    process.kill(process.pid, 'SIGKILL');`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
  const ended = once(parent, 'close');
  // The reader comes to its end when nobody has the other end open any more.
  for await (const chunk of createReadStream(held)) throw new Error(`nothing writes there, but ${chunk}`);
  expect(await ended).toEqual([null, 'SIGKILL']);
  rmSync(folder, { recursive: true });
}, 120_000);

test('what is not installed is named, with its package', async () => {
  const of = { words: [], ready: /never/, signal: 'SIGKILL' as const, package: 'a-broker' };
  await expect(startServerProcess({ ...of, program: 'airherd-no-broker' })).rejects.toThrow(
    'airherd-no-broker is not installed; on Debian and its kin: apt-get install a-broker',
  );
});

test('what cannot be had together is said before anything is started', async () => {
  await expect(startLab({ broker: 'mosquitto', clock: 'virtual' })).rejects.toThrow('a clock of its own');
  await expect(startLab({ broker: 'nats', cloud: { url: 'mqtts://127.0.0.1:1' } })).rejects.toThrow(
    'with a cloud of yours no nats is started',
  );
});
