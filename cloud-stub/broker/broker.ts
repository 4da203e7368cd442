import { Aedes, type AedesOptions, type Client, type ConnackPacket } from 'aedes';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { SecureChannel } from '../../platform/ports/transport.ts';
import { AirherdError } from '../../protocol/errors.ts';
import '../../protocol/mqtt-codec.ts';
import { authMessage, NONCE_LENGTH } from '../../protocol/proof.ts';
import { isSerial } from '../../protocol/topics.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Limits } from '../limits.ts';
import type { Refusals } from '../refusals.ts';
import type { RegionDirectory } from '../regions/directory.ts';
import type { Stores } from '../store/stores.ts';
import { maySubscribe, publishStream, shownTopic } from './authorize.ts';
import { type Exceeded, LimitedConnection } from './limiter.ts';
import { CONNACK, type ConnectFields, login } from './login.ts';
import { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { standingOf, welcome } from './standing.ts';

type ConnectPacket = Parameters<NonNullable<AedesOptions['preConnect']>>[1];
type Authenticate = NonNullable<AedesOptions['authenticate']>;
type AuthorizePublish = NonNullable<AedesOptions['authorizePublish']>;
type AuthorizeSubscribe = NonNullable<AedesOptions['authorizeSubscribe']>;

export interface BrokerOptions {
  regions: RegionDirectory;
  stores: Stores;
  ingest: Ingest;
  sessions: Sessions;
  refusals: Refusals;
  limits: Limits;
  trustPem: readonly string[];
  clock: Clock;
  random: Random;
  log: Logger;
}

/** A connection from TLS to its end; `session` once the device has proved itself. */
interface Connection {
  channel: SecureChannel;
  stream: LimitedConnection;
  loginTimer: Timer;
  connect?: ConnectFields;
  session?: Session;
}

/**
 * The MQTT side of the device link: aedes, with everything that it leaves open closed in front of it
 * (limiter.ts) and in its hooks. Its PUBACK goes out when a hook has answered, which is after our commit, and
 * means nothing all the same: only `ack` counts.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #connections = new WeakMap<Client, Connection>();
  readonly #open = new Set<Connection>();
  readonly #aedes: Aedes;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#aedes = new Aedes({
      // Above the device's keep-alive nothing is to be told to anyone: no other broker, no $SYS reader.
      heartbeatInterval: 3_600_000,
      connectTimeout: options.limits.loginTimeoutMs,
      maxTopicLevels: 5,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, username, password, done) =>
        this.#authenticate(client, done, username, password),
      authorizePublish: (client, packet, done) => void this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) =>
        this.#authorizeSubscribe(client, subscription, done),
    });
    this.#aedes.on('subscribe', (_subscriptions, client) => this.#openSession(client));
    this.#aedes.on('connackSent', (packet, client) => this.#connackSent(packet, client));
    for (const event of ['clientError', 'connectionError'] as const) {
      this.#aedes.on(event, (_client, error) =>
        options.log.debug({ detail: error.message }, 'connection ended'),
      );
    }
  }

  async start(): Promise<void> {
    await this.#aedes.listen();
  }

  /** A connection whose TLS handshake is done and whose certificate is still to be judged. */
  accept(channel: SecureChannel): void {
    if (channel.stream.destroyed) return;
    const { limits, clock, refusals } = this.#options;
    const exceeded = (what: Exceeded | 'seconds before login') => {
      const who = connection.session?.serial ?? channel.remoteAddress;
      refusals.record(new AirherdError('limit-exceeded', { who, what }), channel.remoteAddress);
      connection.session?.cut();
      channel.destroy();
    };
    const connection: Connection = {
      channel,
      stream: new LimitedConnection(channel.stream, limits, clock, exceeded),
      loginTimer: clock.timer(limits.loginTimeoutMs, () => exceeded('seconds before login')),
    };
    this.#open.add(connection);
    channel.stream.once('close', () => this.#ended(connection));
    this.#connections.set(this.#aedes.handle(connection.stream), connection);
  }

  #ended(connection: Connection): void {
    connection.loginTimer.cancel();
    this.#open.delete(connection);
    if (connection.session) this.#options.sessions.end(connection.session);
  }

  #preConnect(
    client: Client,
    packet: ConnectPacket,
    done: (error: Error | null, success: boolean) => void,
  ): void {
    const connection = this.#connections.get(client);
    if (!connection) {
      done(new Error('unknown connection'), false);
      return;
    }
    connection.connect = {
      clientId: packet.clientId,
      username: packet.username,
      password: packet.password,
      protocolVersion: packet.protocolVersion,
      clean: packet.clean === true,
      hasWill: packet.will !== undefined,
    };
    done(null, true);
  }

  #authenticate(
    client: Client,
    done: Parameters<Authenticate>[3],
    ..._credentials: [Parameters<Authenticate>[1], Parameters<Authenticate>[2]]
  ): void {
    const { regions, stores, refusals, sessions, trustPem, clock } = this.#options;
    const connection = this.#connections.get(client);
    if (!connection?.connect) {
      done(refusing(new Error('no CONNECT'), CONNACK.unavailable), false);
      return;
    }
    const { channel, connect } = connection;
    const nowMs = clock.wallMs();
    let result: ReturnType<typeof login>;
    let registry: ReturnType<RegionDirectory['registryFor']>;
    try {
      // Keys, certificates and revocations are those of the region that the device belongs to.
      registry = regions.registryFor(connect.clientId);
      result = login({ channel, connect, registry, trustPem, nowMs, storeFull: stores.full });
    } catch (error) {
      // A registry that cannot be read must not take the broker down, nor let anyone in.
      const detail = error instanceof Error ? error.message : String(error);
      refusals.record(new AirherdError('internal', { detail }), channel.remoteAddress);
      done(refusing(new Error(detail), CONNACK.unavailable), false);
      return;
    }
    if (!result.ok) {
      // What a stranger calls itself is no serial, and belongs into no log.
      const serial = isSerial(connect.clientId) ? connect.clientId : null;
      refusals.record(result.error, channel.remoteAddress, serial);
      done(refusing(result.error, result.code), false);
      return;
    }
    const { device, proof } = result.login;
    const session = new Session({
      login: result.login,
      channel,
      standing: standingOf(registry, device, regions.elsewhere(device.serial)),
      connectedMs: nowMs,
      publish: (topic, payload, qos) => publish(client, topic, payload, qos),
    });
    connection.session = session;
    connection.loginTimer.cancel();
    connection.stream.loggedIn();
    registry.settleCertificate(session.serial, proof.certificateSha256);
    if (result.login.settlesRotation) registry.rotation.settle(session.serial);
    sessions.begin(session);
    done(null, true);
  }

  #connackSent(packet: ConnackPacket, client: Client): void {
    const session = this.#connections.get(client)?.session;
    if (session && packet.returnCode === 0) {
      this.#options.log.info({ serial: session.serial, orgId: session.standing.orgId }, 'device logged in');
    }
  }

  #authorizeSubscribe(
    client: Client,
    subscription: Parameters<AuthorizeSubscribe>[1],
    done: Parameters<AuthorizeSubscribe>[2],
  ): void {
    const session = this.#connections.get(client)?.session;
    if (session && maySubscribe(session.serial, subscription.topic)) {
      done(null, subscription);
      return;
    }
    const serial = session?.serial ?? '?';
    const error = new AirherdError('topic-refused', { serial, topic: shownTopic(subscription.topic) });
    this.#refuse(session, error);
    done(error);
  }

  /** SUBACK is out: the cloud proves itself, then opens the session. Subscribing again proves nothing anew. */
  #openSession(client: Client): void {
    const session = this.#connections.get(client)?.session;
    if (!session || session.open || session.ended) return;
    const { random, clock, limits } = this.#options;
    const { keys, proof, deviceHmac } = session.login;
    const nonceCloud = random.bytes(NONCE_LENGTH);
    session.open = true;
    session.sendRaw('auth', authMessage(keys.cloudProof, proof, nonceCloud, deviceHmac));
    session.send('welcome', welcome(session.standing, limits, clock.wallMs()));
  }

  async #authorizePublish(
    client: Client | null,
    packet: Parameters<AuthorizePublish>[1],
    done: Parameters<AuthorizePublish>[2],
  ): Promise<void> {
    const session = client ? this.#connections.get(client)?.session : undefined;
    // Nothing but devices publishes through the broker, its own $SYS messages apart, which pass no hook.
    if (!session || session.ended) {
      done(new Error('no session'));
      return;
    }
    const { serial } = session;
    const checked = publishStream(serial, packet);
    try {
      if (!checked.ok) {
        throw checked.why === 'topic'
          ? new AirherdError('topic-refused', { serial, topic: shownTopic(packet.topic) })
          : new AirherdError('message-refused', {
              serial,
              stream: shownTopic(packet.topic),
              detail: checked.why,
            });
      }
      const { stream } = checked;
      if (session.standing.elsewhere) {
        throw new AirherdError('region-elsewhere', { serial });
      }
      if (!session.open && stream !== 'hello') {
        throw new AirherdError('message-refused', { serial, stream, detail: 'the session is not open yet' });
      }
      if (session.inFlight >= this.#options.limits.window) {
        throw new AirherdError('limit-exceeded', { who: serial, what: 'unacknowledged messages' });
      }
      session.inFlight++;
      try {
        await this.#options.ingest.take(session, stream, bytesOf(packet.payload));
      } finally {
        session.inFlight--;
      }
      done(null);
    } catch (error) {
      const known =
        error instanceof AirherdError
          ? error
          : new AirherdError('internal', { detail: error instanceof Error ? error.message : String(error) });
      this.#refuse(session, known);
      done(known);
    }
  }

  /** A device that breaks the contract is cut: what it sent is not acknowledged, so that nothing is lost. */
  #refuse(session: Session | undefined, error: AirherdError): void {
    if (session) this.#options.sessions.cut(session, error);
  }

  async stop(): Promise<void> {
    for (const connection of this.#open) {
      connection.loginTimer.cancel();
      connection.channel.destroy();
    }
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
  }
}

const bytesOf = (payload: string | Buffer): Buffer =>
  typeof payload === 'string' ? Buffer.from(payload) : payload;

/** aedes takes the CONNACK code from the error. */
function refusing(error: Error, returnCode: number): Error & { returnCode: number } {
  return Object.assign(new Error(error.message), { returnCode });
}

function publish(client: Client, topic: string, payload: Buffer, qos: 0 | 1): void {
  client.publish({ cmd: 'publish', topic, payload, qos, retain: false, dup: false }, () => {});
}
