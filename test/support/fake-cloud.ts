/**
 * A cloud for testing agents: real TLS, MQTT by mqtt-packet, CBOR by cborg, and the proof computed here after
 * docs/protocol.md, so that agent and stub cannot be wrong alike. It can be good, and bad in every way.
 */
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { decode, encode } from 'cborg';
import mqttPacket, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';

export interface FakeCloudOptions {
  /** Certificate chain and key of the server. */
  certificatePem: string;
  privateKeyPem: string;
  clientCaPem: string[];
  serial: string;
  /** What this cloud believes the device's factory key to be. */
  factoryKey: Buffer;
  port?: number;
  tls?: { minVersion?: 'TLSv1.2' | 'TLSv1.3'; maxVersion?: 'TLSv1.2' | 'TLSv1.3'; ciphers?: string };
  /** Refuse every CONNECT with this code. */
  connackCode?: number;
  /** Take any device, whatever it proves. */
  trusting?: boolean;
  /** What to send for `auth`; null sends none. */
  auth?: (good: Buffer) => Buffer | null;
  welcome?: Record<string, unknown>;
  /** Sent before `auth`. */
  early?: [topic: string, payload: Buffer][];
  /** Whether to acknowledge what is taken: by `ack`, by PUBACK. */
  acknowledge?: boolean;
  puback?: boolean;
  /** Grant the subscription with this code. */
  subackCode?: number;
  /** The test's own channel binding, to show what happens without one. */
  channelBinding?: Buffer;
}

export interface Received {
  stream: string;
  message: Record<string, unknown>;
  payload: Buffer;
  /** From 1; which connection it came on. */
  connection: number;
}

const lp = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const AHFK = Buffer.concat([Buffer.from('AHFK'), Buffer.of(1)]);

