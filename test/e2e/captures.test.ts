/** Captures all the way: agent, cloud, API, command line, and tshark, which reads what comes out. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeOperatorFile } from '../../cli/commands/cloud/operator-file.ts';
import { CaptureFileSource } from '../../platform/node/capture-file.ts';
import type { Source } from '../../platform/ports/source.ts';
import { startAgent } from '../support/agent-lab.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { type Compiled, compile } from '../support/compiled.ts';
import { gated } from '../support/gated-source.ts';
import { tsharkFields } from '../support/tshark.ts';

const capture = (name: string) => new URL(`../../fixtures/captures/hil/${name}`, import.meta.url).pathname;
const file = (name: string) => new CaptureFileSource({ path: capture(name), interfaceName: 'if0' });
const bare = (mac: string) => mac.replaceAll(':', '');

let home: string;
let lab: TestCloud;
let compiled: Compiled;
const closing: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'airherd-captures-'));
  compiled = compile();
  lab = await testCloud({ dir: join(home, 'cloud') });
  const { apiPort, devicePort, trustPem } = lab.cloud;
  await writeOperatorFile(join(home, 'cloud'), {
    apiPort,
    devicePort,
    pid: process.pid,
    token: lab.cloud.bootstrapToken ?? '',
    trustPem: trustPem.join(''),
  });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  await lab.stop();
  rmSync(home, { recursive: true });
});

async function agent(source: Source, config: object = {}) {
  const [identity] = await lab.devices(1);
  const url = `mqtts://127.0.0.1:${lab.cloud.devicePort}`;
  const started = await startAgent({ identity, url, sources: [source], config });
  closing.push(() => started.agent.stop());
  await started.opened();
  return { serial: identity.serial, ...started };
}

/** `airherd …` as a process; its standard output is a pipe. */
function airherd(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [compiled.main, ...args], {
    env: { ...process.env, AIRHERD_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  closing.push(() => child.kill('SIGKILL'));
  return child;
}

/** To its end: exit code, and what it wrote. */
async function finished(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

interface Listed {
  captureId: string;
  serial: string;
  trigger: string;
  client?: string;
  fromMs: number;
  toMs: number;
  complete: boolean;
  class: string;
  packets: number;
}
const listed = async (serial: string): Promise<Listed[]> =>
  (await lab.api(`/api/airherd/v1/sites/${lab.siteId}/captures?serial=${serial}`)).json;

async function downloaded({ serial, captureId }: { serial: string; captureId: string }): Promise<string> {
  const path = `/api/airherd/v1/orgs/${lab.orgId}/captures/${serial}/${captureId}.pcapng`;
  const { status, body } = await lab.api(path);
  expect(status).toBe(200);
  const saved = join(home, `${captureId}.pcapng`);
  writeFileSync(saved, body);
  return saved;
}

const start = (body: object) =>
  lab.api(`/api/airherd/v1/orgs/${lab.orgId}/captures`, { method: 'POST', body });
const HEADERS = ['frame.time_epoch', 'frame.len', 'eth.src', 'ip.dst', 'tcp.seq_raw'];

describe('dynamic captures', () => {
  test('a refused 802.1X becomes a file that names trigger, client and window', async () => {
    const source = 'rtap_live.pcap';
    const failures = (
      await tsharkFields(capture(source), ['eap.code', 'wlan.ra', 'frame.time_epoch'])
    ).filter(([code]) => code[0] === '4');
    expect(failures.length).toBeGreaterThan(0);
    const [, [station], [failedAt]] = failures[0];
    const { serial, agent: device } = await agent(file(source));
    await device.sourcesEnded;
    await device.drained();
    const captures = await listed(serial);
    expect(captures).toMatchObject([{ trigger: 'dot1x-failure', client: bare(station), complete: true }]);
    const [found] = captures;
    expect(found.fromMs).toBeLessThanOrEqual(Number(failedAt) * 1000);
    expect(found.toMs).toBeGreaterThanOrEqual(Math.floor(Number(failedAt) * 1000));

    const path = await downloaded(found);
    const frames = await tsharkFields(path, ['eap.code', 'wlan.addr', 'frame.time_epoch', '_ws.malformed']);
    expect(frames).toHaveLength(found.packets);
    expect(frames.every(([, addresses]) => addresses.includes(station))).toBe(true);
    expect(frames.some(([code, , time]) => code[0] === '4' && time[0] === failedAt)).toBe(true);
    expect(frames.every(([, , , malformed]) => malformed.length === 0)).toBe(true);
  });

  test('a capture without a failure gives none', async () => {
    const path = 'hwsim-wpa2eap-radiotap.pcap';
    const codes = await tsharkFields(capture(path), ['eap.code', 'wlan.fixed.status_code']);
    expect(codes.some(([code, status]) => code[0] === '4' || Number(status[0] ?? 0) !== 0)).toBe(false);
    const { serial, agent: device } = await agent(file(path));
    await device.sourcesEnded;
    await device.drained();
    expect(await listed(serial)).toEqual([]);
  });
});

describe('airherd pcap tail', () => {
  /** The stations of the capture by how many frames they have, most first. */
  async function busiest(name: string): Promise<string> {
    const counts = new Map<string, number>();
    for (const [[source]] of await tsharkFields(capture(name), ['eth.src'])) {
      counts.set(source, (counts.get(source) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1])[0][0];
  }

  test('is live: tshark prints the frames of a client while the agent captures', async () => {
    const client = await busiest('http.pcap');
    const { source, release } = gated(file('http.pcap'));
    const { agent: device } = await agent(source, { capture: { stream: true, dynamic: false } });
    const tail = airherd('pcap', 'tail', '--client', client);
    const done = once(tail, 'close');
    const shark = spawn(
      'tshark',
      ['-i', '-', '-l', '-n', '-T', 'fields', ...HEADERS.flatMap((field) => ['-e', field])],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    );
    closing.push(() => shark.kill('SIGKILL'));
    const [first] = await once(tail.stdout!, 'data');
    shark.stdin.write(first);
    tail.stdout!.pipe(shark.stdin);
    release();
    await device.sourcesEnded;

    const expected = (await tsharkFields(capture('http.pcap'), [...HEADERS, 'eth.addr']))
      .filter((frame) => frame.at(-1)?.includes(client))
      .map((frame) => frame.slice(0, -1).map((values) => values.join(',')));
    const seen: string[][] = [];
    for await (const line of createInterface({ input: shark.stdout })) {
      seen.push(line.split('\t'));
      if (seen.length === expected.length) break;
    }
    expect(seen).toEqual(expected);
    tail.kill('SIGINT');
    expect((await done)[0]).toBe(0);
  });

  test('first gives what was captured before, and ends when its reader does', async () => {
    const { agent: device } = await agent(file('http.pcap'), { capture: { stream: true, dynamic: false } });
    await device.sourcesEnded;
    await device.drained();
    const from = await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/captures?limit=1`);
    expect(from.json[0]).toMatchObject({ trigger: 'continuous' });
    const tail = airherd('pcap', 'tail', '--since', '240000h');
    const result = finished(tail);
    await once(tail.stdout!, 'data');
    tail.stdout!.destroy();
    // It notices at its next write at the latest.
    const later = gated(file('http.pcap'));
    await agent(later.source, { capture: { stream: true, dynamic: false } });
    later.release();
    expect((await result).code).toBe(0);
    expect((await result).err).toBe('');
  });

  test('says in one line what is wrong', async () => {
    const unknown = await finished(airherd('pcap', 'tail', '--client', 'nobody'));
    expect(unknown.code).toBe(2);
    const elsewhere = await finished(airherd('pcap', 'tail', '--org', 'nobody'));
    expect(elsewhere).toMatchObject({ code: 2, out: '' });
    expect(elsewhere.err.trim().split('\n')).toHaveLength(1);
    const noToken = await finished(airherd('pcap', 'list', '--cloud', 'https://127.0.0.1:1'));
    expect(noToken.err).toMatch(/^airherd: usage-invalid: name an API token/);
  });
});

describe('captures by hand', () => {
  const CANARY = 'User-Agent';

  test('started, filtered, limited, listed and fetched from the command line', async () => {
    const { source, release } = gated(file('http.pcap'));
    const { serial, agent: device } = await agent(source, { capture: { dynamic: false } });
    const started = await finished(
      airherd('pcap', 'start', '--serial', serial, '--filter', 'tcp port 80', '--packets', '6', '--json'),
    );
    expect(started).toMatchObject({ code: 0, err: '' });
    const { captureId } = JSON.parse(started.out);
    release();
    await device.sourcesEnded;
    await device.drained();
    const list = await finished(airherd('pcap', 'list', '--serial', serial, '--json'));
    expect(JSON.parse(list.out)).toMatchObject([
      { captureId, serial, trigger: 'manual', class: 'pcap.headers', packets: 6, complete: true },
    ]);
    const output = join(home, 'manual.pcapng');
    const got = await finished(airherd('pcap', 'get', captureId.slice(0, 12), '-o', output));
    expect(got).toMatchObject({ code: 0, err: '' });
    const expected = execFileSync(
      'tshark',
      [
        '-r',
        capture('http.pcap'),
        '-Y',
        'tcp.port == 80',
        '-c',
        '6000',
        '-T',
        'fields',
        '-e',
        'frame.time_epoch',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const read = await tsharkFields(output, ['frame.time_epoch', '_ws.malformed']);
    expect(read.map(([[time]]) => time)).toEqual(expected.trim().split('\n').slice(0, 6));
    expect(read.every(([, malformed]) => malformed.length === 0)).toBe(true);
    expect(readFileSync(output).includes(CANARY)).toBe(false);
    const stopped = await finished(airherd('pcap', 'stop', captureId, '--serial', serial));
    expect(stopped).toMatchObject({ code: 4 });
  });

  test('end at their bytes, at their packets or at their time, whichever comes first', async () => {
    const { source, release } = gated(file('http.pcap'));
    const { serial, agent: device } = await agent(source, { capture: { dynamic: false } });
    const LIMITS = [
      ['--bytes', '2000'],
      ['--packets', '3', '--bytes', '2000000'],
      ['--for', '1s'],
      ['--for', '1h'],
    ];
    const ids: string[] = [];
    for (const limits of LIMITS) {
      const started = await finished(airherd('pcap', 'start', '--serial', serial, ...limits, '--json'));
      expect(started).toMatchObject({ code: 0, err: '' });
      ids.push(JSON.parse(started.out).captureId);
    }
    const of = async (id: string) => (await listed(serial)).find(({ captureId }) => captureId === id);
    // No frame comes, and the time of one of them runs out all the same.
    while (!(await of(ids[2]))?.complete);
    expect(await of(ids[2])).toMatchObject({ packets: 0, complete: true });
    for (const id of [ids[0], ids[1], ids[3]]) expect((await of(id))?.complete ?? false).toBe(false);
    release();
    await device.sourcesEnded;
    await device.drained();

    const all = await tsharkFields(capture('http.pcap'), ['frame.time_epoch']);
    const read = async (id: string) =>
      (await tsharkFields(await downloaded({ serial, captureId: id }), ['frame.cap_len'])).map(([[n]]) =>
        Number(n),
      );
    const whole = await read(ids[3]);
    expect(whole).toHaveLength(all.length);
    // As many of the same slices as fit.
    let [fits, sum] = [0, 0];
    while (sum + whole[fits] <= 2000) sum += whole[fits++];
    expect(await read(ids[0])).toEqual(whole.slice(0, fits));
    expect(await read(ids[1])).toEqual(whole.slice(0, 3));
    for (const id of ids) expect((await of(id))?.complete).toBe(true);
  });

  test('hold payload under a consent in force only', async () => {
    expect(readFileSync(capture('http.pcap')).includes(CANARY)).toBe(true);
    const { source, release } = gated(file('http.pcap'));
    const { serial, agent: device } = await agent(source, { capture: { dynamic: false } });
    const classes = await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/privacy`);
    const { privacyClasses } = classes.json;
    const consents = `/api/airherd/v1/orgs/${lab.orgId}/consents`;
    const record = { purpose: 'voice is broken', untilMs: Date.now() + 3_600_000 };
    const { id: consentId } = (await lab.api(consents, { method: 'POST', body: record })).json;

    // Consent alone does not do: the organisation has to allow the class, and that needs a device that knows.
    const refused = await start({ serial, consentId });
    expect(refused.status).toBe(409);
    expect(refused.json.detail).toMatch(/^command capture-start: (?!command)/);
    expect((await start({ serial, consentId: 'c-2' })).status).toBe(409);
    const headers = (await start({ serial })).json;
    await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/privacy`, {
      method: 'PUT',
      body: { privacyClasses: [...privacyClasses, 'pcap.payload'] },
    });
    closing.push(() =>
      lab.api(`/api/airherd/v1/orgs/${lab.orgId}/privacy`, { method: 'PUT', body: { privacyClasses } }),
    );
    let payload = await start({ serial, consentId });
    // The device learns of the setting from a message that may come after the first try.
    while (payload.status === 409) payload = await start({ serial, consentId });
    expect(payload.status).toBe(200);
    release();
    await device.sourcesEnded;
    await device.drained();
    const all = await listed(serial);
    expect(all.find(({ captureId }) => captureId === headers.captureId)?.class).toBe('pcap.headers');
    expect(all.find(({ captureId }) => captureId === payload.json.captureId)?.class).toBe('pcap.payload');
    expect(readFileSync(await downloaded(headers)).includes(CANARY)).toBe(false);
    expect(readFileSync(await downloaded(payload.json)).includes(CANARY)).toBe(true);

    await lab.api(`${consents}/${consentId}/withdraw`, { method: 'POST', body: { captured: 'keep' } });
    expect((await start({ serial, consentId })).status).toBe(409);
  });

  test('are refused in words when they ask for what cannot be', async () => {
    const { serial } = await agent(gated(file('http.pcap')).source);
    const detail = async (body: object) => (await start(body)).json.detail;
    expect(await detail({})).toContain('serial or client is needed');
    expect(await detail({ serial, filter: 'tcp[13] != 0' })).toContain('does not know "tcp[13]"');
    expect(await detail({ serial, packets: 0 })).toContain('packets');
    expect((await start({ serial: 'AH000000000000' })).status).toBe(404);
    expect((await start({ client: '02:00:00:00:99:99' })).status).toBe(404);
  });
});
