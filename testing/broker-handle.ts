/** The broker that devices of a lab connect to, as a test takes hold of it. */
import { AirherdError } from '../protocol/errors.ts';
import type { RunningBroker } from './brokers/broker.ts';
import type { BrokerName } from './brokers/kinds.ts';
import type { LabClock } from './clock.ts';
import type { Recorder } from './recorder.ts';

export interface BrokerHandle {
  readonly name: BrokerName | 'own';
  /** mqtts://host:port */
  readonly url: string;
  /** Its configuration and what it keeps, until the lab stops. */
  readonly dir: string;
  /** Ends its process at once. */
  kill(): Promise<void>;
  /** On the same port. */
  start(): Promise<void>;
}

/** `running` is null where devices connect to the cloud itself. */
export function brokerHandle(
  running: RunningBroker | null,
  {
    name,
    url,
    clock,
    recorder,
  }: { name: BrokerName | 'own'; url: string; clock: LabClock; recorder: Recorder },
): BrokerHandle {
  const known = (): RunningBroker => {
    if (running !== null) return running;
    throw new AirherdError('usage-invalid', {
      detail: 'this lab has no broker apart: kill its cloud, or name one of mosquitto, nats, rabbitmq',
    });
  };
  return {
    name,
    url,
    get dir() {
      return known().dir;
    },
    kill: async () => {
      recorder.add({ do: 'kill-broker' });
      await clock.during(known().kill());
    },
    start: async () => {
      recorder.add({ do: 'start-broker' });
      await clock.during(known().start());
    },
  };
}
