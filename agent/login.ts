/**
 * One login: dial, judge the cloud's certificate, CONNECT with our proof, subscribe, check the cloud's proof,
 * read its welcome. Nothing else is sent here, so that no observation can leave before the cloud is proven.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../platform/ports/clock.ts';
import type { Random } from '../platform/ports/random.ts';
import type { Dialer, SecureChannel, TlsVersion } from '../platform/ports/transport.ts';
import type { CloudAddress } from '../protocol/cloud-url.ts';
import { decodeDown } from '../protocol/codec.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { Welcome } from '../protocol/messages/down.ts';
import {
  connectPassword,
  deviceHmac,
  NONCE_LENGTH,
  type ProofContext,
  verifyCloud,
} from '../protocol/proof.ts';
import { tokenPassword } from '../protocol/token.ts';
import { TopicLayout } from '../protocol/topic-layout.ts';
import { type DownTopic, rxFilter } from '../protocol/topics.ts';
import { proveByChallenge } from './challenge-login.ts';
import { judgeCertificate } from './cloud-certificate.ts';
import type { AgentConfig, ProofForm } from './config.ts';
import type { DeviceLink } from './device-link.ts';
import type { DeviceTime } from './device-time.ts';
import { Link } from './link.ts';
import type { LoginIdentity } from './login-identity.ts';
import type { ConnectMqtt } from './mqtt/connection.ts';

/** In order. The session's states of the same names last as long as the step does. */
export const LOGIN_STEPS = ['dialing', 'connecting', 'subscribing', 'proving', 'welcomed'] as const;
export type LoginStep = (typeof LOGIN_STEPS)[number];

/** Seconds that the cloud has from the granted subscription to `auth` and `welcome`. */
export const PROOF_TIMEOUT_MS = 10_000;

export interface LoginOptions {
  identity: LoginIdentity;
  address: CloudAddress;
  /** Name that the certificate must carry. */
  serverName: string;
  minVersion: TlsVersion;
  timeoutMs: number;
  keepaliveS: number;
  proof: ProofForm;
  topics: TopicLayout;
  alpn: readonly string[];
  /** Trusted beside the identity's. */
  trustPem: readonly string[];
  username: string | null;
  password: string | null;
  dialer: Dialer;
  /** SHA-256 of server certificates that are refused, hexadecimal. */
  revoked: readonly string[];
  clock: Clock;
  random: Random;
  time: DeviceTime;
  signal: AbortSignal;
  /** Who speaks MQTT; MQTT.js unless given. */
  mqtt?: ConnectMqtt;
  onStep(step: LoginStep, detail: Record<string, string | number | boolean>): void;
  /** Something that came through a broker was not made by the cloud, and was dropped. */
  onRefused?(topic: DownTopic, why: string): void;
}

/** The part of a login that configuration decides. */
export function loginSettings(cloud: AgentConfig['cloud']) {
  return {
    minVersion: cloud.minTls === '1.2' ? ('TLSv1.2' as const) : ('TLSv1.3' as const),
    timeoutMs: cloud.timeoutMs,
    keepaliveS: cloud.keepaliveS,
    revoked: cloud.revoked,
    proof: cloud.proof,
    topics: new TopicLayout(cloud.topics),
    alpn: cloud.alpn,
    trustPem: cloud.trustPem,
    username: cloud.username ?? null,
    password: cloud.password ?? null,
  };
}

/** How a device logs in; `login` unless whoever runs it has a target without a cloud. */
export type LoginFunction = (options: LoginOptions) => Promise<LoggedIn>;

export interface LoggedIn {
  link: DeviceLink;
  welcome: Welcome;
}

