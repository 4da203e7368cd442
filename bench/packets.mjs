/**
 * Reading, slicing and observing against the tools that people have, in one run on the same files.
 *   npm run bench:packets -- [--megabytes 200] [--rounds 7] [--observe-rounds 3] [--write]
 * Needs tcpdump, tshark and editcap. `--write` puts the table into docs/benchmarks.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeCorpus } from './packets/corpus.mjs';
import { inTurns, residentMib, run } from './packets/measure.mjs';
import { machine, printTable, writeSection } from './report.mjs';

const ETHERNET = 1;
const RADIOTAP = 127;
const here = import.meta.dirname;
const airherd = [process.execPath, join(here, '../dist/cli/main.js')];
/** What `airherd observe` derives its fields from. */
const TSHARK_FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'eth.src',
  'vlan.id',
  'arp.src.proto_ipv4',
  'ip.src',
  'ipv6.src',
  'dhcp.option.hostname',
  'dhcp.option.vendor_class_id',
  'dhcp.option.request_list_item',
  'eap.identity',
  'http.user_agent',
  'lldp.chassis.id.mac',
  'lldp.port.id',
  'lldp.tlv.system.name',
].flatMap((field) => ['-e', field]);

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '7' },
    'observe-rounds': { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const size = Number(values.megabytes) * 1e6;

const dir = mkdtempSync(join(tmpdir(), 'airherd-bench-'));
try {
  const large = writeCorpus(join(dir, 'ethernet.pcap'), ETHERNET, size);
  const quarter = writeCorpus(join(dir, 'ethernet-quarter.pcap'), ETHERNET, size / 4);
  const radio = writeCorpus(join(dir, 'radiotap.pcap'), RADIOTAP, size);
  await checkReaders(large);
  const table = [
    ['what', 'against', 'ours', 'theirs', 'ratio', 'to reach', 'CPU, ours', 'CPU, theirs'],
    ...(await reading(large)),
    ...(await slicing('slice + write, Ethernet', large, dir)),
    ...(await slicing('slice + write, radiotap', radio, dir)),
    ...(await slicing('slice + write over a file, Ethernet', large, dir, true)),
    ...(await slicing('slice + write over a file, radiotap', radio, dir, true)),
    ...(await slicingMore(size * 4, dir)),
    ...(await observing(large)),
    ...(await memory(quarter, large, dir)),
  ];
  console.log(about(large, radio));
  printTable(table);
  if (values.write) {
    writeSection('packets', {
      title: 'Packets',
      command: 'npm run build && npm run bench:packets -- --write',
      about: about(large, radio),
      table,
    });
  }
} finally {
  rmSync(dir, { recursive: true });
}

/** Both readers must have read all frames, or their times say nothing. */
async function checkReaders(corpus) {
  for (const script of ['read.mjs', 'read-pcap-parser.mjs']) {
    const { output } = await run([process.execPath, join(here, 'packets', script), corpus.path], {
      keep: true,
    });
    const { frames, outcome } = JSON.parse(output);
    if (frames !== corpus.frames || outcome !== 'complete') throw new Error(`${script} read ${output}`);
  }
}

async function reading({ path }) {
  const results = await inTurns(
    {
      airherd: [process.execPath, join(here, 'packets/read.mjs'), path],
      'pcap-parser': [process.execPath, join(here, 'packets/read-pcap-parser.mjs'), path],
    },
    rounds,
  );
  return compare('read', results, 'faster', 2);
}

/** @param over a file of an earlier run is written over, which the system empties first; else each run makes a new one */
async function slicing(what, { path }, folder, over = false) {
  const out = join(folder, 'out');
  // tcpdump gives up its rights before it opens the file, and then may not write over ours.
  const write = (name) => `${out}-${name}`;
  const results = await inTurns(
    {
      airherd: [...airherd, 'pcap', 'slice', path, write('airherd')],
      'tcpdump -r -w': ['tcpdump', '-Z', 'root', '-r', path, '-w', write('tcpdump')],
      'editcap -s 96': ['editcap', '-s', '96', path, write('editcap')],
    },
    rounds,
    over
      ? {}
      : {
          airherd: write('airherd'),
          'tcpdump -r -w': write('tcpdump'),
          'editcap -s 96': write('editcap'),
        },
  );
  return [
    ...compare(what, { airherd: results.airherd, 'tcpdump -r -w': results['tcpdump -r -w'] }, 'time', 1),
    ...compare(what, { airherd: results.airherd, 'editcap -s 96': results['editcap -s 96'] }, 'time', null),
  ];
}

/** Start-up and the compiler's warm-up are the same for any size: where a larger file stands without them. */
async function slicingMore(bytes, folder) {
  const path = join(folder, 'ethernet-more.pcap');
  const corpus = writeCorpus(path, ETHERNET, bytes);
  const [ours, theirs] = ['airherd', 'tcpdump'].map((name) => join(folder, `more-${name}`));
  const results = await inTurns(
    {
      airherd: [...airherd, 'pcap', 'slice', path, ours],
      'tcpdump -r -w': ['tcpdump', '-Z', 'root', '-r', path, '-w', theirs],
    },
    Math.min(rounds, 3),
    { airherd: ours, 'tcpdump -r -w': theirs },
  );
  for (const file of [path, ours, theirs]) rmSync(file);
  return compare(`slice + write, Ethernet, ${megabytes(corpus)}`, results, 'time', 1);
}

async function observing({ path }) {
  const results = await inTurns(
    {
      airherd: [...airherd, 'observe', '--json', path],
      'tshark -T fields': ['tshark', '-n', '-r', path, '-T', 'fields', ...TSHARK_FIELDS],
    },
    Number(values['observe-rounds']),
  );
  return compare('decode + observe', results, 'faster', 25);
}

/**
 * One row for each command that ours is compared with.
 * @param kind 'faster': how many times as fast ours is, to be `goal` or more; 'time': what part of the other's
 *   time ours takes, to be `goal` or less
 */
function compare(what, results, kind, goal) {
  const { airherd: ours, ...others } = results;
  return Object.entries(others).map(([name, theirs]) => [
    what,
    `\`${name}\``,
    `${ours.wall.toFixed(2)} s`,
    `${theirs.wall.toFixed(2)} s`,
    kind === 'faster'
      ? `${(theirs.wall / ours.wall).toFixed(1)} times as fast`
      : `${(ours.wall / theirs.wall).toFixed(2)} of its time`,
    goal === null ? '' : `${kind === 'faster' ? '≥' : '≤'} ${goal}`,
    `${ours.cpu.toFixed(2)} s`,
    `${theirs.cpu.toFixed(2)} s`,
  ]);
}

async function memory(small, large, folder) {
  const rows = [];
  for (const [what, command] of [
    ['read', (path) => [process.execPath, join(here, 'packets/read.mjs'), path]],
    ['slice + write', (path) => [...airherd, 'pcap', 'slice', path, join(folder, 'out-memory')]],
    ['decode + observe', (path) => [...airherd, 'observe', '--json', path]],
  ]) {
    const ofLarge = await residentMib(command(large.path));
    const ofSmall = await residentMib(command(small.path));
    rows.push([
      `memory, ${what}`,
      `${megabytes(large)} against ${megabytes(small)}`,
      `${ofLarge.toFixed(0)} MiB`,
      `${ofSmall.toFixed(0)} MiB`,
      (ofLarge / ofSmall).toFixed(2),
      'flat',
      '',
      '',
    ]);
  }
  return rows;
}

function megabytes({ bytes }) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function about(large, radio) {
  const size = (corpus) => `${megabytes(corpus)}, ${corpus.frames} frames`;
  return [
    `${machine()}. Ethernet corpus: ${size(large)}; radiotap corpus: ${size(radio)}. They are the recorded frames of`,
    'fixtures/captures, repeated with other times, addresses and ports, so frames are small; recordings made to crash',
    `decoders are left out. Whole processes, from start to exit, start-up included, in turns, on a file that is in memory;`,
    `the fastest of ${rounds} runs, for observe of ${values['observe-rounds']}. CPU is user and system time of all`,
    'threads. tshark is asked for the fields that `airherd observe` reports. Memory is the greatest resident set, with the',
    'young generation of the heap held at one size.',
  ].join('\n');
}
