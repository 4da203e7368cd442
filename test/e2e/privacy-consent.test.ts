import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CapturedFrame, Source } from '../../platform/ports/source.ts';
import { startAgent } from '../support/agent-lab.ts';
import { openedStores } from '../support/at-rest.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';

const CANARY = 'canary-payload-of-a-telephone-call';
const HOUR_MS = 3_600_000;

let lab: TestCloud;
let base: string;
beforeAll(async () => {
  lab = await testCloud();
  base = `/api/airherd/v1/orgs/${lab.orgId}`;
  const { json } = await lab.api(`${base}/privacy`);
  const privacyClasses = [...json.privacyClasses, 'pcap.payload'];
  await lab.api(`${base}/privacy`, { method: 'PUT', body: { privacyClasses } });
});
afterAll(() => lab.stop());
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** UDP frames that carry the canary, without an end, one now and then. */
function telephone(): Source {
  const bytes = Buffer.concat([
    Buffer.from('ffffffffffff3c0754c0ffee0800', 'hex'),
    Buffer.from('4500003e000040004011b95fc0000201c0000202', 'hex'),
    Buffer.from('13c413c4002a0000', 'hex'),
    Buffer.from(CANARY),
  ]);
  let number = 0;
  return {
    name: 'telephone',
    counts: () => ({ frames: number, bytes: number * bytes.length, dropped: 0 }),
    async *frames(signal: AbortSignal) {
      while (!signal.aborted) {
        await new Promise((resolve) => setImmediate(resolve));
        const frame: CapturedFrame = {
          bytes,
          linkType: 1,
          originalLength: bytes.length,
          timeNs: BigInt(Date.now()) * 1_000_000n,
          interfaceName: 'eth0',
          number: ++number,
        };
        yield [frame];
      }
    },
  };
}

async function agent() {
  const [identity] = await lab.devices(1);
  const url = `mqtts://127.0.0.1:${lab.cloud.devicePort}`;
  const config = { capture: { dynamic: false } };
  const started = await startAgent({ identity, url, sources: [telephone()], config });
  closing.push(() => started.agent.stop());
  await started.opened();
  return identity.serial;
}
const post = (path: string, body: object) => lab.api(`${base}/${path}`, { method: 'POST', body });
const consent = async () =>
  (await post('consents', { purpose: 'calls break up', untilMs: Date.now() + HOUR_MS })).json;

/** The capture begins once the device has said which settings it has. */
async function capture(serial: string, consentId: string) {
  for (;;) {
    const { status, json } = await post('captures', { serial, consentId, packets: 1_000_000 });
    if (status === 200) return json.captureId as string;
    expect([400, 409]).toContain(status);
  }
}
/** Until a part of the capture is in the store. */
async function captured(captureId: string) {
  const store = lab.cloud.stores.of(lab.orgId);
  while (store.captureParts(Buffer.from(captureId, 'hex')).length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('manual capture', () => {
  test('a consent has purpose and end; one that is over from the start is none', async () => {
    expect((await post('consents', { purpose: ' ', untilMs: Date.now() + HOUR_MS })).status).toBe(400);
    expect((await post('consents', { purpose: 'x' })).status).toBe(400);
    expect((await post('consents', { purpose: 'x', untilMs: Date.now() - 1 })).status).toBe(400);
    const recorded = await consent();
    const { json } = await lab.api(`${base}/consents`);
    expect(json).toContainEqual({ ...recorded, captures: [] });
    expect(lab.cloud.stores.of(lab.orgId).audit.list({ limit: 1, offset: 0 })[0]).toMatchObject({
      action: 'POST /api/airherd/v1/orgs/:orgId/consents',
    });
  });

  test.each([
    ['deleted', 'delete'],
    ['kept', 'keep'],
  ])(
    'consent withdrawn in mid-capture stops it at the agent, and what was taken is %s',
    async (_, choice) => {
      const serial = await agent();
      const { id } = await consent();
      const captureId = await capture(serial, id);
      await captured(captureId);
      expect(openedStores(lab.cloud).includes(CANARY)).toBe(true);
      const { status, json } = await post(`consents/${id}/withdraw`, { captured: choice });
      expect(status).toBe(200);
      expect(json.captures).toEqual([{ serial, captureId, outcome: 'stopped' }]);
      // The device has no such capture any more: it ended there.
      for (;;) {
        const stop = await lab.api(`${base}/captures/${serial}/${captureId}`, { method: 'DELETE' });
        if (stop.status !== 200) break;
      }
      expect(openedStores(lab.cloud).includes(CANARY)).toBe(choice === 'keep');
      expect((await post('captures', { serial, consentId: id })).status).toBe(409);
      if (choice === 'keep') return;
      expect(json.deletedParts).toBeGreaterThan(0);
      expect((await lab.api(`${base}/captures/${serial}/${captureId}.pcapng`)).status).toBe(404);
    },
  );
});
