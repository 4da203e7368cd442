/** An erasure reaches what an agent has learned and what it has still to send, at once or when it returns. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CapturedFrame, Source } from '../../platform/ports/source.ts';
import { startAgent } from '../support/agent-lab.ts';
import { openedStores } from '../support/at-rest.ts';
import { cat, ethernetFrame, hex, ipv4Packet, udpDatagram } from '../support/build-frames.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import type { Loose } from '../support/device-client.ts';

const ANNA = { mac: '3c0754c0ffee', host: 'canary-laptop-of-anna' };
const BEN = { mac: '3c0754bebbeb', host: 'bens-laptop' };
const ANY = [0, 0, 0, 0];
const ALL = [255, 255, 255, 255];

let lab: TestCloud;
let frames: ReturnType<typeof pushed>;
let device: Awaited<ReturnType<typeof startAgent>>;
let serial: string;
beforeEach(async () => {
  lab = await testCloud();
  frames = pushed();
  const [identity] = await lab.devices(1);
  serial = identity.serial;
  device = await startAgent({
    identity,
    url: `mqtts://127.0.0.1:${lab.cloud.devicePort}`,
    sources: [frames.source],
    config: { capture: { stream: true } },
  });
  await device.opened();
});
afterEach(async () => {
  await device.agent.stop();
  await lab.stop();
});

/** A source that gives a frame when the test says so. */
function pushed() {
  const waiting: CapturedFrame[] = [];
  let wake = () => {};
  let number = 0;
  const source: Source = {
    name: 'pushed',
    counts: () => ({ frames: number, bytes: 0, dropped: 0 }),
    async *frames(signal) {
      signal.addEventListener('abort', () => wake(), { once: true });
      while (!signal.aborted) {
        if (waiting.length > 0) yield waiting.splice(0);
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
  const push = (bytes: Uint8Array) => {
    number++;
    const timeNs = BigInt(Date.now()) * 1_000_000n;
    waiting.push({
      linkType: 1,
      bytes,
      originalLength: bytes.length,
      timeNs,
      number,
      interfaceName: 'ge-0/0/1',
    });
    wake();
  };
  return { source, push };
}

/** RFC 2131: a request that says who asks. */
function dhcp({ mac, host }: typeof ANNA): Uint8Array {
  const bootp = Buffer.alloc(240);
  bootp.set([1, 1, 6], 0);
  bootp.set(hex(mac), 28);
  bootp.writeUInt32BE(0x63825363, 236);
  const message = cat(bootp, [53, 1, 3, 12, host.length], Buffer.from(host), [255]);
  const packet = ipv4Packet(17, udpDatagram(68, 67, message, ANY, ALL), { src: ANY, dst: ALL });
  return ethernetFrame(0x0800, packet, hex('ffffffffffff'), hex(mac));
}
const silent = ({ mac }: typeof ANNA) =>
  ethernetFrame(0x88b5, new Uint8Array(46), hex('ffffffffffff'), hex(mac));

const hosts = async () => (await lab.api(`/api/airherd/v1/sites/${lab.siteId}/wired`)).json as Loose[];
const stored = (stream: 'wired' | 'pcap') =>
  device.event('acknowledged', (event) => event.stream === stream && device.events.indexOf(event) >= mark);
let mark = 0;
async function seen(...which: Uint8Array[]): Promise<void> {
  mark = device.events.length;
  for (const frame of which) frames.push(frame);
  await Promise.all([stored('wired'), stored('pcap')]);
  await device.agent.drained();
}
const eraseAnna = async () =>
  (
    await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/subjects/erase`, {
      method: 'POST',
      body: { subject: { kind: 'host-name', value: ANNA.host } },
    })
  ).json;

test('at once: name and address are learned anew or not at all; others are known as before', async () => {
  await seen(dhcp(ANNA), dhcp(BEN));
  expect((await hosts()).map(({ hostName }) => hostName).sort()).toEqual([BEN.host, ANNA.host].sort());
  const certificate = await eraseAnna();
  expect(certificate.agents).toEqual([
    { serial, outcome: expect.stringMatching(/[1-9]\d* entries of its memory/) },
  ]);
  expect(openedStores(lab.cloud).includes(ANNA.host)).toBe(false);
  expect(openedStores(lab.cloud).includes(Buffer.from(hex(ANNA.mac)))).toBe(false);
  // Her device is still there and says nothing of itself: an address without a name is all that is known.
  await seen(silent(ANNA), silent(BEN));
  const now = await hosts();
  expect(now.find(({ mac }) => mac === ANNA.mac)?.hostName).toBeUndefined();
  expect(now.find(({ mac }) => mac === BEN.mac)?.hostName).toBe(BEN.host);
  expect(openedStores(lab.cloud).includes(ANNA.host)).toBe(false);
});

test('when it returns: it is told to forget, and what it still held is not stored', async () => {
  await seen(dhcp(ANNA), dhcp(BEN));
  // It is not reached while it is away; it goes on observing.
  const commands = lab.cloud.commands as unknown as { send: typeof lab.cloud.commands.send };
  const send = commands.send.bind(commands);
  commands.send = () => Promise.reject(new Error('away'));
  mark = device.events.length;
  const certificate = await eraseAnna();
  expect(certificate.agents[0].outcome).toContain('it is told to forget then');
  const { subjects } = lab.cloud.stores.of(lab.orgId);
  expect(subjects.untoldMs(serial)).not.toBeNull();
  // From memory, after the erasure: nothing of her is taken, whenever it was made.
  await seen(silent(ANNA), silent(BEN));
  expect(openedStores(lab.cloud).includes(ANNA.host)).toBe(false);
  commands.send = send;
  lab.cloud.sessions.of(serial)?.cut();
  mark = device.events.length;
  await device.event(
    'acknowledged',
    (event) => event.stream === 'reply' && device.events.indexOf(event) >= mark,
  );
  await expect.poll(() => subjects.untoldMs(serial)).toBeNull();
  await seen(silent(ANNA), silent(BEN));
  expect(openedStores(lab.cloud).includes(ANNA.host)).toBe(false);
  expect((await hosts()).map(({ mac }) => mac)).toContain(ANNA.mac);
});
