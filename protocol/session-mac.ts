/**
 * Every message after the challenge, in both directions, so that a broker can forge no data, `ack` or command:
 *
 *   frame = counter[8] || mac[16] || body
 *   mac   = HMAC-SHA256(K, "AHFK" 01 05 || counter || lp(last level of the topic) || body), first 16 bytes
 *   K     = HKDF-SHA256(K_dev, salt = nonceDevice || nonceCloud, info = "session-up" | "session-down" || lp(serial))
 *
 * Counters begin at 1 and grow; one that does not is a replay or out of order.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { lengthPrefixed } from './proof.ts';

const COUNTER_LENGTH = 8;
export const MAC_LENGTH = 16;
export const FRAME_OVERHEAD = COUNTER_LENGTH + MAC_LENGTH;
const DOMAIN = Buffer.from('AHFK\x01\x05', 'latin1');

export interface SessionKeys {
  up: Buffer;
  down: Buffer;
}

export function sessionKeys(
  deviceKey: Uint8Array,
  serial: string,
  nonceDevice: Uint8Array,
  nonceCloud: Uint8Array,
): SessionKeys {
  const salt = Buffer.concat([nonceDevice, nonceCloud]);
  const key = (direction: string): Buffer => {
    const info = Buffer.concat([
      Buffer.from(direction, 'latin1'),
      lengthPrefixed(Buffer.from(serial, 'latin1')),
    ]);
    return Buffer.from(hkdfSync('sha256', deviceKey, salt, info, 32));
  };
  return { up: key('session-up'), down: key('session-down') };
}

function macOf(key: Uint8Array, counter: Uint8Array, name: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key)
    .update(DOMAIN)
    .update(counter)
    .update(lengthPrefixed(Buffer.from(name, 'latin1')))
    .update(body)
    .digest()
    .subarray(0, MAC_LENGTH);
}

/** One direction's sender. */
export class FrameSealer {
  private counter = 0n;
  private readonly key: Uint8Array;

  constructor(key: Uint8Array) {
    this.key = key;
  }

  seal(name: string, body: Uint8Array): Buffer {
    const counter = Buffer.alloc(COUNTER_LENGTH);
    counter.writeBigUInt64BE(++this.counter);
    return Buffer.concat([counter, macOf(this.key, counter, name, body), body]);
  }
}

/** `forged`: not made by who holds the key, for this topic. `replayed`: seen before, or out of order. */
export type Opened = { ok: true; body: Buffer } | { ok: false; why: 'forged' | 'replayed' };

/** One direction's receiver. */
export class FrameOpener {
  private highest = 0n;
  private readonly key: Uint8Array;

  constructor(key: Uint8Array) {
    this.key = key;
  }

  open(name: string, frame: Uint8Array): Opened {
    if (frame.length < FRAME_OVERHEAD) return { ok: false, why: 'forged' };
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
    const counter = bytes.subarray(0, COUNTER_LENGTH);
    const body = bytes.subarray(FRAME_OVERHEAD);
    const mac = bytes.subarray(COUNTER_LENGTH, FRAME_OVERHEAD);
    if (!timingSafeEqual(macOf(this.key, counter, name, body), mac)) return { ok: false, why: 'forged' };
    const value = counter.readBigUInt64BE();
    if (value <= this.highest) return { ok: false, why: 'replayed' };
    this.highest = value;
    return { ok: true, body };
  }
}
