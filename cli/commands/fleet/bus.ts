import type { Command } from 'commander';
import { connectAsync, type IClientOptions } from 'mqtt';
import { parseCloudUrl } from '../../../agent/index.ts';
import { loadAuthority } from '../../../certs/authority.ts';
import { issueBrokerClient } from '../../../certs/broker-client.ts';
import type { Bus } from '../../../fleet/index.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import '../../../protocol/mqtt-codec.ts';
import { airherdHome } from '../../home.ts';
import { readInput } from '../../read-input.ts';

export interface BusFlags {
  via: string;
  viaCa?: string;
  viaCert?: string;
  viaKey?: string;
  run: string;
}

export const withBusFlags = (command: Command): Command =>
  command
    .requiredOption('--via <url>', 'mqtts://host[:port] of the MQTT broker over which machines speak')
    .option('--via-ca <file>', "authorities of that broker's certificate, PEM; default: our own")
    .option('--via-cert <file>', 'client certificate, PEM; default: one of our own, CN=AHINGEST')
    .option('--via-key <file>', 'its key, PEM')
    .option('--run <name>', 'name of the run: several may share a broker', 'default');

const CLIENT = 'AHINGEST';
const CLIENT_DAYS = 30;
const CONNECT_MS = 10_000;

/** Own certificates where there is an authority on this machine and none were given. */
async function credentials(flags: BusFlags): Promise<Pick<IClientOptions, 'ca' | 'cert' | 'key'>> {
  const { viaCa, viaCert, viaKey } = flags;
  if (viaCa !== undefined && viaCert !== undefined && viaKey !== undefined) {
    return { ca: await readInput(viaCa), cert: await readInput(viaCert), key: await readInput(viaKey) };
  }
  const authority = await loadAuthority(airherdHome().ca);
  const own = issueBrokerClient(authority, CLIENT, nodeClock.wallMs(), CLIENT_DAYS);
  return {
    ca: viaCa === undefined ? authority.rootPem : await readInput(viaCa),
    cert: viaCert === undefined ? own.certificatePem : await readInput(viaCert),
    key: viaKey === undefined ? own.privateKeyPem : await readInput(viaKey),
  };
}

/** Connected, and connected again whenever the broker is back. `will` is said in our name when we vanish. */
export async function openBus(
  flags: BusFlags,
  clientId: string,
  will?: { topic: string; message: object },
): Promise<Bus> {
  const address = parseCloudUrl(flags.via);
  if (!address) throw new AirherdError('usage-invalid', { detail: '--via must be mqtts://host[:port]' });
  const client = await connectAsync(
    `mqtts://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`,
    {
      clientId,
      clean: true,
      keepalive: 5,
      reconnectPeriod: 500,
      connectTimeout: CONNECT_MS,
      rejectUnauthorized: true,
      ...(await credentials(flags)),
      ...(will && {
        will: {
          topic: will.topic,
          payload: Buffer.from(JSON.stringify(will.message)),
          qos: 1,
          retain: false,
        },
      }),
    },
    false,
  ).catch((error: Error) => {
    throw new AirherdError('broker-unusable', { ...address, detail: error.message }, { cause: error });
  });
  client.on('error', () => {});
  return {
    publish: (topic, message) => void client.publish(topic, JSON.stringify(message), { qos: 1 }, () => {}),
    async subscribe(filter, onMessage) {
      client.on('message', (topic, payload) => onMessage(topic, payload));
      await client.subscribeAsync(filter, { qos: 1 });
    },
    close: () => client.endAsync(),
  };
}
