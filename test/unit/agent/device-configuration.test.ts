import { beforeEach, describe, expect, test } from 'vitest';
import { DeviceConfiguration } from '../../../agent/index.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { MemoryFiles } from '../../../platform/sim/files.ts';
import type { Configuration } from '../../../protocol/messages/configuration.ts';

const wanted = (version: number, statsMs: number): Configuration => ({
  v: 1,
  version,
  confirmTimeoutS: 60,
  settings: { report: { statsMs } },
});

let files: MemoryFiles;
let clock: VirtualClock;

/** As a process that starts finds it: what was not on the disk is gone. */
async function start(): Promise<DeviceConfiguration> {
  const configuration = new DeviceConfiguration(files, clock);
  await configuration.load();
  return configuration;
}

beforeEach(() => {
  files = new MemoryFiles();
  clock = new VirtualClock(0);
});

describe('a configuration of the cloud', () => {
  test('runs, unconfirmed, until it is confirmed; then it outlives the process', async () => {
    const first = await start();
    expect(first.settings).toEqual({});
    expect(await first.take(wanted(1, 5000), [])).toEqual([]);
    expect(first.settings).toEqual({ report: { statsMs: 5000 } });
    expect(first.confirmWithinMs).toBe(60_000);
    expect(first.report).toEqual({ version: 1, state: 'applied', running: 1, problems: [] });
    await first.confirm();
    expect(first.confirmWithinMs).toBeNull();
    const second = await start();
    expect(second.settings).toEqual({ report: { statsMs: 5000 } });
    expect(second.report).toMatchObject({ version: 1, state: 'confirmed', running: 1 });
    await second.reported();
    expect(second.report).toBeNull();
    expect((await start()).report).toBeNull();
  });

  test('that ends the process before it is confirmed is rolled back', async () => {
    const first = await start();
    await first.take(wanted(1, 5000), []);
    await first.confirm();
    await first.take(wanted(2, 6000), []);
    const second = await start();
    expect(second.settings).toEqual({ report: { statsMs: 5000 } });
    expect(second.report).toMatchObject({ version: 2, state: 'rolled-back', running: 1 });
    expect(second.judged).toBe(2);
    expect((await start()).report).toMatchObject({ state: 'rolled-back' });
  });

  test('that cannot be followed leaves what runs as it is, and every reason is told', async () => {
    const configuration = await start();
    await configuration.take(wanted(1, 5000), []);
    await configuration.confirm();
    expect(await configuration.take(wanted(2, 6000), ['one', 'two'])).toEqual(['one', 'two']);
    expect(configuration.settings).toEqual({ report: { statsMs: 5000 } });
    expect(configuration.report).toEqual({
      version: 2,
      state: 'refused',
      running: 1,
      problems: ['one', 'two'],
    });
  });

  test('counts its time by the monotonic clock', async () => {
    const configuration = await start();
    await configuration.take(wanted(1, 5000), []);
    await clock.advance(45_000);
    expect(configuration.confirmWithinMs).toBe(15_000);
    await clock.advance(45_000);
    expect(configuration.confirmWithinMs).toBe(0);
  });

  test('is refused on a full disk: there would be no way back', async () => {
    const configuration = await start();
    await configuration.take(wanted(1, 5000), []);
    await configuration.confirm();
    files.capacityBytes = 0;
    expect(await configuration.take(wanted(2, 6000), [])).toEqual([expect.stringContaining('disk is full')]);
    expect(configuration.settings).toEqual({ report: { statsMs: 5000 } });
    expect(configuration.report).toMatchObject({ version: 2, state: 'refused' });
  });

  test('is forgotten when the device changes hands', async () => {
    const configuration = await start();
    expect(await configuration.forget()).toBe(false);
    await configuration.take(wanted(1, 5000), []);
    await configuration.confirm();
    expect(await configuration.forget()).toBe(true);
    expect((await start()).settings).toEqual({});
    expect((await start()).judged).toBe(0);
  });

  test('that is unreadable on the disk leaves the local settings', async () => {
    for (const text of ['', '{', '{"confirmed":{"version":1,"settings":{"report":{"statsMs":0}}}}', 'null']) {
      await files.replace('configuration.json', Buffer.from(text));
      const configuration = await start();
      expect([configuration.settings, configuration.judged]).toEqual([{}, 0]);
    }
  });
});
