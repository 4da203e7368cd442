/**
 * A cloud for fleets: real TLS, MQTT by mqtt-packet, CBOR by cborg, and both proofs computed here after
 * docs/protocol.md. It acknowledges as late as it is told, can stand still, and writes down what it did: a fleet's
 * numbers are judged by that.
 */
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type TLSSocket } from 'node:tls';
import { decode, encode } from 'cborg';
import mqttPacket, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import type { Identity } from '../../certs/identity.ts';

export interface MeasuredTargetOptions {
  server: { certificatePem: string; privateKeyPem: string };
  clientCaPem: string[];
  identities: readonly Identity[];
  /** Between a message and its `ack`, milliseconds; `n` counts messages from 0. Null: it is never acknowledged. */
  ackDelayMs?(n: number): number | null;
  /** Ends each connection when it sends CONNECT. */
  closesAtConnect?: boolean;
}

export interface MeasuredTarget {
  readonly port: number;
  /** From a message's own time until its `ack` went out, milliseconds. A device's clock is set by its quickest message. */
  tookMs(): number[];
  /** Of each login that proved itself: SHA-256 of the certificate, and the device's HMAC; hexadecimal. */
  readonly logins: { serial: string; certificate: string; proof: string }[];
  /** Reads and writes nothing for so long. */
  stall(ms: number): void;
  close(): Promise<void>;
}

const lp = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const AHFK = Buffer.concat([Buffer.from('AHFK'), Buffer.of(1)]);

interface Login {
  serial: string;
  auth: Buffer;
}

export async function startMeasuredTarget(options: MeasuredTargetOptions): Promise<MeasuredTarget> {
  const bySerial = new Map(options.identities.map((identity) => [identity.serial, identity]));
  const sockets = new Set<TLSSocket>();
  const timers = new Set<NodeJS.Timeout>();
  /** By device: how far its clock is behind at most, and when acks went out by it. */
  const clocks = new Map<string, { behindMs: number; tookMs: number[] }>();
  const logins: MeasuredTarget['logins'] = [];
  let taken = 0;
  let messageId = 0;
  let stalledUntilMs = 0;

  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };
  const write = (socket: TLSSocket, packet: Packet) => socket.write(mqttPacket.generate(packet));
  const send = (socket: TLSSocket, serial: string, topic: string, payload: Buffer) => {
    messageId = (messageId % 65_535) + 1;
    const cmd = 'publish' as const;
    const to = `ap/v1/${serial}/rx/${topic}`;
    write(socket, { cmd, topic: to, payload, qos: 1, retain: false, dup: false, messageId });
  };

  /** The login, or null when a proof is not what this device's key makes of this connection. */
  function prove(socket: TLSSocket, packet: IConnectPacket): Login | null {
    const identity = bySerial.get(packet.clientId);
    const password = Buffer.from(packet.password ?? '');
    if (!identity || packet.username !== packet.clientId || password.length !== 53) return null;
    const serial = Buffer.from(identity.serial);
    const key = (purpose: string) =>
      Buffer.from(
        hkdfSync(
          'sha256',
          identity.factoryKey,
          'airherd-fk-v1',
          Buffer.concat([Buffer.from(purpose), lp(serial)]),
          32,
        ),
      );
    const hmac = password.subarray(21);
    const binding = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    const certificate = createHash('sha256').update(socket.getPeerCertificate().raw).digest();
    const t = Buffer.concat([lp(binding), lp(serial), lp(certificate), lp(password.subarray(5, 21))]);
    const expected = createHmac('sha256', key('device-proof'))
      .update(Buffer.concat([AHFK, Buffer.of(1), t]))
      .digest();
    if (!timingSafeEqual(expected, hmac)) return null;
    const nonce = randomBytes(16);
    const answer = createHmac('sha256', key('cloud-proof'))
      .update(Buffer.concat([AHFK, Buffer.of(2), t, lp(nonce), lp(hmac)]))
      .digest();
    logins.push({
      serial: identity.serial,
      certificate: certificate.toString('hex'),
      proof: hmac.toString('hex'),
    });
    return { serial: identity.serial, auth: Buffer.concat([AHFK, nonce, answer]) };
  }

  const server = createServer(
    {
      cert: options.server.certificatePem,
      key: options.server.privateKeyPem,
      ca: options.clientCaPem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    },
    (socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      const parser = mqttPacket.parser({ protocolVersion: 4 });
      let login: Login | null = null;
      /** When the last ack of each stream is due: they go out in order. */
      const dueMs = new Map<string, number>();
      const take = ({ topic, payload, messageId: id }: IPublishPacket, serial: string) => {
        write(socket, { cmd: 'puback', messageId: id });
        const stream = topic.split('/')[4];
        const message = decode(Buffer.from(payload)) as {
          bootId: Uint8Array;
          seq: number;
          to?: number;
          timeMs: number;
        };
        const clock = clocks.get(serial) ?? { behindMs: Number.POSITIVE_INFINITY, tookMs: [] };
        clocks.set(serial, clock);
        clock.behindMs = Math.min(clock.behindMs, Date.now() - message.timeMs);
        const delayMs = options.ackDelayMs ? options.ackDelayMs(taken++) : 0;
        if (delayMs === null) return;
        const due = Math.max(dueMs.get(stream) ?? 0, performance.now() + delayMs);
        dueMs.set(stream, due);
        const { bootId, seq, to, timeMs } = message;
        const acknowledge = () => {
          const wait = stalledUntilMs - performance.now();
          if (wait > 0) return later(wait, acknowledge);
          clock.tookMs.push(Date.now() - timeMs);
          send(
            socket,
            serial,
            'ack',
            Buffer.from(encode({ v: 1, acks: [{ bootId, stream, seq: to ?? seq }] })),
          );
        };
        later(Math.max(0, due - performance.now()), acknowledge);
      };
      parser.on('packet', (packet) => {
        if (packet.cmd === 'connect') {
          if (options.closesAtConnect) return void socket.destroy();
          login = prove(socket, packet);
          write(socket, { cmd: 'connack', returnCode: login ? 0 : 4, sessionPresent: false });
        } else if (packet.cmd === 'subscribe' && login) {
          write(socket, { cmd: 'suback', messageId: packet.messageId, granted: [1] });
          send(socket, login.serial, 'auth', login.auth);
          const welcome = {
            v: 1,
            timeMs: Date.now(),
            claimed: true,
            maxPacket: 262_144,
            window: 32,
            privacyClasses: ['device', 'wifi.connected', 'wired', 'lldp', 'pcap.headers'],
          };
          send(socket, login.serial, 'welcome', Buffer.from(encode(welcome)));
        } else if (packet.cmd === 'publish' && login) take(packet, login.serial);
        else if (packet.cmd === 'pingreq') write(socket, { cmd: 'pingresp' });
      });
      socket.on('data', (chunk: Buffer) => parser.parse(chunk));
      if (stalledUntilMs > performance.now()) socket.pause();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    tookMs: () => [...clocks.values()].flatMap(({ behindMs, tookMs }) => tookMs.map((ms) => ms - behindMs)),
    logins,
    stall(ms) {
      stalledUntilMs = performance.now() + ms;
      for (const socket of sockets) socket.pause();
      later(ms, () => {
        for (const socket of sockets) socket.resume();
      });
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** By the nearest-rank method: the smallest value that no less than `p` per cent are at or below. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)];
}
