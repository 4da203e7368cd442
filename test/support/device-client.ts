/**
 * A device for tests of the cloud, written from docs/protocol.md alone: node:tls and mqtt-packet, every byte
 * of the login under the test's control. It is not the agent.
 */
import { constants, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { decode, encode } from 'cborg';
import mqttPacket, { type IConnackPacket, type ISubackPacket, type Packet } from 'mqtt-packet';
import type { Identity } from '../../certs/identity.ts';
import { fromPem } from '../../certs/pem.ts';

// biome-ignore lint/suspicious/noExplicitAny: payloads of every shape
export type Loose = any;

export interface DeviceOptions {
  port: number;
  identity: Identity;
  /** What the TLS handshake presents, when it is not the identity's own. */
  credentials?: { certificatePem: string; privateKeyPem: string } | null;
  tls?: ConnectionOptions;
}

function lp(bytes: Uint8Array | string): Buffer {
  const body = Buffer.from(bytes as string);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(body.length);
  return Buffer.concat([head, body]);
}

const key = (factoryKey: Buffer, purpose: string, serial: string): Buffer =>
  Buffer.from(
    hkdfSync('sha256', factoryKey, 'airherd-fk-v1', Buffer.concat([Buffer.from(purpose), lp(serial)]), 32),
  );

export class DeviceClient {
  readonly socket: TLSSocket;
  readonly identity: Identity;
  readonly bootId = randomBytes(16);
  readonly received: Packet[] = [];
  readonly #parser = mqttPacket.parser();
  readonly #waiting: { wanted: (packet: Packet) => boolean; give: (packet: Packet) => void }[] = [];
  readonly closed: Promise<void>;
  #transcript: Buffer = Buffer.alloc(0);
  #hmac: Buffer = Buffer.alloc(0);
  #nextId = 1;
  readonly #seq = new Map<string, number>();

  private constructor(socket: TLSSocket, identity: Identity) {
    this.socket = socket;
    this.identity = identity;
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    this.#parser.on('packet', (packet) => this.#take(packet));
    socket.on('data', (chunk) => this.#parser.parse(chunk));
  }

  /** Up to the end of the TLS handshake as the client sees it. */
  static async dial({ port, identity, credentials, tls }: DeviceOptions): Promise<DeviceClient> {
    const presented = credentials === undefined ? identity : credentials;
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: identity.trustPem,
      cert: presented?.certificatePem,
      key: presented?.privateKeyPem,
      minVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_128_GCM_SHA256',
      secureOptions: constants.SSL_OP_NO_TICKET,
      ...tls,
    });
    await once(socket, 'secureConnect');
    return new DeviceClient(socket, identity);
  }

  /** TLS, login, subscription, and both messages that open the session. */
  static async login(options: DeviceOptions): Promise<DeviceClient> {
    const device = await DeviceClient.dial(options);
    const code = await device.connect();
    if (code !== 0) throw new Error(`CONNACK ${code}`);
    await device.open();
    return device;
  }

  #take(packet: Packet): void {
    this.received.push(packet);
    if (packet.cmd === 'publish' && packet.qos === 1) {
      this.write({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    }
    const index = this.#waiting.findIndex(({ wanted }) => wanted(packet));
    if (index >= 0) this.#waiting.splice(index, 1)[0].give(packet);
  }

  /** The next packet that `wanted` takes, whether it has come or is to come. Rejects when the connection ends. */
  async packet(wanted: (packet: Packet) => boolean): Promise<Packet> {
    const index = this.received.findIndex(wanted);
    if (index >= 0) return this.received.splice(index, 1)[0];
    const coming = new Promise<Packet>((give) => this.#waiting.push({ wanted, give }));
    const packet = await Promise.race([
      coming,
      this.closed.then(() => {
        throw new Error('connection closed');
      }),
    ]);
    this.received.splice(this.received.indexOf(packet), 1);
    return packet;
  }

  write(packet: Packet): void {
    if (!this.socket.destroyed) this.socket.write(mqttPacket.generate(packet));
  }

  /** 53 bytes for this connection. */
  password({ factoryKey = this.identity.factoryKey, serial = this.identity.serial } = {}): Buffer {
    const nonce = randomBytes(16);
    const [leaf] = fromPem('CERTIFICATE', this.identity.certificatePem);
    const binding = this.socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    this.#transcript = Buffer.concat([
      lp(binding),
      lp(serial),
      lp(createHash('sha256').update(leaf).digest()),
      lp(nonce),
    ]);
    this.#hmac = createHmac('sha256', key(factoryKey, 'device-proof', serial))
      .update('AHFK\x01\x01')
      .update(this.#transcript)
      .digest();
    return Buffer.concat([Buffer.from('AHFK\x01'), nonce, this.#hmac]);
  }

  /** Sends CONNECT; resolves with the CONNACK code, -1 when the connection ended instead. */
  async connect(fields: Loose = {}): Promise<number> {
    const { serial } = this.identity;
    this.write({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      clientId: serial,
      username: serial,
      password: this.password(),
      ...fields,
    });
    try {
      const packet = (await this.packet(({ cmd }) => cmd === 'connack')) as IConnackPacket;
      return packet.returnCode ?? -1;
    } catch {
      return -1;
    }
  }

  async subscribe(topic = `ap/v1/${this.identity.serial}/rx/#`): Promise<number> {
    const messageId = this.#nextId++;
    this.write({ cmd: 'subscribe', messageId, subscriptions: [{ topic, qos: 1 }] });
    const packet = (await this.packet(({ cmd }) => cmd === 'suback')) as ISubackPacket;
    return Number(packet.granted[0]);
  }

  /** Subscribes, verifies the cloud's proof, and returns the welcome. */
  async open(): Promise<Loose> {
    await this.subscribe();
    const auth = await this.down('auth');
    const { factoryKey, serial } = this.identity;
    const nonce = auth.subarray(5, 21);
    const expected = createHmac('sha256', key(factoryKey, 'cloud-proof', serial))
      .update('AHFK\x01\x02')
      .update(this.#transcript)
      .update(lp(nonce))
      .update(lp(this.#hmac))
      .digest();
    if (auth.length !== 53 || !expected.equals(auth.subarray(21))) throw new Error('the cloud is unproven');
    return decode(await this.down('welcome'));
  }

  /** Payload of the next message on `rx/<topic>`. */
  async down(topic: string): Promise<Buffer> {
    const wanted = `ap/v1/${this.identity.serial}/rx/${topic}`;
    const packet = await this.packet(
      (candidate) => candidate.cmd === 'publish' && candidate.topic === wanted,
    );
    return packet.cmd === 'publish' ? Buffer.from(packet.payload as Buffer) : Buffer.alloc(0);
  }

  /** Publishes raw bytes; nothing is awaited. */
  publishRaw(stream: string, payload: Uint8Array, fields: Loose = {}): void {
    this.write({
      cmd: 'publish',
      topic: `ap/v1/${this.identity.serial}/tx/${stream}`,
      payload: Buffer.from(payload),
      qos: 1,
      retain: false,
      dup: false,
      messageId: this.#nextId++,
      ...fields,
    });
  }

  nextSeq(stream: string): number {
    const seq = (this.#seq.get(stream) ?? 0) + 1;
    this.#seq.set(stream, seq);
    return seq;
  }

  /** Publishes a message with the next seq of its stream, unless the fields say otherwise; returns the seq. */
  publish(stream: string, fields: Loose): number {
    const seq = fields.seq ?? this.nextSeq(stream);
    const message = {
      v: 1,
      kind: 'data',
      bootId: this.bootId,
      monoMs: 1000,
      timeMs: Date.now(),
      clock: 'system',
      class: 'device',
      ...fields,
      seq,
    };
    this.publishRaw(stream, encode(message));
    return seq;
  }

  /** Resolves when the cloud has acknowledged `stream` up to `seq`. */
  async acked(stream: string, seq: number, bootId: Buffer = this.bootId): Promise<void> {
    for (;;) {
      const { acks } = decode(await this.down('ack')) as Loose;
      for (const ack of acks) {
        if (ack.stream === stream && bootId.equals(ack.bootId) && ack.seq >= seq) return;
      }
    }
  }

  /** Resolves when the cloud ends the connection. */
  end(): void {
    this.socket.destroy();
  }
}

export const helloFields = (identity: Identity): Loose => ({
  deviceKind: identity.kind,
  model: identity.model,
  mac: Buffer.from(identity.mac.replaceAll(':', ''), 'hex'),
  firmware: '1.0.0',
  configVersion: 0,
  classes: ['device', 'wifi.connected'],
});
