import { type Command, InvalidArgumentError, Option } from 'commander';
import { LISTENERS } from '../../../cloud-stub/listeners.ts';
import { REGIONS, type RegionName } from '../../../cloud-stub/regions/regions.ts';
import { regionOf } from '../../home.ts';
import { watchedLog } from '../../watched-log.ts';
import { type RunningRegion, startRegions, stopRegions } from './start-regions.ts';

interface RunOptions {
  host: string;
  port: number;
  apiPort: number;
  firmwarePort?: number;
  name?: string[];
  region?: RegionName[];
  portal?: boolean;
  portalPort: number;
  gatePort: number;
  tls12?: boolean;
  logLevel: string;
  json?: boolean;
}

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'];

export function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('a port is 0 to 65535; 0 takes a free one.');
  }
  return port;
}

export function logLevel(text: string): string {
  if (!LOG_LEVELS.includes(text)) throw new InvalidArgumentError(`one of ${LOG_LEVELS.join(', ')}.`);
  return text;
}

function announce({ name, cloud }: RunningRegion, { json, host, tls12, region }: RunOptions): void {
  const { devicePort, apiPort, firmwarePort, bootstrapToken } = cloud;
  const portal = cloud.portal && { port: cloud.portal.port, gatePort: cloud.portal.gatePort };
  if (json) {
    console.log(
      JSON.stringify({
        ...{
          event: 'started',
          region: name,
          host,
          devicePort,
          apiPort,
          firmwarePort,
          portal,
          bootstrapToken,
        },
      }),
    );
    return;
  }
  if (region || name !== 'global') console.log(`region       ${name}`);
  console.log(`device link  mqtts://${host}:${devicePort}  TLS 1.3${tls12 ? ' and 1.2' : ''}, AES-128-GCM`);
  console.log(`API          https://${host}:${apiPort}  TLS with AES-256`);
  console.log(`firmware     https://${host}:${firmwarePort}  as the device link`);
  if (portal) {
    console.log(`guest portal https://${host}:${portal.port}  gate http://${host}:${portal.gatePort}`);
  }
  if (bootstrapToken) console.log(`API token    ${bootstrapToken}  (shown this once)`);
}

/** Resolves at the first SIGINT or SIGTERM, or when the program that started it over a channel is gone. */
export function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const end of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(end, () => resolve());
    process.channel?.unref();
  });
}

export function run(group: Command): void {
  group
    .command('run', { isDefault: true })
    .description('start device link and API; runs until it gets SIGINT or SIGTERM')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'device link', portNumber, 8883)
    .option('--api-port <number>', 'HTTPS API', portNumber, 8443)
    .option(
      '--firmware-port <number>',
      'images for devices (default: 8446, or free with --port 0)',
      portNumber,
    )
    .option('--portal', 'serve the guest portal, on two more ports')
    .option(
      '--portal-port <number>',
      'page and API of the portal, HTTPS',
      portNumber,
      LISTENERS.portal.defaultPort,
    )
    .option(
      '--gate-port <number>',
      'where a network sends the HTTP of guests',
      portNumber,
      LISTENERS['portal gate'].defaultPort,
    )
    .option('--name <names...>', 'further names or addresses that devices and people call this cloud by')
    .option('--tls12', 'let devices use TLS 1.2 as well')
    .option('--log-level <level>', LOG_LEVELS.join(', '), logLevel, 'info')
    .option('--json', 'print one JSON object a line')
    .addOption(
      new Option(
        '--region <names...>',
        'regions to run, each on ports of its own; default: $AIRHERD_REGION, else global',
      ).choices(REGIONS),
    )
    .action(async (options: RunOptions) => {
      const running = await startRegions([...new Set(options.region ?? [regionOf()])], {
        log: watchedLog(options.logLevel, options),
        host: options.host,
        names: options.name,
        port: options.port,
        apiPort: options.apiPort,
        firmwarePort: options.firmwarePort,
        ...(options.portal && { portal: { port: options.portalPort, gatePort: options.gatePort } }),
        minVersion: options.tls12 ? 'TLSv1.2' : 'TLSv1.3',
      });
      try {
        const end = stopped();
        for (const one of running) announce(one, options);
        await end;
      } finally {
        await stopRegions(running);
      }
    });
}
