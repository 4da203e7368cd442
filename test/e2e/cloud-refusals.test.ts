import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../../certs/authority.ts';
import type { Identity } from '../../certs/identity.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { sharedAuthority } from '../support/authority.ts';
import { recertified, rogueIssuer } from '../support/bad-identities.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, type Loose } from '../support/device-client.ts';

const HOUR_MS = 3_600_000;
const LINKS = [
  { minVersion: 'TLSv1.3', tls: {} },
  {
    minVersion: 'TLSv1.2',
    tls: {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256',
    },
  },
] as const;

describe.each(LINKS)('login over $minVersion', ({ minVersion, tls }) => {
  let lab: TestCloud;
  let authority: Authority;
  beforeAll(async () => {
    authority = await sharedAuthority();
    lab = await testCloud({ minVersion });
  });
  afterAll(() => lab.stop());

  /** The CONNACK code, and what the cloud counted for it. */
  async function attempt(
    identity: Identity,
    options: { credentials?: Identity; connect?: (device: DeviceClient) => Loose } = {},
  ): Promise<{ code: number; refusal: string | undefined }> {
    const device = await DeviceClient.dial({
      port: lab.cloud.devicePort,
      identity,
      credentials: options.credentials,
      tls,
    });
    expect(device.socket.getProtocol()).toBe(minVersion);
    const code = await device.connect(options.connect?.(device));
    device.end();
    return { code, refusal: code === 0 ? undefined : lab.cloud.refusals.recent()[0]?.code };
  }

  async function enter(identity: Identity): Promise<Identity> {
    await lab.cloud.registry.add([registryEntryOf(identity)]);
    return identity;
  }

  describe.each(['p256', 'rsa2048'] as const)('with a device key of type %s', (keyType) => {
    let mine: Identity;
    let other: Identity;
    beforeAll(async () => {
      [mine, other] = await lab.devices(2, { keyType });
    });

    test('the right certificate and the right key are accepted', async () => {
      expect(await attempt(mine)).toEqual({ code: 0, refusal: undefined });
      expect(await attempt(other)).toEqual({ code: 0, refusal: undefined });
    });

    test('wrong factory key', async () => {
      const wrong = { ...mine, factoryKey: randomBytes(32) };
      expect(await attempt(wrong)).toEqual({ code: 4, refusal: 'proof-wrong' });
    });

    test('certificate of another device with the right key', async () => {
      expect(await attempt(mine, { credentials: other })).toEqual({
        code: 2,
        refusal: 'device-name-mismatch',
      });
    });

    test("right certificate with another device's key", async () => {
      const wrong = { ...mine, factoryKey: other.factoryKey };
      expect(await attempt(wrong)).toEqual({ code: 4, refusal: 'proof-wrong' });
    });

    test('client id or user name that is not the certificate’s', async () => {
      const clientId = { connect: () => ({ clientId: other.serial }) };
      expect(await attempt(mine, clientId)).toEqual({ code: 2, refusal: 'device-name-mismatch' });
      const username = { connect: () => ({ username: other.serial }) };
      expect(await attempt(mine, username)).toEqual({ code: 2, refusal: 'device-name-mismatch' });
    });

    test('expired, beside the same certificate before its end', async () => {
      const [fresh] = await lab.devices(1, { keyType });
      const now = Date.now();
      const period = (notAfterMs: number) =>
        recertified(authority, fresh, { notBeforeMs: now - 2 * HOUR_MS, notAfterMs });
      expect(await attempt(await enter(period(now + HOUR_MS)))).toEqual({ code: 0, refusal: undefined });
      expect(await attempt(await enter(period(now - HOUR_MS)))).toEqual({
        code: 5,
        refusal: 'certificate-refused',
      });
    });

    test('not yet valid', async () => {
      const [fresh] = await lab.devices(1, { keyType });
      const early = recertified(authority, fresh, { notBeforeMs: Date.now() + HOUR_MS });
      expect(await attempt(await enter(early))).toEqual({ code: 5, refusal: 'certificate-refused' });
    });

    test('wrong extended key usage', async () => {
      const [fresh] = await lab.devices(1, { keyType });
      const server = recertified(authority, fresh, { usage: 'serverAuth' });
      expect(await attempt(await enter(server))).toEqual({ code: 5, refusal: 'certificate-refused' });
    });

    test('a rogue CA of the same name', async () => {
      const [fresh] = await lab.devices(1, { keyType });
      const rogue = recertified(authority, fresh, { issuer: rogueIssuer(authority) });
      expect(await attempt(await enter(rogue))).toEqual({ code: 5, refusal: 'certificate-refused' });
    });

    test('revoked', async () => {
      const [fresh] = await lab.devices(1, { keyType });
      expect(await attempt(fresh)).toEqual({ code: 0, refusal: undefined });
      lab.cloud.registry.revoke(fresh.serial);
      expect(await attempt(fresh)).toEqual({ code: 5, refusal: 'device-revoked' });
    });

    test('a genuine certificate that the registry does not hold any more', async () => {
      const [fresh] = await lab.devices(1, { keyType });
      await enter(recertified(authority, fresh));
      expect(await attempt(fresh)).toEqual({ code: 5, refusal: 'device-revoked' });
    });

    test('a captured CONNECT, replayed on a new connection', async () => {
      let captured: Buffer = Buffer.alloc(0);
      const first = await attempt(mine, {
        connect: (device) => {
          captured = device.password();
          return { password: captured };
        },
      });
      expect(first.code).toBe(0);
      expect(await attempt(mine, { connect: () => ({ password: captured }) })).toEqual({
        code: 4,
        refusal: 'proof-wrong',
      });
    });
  });

  test('a device that was not manufactured here', async () => {
    const [known] = await lab.devices(1);
    const unknown = recertified(authority, { ...known, serial: `X${known.serial.slice(1)}` });
    expect(await attempt(unknown)).toEqual({ code: 5, refusal: 'device-unknown' });
  });

  test.each([
    ['no password', { password: undefined, username: undefined }],
    ['a password that is no proof', { password: Buffer.from('secret') }],
    ['a will', { will: { topic: 'a', payload: Buffer.from('x'), qos: 0, retain: false } }],
    ['a session to be kept', { clean: false }],
    ['an empty client id', { clientId: '' }],
    ['a client id with control characters', { clientId: 'AH\u0001\u0000' }],
    ['MQTT 3.1', { protocolId: 'MQIsdp', protocolVersion: 3 }],
    ['MQTT 5', { protocolVersion: 5 }],
  ])('CONNECT with %s', async (_what, fields) => {
    const [identity] = await lab.devices(1);
    const { code } = await attempt(identity, { connect: () => fields });
    expect(code).not.toBe(0);
    expect((await attempt(identity)).code).toBe(0);
  });

  test('every refusal is counted by its code, and the API shows it', async () => {
    const { json } = await lab.api('/api/airherd/v1/refusals');
    expect(json.counts['certificate-refused']).toBeGreaterThanOrEqual(8);
    expect(json.counts['proof-wrong']).toBeGreaterThanOrEqual(6);
    expect(json.recent[0]).toHaveProperty('message');
  });
});
