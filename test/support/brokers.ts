/** The kit's brokers, with the tests' authority. */
import type { Authority } from '../../certs/authority.ts';
import type { BesideOptions } from '../../cloud-stub/beside/ingest-beside.ts';
import { beside } from '../../testing/brokers/beside.ts';
import { type BrokerKind, type RunningBroker, startBroker } from '../../testing/brokers/broker.ts';
import { BROKERS, type BrokerName } from '../../testing/brokers/kinds.ts';
import { rabbitmq } from '../../testing/brokers/rabbitmq.ts';
import { serverCertificate } from './agent-lab.ts';
import { sharedAuthority } from './authority.ts';

/** Each kind, and the program that it is. */
export const BROKER_PROGRAMS: readonly [BrokerName, string][] = [
  ['mosquitto', 'mosquitto'],
  ['nats', 'nats-server'],
  ['rabbitmq', 'rabbitmq-server'],
];

/** The cloud as a client of a broker on loopback. */
export async function besideOptions(port: number, more: Partial<BesideOptions> = {}): Promise<BesideOptions> {
  return { ...beside(await sharedAuthority(), port, Date.now()), ...more };
}

export const startForeign = async (name: BrokerName): Promise<RunningBroker> =>
  started(await BROKERS[name](), await sharedAuthority());

/** It asks this port of localhost about passwords. */
export async function startRabbitWithJudge(port: number): Promise<RunningBroker> {
  const authority = await sharedAuthority();
  return started(await rabbitmq({ judge: { port, authority, nowMs: Date.now() } }), authority);
}

async function started(kind: BrokerKind, authority: Authority): Promise<RunningBroker> {
  const credentials = await serverCertificate(authority);
  return startBroker(kind, { authority, credentials, nowMs: Date.now() });
}
