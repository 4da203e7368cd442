import { type Command, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';
import { type FleetConfig, faultFromText, parseFleetConfig, SHAPE_KINDS } from '../../../fleet/index.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { SITE_KINDS } from '../../../world/site/model.ts';
import { airherdHome } from '../../home.ts';
import { withPackFlags } from '../../pack-secret.ts';
import { readInput } from '../../read-input.ts';
import { upTo } from '../../whole-number.ts';
import { authoritiesOf } from '../agent/config.ts';

export interface FleetFlags {
  cloud?: string;
  serverName?: string;
  devices?: number;
  for?: string;
  shape?: string;
  rate?: number;
  hold?: string;
  at?: string;
  down?: string;
  jitter?: string;
  leave?: number;
  spread?: string;
  every?: string;
  batch?: number;
  waves?: number;
  sites?: number;
  share?: number;
  bytesPerSecond?: number;
  period?: string;
  low?: number;
  siteDevices?: number;
  fault?: string[];
  telemetry?: number;
  world?: string;
  commands?: number;
  api?: string;
  tokenFile?: string;
  apiCa?: string;
  workers?: number;
  localAddress?: string[];
  threshold?: string[];
  giveUp?: string;
  seed?: number;
  proof?: string;
  topics?: string;
  payload?: string;
  alpn?: string[];
  brokerCa?: string;
  identities: string;
  pack?: string;
  packKey?: string;
  iOwnThisTarget?: boolean;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It is not a number.');
}

/** Where commands are given; of `work` too. */
export const withTargetApiFlags = (command: Command): Command =>
  command
    .option('--api <url>', 'of commands, https://host[:port] (default: the cloud on this machine)')
    .option('--token-file <file>', 'holds the token of that API; or set AIRHERD_TOKEN')
    .option('--api-ca <file>', "PEM that the API's certificate is checked against");

/** What `plan` and `run` have in common. Whatever a flag sets is over the file. */
export function withFleetFlags(command: Command): Command {
  return withTargetApiFlags(
    withPackFlags(command, 'identities of airherd device create --pack, instead of a folder'),
  )
    .argument('[file]', 'YAML; see docs/fleet.md for every setting')
    .option('--cloud <url>', 'mqtts://host[:port] (default: mqtts://localhost:8883)')
    .option('--server-name <name>', "name that the cloud's certificate must have, where it is not the host")
    .option('--devices <n>', 'how many', upTo(1_000_000))
    .option('--for <duration>', 'length of the run (default: 60s)')
    .addOption(new Option('--shape <kind>', 'load shape').choices([...SHAPE_KINDS]))
    .option('--rate <n>', 'logins a second (default: all are on after a quarter of the run)', number)
    .option('--hold <duration>', 'constant-arrival: how long each stays')
    .option(
      '--at <duration>',
      'when it happens, in storm, power-cut and other shapes that begin with a ramp (default: halfway)',
    )
    .option('--down <duration>', 'storm, churn, power-cut, rolling-upgrade: how long they are away')
    .option('--jitter <duration>', 'storm, power-cut: over how long they come back')
    .option('--leave <n>', 'churn: how many leave a second', number)
    .option('--spread <duration>', 'renewal-wave, roam-wave: over how long it takes hold of all')
    .option('--every <duration>', 'rolling-upgrade, roam-wave: from one batch or wave to the next')
    .option('--batch <n>', 'rolling-upgrade: how many go at once', number)
    .option('--waves <n>', 'roam-wave: how many', number)
    .option('--sites <n>', 'power-cut: how many lose their power', number)
    .option('--share <n>', 'slow-reader, half-open: of all devices, 0 to 1', number)
    .option('--bytes-per-second <n>', 'slow-reader: what each of them reads', number)
    .option('--period <duration>', 'diurnal: how long a day is')
    .option('--low <n>', 'diurnal: how many are on at midnight, 0 to 1', number)
    .option('--site-devices <n>', 'devices of a site', number)
    .option(
      '--fault <fault...>',
      'what happens to links, such as "black-hole from=20s for=60s of=25%"; docs/fleet.md lists them',
    )
    .option('--telemetry <rate>', 'times the rate of a real device; 0: hello only', number)
    .addOption(
      new Option(
        '--world <kind>',
        'a simulated site for each site of the run, for its devices to observe',
      ).choices([...SITE_KINDS]),
    )
    .option('--commands <rate>', 'to devices, a second over all, through the API of their cloud', number)
    .option('--workers <n>', 'threads (default: one for each core)', upTo(256))
    .option('--local-address <ip...>', 'addresses that connections come from, in turn')
    .option('--threshold <condition...>', 'such as "connect.p99 < 2s"; decides the exit code')
    .option('--give-up <duration>', 'end when the target lets nobody in, or stores nothing, for so long')
    .option('--seed <n>', 'decides who leaves when, and what each observes', number)
    .addOption(
      new Option('--identities <dir>', 'folder that airherd device create filled').default(
        airherdHome().devices,
        'devices/ of $AIRHERD_HOME',
      ),
    )
    .option('--i-own-this-target', 'allow a target that is not this machine')
    .addOption(
      new Option('--proof <form>', 'how devices prove themselves; none: a back end of other kind').choices([
        'exporter',
        'challenge',
        'token',
        'none',
      ]),
    )
    .option('--topics <template>', 'topics of a broker, such as dt/{serial}/{direction}/{name}')
    .option('--payload <form>', 'with --proof none: cbor, json, or a file with a template')
    .option('--alpn <protocol...>', 'such as x-amzn-mqtt-ca')
    .option('--broker-ca <file>', "authorities of the target's certificate, PEM, beside our own");
}

/** The file with the flags over it, checked. Throws config-invalid, input-missing. */
export async function fleetConfig(file: string | undefined, flags: FleetFlags): Promise<FleetConfig> {
  return parseFleetConfig(await fleetInput(file, flags), file ?? 'flags');
}

/** The same, as it is before it is checked: what is passed on to other machines. */
export async function fleetInput(
  file: string | undefined,
  flags: FleetFlags,
): Promise<Record<string, unknown>> {
  const source = file ?? 'flags';
  const base = file === undefined ? {} : asObject(await readYaml(file), source);
  const shape = asObject(base.shape ?? {}, source);
  const shapeFlags = present({
    kind: flags.shape,
    rate: flags.rate,
    hold: flags.hold,
    at: flags.at,
    down: flags.down,
    jitter: flags.jitter,
    leave: flags.leave,
    spread: flags.spread,
    every: flags.every,
    batch: flags.batch,
    waves: flags.waves,
    sites: flags.sites,
    share: flags.share,
    bytesPerSecond: flags.bytesPerSecond,
    period: flags.period,
    low: flags.low,
  });
  // Another kind of shape has other settings: those of the file's are of no use to it.
  const isOther = flags.shape !== undefined && flags.shape !== shape.kind;
  const target = present({
    proof: flags.proof,
    topics: flags.topics,
    payload: flags.payload === undefined ? undefined : await payloadOf(flags.payload),
    alpn: flags.alpn,
    trustPem: flags.brokerCa === undefined ? undefined : await authoritiesOf(flags.brokerCa),
  });
  return {
    ...base,
    ...present({
      cloud: flags.cloud,
      serverName: flags.serverName,
      devices: flags.devices,
      for: flags.for,
      workers: flags.workers,
      localAddresses: flags.localAddress,
      thresholds: flags.threshold,
      giveUp: flags.giveUp,
      seed: flags.seed,
      siteDevices: flags.siteDevices,
      faults: flags.fault?.map((text) => faultFromText(text) ?? { kind: text }),
      commands: flags.commands === undefined ? undefined : { rate: flags.commands },
    }),
    telemetry: {
      ...asObject(base.telemetry ?? {}, source),
      ...present({ rate: flags.telemetry, world: flags.world }),
    },
    target: { ...asObject(base.target ?? {}, source), ...target },
    shape: { kind: 'ramp', ...(isOther ? {} : shape), ...shapeFlags },
  };
}

/** `cbor`, `json`, or the template in a file. */
async function payloadOf(text: string): Promise<unknown> {
  if (text === 'cbor' || text === 'json') return text;
  return { template: (await readInput(text)).replace(/\n$/, '') };
}

async function readYaml(path: string): Promise<unknown> {
  const text = await readInput(path);
  try {
    return parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('config-invalid', { source: path, detail }, { cause: error });
  }
}

function asObject(value: unknown, source: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new AirherdError('config-invalid', { source, detail: 'must be a mapping of settings' });
}

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