export class FakeCloud {
  readonly options: FakeCloudOptions;
  readonly received: Received[] = [];
  /** Every packet that a device sent, by its name. */
  readonly packets: string[] = [];
  /** Decrypted bytes that came from devices. */
  bytesReceived = 0;
  connections = 0;
  logins = 0;
  readonly connects: IConnectPacket[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<TLSSocket>();
  private readonly contiguous = new Map<string, number>();
  private readonly watchers = new Set<() => void>();
  private messageId = 0;

  private constructor(options: FakeCloudOptions) {
    this.options = options;
    this.server = createServer(
      {
        cert: options.certificatePem,
        key: options.privateKeyPem,
        ca: options.clientCaPem,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: options.tls?.minVersion ?? 'TLSv1.3',
        maxVersion: options.tls?.maxVersion ?? 'TLSv1.3',
        ciphers: options.tls?.ciphers,
      },
      (socket) => this.accept(socket),
    );
    this.server.on('tlsClientError', () => this.changed());
  }

  static async start(options: FakeCloudOptions): Promise<FakeCloud> {
    const cloud = new FakeCloud(options);
    await new Promise<void>((resolve) => cloud.server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return cloud;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get url(): string {
    return `mqtts://127.0.0.1:${this.port}`;
  }

  /** Resolves when `condition` holds after something happened. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.watchers.add(resolve));
  }

  of(stream: string): Received[] {
    return this.received.filter((entry) => entry.stream === stream);
  }

  send(topic: string, message: Record<string, unknown> | Buffer): void {
    for (const socket of this.sockets) this.publish(socket, topic, message);
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: TLSSocket): void {
    const connection = ++this.connections;
    this.sockets.add(socket);
    const parser = mqttPacket.parser({ protocolVersion: 4 });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.changed();
    });
    socket.on('data', (chunk: Buffer) => {
      this.bytesReceived += chunk.length;
      parser.parse(chunk);
    });
    parser.on('packet', (packet) => {
      this.packets.push(packet.cmd);
      this.take(socket, connection, packet);
      this.changed();
    });
    this.changed();
  }

  private take(socket: TLSSocket, connection: number, packet: Packet): void {
    switch (packet.cmd) {
      case 'connect':
        this.connects.push(packet);
        this.connect(socket, packet);
        return;
      case 'subscribe': {
        const granted = [this.options.subackCode ?? 1];
        this.write(socket, { cmd: 'suback', messageId: packet.messageId, granted });
        if (granted[0] === 1) this.greet(socket);
        return;
      }
      case 'publish':
        this.takePublish(socket, connection, packet);
        return;
      case 'pingreq':
        this.write(socket, { cmd: 'pingresp' });
    }
  }

  private auth: Buffer | null = null;

  private connect(socket: TLSSocket, packet: IConnectPacket): void {
    const { serial, factoryKey, connackCode, trusting } = this.options;
    const info = (purpose: string) => Buffer.concat([Buffer.from(purpose), lp(Buffer.from(serial))]);
    const key = (purpose: string) =>
      Buffer.from(hkdfSync('sha256', factoryKey, 'airherd-fk-v1', info(purpose), 32));
    const password = Buffer.from(packet.password ?? '');
    const nonceDevice = password.subarray(5, 21);
    const hmacDevice = password.subarray(21);
    const cb =
      this.options.channelBinding ??
      socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    const certificate = createHash('sha256').update(socket.getPeerCertificate().raw).digest();
    const t = Buffer.concat([lp(cb), lp(Buffer.from(serial)), lp(certificate), lp(nonceDevice)]);
    const expected = createHmac('sha256', key('device-proof'))
      .update(AHFK)
      .update(Buffer.of(1))
      .update(t)
      .digest();
    const proven =
      password.length === 53 &&
      password.subarray(0, 5).equals(AHFK) &&
      packet.clientId === serial &&
      packet.username === serial &&
      timingSafeEqual(expected, hmacDevice);
    const returnCode = connackCode ?? (proven || trusting ? 0 : 4);
    const nonceCloud = randomBytes(16);
    const hmacCloud = createHmac('sha256', key('cloud-proof'))
      .update(AHFK)
      .update(Buffer.of(2))
      .update(t)
      .update(lp(nonceCloud))
      .update(lp(hmacDevice))
      .digest();
    const good = Buffer.concat([AHFK, nonceCloud, hmacCloud]);
    this.auth = this.options.auth ? this.options.auth(good) : good;
    this.write(socket, { cmd: 'connack', returnCode, sessionPresent: false });
    if (returnCode === 0) this.logins++;
    else socket.end();
  }

  private greet(socket: TLSSocket): void {
    for (const [topic, payload] of this.options.early ?? []) this.publish(socket, topic, payload);
    if (this.auth) this.publish(socket, 'auth', this.auth);
    this.publish(socket, 'welcome', this.welcome());
  }

  welcome(): Record<string, unknown> {
    return {
      v: 1,
      timeMs: Date.now(),
      claimed: true,
      maxPacket: 262_144,
      window: 16,
      privacyClasses: ['device', 'wifi.connected', 'wired', 'lldp', 'pcap.headers'],
      ...this.options.welcome,
    };
  }

  private takePublish(socket: TLSSocket, connection: number, packet: IPublishPacket): void {
    const stream = packet.topic.split('/')[4];
    const payload = Buffer.from(packet.payload);
    const message = decode(payload) as Record<string, unknown>;
    this.received.push({ stream, message, payload, connection });
    if (this.options.puback !== false) this.write(socket, { cmd: 'puback', messageId: packet.messageId });
    if (this.options.acknowledge !== false) this.acknowledge(socket, stream, message);
  }

  private acknowledge(socket: TLSSocket, stream: string, message: Record<string, unknown>): void {
    const bootId = message.bootId as Uint8Array;
    const key = `${Buffer.from(bootId).toString('hex')}/${stream}`;
    const seq = message.seq as number;
    const to = (message.to as number | undefined) ?? seq;
    const before = this.contiguous.get(key) ?? 0;
    if (seq <= before + 1) this.contiguous.set(key, Math.max(before, to));
    const upTo = this.contiguous.get(key) ?? 0;
    if (upTo > 0) this.publish(socket, 'ack', { v: 1, acks: [{ bootId, stream, seq: upTo }] });
  }

  private publish(socket: TLSSocket, topic: string, message: Record<string, unknown> | Buffer): void {
    const payload = Buffer.isBuffer(message) ? message : Buffer.from(encode(message));
    this.messageId = (this.messageId % 65_535) + 1;
    this.write(socket, {
      cmd: 'publish',
      topic: topic.includes('/') ? topic : `ap/v1/${this.options.serial}/rx/${topic}`,
      payload,
      qos: 1,
      messageId: this.messageId,
      dup: false,
      retain: false,
    });
  }

  private write(socket: TLSSocket, packet: Packet): void {
    if (!socket.destroyed) socket.write(mqttPacket.generate(packet));
  }

  private changed(): void {
    const watchers = [...this.watchers];
    this.watchers.clear();
    for (const resolve of watchers) resolve();
  }
}
