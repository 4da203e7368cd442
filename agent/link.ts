/** One MQTT 3.1.1 session on one secured connection; it is used once and never reconnects. */
import type { Clock } from '../platform/ports/clock.ts';
import type { SecureChannel } from '../platform/ports/transport.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { TopicLayout } from '../protocol/topic-layout.ts';
import type { DownTopic, UpStream } from '../protocol/topics.ts';
import type { DeviceLink, DownHandler } from './device-link.ts';
import { mqttClient } from './mqtt/client.ts';
import type { ConnectMqtt, MqttConnection, MqttError } from './mqtt/connection.ts';

/** No packet of ours from the cloud is larger; a peer that sends more without one being whole is cut off. */
const MAX_PACKET_BYTES = 320 * 1024;
const CLOSE_MS = 500;

export interface LinkOptions {
  serial: string;
  /** Null says none, to brokers that go by the certificate alone. */
  username: string | null;
  password: Buffer | string | null;
  topics: TopicLayout;
  /** Of all that is meant for this device. */
  filter: string;
  keepaliveS: number;
  host: string;
  port: number;
  /** Longest that the MQTT client itself waits; whoever logs in has shorter limits by its own clock. */
  timeoutMs: number;
  clock: Clock;
  /** Who speaks MQTT; MQTT.js unless given. */
  mqtt?: ConnectMqtt;
}

/** CONNACK return codes, MQTT 3.1.1 clause 3.2.2.3. */
const RETURN_CODES: Record<number, string> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'client id rejected',
  3: 'service unavailable',
  4: 'the factory-key proof or the certificate was not accepted',
  5: 'not authorised',
};

export class Link implements DeviceLink {
  readonly channel: SecureChannel;
  /** Why the link is down; resolves once, also when `close` was asked for. */
  readonly closed: Promise<AirherdError>;
  private readonly options: Omit<LinkOptions, 'password'>;
  private readonly mqtt: MqttConnection;
  private handler: DownHandler | null = null;
  /** What arrived before there was a handler. */
  private early: [DownTopic, Buffer][] = [];
  private failure: AirherdError | null = null;
  private connacked = false;
  private onConnacked: () => void = () => {};
  private settle: () => void = () => {};

  constructor(channel: SecureChannel, options: LinkOptions) {
    this.channel = channel;
    const { password, ...kept } = options;
    this.options = kept;
    // A stream that was closed before it is handed over says nothing of it any more.
    const alreadyDown = channel.stream.destroyed;
    this.closed = new Promise((resolve) => {
      this.settle = () =>
        resolve(this.failure ?? this.explain(this.streamError() ?? new Error('connection closed')));
    });
    this.mqtt = (options.mqtt ?? mqttClient)(channel.stream, {
      clientId: options.serial,
      username: options.username,
      password,
      keepaliveS: options.keepaliveS,
      timeoutMs: options.timeoutMs,
      maxPacketBytes: MAX_PACKET_BYTES,
      clock: options.clock,
      onConnected: () => {
        this.connacked = true;
        this.onConnacked();
      },
      onMessage: (topic, payload) => this.receive(topic, payload),
      onTooLarge: () =>
        this.fail(new AirherdError('limit-exceeded', { who: 'the cloud', what: 'packet size' })),
      onError: (error) => {
        this.failure ??= this.explain(error);
        channel.destroy();
      },
      onClosed: () => this.settle(),
    });
    if (alreadyDown) {
      const error = this.streamError();
      if (error) this.failure ??= this.explain(error);
      this.settle();
    }
  }

  /** Resolves at CONNACK 0. */
  connected(): Promise<void> {
    return this.unlessClosed((resolve) => {
      this.onConnacked = resolve;
    });
  }

  /** Subscribes to all that is meant for this device; resolves when the broker granted QoS 1. */
  subscribe(): Promise<void> {
    return this.unlessClosed((resolve, reject) => {
      const { filter } = this.options;
      this.mqtt.subscribe(filter, (granted) => {
        if (granted === 1) resolve();
        else reject(this.refused(`subscription to ${filter}`));
      });
    });
  }

  /** QoS 1. The broker's PUBACK is of no interest: only the cloud's `ack` means stored. */
  publish(stream: UpStream | 'auth', payload: Buffer): void {
    this.mqtt.publish(this.options.topics.up(this.options.serial, stream), payload);
  }

  /** On a topic of another back end; `onTaken` at its PUBACK. */
  publishTo(topic: string, payload: Buffer, onTaken: () => void): void {
    this.mqtt.publish(topic, payload, onTaken);
  }

  /** From now on `handler` gets what the cloud sends, beginning with what came before. */
  receiveWith(handler: DownHandler): void {
    this.handler = handler;
    const early = this.early;
    this.early = [];
    for (const [topic, payload] of early) handler(topic, payload);
  }

  /** Until the next `receiveWith`, what arrives is kept. */
  holdMessages(): void {
    this.handler = null;
  }

  /** Cuts the link; `closed` then resolves to `reason`. */
  fail(reason: AirherdError): void {
    this.failure ??= reason;
    this.mqtt.end();
    this.channel.destroy();
  }

  /** Says DISCONNECT (MQTT 3.1.1 clause 3.14) after what was written; cuts a peer that does not close too. */
  async close(): Promise<void> {
    this.failure ??= this.lost('closed by the agent');
    // MQTT.js would first wait for every PUBACK, which nobody needs.
    this.channel.stream.end(Buffer.of(0xe0, 0x00));
    const timer = this.options.clock.timer(CLOSE_MS, () => this.destroy());
    await this.closed;
    timer.cancel();
    this.destroy();
  }

  /** Cuts the link at once, with nothing more said. */
  destroy(): void {
    this.mqtt.end();
    this.channel.destroy();
  }

  private unlessClosed(
    start: (resolve: () => void, reject: (error: AirherdError) => void) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.closed.then(reject);
      start(resolve, reject);
    });
  }

  private receive(topic: string, payload: Buffer): void {
    const parsed = this.options.topics.parse(topic);
    if (parsed?.direction !== 'rx' || parsed.serial !== this.options.serial) {
      this.fail(this.refused(`it sent on a topic that is not this device's`));
      return;
    }
    if (this.handler) this.handler(parsed.name, payload);
    else this.early.push([parsed.name, payload]);
  }

  private streamError(): MqttError | null {
    return this.channel.stream.errored;
  }

  private explain(error: MqttError): AirherdError {
    const { host, port } = this.options;
    if (typeof error.code === 'number' && !this.connacked) {
      return this.refused(RETURN_CODES[error.code] ?? `return code ${error.code}`, error);
    }
    // TLS 1.3: the server judges the client's certificate after the client's handshake is done.
    if (typeof error.code === 'string' && error.code.startsWith('ERR_SSL')) {
      return new AirherdError('tls-refused', { host, port, detail: error.reason ?? error.code });
    }
    // It may also just close; but so does one that is killed, whose devices must not stay away for long.
    if (!this.connacked) {
      const detail = "closed before CONNACK; it may not accept this device's certificate";
      return new AirherdError('login-cut', { host, port, detail }, { cause: error });
    }
    return this.lost(error.message, error);
  }

  private refused(detail: string, cause?: unknown): AirherdError {
    return new AirherdError('login-refused', { serial: this.options.serial, detail }, { cause });
  }

  private lost(detail: string, cause?: unknown): AirherdError {
    const { host, port } = this.options;
    return new AirherdError('connection-lost', { host, port, detail }, { cause });
  }
}
