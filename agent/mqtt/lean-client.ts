/**
 * MQTT 3.1.1 as thousands of devices in one process speak it: the codec is mqtt-packet, as in MQTT.js; its stores,
 * streams, timers and parser of each connection are not there. QoS 1 both ways, and nothing is kept to be sent
 * again: whoever publishes knows by the cloud's own `ack` what has arrived.
 */
import type { Duplex } from 'node:stream';
import type { Packet, Parser } from 'mqtt-packet';
import type { Timer } from '../../platform/ports/clock.ts';
import { mqttPacket } from '../../protocol/mqtt-codec.ts';
import type { ConnectMqtt, MqttConnection, MqttError, MqttOptions } from './connection.ts';
import { packetLength } from './framing.ts';

const MAX_MESSAGE_ID = 65_535;
const NOTHING = Buffer.alloc(0);
const PINGREQ = mqttPacket.generate({ cmd: 'pingreq' });

export const leanMqttClient: ConnectMqtt = (stream, options) => new LeanClient(stream, options);

/** It is given whole packets and keeps nothing between them, so that all connections of a thread have one. */
class SharedParser {
  private readonly parser: Parser = mqttPacket.parser({ protocolVersion: 4 });
  private packet: Packet | null = null;
  private error: Error | null = null;

  constructor() {
    this.parser.on('packet', (packet) => {
      this.packet = packet;
    });
    this.parser.on('error', (error: Error) => {
      this.error = error;
    });
  }

  /** Exactly one packet; throws where it is malformed. */
  parse(bytes: Buffer): Packet {
    this.packet = null;
    this.error = null;
    const rest = this.parser.parse(bytes);
    if (this.packet !== null && this.error === null && rest === 0) return this.packet;
    const error = this.error ?? new Error('malformed packet');
    // What it has not taken of this packet must not be the beginning of another connection's.
    shared = null;
    throw error;
  }
}
let shared: SharedParser | null = null;

const bytesOf = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);

class LeanClient implements MqttConnection {
  private readonly stream: Duplex;
  private readonly options: Omit<MqttOptions, 'password'>;
  private unread: Buffer = NOTHING;
  private lastId = 0;
  private subscribing: { id: number; done(granted: number | null): void } | null = null;
  /** By message id; made where somebody wants to know. */
  private taken: Map<number, () => void> | null = null;
  private readonly keepalive: Timer;
  private hasSent = true;
  private isPinging = false;
  private ended = false;

  constructor(stream: Duplex, options: MqttOptions) {
    this.stream = stream;
    const { password, ...kept } = options;
    this.options = kept;
    this.listen();
    const { clientId, username, keepaliveS } = options;
    this.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId,
      clean: true,
      keepalive: keepaliveS,
      ...(username !== null && { username }),
      ...(password !== null && { password: bytesOf(password) }),
    });
    this.keepalive = this.pinging();
  }

  /** Looked at twice in a period, silence is never longer than that (clause 3.1.2.10). */
  private pinging(): Timer {
    const { clock, keepaliveS } = this.options;
    return clock.every((keepaliveS * 1000) / 2, () => this.ping());
  }

  /** Apart from the constructor, whose options hold the password: closures made there would hold it too. */
  private listen(): void {
    this.stream.on('data', (chunk: Buffer) => this.take(chunk));
    this.stream.once('close', () => {
      this.end();
      this.options.onClosed();
    });
  }

  subscribe(filter: string, done: (granted: number | null) => void): void {
    const id = this.nextId();
    this.subscribing = { id, done };
    this.send({ cmd: 'subscribe', messageId: id, subscriptions: [{ topic: filter, qos: 1 }] });
  }

  publish(topic: string, payload: Buffer, onTaken?: () => void): void {
    const messageId = this.nextId();
    if (onTaken !== undefined) {
      this.taken ??= new Map();
      this.taken.set(messageId, onTaken);
    }
    this.send({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false });
  }

  end(): void {
    this.ended = true;
    this.keepalive.cancel();
  }

  private nextId(): number {
    do this.lastId = (this.lastId % MAX_MESSAGE_ID) + 1;
    while (this.taken?.has(this.lastId));
    return this.lastId;
  }

  private send(packet: Packet): void {
    this.write(mqttPacket.generate(packet));
  }

  private write(bytes: Buffer): void {
    if (this.ended || !this.stream.writable) return;
    this.hasSent = true;
    this.stream.write(bytes);
  }

  private ping(): void {
    if (this.isPinging) {
      this.fail(new Error('Keepalive timeout'));
      return;
    }
    if (!this.hasSent) {
      this.isPinging = true;
      this.write(PINGREQ);
    }
    this.hasSent = false;
  }

  private fail(error: MqttError): void {
    if (!this.ended) this.options.onError(error);
  }

  private take(chunk: Buffer): void {
    this.unread = this.unread.length > 0 ? Buffer.concat([this.unread, chunk]) : chunk;
    for (let packet = this.next(); packet !== null; packet = this.next()) this.receive(packet);
  }

  /** Null when no whole packet is there, or none that can be read. */
  private next(): Packet | null {
    const { unread, options } = this;
    if (this.ended || unread.length === 0) return null;
    const length = packetLength(unread);
    if (length !== null && length > options.maxPacketBytes) {
      options.onTooLarge();
      return null;
    }
    if (length === null || length > unread.length) return null;
    this.unread = length < unread.length ? unread.subarray(length) : NOTHING;
    try {
      shared ??= new SharedParser();
      return shared.parse(unread.subarray(0, length));
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
  }

  private receive(packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        if (packet.returnCode === 0) this.options.onConnected();
        else this.fail(Object.assign(new Error('connection refused'), { code: packet.returnCode }));
        return;
      case 'suback': {
        const { subscribing } = this;
        if (subscribing === null || packet.messageId !== subscribing.id) return;
        this.subscribing = null;
        const granted = packet.granted[0];
        subscribing.done(typeof granted === 'number' && granted < 128 ? granted : null);
        return;
      }
      case 'publish':
        if (packet.qos === 2) this.fail(new Error('QoS 2 was not asked for'));
        if (packet.qos === 1) this.send({ cmd: 'puback', messageId: packet.messageId });
        this.options.onMessage(packet.topic, bytesOf(packet.payload));
        return;
      case 'puback': {
        const id = packet.messageId ?? 0;
        const onTaken = this.taken?.get(id);
        this.taken?.delete(id);
        onTaken?.();
        return;
      }
      case 'pingresp':
        this.isPinging = false;
        return;
      default:
        this.fail(new Error(`${packet.cmd} is nothing that a server says`));
    }
  }
}
