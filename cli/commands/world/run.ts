import { type FileHandle, open } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { WorldCapture } from '../../../world/engine/capture.ts';
import type { World, WorldFact } from '../../../world/engine/world.ts';
import type { TruthLine } from '../../../world/truth/lines.ts';
import { TruthLines } from '../../../world/truth/truth.ts';
import { parseDuration } from '../../duration.ts';
import { progressBar } from '../../progress-bar.ts';
import { table } from '../../table.ts';
import { version } from '../../version.ts';
import { loadScene } from './load.ts';
import { DEFAULT_START, parseStart, parseWhole } from './span.ts';

interface Options {
  for: number;
  start: number;
  seed?: number;
  clients?: number;
  happenings?: string;
  beacons: 'all' | 'few';
  pcap?: string;
  truth?: string;
  ap?: string;
  switch?: string;
  json?: boolean;
}

/** Of ten beacons, one: what a laptop's disk is glad of, and the intervals they state stay true. */
const FEW_BEACONS = 10;
const CHUNK_BYTES = 1 << 20;
const PROGRESS_STEPS = 200;

export function worldRun(group: Command): void {
  group
    .command('run')
    .description('let time pass in a site, and keep what its devices hear as real frames')
    .argument('<file>', 'a site in YAML, as made by airherd world make')
    .requiredOption('--for <duration>', 'how long, in simulated time: 30s, 15m, 1h', parseDuration)
    .addOption(
      new Option('--start <time>', 'when it begins, ISO 8601 with its zone')
        .argParser(parseStart)
        .default(parseStart(DEFAULT_START), DEFAULT_START),
    )
    .option('--seed <n>', "instead of the site's own", parseWhole(0, 0xffffffff))
    .option(
      '--clients <n>',
      'Wi-Fi clients (default: as many as the rooms are for)',
      parseWhole(0, 1_000_000),
    )
    .option('--happenings <file>', 'what goes wrong, and when (YAML)')
    .addOption(
      new Option('--beacons <which>', 'beacons: all, or one in ten').choices(['all', 'few']).default('few'),
    )
    .option('--pcap <file>', 'write the frames as pcapng, an interface for each interface of each device')
    .option(
      '--truth <file>',
      'write what was so (who was where, on which access point, what went wrong and why), one JSON object a line',
    )
    .addOption(new Option('--ap <id>', 'only what this access point hears').conflicts('switch'))
    .option('--switch <id>', 'only what this switch takes in')
    .option('--json', 'counts as JSON')
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { seed, clients, happenings, beacons } = options;
  const beaconsOneIn = beacons === 'all' ? 1 : FEW_BEACONS;
  const { world, truth: truthOf } = await loadScene(file, { seed, clients, happenings }, { beaconsOneIn });
  const device = deviceOf(world, options);
  const capture = new WorldCapture(`airherd ${version}`);
  const pcap = options.pcap === undefined ? null : await Output.create(options.pcap);
  const truth = options.truth === undefined ? null : await Output.create(options.truth);
  const counts = new Map<string, number>();
  const facts = new Map<string, number>();
  const bar = progressBar('simulating');
  const stepMs = options.for / PROGRESS_STEPS;
  const lines = new TruthLines(truthOf, options.start, options.start + options.for);
  let shown = 0;
  try {
    await truth?.write(ndjson(lines.head()));
    for (const step of world.run(options.start, options.start + options.for, device)) {
      const done = Math.floor((step.timeUs / 1000 - options.start) / stepMs);
      if (done > shown) {
        shown = done;
        bar.show(done, PROGRESS_STEPS);
      }
      if (step.type === 'fact') {
        facts.set(factName(step), (facts.get(factName(step)) ?? 0) + 1);
        if (truth !== null) await truth.write(ndjson(lines.fact(step)));
        continue;
      }
      const key = `${step.device}/${step.interface}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (pcap === null) continue;
      capture.add(step);
      if (capture.pendingBytes > CHUNK_BYTES) await pcap.write(capture.take());
    }
    await pcap?.write(capture.take());
    await truth?.write(ndjson(lines.rest()));
  } finally {
    bar.clear();
    await pcap?.close();
    await truth?.close();
  }
  report(options, counts, facts);
}

const ndjson = (lines: Iterable<TruthLine>): string =>
  [...lines].map((line) => `${JSON.stringify(line)}\n`).join('');

const factName = ({ fact }: WorldFact): string =>
  'outcome' in fact ? `${fact.type} ${fact.outcome}` : fact.type;

/** @throws AirherdError usage-invalid for a device that the site has not. */
function deviceOf({ site }: World, { ap, switch: bridge }: Options): string | undefined {
  const id = ap ?? bridge;
  if (id === undefined) return undefined;
  const known = (ap === undefined ? site.switches : site.accessPoints).map((device) => device.id);
  if (known.includes(id)) return id;
  const kind = ap === undefined ? 'switch' : 'access point';
  throw new AirherdError('usage-invalid', { detail: `no ${kind} ${id}; there are ${known.join(', ')}` });
}

function report({ json, pcap }: Options, counts: Map<string, number>, facts: Map<string, number>): void {
  const frames = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const byName = <T>(of: Map<string, T>) =>
    [...of].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  if (json) {
    const interfaces = Object.fromEntries(byName(counts));
    console.log(JSON.stringify({ frames, interfaces, happened: Object.fromEntries(byName(facts)) }));
    return;
  }
  const columns = [{ title: 'interface' }, { title: 'frames', align: 'right' as const }];
  const rows = byName(counts).map(([name, count]) => [name, String(count)]);
  for (const line of table(columns, rows, process.stdout.columns ?? 100)) console.log(line);
  for (const [name, count] of byName(facts)) console.log(`${count} × ${name}`);
  console.log(pcap === undefined ? `${frames} frames` : `${frames} frames in ${pcap}`);
}

/** A file that is written in order. */
class Output {
  private readonly path: string;
  private readonly handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  static async create(path: string): Promise<Output> {
    return new Output(path, await open(path, 'w').catch((error: Error) => failed(path, error)));
  }

  async write(what: Uint8Array | string): Promise<void> {
    const bytes = typeof what === 'string' ? Buffer.from(what) : what;
    await this.handle.writeFile(bytes).catch((error: Error) => failed(this.path, error));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

function failed(path: string, error: Error): never {
  throw new AirherdError('output-failed', { path, detail: error.message });
}
