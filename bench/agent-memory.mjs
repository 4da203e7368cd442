/**
 * Memory of an access point's agent with eight sources: two live captures, two hostapd, two iw, a bridge, Bluetooth.
 * Frames of every capture in fixtures/ come on a veth pair; the agent decodes, observes, slices and ships them to a
 * cloud beside it. Resident peak (VmHWM), with Node's defaults and with what the systemd unit sets. Needs root and a build.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ENVIRONMENT, NODE_FLAGS } from '../dist/cli/commands/agent/unit.js';
import { machine, median, printTable, writeSection } from './report.mjs';

const SECONDS = 15;
const PACKETS_A_SECOND = 2000;
const ROUNDS = 3;
const [NEAR, FAR, BRIDGE] = ['ahmem0', 'ahmem1', 'ahmembr'];
const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../fixtures/captures', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'airherd-memory-'));
const env = { ...process.env, AIRHERD_HOME: home };
const run = (program, ...words) =>
  execFileSync(program, words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const airherd = (...words) => run(process.execPath, MAIN, ...words);

/** Ethernet frames of the fixtures, in one file that tcpreplay can repeat. */
function traffic() {
  const files = readdirSync(FIXTURES, { recursive: true })
    .filter((name) => /\.pcap$/.test(name))
    .map((name) => join(FIXTURES, name))
    .filter((path) => {
      try {
        return /^File encapsulation:\s*Ethernet\s*$/m.test(run('capinfos', '-E', path));
      } catch {
        return false;
      }
    });
  const all = join(home, 'all.pcap');
  run('mergecap', '-a', '-F', 'pcap', '-s', '1500', '-w', all, ...files);
  return all;
}

/** What is to end with the bench, however that ends. */
const running = new Set();

function removeLinks() {
  for (const name of [NEAR, BRIDGE]) {
    try {
      run('ip', 'link', 'del', name);
    } catch {
      // It was not made.
    }
  }
}

function cleanUp() {
  for (const child of running) child.kill();
  removeLinks();
  rmSync(home, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    cleanUp();
    process.exit(1);
  });
}

const kibOf = (pid) => Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

async function firstLine(child, stream, pattern) {
  for await (const line of createInterface({ input: child[stream] })) if (pattern.test(line)) return line;
  throw new Error(`it ended before it said ${pattern}`);
}

/** Resident peak, MiB, and what the agent did. */
async function measure({ flags, variables }, identity, port, capture) {
  const sources = [
    `live:${NEAR}`,
    `live:${BRIDGE}`,
    'hostapd:wlan0',
    'hostapd:wlan1',
    'iw:wlan0',
    'iw:wlan1',
  ];
  const words = [
    '--identity',
    identity,
    '--cloud',
    `mqtts://localhost:${port}`,
    '--outbox',
    'memory',
    '--stream',
    '--json',
  ];
  const all = [
    ...flags,
    MAIN,
    'agent',
    ...words,
    '--trace',
    '--source',
    ...sources,
    `bridge:${BRIDGE}`,
    'ble:hci0',
  ];
  const agent = spawn(process.execPath, all, {
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(agent);
  await firstLine(agent, 'stderr', /→ open/);
  agent.stderr.resume();
  const replay = [
    '-q',
    '--loop=1000000',
    `--duration=${SECONDS}`,
    `--pps=${PACKETS_A_SECOND}`,
    '-i',
    FAR,
    capture,
  ];
  const sending = spawn('tcpreplay', replay, { stdio: 'ignore' });
  running.add(sending);
  await once(sending, 'exit');
  running.delete(sending);
  const mib = kibOf(agent.pid) / 1024;
  let summary = '';
  agent.stdout.on('data', (part) => {
    summary += part;
  });
  agent.kill('SIGINT');
  await once(agent, 'close');
  running.delete(agent);
  const { ledger } = JSON.parse(summary);
  const sum = (count) => ledger.reduce((total, row) => total + row[count], 0);
  return { mib, acknowledged: sum('acknowledged'), dropped: sum('dropped') };
}

const rows = [];
try {
  airherd('certs', 'init');
  const [serial] = airherd('device', 'create', '--kind', 'ap').split(' ');
  airherd('device', 'claim', serial, '--org', 'Bench', '--site', 'Bench');
  // A bench that was killed has left its own.
  removeLinks();
  run('ip', 'link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR);
  run('ip', 'link', 'add', BRIDGE, 'type', 'bridge');
  run('ip', 'link', 'set', NEAR, 'master', BRIDGE);
  for (const name of [NEAR, FAR, BRIDGE]) run('ip', 'link', 'set', name, 'up');
  const capture = traffic();
  const cloudWords = [MAIN, 'cloud', '--port', '0', '--api-port', '0', '--json'];
  const cloud = spawn(process.execPath, cloudWords, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  running.add(cloud);
  const { devicePort } = JSON.parse(await firstLine(cloud, 'stdout', /devicePort/));
  cloud.stdout.resume();
  const variables = Object.entries(ENVIRONMENT).map((entry) => entry.join('='));
  for (const [who, how] of [
    ["Node's defaults", { flags: [], variables: {} }],
    [
      `as a service (${[...variables, NODE_FLAGS].join(' ')})`,
      { flags: [NODE_FLAGS], variables: ENVIRONMENT },
    ],
  ]) {
    const results = [];
    for (let round = 0; round < ROUNDS; round++) {
      results.push(await measure(how, join(home, 'devices', serial), devicePort, capture));
    }
    const all = results.map(({ mib }) => mib);
    const mib = (value) => `${value.toFixed(0)} MiB`;
    rows.push([
      who,
      mib(median(all)),
      mib(Math.max(...all)),
      String(median(results.map((r) => r.acknowledged))),
      String(Math.max(...results.map((r) => r.dropped))),
    ]);
  }
} finally {
  cleanUp();
}
const table = [
  ['agent with eight sources', 'resident peak, median', 'most', 'messages stored', 'dropped'],
  ...rows,
];
printTable(table);
if (process.argv.includes('--write')) {
  writeSection('agent-memory', {
    title: "An access point's memory",
    command: 'npm run bench:agent -- --write',
    about:
      `On ${machine()}, ${SECONDS} s at ${PACKETS_A_SECOND} frames a second of all Ethernet captures in fixtures/, ${ROUNDS} rounds. Sources: ` +
      'two live captures (every frame shipped, header-only), two hostapd, two iw, a bridge, Bluetooth; a memory outbox. The ' +
      'process alone, without the two dumpcap that it starts. The bound is 120 MB.',
    table,
  });
}
