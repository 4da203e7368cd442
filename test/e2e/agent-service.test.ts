/** An agent as a service: its unit, as systemd reads it; readiness and watchdog; health on a Unix socket; no port. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Identity, saveIdentity } from '../../certs/identity.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { fakeCloud } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import { compile } from '../support/compiled.ts';
import type { FakeCloud } from '../support/fake-cloud.ts';

const { main } = compile();
const CAPTURE = resolve(import.meta.dirname, '../../fixtures/captures/hil/dhcp.pcap');
const dir = mkdtempSync(join(tmpdir(), 'airherd-service-'));
const root = join(dir, 'root');
let identity: Identity;
let folder = '';
let cloud: FakeCloud;

beforeAll(async () => {
  const authority = await sharedAuthority();
  [identity] = await manufacture({ kind: 'ap', count: 1, authority, nowMs: Date.now() });
  folder = join(dir, identity.serial);
  await saveIdentity(folder, identity);
  cloud = await fakeCloud(authority, identity);
});
afterAll(async () => {
  await cloud.close();
  rmSync(dir, { recursive: true, force: true });
});

function airherd(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}

describe('agent install', () => {
  test('writes a unit that systemd takes and finds well guarded', () => {
    const { status, stderr } = airherd('agent', 'install', '--identity', folder, '--root', root);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const unit = join(root, 'etc/systemd/system', `airherd-agent-${identity.serial}.service`);
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', '--root', '/', unit], {
      encoding: 'utf8',
    });
    expect(verified.stderr).not.toMatch(/Unknown|Invalid|Failed to parse|ignoring/i);
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=40', unit], {
      encoding: 'utf8',
    });
    expect(security.status, security.stdout).toBe(0);
    expect(statSync(join(root, 'var/lib/airherd/devices', identity.serial)).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(root, 'etc/airherd/agent.yaml'), 'utf8')).toContain('# What to observe');
  });

  test('leaves settings that are there alone, and takes away what it made', () => {
    const settings = join(root, 'etc/airherd/agent.yaml');
    writeFileSync(settings, 'cloud: { url: mqtts://mine }\n');
    expect(airherd('agent', 'install', '--identity', folder, '--root', root).status).toBe(0);
    expect(readFileSync(settings, 'utf8')).toBe('cloud: { url: mqtts://mine }\n');
    expect(airherd('agent', 'uninstall', identity.serial, '--root', root, '--purge').status).toBe(0);
    expect(existsSync(join(root, 'etc/systemd/system', `airherd-agent-${identity.serial}.service`))).toBe(
      false,
    );
    expect(existsSync(join(root, 'var/lib/airherd/devices', identity.serial))).toBe(false);
    const again = airherd('agent', 'uninstall', identity.serial, '--root', root);
    expect(again.stderr).toBe(`airherd: usage-invalid: no service of ${identity.serial} is installed\n`);
  });
});

describe('an agent under systemd', () => {
  let agent: ChildProcess;
  let systemd: ChildProcess;
  let told = '';
  const listeners = new Set<() => void>();
  const socket = join(dir, 'agent.sock');

  async function toldOf(word: string, count = 1): Promise<void> {
    while (told.split(word).length <= count) await new Promise<void>((resolve) => listeners.add(resolve));
  }

  function ask(path: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      request({ socketPath: socket, path }, (answer) => {
        let body = '';
        answer.on('data', (part) => {
          body += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      })
        .on('error', reject)
        .end();
    });
  }

  beforeAll(async () => {
    const notify = join(dir, 'notify');
    systemd = spawn('socat', ['-u', `UNIX-RECV:${notify}`, '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
    systemd.stdout?.on('data', (part) => {
      told += part;
      for (const resolve of listeners) resolve();
      listeners.clear();
    });
    while (!existsSync(notify)) await new Promise<void>((resolve) => setImmediate(resolve));
    const settings = join(dir, 'agent.yaml');
    writeFileSync(
      settings,
      `health: { socket: ${socket} }\noutbox: { path: memory }\ncapture: { sources: ['file:${CAPTURE}'] }\n`,
    );
    agent = spawn(
      process.execPath,
      [main, 'agent', '--identity', folder, '--config', settings, '--cloud', cloud.url, '--trace'],
      {
        env: { ...process.env, NOTIFY_SOCKET: notify, WATCHDOG_USEC: '600000' },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const lines = createInterface({ input: agent.stderr! });
    for await (const line of lines) if (/dhcp.pcap: ended/.test(line)) break;
    agent.stderr?.resume();
  });
  afterAll(() => {
    agent.kill('SIGKILL');
    systemd.kill('SIGTERM');
  });

  test('says that it is ready, and goes on saying that it lives', async () => {
    await toldOf('READY=1');
    await toldOf('WATCHDOG=1', 2);
    expect(told).toContain(`MAINPID=${agent.pid}`);
  });

  test('answers for its health on its socket, to its owner', async () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    const { status, body } = await ask('/health');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ serial: identity.serial, healthy: true, state: 'open' });
    const metrics = await ask('/metrics');
    expect(metrics.body).toMatch(
      new RegExp(`^airherd_agent_connected\\{serial="${identity.serial}",kind="ap"\\} 1$`, 'm'),
    );
    const [, packets] = /Number of packets: *(\d+)/.exec(
      spawnSync('capinfos', ['-cM', CAPTURE], { encoding: 'utf8' }).stdout,
    )!;
    const [source] = JSON.parse(body).counts;
    expect(source).toMatchObject({ frames: Number(packets), dropped: 0 });
    const line = `airherd_agent_source_frames{source="${source.name}",serial="${identity.serial}",kind="ap"}`;
    expect(metrics.body).toContain(`${line} ${packets}\n`);
    expect(metrics.body).toContain(`airherd_agent_source_dropped{source="${source.name}",by="unknown",`);
    expect((await ask('/other')).status).toBe(404);
  });

  test('listens on no port', () => {
    const { stdout } = spawnSync('ss', ['-Hltunp'], { encoding: 'utf8' });
    expect(stdout).not.toContain(`pid=${agent.pid},`);
  });

  test('says that it stops, and takes its socket away', async () => {
    agent.kill('SIGTERM');
    await once(agent, 'exit');
    await toldOf('STOPPING=1');
    expect(existsSync(socket)).toBe(false);
  });
});
