import type { Command } from 'commander';
import { parseCloudUrl } from '../../../agent/index.ts';
import { loadAuthority } from '../../../certs/authority.ts';
import { issueBrokerClient } from '../../../certs/broker-client.ts';
import type { BesideOptions } from '../../../cloud-stub/beside/ingest-beside.ts';
import { LISTENERS } from '../../../cloud-stub/listeners.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeDialer } from '../../../platform/node/dial.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { DEFAULT_TOPIC_TEMPLATE, topicTemplateProblem } from '../../../protocol/topic-layout.ts';
import { airherdHome, regionOf } from '../../home.ts';
import { readInput } from '../../read-input.ts';
import { watchedLog } from '../../watched-log.ts';
import { authoritiesOf } from '../agent/config.ts';
import { LOG_LEVELS, logLevel, portNumber, stopped } from './run.ts';
import { startRegions, stopRegions } from './start-regions.ts';

interface IngestOptions {
  broker: string;
  brokerName?: string;
  brokerCa?: string;
  brokerCertificate?: string[];
  cert?: string;
  key?: string;
  clientId: string;
  username?: string;
  topics: string;
  shared?: string;
  alpn?: string[];
  tls12?: boolean;
  host: string;
  port: number;
  apiPort: number;
  authPort?: number;
  logLevel: string;
  json?: boolean;
}

/** No registry holds a serial without digits: by this certificate nobody logs in anywhere. */
const CLIENT = 'AHINGEST';
const CLIENT_DAYS = 90;

/** `airherd cloud ingest --broker URL`: the whole cloud, and beside its own listener a broker that is not its own. */
export function ingest(group: Command): void {
  const { 'device link': device, API, 'auth endpoint': auth } = LISTENERS;
  group
    .command('ingest')
    .description(
      'run the cloud beside an MQTT broker that is not its own (Mosquitto, NATS, RabbitMQ, EMQX, …)',
    )
    .requiredOption('--broker <url>', 'mqtts://host[:port]')
    .option('--broker-name <name>', "name that the broker's certificate must have, where it is not the host")
    .option('--broker-ca <file>', "authorities of the broker's certificate, PEM; default: our own")
    .option('--broker-certificate <sha256...>', 'leaf certificates of other nodes that devices may reach')
    .option('--cert <file>', 'client certificate, PEM; default: one of our own, CN=AHINGEST')
    .option('--key <file>', 'its key, PEM')
    .option('--client-id <id>', 'MQTT client id', CLIENT)
    .option('--username <name>', 'for brokers that ask for it; the password is in $AIRHERD_BROKER_PASSWORD')
    .option('--topics <template>', 'topics of that broker', DEFAULT_TOPIC_TEMPLATE)
    .option('--shared <group>', 'shared subscription ($share/<group>/…), where the broker has it')
    .option('--alpn <protocol...>', 'such as x-amzn-mqtt-ca')
    .option('--tls12', 'let the broker, and devices at our own listener, use TLS 1.2 as well')
    .option(
      '--auth-port <number>',
      `HTTPS endpoint that brokers ask about tokens (${auth.defaultPort})`,
      portNumber,
    )
    .option('--host <address>', 'address of our own listeners', '127.0.0.1')
    .option('--port <number>', 'our own device link', portNumber, device.defaultPort)
    .option('--api-port <number>', 'HTTPS API', portNumber, API.defaultPort)
    .option('--log-level <level>', LOG_LEVELS.join(', '), logLevel, 'info')
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      `
Devices prove themselves through the broker (proof: challenge, or token); docs/brokers.md has each broker's part.

  airherd certs broker-ca > broker-ca.pem            # by which the broker judges devices
  airherd cloud ingest --broker mqtts://broker.example:8883
  airherd agent --cloud mqtts://broker.example:8883 --proof challenge --identity DIR`,
    )
    .action(run);
}

async function run(options: IngestOptions): Promise<void> {
  const broker = await besideOf(options);
  const minVersion = options.tls12 ? 'TLSv1.2' : 'TLSv1.3';
  const running = await startRegions([regionOf()], {
    log: watchedLog(options.logLevel, options),
    host: options.host,
    port: options.port,
    apiPort: options.apiPort,
    minVersion,
    brokers: [broker],
    brokerCertificates: options.brokerCertificate,
    authPort: options.authPort,
  });
  try {
    const end = stopped();
    for (const { cloud } of running) {
      const { devicePort, apiPort, authPort, bootstrapToken } = cloud;
      const { broker: url, host, topics } = options;
      if (options.json) {
        console.log(
          JSON.stringify({
            event: 'started',
            broker: url,
            host,
            devicePort,
            apiPort,
            authPort,
            bootstrapToken,
          }),
        );
        continue;
      }
      console.log(`broker       ${url}  topics ${topics}, subscribed`);
      console.log(`device link  mqtts://${host}:${devicePort}`);
      console.log(`API          https://${host}:${apiPort}`);
      if (authPort !== null) console.log(`auth         https://${host}:${authPort}/mqtt/auth`);
      if (bootstrapToken) console.log(`API token    ${bootstrapToken}  (shown this once)`);
    }
    await end;
  } finally {
    await stopRegions(running);
  }
}

async function besideOf(options: IngestOptions): Promise<BesideOptions> {
  const wrong = (detail: string) => new AirherdError('usage-invalid', { detail });
  const address = parseCloudUrl(options.broker);
  if (!address) throw wrong('--broker must be mqtts://host[:port]');
  const problem = topicTemplateProblem(options.topics);
  if (problem) throw wrong(`--topics ${problem}`);
  const bad = (options.brokerCertificate ?? []).find((hex) => !/^[0-9a-f]{64}$/i.test(hex));
  if (bad !== undefined) throw wrong('--broker-certificate is 64 hexadecimal digits');
  if ((options.cert === undefined) !== (options.key === undefined))
    throw wrong('--cert and --key go together');
  const authority = await loadAuthority(airherdHome().ca);
  const credentials =
    options.cert !== undefined && options.key !== undefined
      ? { certificatePem: await readInput(options.cert), privateKeyPem: await readInput(options.key) }
      : issueBrokerClient(authority, CLIENT, nodeClock.wallMs(), CLIENT_DAYS);
  return {
    address: { ...address, serverName: options.brokerName ?? address.host },
    credentials,
    trustPem: options.brokerCa === undefined ? [authority.rootPem] : await authoritiesOf(options.brokerCa),
    minVersion: options.tls12 ? 'TLSv1.2' : 'TLSv1.3',
    alpn: options.alpn ?? [],
    clientId: options.clientId,
    username: options.username,
    password: process.env.AIRHERD_BROKER_PASSWORD,
    topics: options.topics,
    sharedGroup: options.shared,
    dialer: nodeDialer,
  };
}
