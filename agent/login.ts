/**
 * One login: dial, judge the cloud's certificate, CONNECT with our proof, subscribe, check the cloud's proof,
 * read its welcome. Nothing else is sent here, so that no observation can leave before the cloud is proven.
 */
import type { Identity } from '../certs/identity.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { Random } from '../platform/ports/random.ts';
import type { Dialer, SecureChannel, TlsCredentials, TlsVersion } from '../platform/ports/transport.ts';
import { decodeDown } from '../protocol/codec.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { Welcome } from '../protocol/messages/down.ts';
import {
  connectPassword,
  deriveKey,
  deviceHmac,
  NONCE_LENGTH,
  type ProofContext,
  verifyCloud,
} from '../protocol/proof.ts';
import type { DownTopic } from '../protocol/topics.ts';
import type { CloudAddress } from './cloud-address.ts';
import { judgeCertificate } from './cloud-certificate.ts';
import type { DeviceTime } from './device-time.ts';
import { Link } from './link.ts';

/** In order. The session's states of the same names last as long as the step does. */
export const LOGIN_STEPS = ['dialing', 'connecting', 'subscribing', 'proving', 'welcomed'] as const;
export type LoginStep = (typeof LOGIN_STEPS)[number];

/** Seconds that the cloud has from the granted subscription to `auth` and `welcome`. */
export const PROOF_TIMEOUT_MS = 10_000;

/** What a login needs to know of the device. Keys are those derived from the factory key. */
export interface LoginIdentity {
  serial: string;
  credentials: TlsCredentials;
  /** SHA-256 of the device certificate's DER. */
  certificateSha256: Buffer;
  trustPem: readonly string[];
  deviceKey: Buffer;
  cloudKey: Buffer;
}

export function loginIdentity(identity: Identity): LoginIdentity {
  const { serial, certificatePem, privateKeyPem, certificateSha256, trustPem, factoryKey } = identity;
  return {
    serial,
    credentials: { certificatePem, privateKeyPem },
    certificateSha256,
    trustPem,
    deviceKey: deriveKey(factoryKey, 'device-proof', serial),
    cloudKey: deriveKey(factoryKey, 'cloud-proof', serial),
  };
}

export interface LoginOptions {
  identity: LoginIdentity;
  address: CloudAddress;
  /** Name that the certificate must carry. */
  serverName: string;
  minVersion: TlsVersion;
  timeoutMs: number;
  keepaliveS: number;
  dialer: Dialer;
  /** SHA-256 of server certificates that are refused, hexadecimal. */
  revoked: readonly string[];
  clock: Clock;
  random: Random;
  time: DeviceTime;
  signal: AbortSignal;
  onStep(step: LoginStep, detail: Record<string, string | number | boolean>): void;
}

export interface LoggedIn {
  link: Link;
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
    },
    signal,
  );
  let link: Link | null = null;
  const onAbort = () => (link ? link.destroy() : channel.destroy());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const expected = {
      trustPem: identity.trustPem,
      serverName: options.serverName,
      revoked: options.revoked,
    };
    const verdict = judgeCertificate(channel, expected, time);
    const context = proofContext(channel, options);
    options.onStep('connecting', {
      tls: channel.protocol,
      cipher: channel.cipher,
      certificate: verdict.periodInDoubt ? 'good but for its period, which the clock cannot judge' : 'good',
    });
    link = new Link(channel, {
      serial: identity.serial,
      password: connectPassword(identity.deviceKey, context),
      keepaliveS: options.keepaliveS,
      host: address.host,
      port: address.port,
      timeoutMs: timeoutMs + PROOF_TIMEOUT_MS,
      clock,
    });
    const inbox = new LoginInbox(link, (auth) =>
      verifyCloud(identity.cloudKey, context, deviceHmac(identity.deviceKey, context), auth),
    );
    const within = <T>(step: string, limitMs: number, result: Promise<T>): Promise<T> =>
      deadline(clock, limitMs, result, () => {
        const seconds = limitMs / 1000;
        return new AirherdError('cloud-timeout', { ...address, step, seconds });
      });
    await within('CONNECT', timeoutMs, link.connected());
    options.onStep('subscribing', {});
    await within('SUBSCRIBE', timeoutMs, link.subscribe());
    options.onStep('proving', {});
    const welcome = await within('its proof and welcome', PROOF_TIMEOUT_MS, inbox.welcome(identity.serial));
    time.learn(welcome.timeMs);
    // The cloud is proven, and with it the time: now the certificate's period can be judged for good.
    judgeCertificate(channel, expected, time);
    signal.throwIfAborted();
    options.onStep('welcomed', { claimed: welcome.claimed, window: welcome.window });
    return { link, welcome };
  } catch (error) {
    link?.destroy();
    channel.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function proofContext(channel: SecureChannel, { identity, random }: LoginOptions): ProofContext {
  return {
    channelBinding: channel.channelBinding,
    serial: identity.serial,
    certificateSha256: identity.certificateSha256,
    nonceDevice: random.bytes(NONCE_LENGTH),
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
