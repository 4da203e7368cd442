/** Where the devices of a lab connect: to its cloud, to a broker beside which the cloud takes them in, or to yours. */
import type { Logger } from 'pino';
import type { AgentConfigInput } from '../agent/index.ts';
import { AirherdError } from '../protocol/errors.ts';
import { beside } from './brokers/beside.ts';
import { type RunningBroker, startBroker } from './brokers/broker.ts';
import { BROKERS, type BrokerName } from './brokers/kinds.ts';
import { cloudClock, type LabClock } from './clock.ts';
import { labAuthority, labServer } from './identity-cache.ts';
import { LabCloud } from './lab-cloud.ts';
import type { LabOptions } from './options.ts';

export interface Target {
  url: string;
  /** What devices need to connect there. */
  config: Partial<AgentConfigInput['cloud']>;
  /** Null with a cloud of yours. */
  cloud: LabCloud | null;
  /** Null where there is none apart from the cloud. */
  broker: RunningBroker | null;
}

const SERVER = { names: ['localhost'], ips: ['127.0.0.1'], days: 30 };

/** @throws AirherdError usage-invalid when these options cannot be had together */
export function clockOf({ clock, cloud, broker = 'own' }: LabOptions): 'virtual' | 'real' {
  if (broker === 'own') return clock ?? (cloud === undefined ? 'virtual' : 'real');
  if (cloud !== undefined)
    throw new AirherdError('usage-invalid', {
      detail: `with a cloud of yours no ${broker} is started: its url says where devices connect`,
    });
  if (clock === 'virtual')
    throw new AirherdError('usage-invalid', {
      detail: `${broker} is a process with a clock of its own: leave clock out, or say real`,
    });
  return 'real';
}

/** What it starts is ended by what it adds to `undo`. */
export async function startTarget(
  { cloud: yours, broker: name = 'own' }: LabOptions,
  { clock, log, undo }: { clock: LabClock; log: Logger; undo: (() => Promise<void> | void)[] },
): Promise<Target> {
  if (yours !== undefined) return { url: yours.url, config: yours.config ?? {}, cloud: null, broker: null };
  const broker = name === 'own' ? null : await startNamed(name, clock.wallMs());
  if (broker !== null) undo.push(() => broker.remove());
  const brokers = broker === null ? [] : [beside(await labAuthority(), broker.port, clock.wallMs())];
  const cloud = await LabCloud.start({ clock: cloudClock(clock), log, brokers });
  undo.push(() => clock.during(cloud.remove()));
  if (broker === null) return { url: cloud.url, config: {}, cloud, broker };
  return { url: broker.url, config: { proof: 'challenge' }, cloud, broker };
}

async function startNamed(name: BrokerName, nowMs: number): Promise<RunningBroker> {
  const authority = await labAuthority();
  const credentials = await labServer(authority, { ...SERVER, nowMs });
  return startBroker(await BROKERS[name](), { authority, credentials, nowMs });
}
