/** Endpoints with rules of their own: tokens, SNI and ALPN, topics, payloads. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../../certs/authority.ts';
import { parseFleetConfig } from '../../fleet/index.ts';
import { freePort } from '../../platform/node/free-port.ts';
import { deriveKey } from '../../protocol/proof.ts';
import { tokenPassword } from '../../protocol/token.ts';
import { startAgent } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import { besideOptions, startRabbitWithJudge } from '../support/brokers.ts';
import { testCloud } from '../support/cloud.ts';
import { type EvilBroker, evilBroker } from '../support/evil-broker.ts';
import { fleetRun } from '../support/fleet-run.ts';

let authority: Authority;
const undo: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  authority = await sharedAuthority();
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('token', () => {
  test('RabbitMQ asks our endpoint, lets the device in, and both sides prove themselves', async () => {
    const authPort = await freePort();
    const broker = await startRabbitWithJudge(authPort);
    undo.push(() => broker.remove());
    const lab = await testCloud({
      authPort,
      brokers: [await besideOptions(broker.port, { username: 'guest', password: 'guest' })],
    });
    undo.push(() => lab.stop());
    const [identity, other] = await lab.devices(2);
    const { agent, event } = await startAgent({ identity, url: broker.url, cloud: { proof: 'token' } });
    undo.push(() => agent.stop());
    await event('acknowledged', ({ stream }) => stream === 'hello');
    expect(lab.cloud.refusals.counts()).toEqual({});
    const stranger = await startAgent({
      identity: { ...other, factoryKey: Buffer.alloc(32, 7) },
      url: broker.url,
      cloud: { proof: 'token' },
    });
    undo.push(() => stranger.agent.stop());
    expect((await stranger.failed()).code).toBe('login-refused');
    expect(lab.cloud.refusals.counts()).toEqual({ 'proof-wrong': expect.any(Number) });
  }, 60_000);

  test('the endpoint takes a token once, in time, for its device and its broker', async () => {
    const broker = await evilBroker(authority);
    undo.push(() => broker.stop());
    const brokerSha256 = Buffer.alloc(32, 5);
    const lab = await testCloud({ authPort: 0, brokerCertificates: [brokerSha256.toString('hex')] });
    undo.push(() => lab.stop());
    const [identity] = await lab.devices(1);
    const { serial, certificateSha256 } = identity;
    const key = deriveKey(identity.factoryKey, 'device-proof', serial);
    let nonce = 0;
    const token = (fields = {}) =>
      tokenPassword(key, serial, {
        timeMs: Date.now(),
        nonce: Buffer.alloc(16, ++nonce),
        certificateSha256,
        brokerSha256,
        ...fields,
      });
    const ask = async (fields: Record<string, string>, type = 'application/json') => {
      const { request } = await import('node:https');
      return new Promise<{ status?: number; text: string }>((resolve, reject) => {
        const outgoing = request(
          {
            host: '127.0.0.1',
            port: lab.cloud.authPort ?? 0,
            path: '/mqtt/auth',
            method: 'POST',
            ca: [...lab.cloud.trustPem],
            agent: false,
            headers: { 'content-type': type },
          },
          (response) => {
            let text = '';
            response.on('data', (chunk) => {
              text += chunk;
            });
            response.on('end', () => resolve({ status: response.statusCode, text }));
          },
        );
        outgoing.on('error', reject);
        outgoing.end(
          type === 'application/json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
        );
      });
    };
    const result = async (fields: Record<string, string>, type?: string) =>
      JSON.parse((await ask(fields, type)).text).result;
    const good = { username: serial, clientid: serial, password: token() };
    expect(await result(good)).toBe('allow');
    expect(await result(good)).toBe('deny');
    expect(await result({ username: serial, password: token() }, 'application/x-www-form-urlencoded')).toBe(
      'allow',
    );
    const minute = 60_000;
    for (const timeMs of [Date.now() - 6 * minute, Date.now() + 6 * minute]) {
      expect(await result({ ...good, password: token({ timeMs }) })).toBe('deny');
    }
    expect(await result({ ...good, password: token({ brokerSha256: Buffer.alloc(32, 6) }) })).toBe('deny');
    expect(await result({ ...good, password: token({ certificateSha256: Buffer.alloc(32) }) })).toBe('deny');
    expect(await result({ ...good, clientid: 'AH0000000009', password: token() })).toBe('deny');
    expect(await result({ username: 'AH0000000009', password: token() })).toBe('deny');
    expect(await result({})).toBe('deny');
    expect((await ask({ username: 'x'.repeat(5000) })).status).toBe(413);
    lab.cloud.registry.revoke(serial);
    expect(await result({ ...good, password: token() })).toBe('deny');
  });
});

describe('an endpoint that goes by SNI and ALPN, as AWS IoT does on port 443', () => {
  const demands = { alpn: 'x-amzn-mqtt-ca', serverName: 'a1b2-ats.iot.test' };
  let broker: EvilBroker;
  const cloud = { proof: 'challenge' as const, topics: 'dt/{serial}/{direction}/{name}' };

  test('lets in who names both, on topics of its own', async () => {
    broker = await evilBroker(authority, demands);
    undo.push(() => broker.stop());
    const address = { host: '127.0.0.1', port: broker.port, serverName: demands.serverName };
    const beside = await besideOptions(broker.port, { address, alpn: [demands.alpn], topics: cloud.topics });
    const lab = await testCloud({ brokers: [beside] });
    undo.push(() => lab.stop());
    const [identity] = await lab.devices(1);
    const good = { ...cloud, serverName: demands.serverName, alpn: [demands.alpn] };
    const { agent, event } = await startAgent({ identity, url: broker.url, cloud: good });
    undo.push(() => agent.stop());
    await event('acknowledged', ({ stream }) => stream === 'hello');
    expect(broker.seen.map(({ topic }) => topic)).toContain(`dt/${identity.serial}/tx/hello`);
    const wrong = await startAgent({
      identity,
      url: broker.url,
      cloud: { ...good, alpn: ['mqtt'] },
    });
    undo.push(() => wrong.agent.stop());
    expect(await wrong.failed()).toMatchObject({ code: 'tls-refused' });
    const silent = await startAgent({ identity, url: broker.url, cloud: { ...good, alpn: [] } });
    undo.push(() => silent.agent.stop());
    expect((await silent.failed()).code).toMatch(/login-cut|cloud-unreachable|connection-lost/);
  });
});

describe('a back end that does not speak our protocol', () => {
  test.each([
    ['json', 'json' as const],
    ['a template', { template: '{"dev":"{serial}","kind":"{kind}","n":{seq},"data":{message}}' }],
  ])('gets %s on its topics, and its PUBACK is called what it is', async (what, payload) => {
    const broker = await evilBroker(authority);
    undo.push(() => broker.stop());
    const lab = await testCloud();
    undo.push(() => lab.stop());
    const identities = await lab.devices(3);
    const report = await fleetRun(identities, {
      cloud: broker.url,
      target: { proof: 'none', topics: 'telemetry/{kind}/{serial}/{stream}', payload },
      shape: { kind: 'ramp', rate: 10 },
      for: '1500ms',
      telemetry: { rate: 20 },
    });
    expect(report).toMatchObject({ outcome: 'passed', proof: 'none', acknowledgedBy: 'broker' });
    const { produced, acknowledged, lost } = report.counters;
    expect({ acknowledged, lost }).toEqual({ acknowledged: produced, lost: 0 });
    expect(broker.seen).toHaveLength(produced);
    for (const { serial } of identities) {
      const topic = `telemetry/ap/${serial}/hello`;
      const hello = broker.seen.find((message) => message.topic === topic);
      const outer = JSON.parse(String(hello?.payload));
      if (what === 'a template') expect(outer).toMatchObject({ dev: serial, kind: 'ap', n: 1 });
      const message = what === 'a template' ? outer.data : outer;
      expect(message).toMatchObject({ kind: 'data', seq: 1, deviceKind: 'ap' });
      expect(message.bootId).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  test.each([
    [{ topics: 'dt/{serial}/{direction}/{name}' }, 'target.topics'],
    [{ payload: 'json' as const }, 'target.payload'],
    [{ proof: 'none' as const, topics: 'all/{stream}' }, 'target.topics'],
    [{ proof: 'none' as const, payload: { template: '{nothing}' } }, 'there is no {nothing}'],
    [{ proof: 'challenge' as const, topics: 'dt/{serial}' }, 'target.topics'],
  ])('settings that cannot be had are refused: %j', (target, said) => {
    const input = {
      cloud: 'mqtts://localhost',
      devices: 1,
      shape: { kind: 'ramp' as const, rate: 1 },
      target,
    };
    expect(() => parseFleetConfig(input, 'test')).toThrow(said);
  });
});
