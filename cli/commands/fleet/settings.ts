import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';
import { type FleetConfig, parseFleetConfig, SHAPE_KINDS } from '../../../fleet/index.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { airherdHome } from '../../home.ts';
import { upTo } from '../../whole-number.ts';

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
  telemetry?: number;
  workers?: number;
  localAddress?: string[];
  threshold?: string[];
  giveUp?: string;
  seed?: number;
  identities: string;
  iOwnThisTarget?: boolean;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It is not a number.');
}

/** What `plan` and `run` have in common. Whatever a flag sets is over the file. */
export function withFleetFlags(command: Command): Command {
  return command
    .argument('[file]', 'YAML; see docs/fleet.md for every setting')
    .option('--cloud <url>', 'mqtts://host[:port]')
    .option('--server-name <name>', "name that the cloud's certificate must have, where it is not the host")
    .option('--devices <n>', 'how many', upTo(1_000_000))
    .option('--for <duration>', 'length of the run, such as 60s')
    .addOption(new Option('--shape <kind>', 'load shape').choices([...SHAPE_KINDS]))
    .option('--rate <n>', 'logins a second', number)
    .option('--hold <duration>', 'constant-arrival: how long each stays')
    .option('--at <duration>', 'storm: when all are cut')
    .option('--down <duration>', 'storm, churn: how long they are away')
    .option('--jitter <duration>', 'storm: over how long they come back')
    .option('--leave <n>', 'churn: how many leave a second', number)
    .option('--telemetry <rate>', 'times the rate of a real device; 0: hello only', number)
    .option('--workers <n>', 'threads (default: one for each core)', upTo(256))
    .option('--local-address <ip...>', 'addresses that connections come from, in turn')
    .option('--threshold <condition...>', 'such as "connect.p99 < 2s"; decides the exit code')
    .option('--give-up <duration>', 'end when the target lets nobody in, or stores nothing, for so long')
    .option('--seed <n>', 'decides who leaves when, and what each observes', number)
    .option('--identities <dir>', 'folder that airherd device create filled', airherdHome().devices)
    .option('--i-own-this-target', 'allow a target that is not this machine');
}

/** The file with the flags over it, checked. Throws config-invalid, input-missing. */
export async function fleetConfig(file: string | undefined, flags: FleetFlags): Promise<FleetConfig> {
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
  });
  // Another kind of shape has other settings: those of the file's are of no use to it.
  const isOther = flags.shape !== undefined && flags.shape !== shape.kind;
  const input = {
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
      telemetry: flags.telemetry === undefined ? undefined : { rate: flags.telemetry },
    }),
    shape: { kind: 'ramp', ...(isOther ? {} : shape), ...shapeFlags },
  };
  return parseFleetConfig(input, source);
}

async function readYaml(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('input-missing', { path, detail }, { cause: error });
  }
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