export async function login(options: LoginOptions): Promise<LoggedIn> {
  const { address, clock, dialer, identity, signal, time, timeoutMs } = options;
  options.onStep('dialing', { host: address.host, port: address.port });
  const channel = await dialer.dial(
    {
      ...address,
      serverName: options.serverName,
      credentials: identity.credentials,
      minVersion: options.minVersion,
      timeoutMs,
      ...(options.alpn.length > 0 && { alpn: options.alpn }),
    },
    signal,
  );
  let link: Link | null = null;
  const onAbort = () => (link ? link.destroy() : channel.destroy());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const expected = {
      trustPem: [...identity.trustPem, ...options.trustPem],
      serverName: options.serverName,
      revoked: options.revoked,
    };
    const verdict = judgeCertificate(channel, expected, time);
    const prover = proverOf(channel, options);
    options.onStep('connecting', {
      proof: options.proof,
      tls: channel.protocol,
      cipher: channel.cipher,
      certificate: verdict.periodInDoubt ? 'good but for its period, which the clock cannot judge' : 'good',
    });
    link = new Link(channel, {
      serial: identity.serial,
      username: prover.username,
      password: prover.password,
      topics: options.topics,
      filter: prover.filter,
      keepaliveS: options.keepaliveS,
      host: address.host,
      port: address.port,
      timeoutMs: timeoutMs + PROOF_TIMEOUT_MS,
      clock,
      mqtt: options.mqtt,
    });
    const connected = link;
    const begun = prover.begin(connected);
    const within = <T>(step: string, limitMs: number, result: Promise<T>): Promise<T> =>
      deadline(clock, limitMs, result, () => {
        const seconds = limitMs / 1000;
        return new AirherdError('cloud-timeout', { ...address, step, seconds });
      });
    await within('CONNECT', timeoutMs, link.connected());
    options.onStep('subscribing', {});
    await within('SUBSCRIBE', timeoutMs, link.subscribe());
    options.onStep('proving', {});
    const loggedIn = await within('its proof and welcome', PROOF_TIMEOUT_MS, begun.prove());
    const { welcome } = loggedIn;
    time.learn(welcome.timeMs);
    // The cloud is proven, and with it the time: now the certificate's period can be judged for good.
    judgeCertificate(channel, expected, time);
    signal.throwIfAborted();
    options.onStep('welcomed', { claimed: welcome.claimed, window: welcome.window });
    return loggedIn;
  } catch (error) {
    link?.destroy();
    channel.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** One form of the proof: what CONNECT says, and how both sides prove themselves after the subscription. */
interface Prover {
  username: string | null;
  password: Buffer | string | null;
  /** Our own cloud grants `#` alone; other brokers have rules of their own for it. */
  filter: string;
  /** Before CONNECT: whatever arrives is taken note of from here on. */
  begin(link: Link): { prove(): Promise<LoggedIn> };
}

function proverOf(channel: SecureChannel, options: LoginOptions): Prover {
  return options.proof === 'exporter' ? exporterProver(channel, options) : challengeProver(channel, options);
}

function exporterProver(channel: SecureChannel, { identity, random }: LoginOptions): Prover {
  const { serial, deviceKey, cloudKey, certificateSha256 } = identity;
  const context: ProofContext = {
    channelBinding: channel.channelBinding,
    serial,
    certificateSha256,
    nonceDevice: random.bytes(NONCE_LENGTH),
  };
  return {
    username: serial,
    filter: rxFilter(serial),
    password: connectPassword(deviceKey, context),
    begin(link) {
      const inbox = new LoginInbox(link, (auth) =>
        verifyCloud(cloudKey, context, deviceHmac(deviceKey, context), auth),
      );
      return { prove: async () => ({ link, welcome: await inbox.welcome(serial) }) };
    },
  };
}

function challengeProver(channel: SecureChannel, options: LoginOptions): Prover {
  const { identity, random, address, clock, time, proof } = options;
  const { serial, certificateSha256 } = identity;
  const brokerSha256 = createHash('sha256').update(channel.peerCertificate).digest();
  const token = () =>
    tokenPassword(identity.deviceKey, serial, {
      timeMs: time.nowMs(),
      nonce: random.bytes(NONCE_LENGTH),
      certificateSha256,
      brokerSha256,
    });
  return {
    filter: options.topics.downFilter(serial),
    username: proof === 'token' ? serial : options.username,
    password: proof === 'token' ? token() : options.password,
    begin: (link) => ({
      prove: () =>
        proveByChallenge(link, {
          identity,
          brokerSha256,
          random,
          clock,
          host: address.host,
          port: address.port,
          onRefused: (topic, why) => options.onRefused?.(topic, why),
        }),
    }),
  };
}

/** Takes `auth`, then `welcome`, in that order and nothing before; then holds what follows for the session. */
class LoginInbox {
  private readonly link: Link;
  private readonly verify: (auth: Buffer) => boolean;
  private proven = false;
  private readonly received: Promise<Welcome | AirherdError | 'unproven'>;

  constructor(link: Link, verify: (auth: Buffer) => boolean) {
    this.link = link;
    this.verify = verify;
    this.received = new Promise((resolve) => {
      this.link.receiveWith((topic, payload) => this.take(topic, payload, resolve));
    });
  }

  async welcome(serial: string): Promise<Welcome> {
    const result = await Promise.race([this.received, this.link.closed]);
    if (result === 'unproven') throw new AirherdError('cloud-unproven', { serial });
    if (result instanceof AirherdError) throw result;
    return result;
  }

  private take(
    topic: DownTopic,
    payload: Buffer,
    resolve: (result: Welcome | AirherdError | 'unproven') => void,
  ): void {
    if (!this.proven) {
      this.proven = topic === 'auth' && this.verify(payload);
      if (!this.proven) resolve('unproven');
      return;
    }
    if (topic !== 'welcome') return;
    const decoded = decodeDown('welcome', payload);
    if (!decoded.ok) {
      resolve(new AirherdError('cloud-message', { topic, detail: decoded.reason }));
      return;
    }
    this.link.holdMessages();
    resolve(decoded.message);
  }
}

/** `result`, unless the clock gets to `limitMs` first. */
function deadline<T>(
  clock: Clock,
  limitMs: number,
  result: Promise<T>,
  late: () => AirherdError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.timer(limitMs, () => reject(late()));
    result.then(resolve, reject).finally(() => timer.cancel());
  });
}
