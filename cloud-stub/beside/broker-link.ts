/**
 * The cloud as a client of a broker that is not its own. The broker is judged like any server (chain, usage, name,
 * period), and is trusted with nothing but carrying: what goes through is sealed (protocol/session-mac.ts).
 */
import { createHash } from 'node:crypto';
import { MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import { verifyChain } from '../../certs/verify.ts';
import { type Clock, sleep } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { Dialer, SecureChannel, TlsCredentials, TlsVersion } from '../../platform/ports/transport.ts';
import { AirherdError } from '../../protocol/errors.ts';
import '../../protocol/mqtt-codec.ts';

export interface BrokerAddress {
  host: string;
  port: number;
  /** Name that its certificate must have. */
  serverName: string;
}

export interface BrokerLinkOptions {
  address: BrokerAddress;
  credentials: TlsCredentials;
  trustPem: readonly string[];
  minVersion: TlsVersion;
  alpn: readonly string[];
  clientId: string;
  username?: string;
  password?: string;
  /** Subscribed at QoS 1. */
  filter: string;
  dialer: Dialer;
  clock: Clock;
  random: Random;
  log: Logger;
  onMessage(topic: string, payload: Buffer): void;
  /** SHA-256 of the certificate that this broker shows. */
  onCertificate(sha256: Buffer): void;
}

/** Subscribed; `ended` resolves at the connection's end. */
interface Connected {
  ended: Promise<void>;
}

const TIMEOUT_MS = 10_000;
const KEEPALIVE_S = 15;
const [RETRY_MIN_MS, RETRY_MAX_MS] = [500, 15_000];
/** Above the largest message of a device; a broker that sends more without a packet being whole is cut off. */
const MAX_UNPARSED_BYTES = 512 * 1024;

export class BrokerLink {
  private readonly options: BrokerLinkOptions;
  private readonly stopping = new AbortController();
  private client: MqttClient | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(options: BrokerLinkOptions) {
    this.options = options;
  }

  get isUp(): boolean {
    return this.client?.connected === true;
  }

  /** Resolves when subscribed. Rejects when the first attempt fails: then the configuration is wrong. */
  async start(): Promise<void> {
    this.running = this.keep(await this.open());
  }

  publish(topic: string, payload: Buffer): void {
    // What cannot be sent now is sent again by who needs it: devices prove themselves anew.
    if (this.isUp) this.client?.publish(topic, payload, { qos: 1 }, () => {});
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('stopped'));
    this.client?.end(true);
    await this.running;
  }

  private async keep(first: Connected): Promise<void> {
    const { clock, random, log } = this.options;
    const { signal } = this.stopping;
    let down = first;
    for (let delayMs = RETRY_MIN_MS; !signal.aborted; ) {
      await down.ended;
      if (signal.aborted) return;
      await sleep(clock, delayMs * (0.5 + random.float() / 2), signal).catch(() => {});
      if (signal.aborted) return;
      try {
        down = await this.open();
        delayMs = RETRY_MIN_MS;
        log.info({ broker: this.options.address.host }, 'broker reached again');
      } catch (error) {
        delayMs = Math.min(RETRY_MAX_MS, delayMs * 2);
        down = { ended: Promise.resolve() };
        const detail = error instanceof Error ? error.message : String(error);
        log.warn({ broker: this.options.address.host, detail }, 'broker not reached');
      }
    }
  }

  private async open(): Promise<Connected> {
    const { address, alpn, credentials, dialer, minVersion } = this.options;
    const channel = await dialer.dial(
      { ...address, credentials, minVersion, timeoutMs: TIMEOUT_MS, ...(alpn.length > 0 && { alpn }) },
      this.stopping.signal,
    );
    try {
      this.judge(channel);
      return await this.connect(channel);
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }

  private judge(channel: SecureChannel): void {
    const { address, clock, onCertificate, trustPem } = this.options;
    const verdict = verifyChain({
      chain: channel.peerChain,
      trustPem,
      usage: 'serverAuth',
      nowMs: clock.wallMs(),
      serverName: address.serverName,
    });
    if (!verdict.ok) throw this.unusable(`its certificate is not acceptable: ${verdict.detail}`);
    onCertificate(createHash('sha256').update(channel.peerCertificate).digest());
  }

  private async connect(channel: SecureChannel): Promise<Connected> {
    const { clientId, filter, onMessage, password, username } = this.options;
    const client = new MqttClient(() => channel.stream, {
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId,
      username,
      password,
      clean: true,
      reconnectPeriod: 0,
      resubscribe: false,
      keepalive: KEEPALIVE_S,
      connectTimeout: TIMEOUT_MS,
      timerVariant: 'native',
    });
    this.client = client;
    let failure = '';
    client.on('error', (error) => {
      failure ||= error.message;
      channel.destroy();
    });
    limitUnparsed(client, channel, () => channel.destroy());
    const down = new Promise<void>((resolve) => {
      client.once('close', () => {
        client.end(true);
        resolve();
      });
    });
    client.on('message', (topic, payload) => onMessage(topic, payload));
    const ended = down.then(() => {
      throw this.unusable(failure || 'it closed the connection; it may not accept this certificate');
    });
    ended.catch(() => {});
    await Promise.race([ended, new Promise<void>((resolve) => client.once('connect', () => resolve()))]);
    const granted = await Promise.race([
      ended,
      new Promise<number | undefined>((resolve) =>
        client.subscribe(filter, { qos: 1 }, (error, grants) =>
          resolve(error ? undefined : grants?.[0]?.qos),
        ),
      ),
    ]);
    if (granted !== 1) throw this.unusable(`it does not grant the subscription to ${filter} at QoS 1`);
    return { ended: down };
  }

  private unusable(detail: string): AirherdError {
    const { host, port } = this.options.address;
    return new AirherdError('broker-unusable', { host, port, detail });
  }
}

/** mqtt-packet buffers up to 256 MB for one packet. */
function limitUnparsed(client: MqttClient, channel: SecureChannel, cut: () => void): void {
  let unparsed = 0;
  channel.stream.on('data', (chunk: Buffer) => {
    unparsed += chunk.length;
    if (unparsed > MAX_UNPARSED_BYTES) cut();
  });
  client.on('packetreceive', () => {
    unparsed = 0;
  });
}
