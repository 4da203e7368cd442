/** Brokers that are not ours, as processes on loopback, over TLS with client certificates. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority } from '../../certs/authority.ts';
import { brokerTrustPem, issueBrokerClient } from '../../certs/broker-client.ts';
import type { BesideOptions } from '../../cloud-stub/beside/ingest-beside.ts';
import { nodeDialer } from '../../platform/node/dial.ts';
import { serverCertificate } from './agent-lab.ts';
import { sharedAuthority } from './authority.ts';

export interface ForeignBroker {
  name: string;
  port: number;
  url: string;
  /** Ends the process at once and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The cloud as a client of a broker on loopback. */
export async function besideOptions(port: number, more: Partial<BesideOptions> = {}): Promise<BesideOptions> {
  const authority = await sharedAuthority();
  return {
    address: { host: '127.0.0.1', port, serverName: '127.0.0.1' },
    credentials: issueBrokerClient(authority, 'AHINGEST', Date.now(), 30),
    trustPem: [authority.rootPem],
    minVersion: 'TLSv1.3',
    alpn: [],
    clientId: 'AHINGEST',
    dialer: nodeDialer,
    ...more,
  };
}

export interface BrokerSetup {
  dir: string;
  port: number;
  cert: string;
  key: string;
  ca: string;
}

