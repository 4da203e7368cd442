/**
 * Live capture on a cable of this machine: the agent's (dumpcap, decoding, observing, slicing) beside `tcpdump -w`,
 * at 50,000 and 150,000 packets a second. Needs root and a build. `--write` puts the table into docs/benchmarks.md.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { machine, median, printTable, writeSection } from './report.mjs';

const RATES = [50_000, 150_000];
const SECONDS = 4;
const ROUNDS = 3;
const CAPTURE = new URL('../fixtures/captures/hil/http.pcap', import.meta.url).pathname;
const [NEAR, FAR] = ['ahbench0', 'ahbench1'];
const folder = mkdtempSync(join(tmpdir(), 'airherd-bench-'));
const run = (program, ...words) =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const counter = (name) => Number(readFileSync(`/sys/class/net/${NEAR}/statistics/${name}`, 'utf8'));

function usage(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
  const peak = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { cpuMs: (Number(user) + Number(system)) * 10, peakKib: Number(peak?.[1] ?? 0) };
}

/**
 * Sends at this rate, a thousand times a second as many as are due: a timer for each packet is too slow. The highest
 * priority, so that what is offered does not depend on how busy the receiver is.
 * @returns how many packets came through the cable, and at what rate
 */
async function send(rate) {
  const before = counter('rx_packets');
  const startNs = process.hrtime.bigint();
  const pace = [`--limit=${rate * SECONDS}`, `--pps=${rate}`, `--pps-multi=${rate / 1000}`];
  const words = ['-n', '-20', 'tcpreplay', '-q', '-K', '--loop=100000000', ...pace, '-i', FAR, CAPTURE];
  await once(spawn('nice', words, { stdio: 'ignore' }), 'exit');
  const packets = counter('rx_packets') - before;
  return { packets, pps: packets / (Number(process.hrtime.bigint() - startNs) / 1e9) };
}

async function agent(rate) {
  const child = spawn(process.execPath, [new URL('capture/agent.mjs', import.meta.url).pathname, NEAR], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const knock = setInterval(() => run('tcpreplay', '-q', '-t', '--limit=1', '-i', FAR, CAPTURE), 100);
  await lines.next();
  clearInterval(knock);
  const sent = await send(rate);
  child.stdin.write('\n');
  const said = JSON.parse((await lines.next()).value);
  return {
    ...sent,
    seen: said.frames,
    // Before the helper has said so, it has lost nothing.
    ...{ kernel: 0, interface: 0, helper: 0, ...said.droppedBy },
    cpuMs: said.own.cpuMs + said.helper.cpuMs,
    peakKib: said.own.peakKib + said.helper.peakKib,
  };
}

async function tcpdump(rate) {
  const file = join(folder, 'dump.pcap');
  const words = ['-i', NEAR, '-n', '-s', '0', '-B', '65536', '-Z', 'root', '-w', file];
  const child = spawn('tcpdump', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  const listening = new Promise((resolve) =>
    child.stderr.on('data', (more) => {
      text += more;
      if (text.includes('listening on')) resolve();
    }),
  );
  await listening;
  const sent = await send(rate);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const used = usage(child.pid);
  child.kill('SIGINT');
  await once(child, 'close');
  const number = (pattern) => Number(pattern.exec(text)?.[1] ?? 0);
  return {
    ...sent,
    seen: number(/(\d+) packets captured/),
    kernel: number(/(\d+) packets dropped by kernel/),
    interface: number(/(\d+) packets dropped by interface/),
    helper: 0,
    ...used,
  };
}

/** Neither seen nor counted as dropped. */
const uncounted = ({ packets, seen, kernel, interface: ofInterface, helper }) =>
  packets - seen - kernel - ofInterface - helper;

run('ip', 'link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR);
const rows = [];
try {
  for (const end of [NEAR, FAR]) {
    run('sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/${end}/disable_ipv6`);
    run('ip', 'link', 'set', end, 'arp', 'off', 'up');
  }
  for (const rate of RATES) {
    const results = { agent: [], 'tcpdump -w': [] };
    for (let round = 0; round < ROUNDS; round++) {
      results.agent.push(await agent(rate));
      results['tcpdump -w'].push(await tcpdump(rate));
    }
    for (const [who, all] of Object.entries(results)) {
      const middle = (of) => median(all.map(of));
      const percent = (value) => `${value.toFixed(2)} %`;
      rows.push([
        `${rate.toLocaleString('en')}, ${who}`,
        Math.round(middle(({ pps }) => pps)).toLocaleString('en'),
        percent(middle(({ seen, packets }) => Math.min(100, (100 * seen) / packets))),
        ...['kernel', 'interface', 'helper'].map((by) =>
          percent(middle((of) => (100 * of[by]) / of.packets)),
        ),
        percent(middle((of) => Math.max(0, (100 * uncounted(of)) / of.packets))),
        `${(middle(({ cpuMs, packets }) => (1000 * cpuMs) / packets)).toFixed(2)} µs`,
        `${Math.round(middle(({ peakKib }) => peakKib) / 1024)} MiB`,
      ]);
    }
  }
} finally {
  run('ip', 'link', 'del', NEAR);
  rmSync(folder, { recursive: true, force: true });
}
const table = [
  [
    'packets a second asked for',
    'offered a second',
    'seen',
    'dropped by the kernel',
    'by the interface',
    'by the helper',
    'lost uncounted',
    'CPU a packet',
    'memory',
  ],
  ...rows,
];
printTable(table);
if (process.argv.includes('--write')) {
  writeSection('capture', {
    title: 'Live capture',
    command: 'npm run bench:capture -- --write',
    about:
      `On ${machine()}, a veth pair, ${SECONDS} s each, median of ${ROUNDS} rounds in turn. The agent decodes, observes and ` +
      'slices every frame (dumpcap and the agent together); `tcpdump -w` only writes them to a file. tcpreplay offers with ' +
      'the highest priority, in bursts of a millisecond. Drops are those that the helpers report: of the kernel, whose ring was ' +
      'full, of the interface, which had no room, and of themselves; the rest was counted by nobody.',
    table,
  });
}
