/** What the fleet's benches and soaks stand on: a home with claimed devices, a stub, a mosquitto, children that measure. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAuthority } from '../../dist/certs/authority.js';
import { saveIdentity } from '../../dist/certs/identity.js';
import { issueServer } from '../../dist/certs/issue-server.js';
import { manufacture } from '../../dist/certs/manufacture.js';
import { registryEntryOf } from '../../dist/certs/registry-entry.js';
import { openRegistry } from '../../dist/cloud-stub/index.js';
import { nodeClock } from '../../dist/platform/node/clock.js';
import { nodeRandom } from '../../dist/platform/node/random.js';

export const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const here = (name) => new URL(name, import.meta.url).pathname;

/** Devices that a cloud in this home knows, and somebody owns; and a server certificate for other servers. */
export async function makeHome(home, count) {
  const nowMs = Date.now();
  const authority = await createAuthority(join(home, 'ca'), { nowMs });
  const server = await issueServer(authority, { names: ['localhost'], ips: ['127.0.0.1'], days: 30, nowMs });
  const identities = await manufacture({ kind: 'ap', count, authority, nowMs });
  const registry = openRegistry(join(home, 'cloud'), { random: nodeRandom, clock: nodeClock });
  await registry.add(identities.map(registryEntryOf));
  const org = registry.organisations.ensure('Bench');
  const site = registry.organisations.ensureSite(org.id, 'Bench');
  for (const identity of identities) {
    registry.claim({ serial: identity.serial, orgId: org.id, siteId: site.id });
    await saveIdentity(join(home, 'devices', identity.serial), identity);
  }
  registry.close();
  return { server, devices: join(home, 'devices') };
}

/** Bytes; null for a process that has ended and that nobody has waited for yet. */
export function residentOf(pid) {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

export const environment = (home) => ({ ...process.env, AIRHERD_HOME: home });

/** The stub as a process of its own. */
export async function startStub(home, port = 0) {
  const args = [main, 'cloud', '--port', String(port), '--api-port', '0', '--log-level', 'error', '--json'];
  const child = owned(
    spawn(process.execPath, args, { env: environment(home), stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { ...JSON.parse(line), pid: child.pid, child, stop: () => ended(child, 'SIGTERM') };
}

/** Ends with whoever started it, also where that fails half-way. */
function owned(child) {
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

function ended(child, signal) {
  const gone = once(child, 'exit');
  child.kill(signal);
  return gone;
}

/** `airherd fleet run --json`; its report, or why there is none. */
export function startFleet(home, args) {
  const child = owned(
    spawn(process.execPath, [main, 'fleet', 'run', '--json', ...args], {
      env: environment(home),
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].on('data', (chunk) => {
      said[name] += chunk;
    });
  }
  const report = once(child, 'close').then(([code, signal]) => {
    if (said.stdout !== '') return JSON.parse(said.stdout);
    throw new Error(`the fleet ended with ${signal ?? code} and no report: ${said.stderr.slice(-2000)}`);
  });
  return { child, report };
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function startMosquitto(home, server) {
  const port = await freePort();
  const file = (name, text) => {
    writeFileSync(join(home, name), text, { mode: 0o600 });
    return join(home, name);
  };
  const config = file(
    'mosquitto.conf',
    `listener ${port} 127.0.0.1
cafile ${file('m-ca.pem', server.trustPem.join(''))}
certfile ${file('m-cert.pem', server.certificatePem)}
keyfile ${file('m-key.pem', server.privateKeyPem)}
require_certificate true
use_identity_as_username true
tls_version tlsv1.3
max_inflight_messages 0
max_queued_messages 0
set_tcp_nodelay true
user root
`,
  );
  const child = owned(spawn('mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] }));
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (text) => String(text).includes('running') && resolve());
    child.once('exit', (code) => reject(new Error(`mosquitto ended with ${code}`)));
  });
  return { port, pid: child.pid, stop: () => ended(child, 'SIGTERM') };
}

/** A TLS server with no protocol on top, in a process of its own. */
export async function startTlsServer(home, server) {
  const file = join(home, 'tls-server.json');
  writeFileSync(file, JSON.stringify({ server, identities: [] }), { mode: 0o600 });
  const child = owned(fork(new URL('../link/tls-server.mjs', import.meta.url).pathname, [file, '300']));
  const [{ port }] = await once(child, 'message');
  return { port, pid: child.pid, stop: () => ended(child, 'SIGTERM') };
}

/** As many children as shares of `count`, begun in one instant; what each says, and how long all took. */
export async function measured(script, workers, count, argsOf) {
  const share = Math.floor(count / workers);
  const children = Array.from({ length: workers }, (_, worker) =>
    fork(here(script), argsOf(worker * share, (worker + 1) * share).map(String), {
      execArgv: ['--expose-gc'],
    }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const startMs = performance.now();
  for (const child of children) child.send('go');
  const results = (await Promise.all(children.map((child) => once(child, 'message')))).map(
    ([result]) => result,
  );
  return { children, results, seconds: (performance.now() - startMs) / 1000 };
}

export async function finish(children) {
  await Promise.all(
    children.map((child) => {
      const gone = once(child, 'exit');
      child.send('end');
      return gone;
    }),
  );
}