/** How to start one kind of broker, and the line by which it says that it listens. */
interface Kind {
  name: string;
  command(setup: BrokerSetup): { program: string; args: string[]; env?: Record<string, string> };
  ready: RegExp;
  /** Ends what the broker itself leaves running. */
  stopped?(): void;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function startBroker(kind: Kind, authority: Authority): Promise<ForeignBroker> {
  const dir = mkdtempSync(join(tmpdir(), `airherd-${kind.name}-`));
  const { certificatePem, privateKeyPem } = await serverCertificate(authority);
  const setup: BrokerSetup = {
    dir,
    port: await freePort(),
    cert: join(dir, 'server.pem'),
    key: join(dir, 'server.key'),
    ca: join(dir, 'ca.pem'),
  };
  writeFileSync(setup.cert, certificatePem, { mode: 0o644 });
  writeFileSync(setup.key, privateKeyPem, { mode: 0o644 });
  writeFileSync(setup.ca, brokerTrustPem(authority, 'devices', Date.now()), { mode: 0o644 });
  const { program, args, env } = kind.command(setup);
  let child: ChildProcess;
  const start = async () => {
    child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    await new Promise<void>((resolve, reject) => {
      const take = (chunk: Buffer) => {
        log += chunk;
        if (kind.ready.test(log)) resolve();
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${kind.name} ended with ${code}: ${log}`)));
    });
  };
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(kind.name === 'rabbitmq' ? 'SIGTERM' : 'SIGKILL');
    await gone;
  };
  await start();
  return {
    name: kind.name,
    port: setup.port,
    url: `mqtts://127.0.0.1:${setup.port}`,
    async restart() {
      await end();
      await start();
    },
    async stop() {
      await end();
      kind.stopped?.();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Each device publishes and reads below its own serial only, which its certificate names. */
export const startMosquitto = (authority: Authority): Promise<ForeignBroker> =>
  startBroker(
    {
      name: 'mosquitto',
      ready: /mosquitto version .* running/,
      command({ dir, port, cert, key, ca }) {
        const conf = join(dir, 'mosquitto.conf');
        const acl = join(dir, 'acl');
        writeFileSync(
          acl,
          'user AHINGEST\ntopic readwrite #\n\npattern write ap/v1/%u/tx/+\npattern read ap/v1/%u/rx/+\npattern write dt/%u/tx/+\npattern read dt/%u/rx/+\n',
          { mode: 0o644 },
        );
        writeFileSync(
          conf,
          [
            `listener ${port} 127.0.0.1`,
            `cafile ${ca}`,
            `certfile ${cert}`,
            `keyfile ${key}`,
            'require_certificate true',
            'use_identity_as_username true',
            `acl_file ${acl}`,
            'tls_version tlsv1.3',
            'max_inflight_messages 0',
            'max_queued_messages 0',
            'log_dest stderr',
            'user root',
            '',
          ].join('\n'),
        );
        return { program: 'mosquitto', args: ['-c', conf] };
      },
    },
    authority,
  );

/** Its MQTT gateway keeps what it takes at QoS 1 in JetStream. */
export const startNats = (authority: Authority): Promise<ForeignBroker> =>
  startBroker(
    {
      name: 'nats',
      ready: /Server is ready/,
      command({ dir, port, cert, key, ca }) {
        const conf = join(dir, 'nats.conf');
        writeFileSync(
          conf,
          `server_name: airherd
host: "127.0.0.1"
port: -1
jetstream { store_dir: "${join(dir, 'jetstream')}", max_mem: 64M, max_file: 256M }
mqtt {
  host: "127.0.0.1"
  port: ${port}
  max_ack_pending: 60000
  tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${ca}", verify: true, timeout: 10 }
}
`,
        );
        return { program: 'nats-server', args: ['-c', conf] };
      },
    },
    authority,
  );

export interface RabbitOptions {
  /** Port of an HTTPS endpoint that judges CONNECT passwords; anonymous with a certificate otherwise. */
  authPort?: number;
}

export async function startRabbit(authority: Authority, options: RabbitOptions = {}): Promise<ForeignBroker> {
  const dist = await freePort();
  const epmd = String(await freePort());
  return startBroker(
    {
      name: 'rabbitmq',
      ready: /completed with \d+ plugins/,
      // Erlang's port mapper outlives the node that started it.
      stopped: () => void spawnSync('epmd', ['-port', epmd, '-kill']),
      command({ dir, port, cert, key, ca }) {
        writeFileSync(join(dir, 'cloud.pem'), brokerTrustPem(authority, 'servers', Date.now()));
        const base = join(dir, 'rabbitmq');
        mkdirSync(base, { recursive: true });
        const auth =
          options.authPort === undefined
            ? ['mqtt.allow_anonymous = true', 'mqtt.default_user = guest', 'mqtt.default_pass = guest']
            : [
                'mqtt.allow_anonymous = false',
                'auth_backends.1 = internal',
                'auth_backends.2 = http',
                'auth_http.http_method = post',
                ...['user', 'vhost', 'resource', 'topic'].map(
                  (what) => `auth_http.${what}_path = https://localhost:${options.authPort}/rabbitmq/${what}`,
                ),
              ];
        writeFileSync(
          join(dir, 'rabbitmq.conf'),
          [
            'listeners.tcp = none',
            'mqtt.listeners.tcp = none',
            `mqtt.listeners.ssl.1 = 127.0.0.1:${port}`,
            `ssl_options.cacertfile = ${ca}`,
            `ssl_options.certfile = ${cert}`,
            `ssl_options.keyfile = ${key}`,
            'ssl_options.verify = verify_peer',
            'ssl_options.fail_if_no_peer_cert = true',
            'ssl_options.versions.1 = tlsv1.3',
            'mqtt.prefetch = 60000',
            'loopback_users.guest = true',
            ...auth,
            '',
          ].join('\n'),
        );
        // `httpc` of Erlang 25 judges the endpoint's certificate by this file.
        writeFileSync(
          join(dir, 'advanced.config'),
          `[{rabbitmq_auth_backend_http, [{ssl_options, [{cacertfile, "${join(dir, 'cloud.pem')}"}, {verify, verify_peer}]}]}].\n`,
        );
        writeFileSync(
          join(dir, 'enabled_plugins'),
          `[rabbitmq_mqtt${options.authPort === undefined ? '' : ',rabbitmq_auth_backend_http'}].\n`,
        );
        return {
          // The wrapper of Debian's `rabbitmq-server` would change to a user of its own.
          program: join('/usr/lib/rabbitmq/bin', 'rabbitmq-server'),
          args: [],
          env: {
            HOME: dir,
            RABBITMQ_NODENAME: `airherd-${port}@localhost`,
            RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
            RABBITMQ_DIST_PORT: String(dist),
            RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
            RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, 'advanced.config'),
            RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
            RABBITMQ_MNESIA_BASE: base,
            RABBITMQ_LOG_BASE: join(dir, 'log'),
            RABBITMQ_LOGS: '-',
            ERL_EPMD_ADDRESS: '127.0.0.1',
            ERL_EPMD_PORT: epmd,
          },
        };
      },
    },
    authority,
  );
}
