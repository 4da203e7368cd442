import { type Command, InvalidArgumentError } from 'commander';
import { loadAuthority } from '../../../certs/authority.ts';
import { type Cloud, startCloud } from '../../../cloud-stub/index.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeListener } from '../../../platform/node/listen.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { airherdHome } from '../../home.ts';
import { masterKeyFrom, masterKeyScheme } from '../../master-key.ts';
import { watchedLog } from '../../watched-log.ts';
import { removeOperatorFile, writeOperatorFile } from './operator-file.ts';

interface RunOptions {
  host: string;
  port: number;
  apiPort: number;
  name?: string[];
  tls12?: boolean;
  logLevel: string;
  json?: boolean;
}

/** Name of the token that this machine's commands use while the cloud runs. */
const OPERATOR = 'operator';
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'];

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('a port is 0 to 65535; 0 takes a free one.');
  }
  return port;
}

function logLevel(text: string): string {
  if (!LOG_LEVELS.includes(text)) throw new InvalidArgumentError(`one of ${LOG_LEVELS.join(', ')}.`);
  return text;
}

function announce(cloud: Cloud, { json, host, tls12 }: RunOptions): void {
  const { devicePort, apiPort, bootstrapToken } = cloud;
  if (json) {
    console.log(JSON.stringify({ event: 'started', host, devicePort, apiPort, bootstrapToken }));
    return;
  }
  console.log(`device link  mqtts://${host}:${devicePort}  TLS 1.3${tls12 ? ' and 1.2' : ''}, AES-128-GCM`);
  console.log(`API          https://${host}:${apiPort}  TLS with AES-256`);
  if (bootstrapToken) console.log(`API token    ${bootstrapToken}  (shown this once)`);
}

/** Resolves at the first SIGINT or SIGTERM. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

export function run(group: Command): void {
  group
    .command('run', { isDefault: true })
    .description('start device link and API; runs until it gets SIGINT or SIGTERM')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'device link', portNumber, 8883)
    .option('--api-port <number>', 'HTTPS API', portNumber, 8443)
    .option('--name <names...>', 'further names or addresses that devices and people call this cloud by')
    .option('--tls12', 'let devices use TLS 1.2 as well')
    .option('--log-level <level>', LOG_LEVELS.join(', '), logLevel, 'info')
    .option('--json', 'print one JSON object a line')
    .action(async (options: RunOptions) => {
      const home = airherdHome();
      const cloud = await startCloud({
        dir: home.cloud,
        masterKey: masterKeyFrom(),
        masterKeySource: masterKeyScheme(),
        authority: await loadAuthority(home.ca),
        listener: nodeListener,
        clock: nodeClock,
        random: nodeRandom,
        log: watchedLog(options.logLevel, options),
        host: options.host,
        names: options.name,
        devicePort: options.port,
        apiPort: options.apiPort,
        minVersion: options.tls12 ? 'TLSv1.2' : 'TLSv1.3',
      });
      try {
        await writeOperatorFile(home.cloud, {
          apiPort: cloud.apiPort,
          devicePort: cloud.devicePort,
          pid: process.pid,
          token: cloud.registry.tokens.issue(OPERATOR),
          trustPem: cloud.trustPem.join(''),
        });
        const end = stopped();
        announce(cloud, options);
        await end;
      } finally {
        cloud.registry.tokens.withdraw(OPERATOR);
        await removeOperatorFile(home.cloud);
        await cloud.stop();
      }
    });
}
