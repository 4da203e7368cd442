import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { AirherdError } from '../../protocol/errors.ts';
import { type Conclusions, readConclusions } from '../../world/truth/conclusions.ts';
import { TruthReader, type TruthRecord } from '../../world/truth/read.ts';
import {
  type Agreement,
  type ClientScore,
  type Found,
  type LocationScore,
  NOT_CONCLUDED,
  type Score,
  score as scoreOf,
} from '../../world/truth/score.ts';
import { type ApiFlags, openCloudApi, withApiFlags } from '../cloud-api.ts';
import { table } from '../table.ts';
import { concludedBy } from './score/from-cloud.ts';

interface Options extends ApiFlags {
  fromCloud?: boolean;
  org?: string;
  site?: string;
  device?: Record<string, string>;
  save?: string;
  json?: boolean;
}

/** More are not shown: one wrong file is wrong on every line. */
const MOST_PROBLEMS = 20;

function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [serial, id, ...more] = text.split('=');
  if (!serial || !id || more.length > 0) {
    throw new AirherdError('usage-invalid', { detail: '--device is SERIAL=id, as --device AH0001=ap0' });
  }
  return { ...before, [serial]: id };
}

export function score(program: Command): void {
  withApiFlags(
    program
      .command('score')
      .description('what a cloud concluded, beside what was so in the simulated world')
      .argument('<truth>', 'written by airherd world run --truth')
      .argument('[conclusions]', 'JSON; see docs/world-truth.md')
      .option('--from-cloud', 'ask a running cloud stub what it concluded')
      .option('--org <name>', 'organisation there; the only one, when there is one')
      .option('--site <name>', 'site there; default: all of the organisation')
      .option('--device <serial=id>', "which device of the world a cloud's is; may be repeated", pair)
      .option('--save <file>', 'write what the cloud concluded')
      .option('--json', 'print JSON'),
  ).action(run);
}

async function run(truthPath: string, path: string | undefined, options: Options): Promise<void> {
  const truth = await readTruth(truthPath);
  const conclusions = await conclusionsOf(path, options);
  if (options.save !== undefined) await save(options.save, conclusions);
  const result = scoreOf(truth, conclusions);
  if (options.json) {
    console.log(JSON.stringify(result, null, 2));
    return;
  }
  for (const line of report(result, process.stdout.columns || 100)) console.log(line);
}

function conclusionsOf(path: string | undefined, options: Options): Promise<Conclusions> {
  const { fromCloud, org, site, device = {} } = options;
  if (path !== undefined && !fromCloud) return readFrom(path);
  if (path !== undefined || !fromCloud) {
    throw new AirherdError('usage-invalid', { detail: 'name a file of conclusions, or say --from-cloud' });
  }
  return openCloudApi(options).then((api) => concludedBy(api, { org, site, devices: device }));
}

async function save(path: string, conclusions: Conclusions): Promise<void> {
  await writeFile(path, `${JSON.stringify(conclusions, null, 2)}\n`).catch((error: Error) => {
    throw new AirherdError('output-failed', { path, detail: error.message });
  });
}

/** @throws AirherdError input-missing, truth-invalid */
async function readTruth(path: string): Promise<TruthRecord> {
  const reader = new TruthReader();
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) reader.line(line);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('input-missing', { path, detail });
  }
  const { problems, record } = reader;
  if (problems.length === 0) return record;
  refuse(
    path,
    'truth',
    problems.map(({ line, message }) => `${line}: ${message}`),
  );
}

/** @throws AirherdError input-missing, truth-invalid */
async function readFrom(path: string): Promise<Conclusions> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new AirherdError('input-missing', { path, detail: error.message });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuse(path, 'conclusions', [` ${error instanceof Error ? error.message : String(error)}`]);
  }
  const read = readConclusions(value);
  return read.ok
    ? read.value
    : refuse(
        path,
        'conclusions',
        read.problems.map((problem) => ` ${problem}`),
      );
}

function refuse(path: string, what: string, problems: readonly string[]): never {
  for (const problem of problems.slice(0, MOST_PROBLEMS)) console.error(`${path}:${problem}`);
  throw new AirherdError('truth-invalid', { path, what, count: problems.length });
}

const percent = (share: number | null): string => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);
const metres = (value: number | null): string => (value === null ? '–' : `${value.toFixed(2)} m`);

function foundRow(name: string, of: Found | typeof NOT_CONCLUDED): string[] {
  if (of === NOT_CONCLUDED) return [name, NOT_CONCLUDED];
  return [
    name,
    String(of.truth),
    String(of.concluded),
    String(of.right),
    percent(of.precision),
    percent(of.recall),
  ];
}

function report({ clients, topology, locations, roams, causes }: Score, width: number): string[] {
  const columns = [
    { title: '' },
    { title: 'SO', align: 'right' as const },
    { title: 'CONCLUDED', align: 'right' as const },
    { title: 'RIGHT', align: 'right' as const },
    { title: 'PRECISION', align: 'right' as const },
    { title: 'RECALL', align: 'right' as const },
  ];
  const rows = [
    foundRow('clients', clients),
    foundRow('topology', topology),
    foundRow('roams', roams),
    foundRow('causes', causes),
  ];
  return [
    ...table(columns, rows, width),
    '',
    ...(clients === NOT_CONCLUDED ? [] : attributes(clients)),
    ...located(locations),
  ];
}

const agreement = (name: string, { compared, right }: Agreement): string => `${name} ${right} of ${compared}`;

const attributes = (of: ClientScore): string[] => [
  `of the clients: ${[
    agreement('host name', of.hostName),
    agreement('IPv4', of.ipv4),
    agreement('SSID', of.ssid),
    agreement('user', of.userName),
    agreement('access point or switch', of.device),
  ].join(', ')}`,
];

function located(of: LocationScore | typeof NOT_CONCLUDED): string[] {
  if (of === NOT_CONCLUDED) return [`locations: ${NOT_CONCLUDED}`];
  const { matched, concluded, medianM, p90M, floor } = of;
  return [
    `locations: ${matched} of ${concluded} of somebody who was there; error median ${metres(medianM)}, ` +
      `90th percentile ${metres(p90M)}; floor ${floor.right} of ${floor.compared}`,
  ];
}
