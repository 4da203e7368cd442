/** The brokers that a lab can start, by the name that a test says them with. */
import type { BrokerKind } from './broker.ts';
import { mosquitto } from './mosquitto.ts';
import { nats } from './nats.ts';
import { rabbitmq } from './rabbitmq.ts';

export const BROKER_NAMES = ['mosquitto', 'nats', 'rabbitmq'] as const;
export type BrokerName = (typeof BROKER_NAMES)[number];

export const BROKERS: Readonly<Record<BrokerName, () => BrokerKind | Promise<BrokerKind>>> = {
  mosquitto,
  nats,
  rabbitmq,
};
