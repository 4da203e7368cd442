/** Firmware at the cloud: upload, download in parts, stages, pauses; with curl on the other side where it can be. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { decode } from 'cborg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { sharedAuthority } from '../support/authority.ts';
import { callApi, type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';
import { firmwareKey, firmwareOf, type TestFirmware } from '../support/firmware.ts';
import { orgRole, tokenFor } from '../support/identities.ts';

const run = promisify(execFile);
const vendor = firmwareKey();
const dir = mkdtempSync(join(tmpdir(), 'airherd-cloud-firmware-'));
const PIECE = 150_000;
let lab: TestCloud;
let devices: Identity[];
beforeAll(async () => {
  lab = await testCloud({ firmwareKeys: () => [vendor.publicKey] });
  devices = await lab.devices(10);
  const trust = lab.cloud.trustPem.join('');
  writeFileSync(join(dir, 'ca.pem'), trust);
});
afterAll(async () => {
  await lab.stop();
  rmSync(dir, { recursive: true });
});

const images = '/api/airherd/v1/firmware';
const rollouts = () => `/api/airherd/v1/orgs/${lab.orgId}/firmware/rollouts`;
const post = (path: string, body: object = {}) => lab.api(path, { method: 'POST', body });
const idOf = ({ sha256 }: TestFirmware) => sha256.toString('hex');
const signed = ({ manifest, signature }: TestFirmware) => ({
  manifest: manifest.toString('base64'),
  signature: signature.toString('base64'),
});

async function upload(firmware: TestFirmware) {
  const begun = await post(images, signed(firmware));
  expect(begun.status).toBe(200);
  let answer = begun;
  for (let offset = 0; offset < firmware.payload.length; offset += PIECE) {
    const data = firmware.payload.subarray(offset, offset + PIECE).toString('base64');
    answer = await lab.api(`${images}/${begun.json.id}/payload`, { method: 'PUT', body: { offset, data } });
  }
  return answer;
}

describe('upload', () => {
  test('takes what the vendor has signed, piece by piece, and goes on after a break', async () => {
    const firmware = await firmwareOf(vendor.privateKey, '1.1.0', { ballast: 400_000 });
    const begun = await post(images, signed(firmware));
    expect(begun.json).toMatchObject({ id: idOf(firmware), version: '1.1.0', received: 0, complete: false });
    const put = (offset: number, bytes: Buffer) =>
      lab.api(`${images}/${begun.json.id}/payload`, {
        method: 'PUT',
        body: { offset, data: bytes.toString('base64') },
      });
    await put(0, firmware.payload.subarray(0, PIECE));
    // Its answer was lost, and it is sent again; what does not follow is refused.
    expect((await put(0, firmware.payload.subarray(0, PIECE))).json.received).toBe(PIECE);
    expect((await put(PIECE + 1, firmware.payload.subarray(0, 10))).status).toBe(409);
    expect((await post(images, signed(firmware))).json.received).toBe(PIECE);
    const done = await upload(firmware);
    expect(done.json).toMatchObject({ complete: true, received: firmware.payload.length });
    const list = (await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/firmware`)).json;
    expect(list.map(({ version }: { version: string }) => version)).toEqual(['1.1.0']);
  });

  test('refuses another key, other bytes, and what is no image', async () => {
    const other = await firmwareOf(firmwareKey().privateKey, '1.2.0');
    expect(await post(images, signed(other))).toMatchObject({
      status: 400,
      json: { code: 'firmware-signature' },
    });
    const swapped = await firmwareOf(vendor.privateKey, '1.3.0');
    const changed = { ...swapped, payload: Buffer.from(swapped.payload) };
    changed.payload[50] ^= 1;
    expect(await upload(changed)).toMatchObject({ status: 400, json: { code: 'firmware-hash' } });
    const none = await firmwareOf(vendor.privateKey, '1.4.0', { payload: Buffer.alloc(1000, 7) });
    expect(await upload(none)).toMatchObject({ status: 400, json: { code: 'firmware-image' } });
    // What was refused is forgotten.
    expect((await lab.api(images)).json.map(({ version }: { version: string }) => version)).toEqual([
      '1.1.0',
    ]);
  });

  test('is the operator’s; customers see what is whole', async () => {
    const admin = tokenFor(lab, lab.orgId, [orgRole('admin', lab.orgId)]);
    const of = (path: string, method = 'GET') => callApi(lab.cloud, admin, path, { method });
    expect((await of(images)).status).toBe(403);
    expect((await of(images, 'POST')).status).toBe(403);
    expect((await of(`/api/airherd/v1/orgs/${lab.orgId}/firmware`)).json).toHaveLength(1);
  });
});

describe('download', () => {
  let firmware: TestFirmware;
  let url: string;
  const curl = async (args: string[], { certificatePem, privateKeyPem } = devices[0]) => {
    const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
    writeFileSync(files.cert, certificatePem);
    writeFileSync(files.key, privateKeyPem);
    const { stdout } = await run(
      'curl',
      [
        ...['-sS', '--cacert', join(dir, 'ca.pem'), '--cert', files.cert, '--key', files.key],
        ...['-D', '-', '-o', join(dir, 'out'), ...args, url],
      ],
      { encoding: 'utf8' },
    );
    return { head: stdout, body: readFileSync(join(dir, 'out')) };
  };

  beforeAll(async () => {
    firmware = await firmwareOf(vendor.privateKey, '1.5.0', { ballast: 300_000, sequenceNumber: 2 });
    await upload(firmware);
    url = `https://localhost:${lab.cloud.firmwarePort}/firmware/${idOf(firmware)}`;
    const { rollouts: all } = lab.cloud.firmware;
    const { id } = all.add({
      ...{ orgId: lab.orgId, siteId: null, imageId: idOf(firmware) },
      ...{ stages: [100], successPercent: 100, maxFailures: 0 },
    });
    all.setTarget(id, { serial: devices[0].serial, phase: 'ordered', percent: 0, code: null, detail: null });
    all.change(id, { state: 'aborted' });
  });

  test('whole, in parts, and not again: as curl sees it', async () => {
    const whole = await curl([]);
    expect(whole.head).toMatch(/^HTTP\/1\.1 200 /);
    expect(whole.head).toMatch(new RegExp(`etag: "${idOf(firmware)}"`, 'i'));
    expect(whole.body.equals(firmware.payload)).toBe(true);
    const part = await curl(['--range', '1000-1999']);
    expect(part.head).toMatch(/^HTTP\/1\.1 206 /);
    expect(part.head).toMatch(new RegExp(`content-range: bytes 1000-1999/${firmware.payload.length}`, 'i'));
    expect(part.body.equals(firmware.payload.subarray(1000, 2000))).toBe(true);
    expect((await curl(['--range', '-500'])).body.equals(firmware.payload.subarray(-500))).toBe(true);
    const from = await curl(['--range', '149990-', '-H', `If-Range: "${idOf(firmware)}"`]);
    expect(from.body.equals(firmware.payload.subarray(149_990))).toBe(true);
    expect((await curl(['--range', '5-', '-H', 'If-Range: "another"'])).head).toMatch(/^HTTP\/1\.1 200 /);
    expect((await curl(['--range', '99999999-'])).head).toMatch(/^HTTP\/1\.1 416 /);
    expect((await curl(['-H', `If-None-Match: "${idOf(firmware)}"`])).head).toMatch(/^HTTP\/1\.1 304 /);
    const head = await curl(['--head']);
    expect(head.head).toMatch(new RegExp(`content-length: ${firmware.payload.length}`, 'i'));
  });

  test('goes on where it was, as curl goes on', async () => {
    writeFileSync(join(dir, 'out'), firmware.payload.subarray(0, 123_457));
    await curl(['-C', '-']);
    const sums = execFileSync('sha256sum', [join(dir, 'out')], { encoding: 'utf8' });
    expect(sums.split(' ')[0]).toBe(idOf(firmware));
  });

  test('is for devices that were ordered to; others are told nothing', async () => {
    expect((await curl([], devices[1])).head).toMatch(/^HTTP\/1\.1 404 /);
    const authority = await sharedAuthority();
    const [unknown] = await manufacture({ kind: 'ap', count: 1, authority, nowMs: Date.now() });
    expect((await curl([], unknown)).head).toMatch(/^HTTP\/1\.1 403 /);
    lab.cloud.registry.revoke(devices[9].serial);
    expect((await curl([], devices[9])).head).toMatch(/^HTTP\/1\.1 403 /);
    // Without a certificate the connection ends before anything is said.
    const answer = await new Promise<string>((resolve) => {
      const socket = connect({
        ...{ host: '127.0.0.1', port: lab.cloud.firmwarePort, rejectUnauthorized: false },
        ciphers: 'TLS_AES_128_GCM_SHA256',
      });
      let said = '';
      socket.on('data', (chunk) => {
        said += chunk;
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(said));
      socket.on('secureConnect', () => socket.write('GET /firmware/x HTTP/1.1\r\nHost: x\r\n\r\n'));
    });
    expect(answer).toBe('');
  });
});

describe('roll-out', () => {
  let firmware: TestFirmware;
  beforeAll(async () => {
    firmware = await firmwareOf(vendor.privateKey, '2.0.0', { sequenceNumber: 9 });
    await upload(firmware);
  });
  const online = async (identity: Identity, version = '1.0.0') => {
    const client = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
    await client.acked('hello', client.publish('hello', { ...helloFields(identity), firmware: version }));
    return client;
  };
  const orderTo = async (client: DeviceClient) =>
    decode(await client.down('upgrade')) as Record<string, unknown>;
  const tell = (client: DeviceClient, id: string, phase: string) =>
    client.acked(
      'upgrade',
      client.publish('upgrade', { class: 'device', id, version: '2.0.0', phase, percent: 100 }),
    );
  const state = async (id: string) => (await lab.api(`${rollouts()}/${id}`)).json;
  /** The cloud decides a moment after what it was told. */
  const until = (id: string, holds: (json: Awaited<ReturnType<typeof state>>) => boolean) =>
    expect.poll(async () => holds(await state(id)), { timeout: 20_000 }).toBe(true);

  test('goes from stage to stage, pauses on a failure, goes on when it is told to', async () => {
    const clients = await Promise.all(devices.slice(0, 9).map((identity) => online(identity)));
    const body = { imageId: idOf(firmware), stages: [20, 50, 100], maxFailures: 0 };
    const { status, json } = await post(rollouts(), body);
    expect([status, json.state, json.stage, json.counts]).toEqual([
      200,
      'running',
      0,
      { ordered: 2, committed: 0, failed: 0 },
    ]);
    const { id } = json;
    const ordered = async () => (await state(id)).devices.map(({ serial }: { serial: string }) => serial);
    const clientOf = (serial: string) => clients[devices.findIndex((device) => device.serial === serial)];
    const first = await ordered();
    const order = await orderTo(clientOf(first[0]));
    expect(order).toMatchObject({ id, version: '2.0.0', size: firmware.payload.length });
    expect(order.url).toBe(`https://127.0.0.1:${lab.cloud.firmwarePort}/firmware/${idOf(firmware)}`);
    expect(Buffer.from(order.manifest as Uint8Array).equals(firmware.manifest)).toBe(true);
    // Another for the same models is not begun beside it.
    expect((await post(rollouts(), body)).json).toMatchObject({ code: 'rollout-refused' });
    await tell(clientOf(first[0]), id, 'committed');
    await tell(clientOf(first[1]), id, 'downloading');
    expect((await state(id)).stage).toBe(0);
    await tell(clientOf(first[1]), id, 'committed');
    await until(id, ({ stage, counts }) => stage === 1 && counts.ordered === 5);
    const second = (await ordered()).filter((serial: string) => !first.includes(serial));
    await tell(clientOf(second[0]), id, 'rolled-back');
    await until(id, (now) => now.state === 'paused');
    expect((await state(id)).reason).toBe('1 of its devices failed or were rolled back');
    for (const serial of second.slice(1)) await tell(clientOf(serial), id, 'committed');
    await post(`${rollouts()}/${id}/resume`);
    // Who resumed it knew of the one that failed: it does not hold up the others.
    await until(id, (now) => now.stage === 2 && now.state === 'running');
    await post(`${rollouts()}/${id}/abort`);
    expect((await post(`${rollouts()}/${id}/resume`)).status).toBe(409);
    const audit = (await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/audit`)).json;
    expect(
      audit.map(
        ({ action, detail }: { action: string; detail: { what?: string } }) =>
          `${action} ${detail?.what ?? ''}`,
      ),
    ).toEqual(expect.arrayContaining(['firmware roll-out paused', 'firmware roll-out next stage']));
    for (const client of clients) client.end();
  });

  test('orders who comes later, again who was stopped on the way, and not who is there already', async () => {
    const [late, stopped, there] = devices;
    const site = await lab.cloud.registry.organisations.ensureSite(lab.orgId, 'Late');
    for (const { serial, claimCode } of [late, stopped, there])
      lab.cloud.registry.claim({ serial, claimCode, orgId: lab.orgId, siteId: site.id });
    const already = await online(there, '2.0.0');
    const { json } = await post(rollouts(), {
      ...{ imageId: idOf(firmware), siteId: site.id, stages: [100], successPercent: 50 },
    });
    await until(json.id, ({ counts }) => counts.committed === 1);
    const first = await online(stopped);
    expect(await orderTo(first)).toMatchObject({ id: json.id });
    first.end();
    const again = await online(stopped);
    expect(await orderTo(again)).toMatchObject({ id: json.id });
    const last = await online(late);
    expect(await orderTo(last)).toMatchObject({ id: json.id });
    // By hello alone: what it tells of the commit may still wait in its outbox.
    await again.acked(
      'hello',
      again.publish('hello', { ...helloFields(stopped), firmware: '2.0.0', trial: true }),
    );
    expect((await state(json.id)).counts.committed).toBe(1);
    await again.acked('hello', again.publish('hello', { ...helloFields(stopped), firmware: '2.0.0' }));
    await tell(last, json.id, 'committed');
    await until(json.id, (now) => now.state === 'done');
    for (const client of [already, again, last]) client.end();
  });

  test('is refused without a device for it, at a site of others, with stages that do not grow', async () => {
    const sw = await firmwareOf(vendor.privateKey, '3.0.0', { classes: ['AH-SW-48'] });
    await upload(sw);
    expect((await post(rollouts(), { imageId: idOf(sw) })).json.detail).toBe(
      'roll-out: no device here is of the models AH-SW-48',
    );
    const other = lab.cloud.registry.organisations.ensure('Others');
    const theirs = lab.cloud.registry.organisations.ensureSite(other.id, 'Theirs');
    expect((await post(rollouts(), { imageId: idOf(firmware), siteId: theirs.id })).status).toBe(404);
    for (const stages of [[50], [50, 20, 100], []])
      expect((await post(rollouts(), { imageId: idOf(firmware), stages })).status).toBe(400);
  });
});
