/** The agent with the cloud stub: renewal, privacy settings, captures that were asked for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaptureFileSource } from '../../platform/node/capture-file.ts';
import { startAgent } from '../support/agent-lab.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';

const WIFI = new URL('../../fixtures/demo/hwsim-wpa2eap-radiotap.pcap', import.meta.url).pathname;

let lab: TestCloud;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  lab = await testCloud();
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await lab.stop();
});

async function agent(options: Partial<Parameters<typeof startAgent>[0]> = {}) {
  const [identity] = await lab.devices(1);
  const started = await startAgent({
    identity,
    url: `mqtts://127.0.0.1:${lab.cloud.devicePort}`,
    ...options,
  });
  stops.push(() => started.agent.stop());
  await started.opened();
  return { identity, ...started };
}

describe('with the cloud stub', () => {
  test('a renewed certificate is used from the next login on', async () => {
    const { identity, agent: device, event, events } = await agent();
    const certificate = () =>
      Buffer.from(lab.cloud.sessions.of(identity.serial)?.login.proof.certificateSha256 ?? []).toString(
        'hex',
      );
    await device.drained();
    const before = certificate();
    const { notAfterMs } = await lab.cloud.renewal.renew(identity.serial);
    expect((await event('renewed')).notAfterMs).toBe(notAfterMs);
    expect(certificate()).toBe(before);
    const mark = events.length;
    lab.cloud.sessions.of(identity.serial)?.cut();
    await event('state', (change) => change.state === 'open' && events.indexOf(change) >= mark);
    expect(certificate()).not.toBe(before);
  });

  test('captures that were asked for are sliced, limited, and end with a last part', async () => {
    const { identity, agent: device } = await agent({
      sources: [new CaptureFileSource({ path: WIFI })],
      config: { capture: { dynamic: false } },
    });
    await device.sourcesEnded;
    const bad = await lab.cloud.commands.send(identity.serial, 'capture-start', { packets: 0 });
    expect(bad).toMatchObject({ ok: false, code: 'command-refused' });
    const payload = await lab.cloud.commands.send(identity.serial, 'capture-start', {
      consent: JSON.stringify({ id: '1', purpose: 'test', until: '2099-01-01T00:00:00Z' }),
    });
    expect(payload).toMatchObject({ ok: false, code: 'command-refused' });
    const good = await lab.cloud.commands.send(identity.serial, 'capture-start', { packets: 10 });
    expect(good.ok).toBe(true);
    const stopped = await lab.cloud.commands.send(identity.serial, 'capture-stop', {
      captureId: good.result?.captureId ?? '',
    });
    expect(stopped).toMatchObject({ ok: true, result: { packets: 0 } });
  });
});
