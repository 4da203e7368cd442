import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authority } from '../../certs/authority.ts';
import { brokerTrustPem } from '../../certs/broker-client.ts';
import { freePort } from '../../platform/node/free-port.ts';
import { startChild } from '../../platform/node/sources/child.ts';
import type { BrokerKind, BrokerSetup } from './broker.ts';

export interface RabbitOptions {
  /** HTTPS endpoint on localhost that judges CONNECT passwords; without it a certificate is enough. */
  judge?: { port: number; authority: Authority; nowMs: number };
}

/** Debian's `rabbitmq-server` of the PATH would change to a user of its own. */
const UNWRAPPED = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export async function rabbitmq({ judge }: RabbitOptions = {}): Promise<BrokerKind> {
  const [distPort, mapperPort] = [String(await freePort()), String(await freePort())];
  return {
    name: 'rabbitmq',
    // Erlang's port mapper outlives the node that started it.
    ended: async () => {
      await startChild('epmd', ['-port', mapperPort, '-kill']).end;
    },
    configure: async (setup) => {
      const { dir, port } = setup;
      const base = join(dir, 'rabbitmq');
      await mkdir(base);
      const file = async (name: string, text: string): Promise<string> => {
        await writeFile(join(dir, name), text);
        return join(dir, name);
      };
      const trust = await file(
        'cloud.pem',
        judge === undefined ? '' : brokerTrustPem(judge.authority, 'servers', judge.nowMs),
      );
      return {
        program: existsSync(UNWRAPPED) ? UNWRAPPED : 'rabbitmq-server',
        package: 'rabbitmq-server',
        words: [],
        ready: /completed with \d+ plugins/,
        // It cannot be killed outright: what it runs in is the child of a shell.
        signal: 'SIGTERM',
        env: {
          HOME: dir,
          RABBITMQ_NODENAME: `airherd-${port}@localhost`,
          RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
          RABBITMQ_DIST_PORT: distPort,
          RABBITMQ_CONFIG_FILE: await file('rabbitmq.conf', configuration(setup, judge?.port)),
          // `httpc` of Erlang 25 judges the endpoint's certificate by this file.
          RABBITMQ_ADVANCED_CONFIG_FILE: await file(
            'advanced.config',
            `[{rabbitmq_auth_backend_http, [{ssl_options, [{cacertfile, "${trust}"}, {verify, verify_peer}]}]}].\n`,
          ),
          RABBITMQ_ENABLED_PLUGINS_FILE: await file(
            'enabled_plugins',
            `[rabbitmq_mqtt${judge === undefined ? '' : ',rabbitmq_auth_backend_http'}].\n`,
          ),
          RABBITMQ_MNESIA_BASE: base,
          RABBITMQ_LOG_BASE: join(dir, 'log'),
          RABBITMQ_LOGS: '-',
          ERL_EPMD_ADDRESS: '127.0.0.1',
          ERL_EPMD_PORT: mapperPort,
        },
      };
    },
  };
}

function configuration(
  { port, certificateFile, keyFile, trustFile }: BrokerSetup,
  judgePort?: number,
): string {
  return `listeners.tcp = none
mqtt.listeners.tcp = none
mqtt.listeners.ssl.1 = 127.0.0.1:${port}
ssl_options.cacertfile = ${trustFile}
ssl_options.certfile = ${certificateFile}
ssl_options.keyfile = ${keyFile}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.versions.1 = tlsv1.3
mqtt.prefetch = 60000
loopback_users.guest = true
${judgePort === undefined ? ANYBODY : judgedBy(judgePort)}
`;
}

const ANYBODY = `mqtt.allow_anonymous = true
mqtt.default_user = guest
mqtt.default_pass = guest`;

const judgedBy = (port: number): string => `mqtt.allow_anonymous = false
auth_backends.1 = internal
auth_backends.2 = http
auth_http.http_method = post
${['user', 'vhost', 'resource', 'topic']
  .map((what) => `auth_http.${what}_path = https://localhost:${port}/rabbitmq/${what}`)
  .join('\n')}`;
