/**
 * A login to a back end that does not speak airherd's protocol, for load alone: certificates on both sides, CONNECT,
 * and nothing more. No cloud proves itself there, so that no agent but a virtual device can be given this.
 */
import {
  type DeviceLink,
  type DownHandler,
  judgeCertificate,
  Link,
  type LoggedIn,
  type LoginFunction,
} from '../../agent/index.ts';
import { encode } from '../../protocol/codec.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Welcome } from '../../protocol/messages/down.ts';
import { PRIVACY_CLASSES } from '../../protocol/privacy.ts';
import type { UpStream } from '../../protocol/topics.ts';
import { type DeviceFacts, rendered } from './payload.ts';
import { DEFAULT_PLAIN_TOPICS, filled } from './plain-template.ts';
import type { TargetSettings } from './settings.ts';

const MAX_PACKET = 256 * 1024;
const WINDOW = 32;

export function plainLogin(device: DeviceFacts, target: TargetSettings): LoginFunction {
  return async (options): Promise<LoggedIn> => {
    const { address, clock, identity, serverName, signal, time, timeoutMs } = options;
    options.onStep('dialing', { host: address.host, port: address.port });
    const channel = await options.dialer.dial(
      {
        ...address,
        serverName,
        credentials: identity.credentials,
        minVersion: options.minVersion,
        timeoutMs,
        ...(options.alpn.length > 0 && { alpn: options.alpn }),
      },
      signal,
    );
    const onAbort = () => channel.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const trustPem = [...identity.trustPem, ...options.trustPem];
      judgeCertificate(channel, { trustPem, serverName, revoked: options.revoked }, time);
      options.onStep('connecting', { tls: channel.protocol, cipher: channel.cipher, proof: 'none' });
      const link = new Link(channel, {
        serial: identity.serial,
        username: options.username,
        password: options.password,
        topics: options.topics,
        filter: '',
        keepaliveS: options.keepaliveS,
        host: address.host,
        port: address.port,
        timeoutMs,
        clock,
        mqtt: options.mqtt,
      });
      const timer = clock.timer(timeoutMs, () =>
        link.fail(
          new AirherdError('cloud-timeout', { ...address, step: 'CONNECT', seconds: timeoutMs / 1000 }),
        ),
      );
      await link.connected().finally(() => timer.cancel());
      options.onStep('subscribing', {});
      options.onStep('proving', {});
      options.onStep('welcomed', { claimed: true, window: WINDOW });
      const welcome: Welcome = {
        v: 1,
        timeMs: Math.round(clock.wallMs()),
        claimed: true,
        maxPacket: MAX_PACKET,
        window: WINDOW,
        privacyClasses: [...PRIVACY_CLASSES],
      };
      return { link: new PlainLink(link, device, target), welcome };
    } catch (error) {
      channel.destroy();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };
}

/** Sent and not yet taken, of one stream of one boot, in order. */
interface Waiting {
  seq: number;
  taken: boolean;
}

/** Takes the broker's PUBACK for an `ack`: nothing else comes from such a target. Reports say so. */
class PlainLink implements DeviceLink {
  readonly closed: Promise<AirherdError>;
  private readonly link: Link;
  private readonly device: DeviceFacts;
  private readonly target: TargetSettings;
  private handler: DownHandler | null = null;
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(link: Link, device: DeviceFacts, target: TargetSettings) {
    this.link = link;
    this.device = device;
    this.target = target;
    this.closed = link.closed;
  }

  publish(stream: UpStream, cbor: Buffer): void {
    const { device, target } = this;
    const { message, payload } = rendered(cbor, stream, device, target.payload);
    const { bootId, seq, to = seq } = message;
    const key = `${Buffer.from(bootId).toString('hex')} ${stream}`;
    const queue = this.waiting.get(key) ?? [];
    this.waiting.set(key, queue);
    const entry = { seq: to, taken: false };
    queue.push(entry);
    const topic = filled(target.topics ?? DEFAULT_PLAIN_TOPICS, { ...device, stream });
    this.link.publishTo(topic, payload, () => {
      entry.taken = true;
      let upTo = 0;
      while (queue[0]?.taken) upTo = queue.shift()?.seq ?? upTo;
      if (upTo > 0) this.handler?.('ack', encode({ v: 1, acks: [{ bootId, stream, seq: upTo }] }));
    });
  }

  receiveWith(handler: DownHandler): void {
    this.handler = handler;
  }

  fail(reason: AirherdError): void {
    this.link.fail(reason);
  }

  close(): Promise<void> {
    return this.link.close();
  }

  destroy(): void {
    this.link.destroy();
  }
}
