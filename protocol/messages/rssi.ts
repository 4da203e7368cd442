import { z } from 'zod';
import { data } from './envelope.ts';
import { bytesUpTo } from './fields.ts';

const MAX_SAMPLES = 8192;

/**
 * RSSI samples as columns: sample i is of transmitter `macs[6*who[i]..]`, `rssi[i]` dBm, `at[i]` ms before
 * the message's `monoMs`. Little-endian; the columns have one entry a sample.
 */
export const rssi = data
  .extend({
    class: z.enum(['wifi.connected', 'wifi.unconnected', 'ble.assets', 'ble.passive']),
    macs: bytesUpTo(6 * 1024).refine((value) => value.length % 6 === 0, 'must be whole MACs'),
    /** uint16 */
    who: bytesUpTo(2 * MAX_SAMPLES),
    /** uint32 */
    at: bytesUpTo(4 * MAX_SAMPLES),
    /** int8 */
    rssi: bytesUpTo(MAX_SAMPLES),
  })
  .superRefine((message, context) => {
    const samples = message.rssi.length;
    if (message.who.length !== 2 * samples || message.at.length !== 4 * samples) {
      context.addIssue({ code: 'custom', message: 'columns differ in length' });
      return;
    }
    const transmitters = message.macs.length / 6;
    const heard = new Uint8Array(transmitters);
    for (let i = 0; i < samples; i++) {
      const n = message.who[2 * i] | (message.who[2 * i + 1] << 8);
      if (n >= transmitters) {
        context.addIssue({ code: 'custom', message: `sample ${i} names no transmitter` });
        return;
      }
      heard[n] = 1;
    }
    // Who is looked for is looked for among the samples.
    if (heard.includes(0)) context.addIssue({ code: 'custom', message: 'a transmitter without a sample' });
  });
export type Rssi = z.infer<typeof rssi>;

export interface RssiSample {
  mac: Uint8Array;
  rssiDbm: number;
  /** Milliseconds before the message was made. */
  agoMs: number;
}

/** Columns of `samples`; each transmitter is listed once. At most 8192 samples of 1024 transmitters. */
export function packRssi(samples: readonly RssiSample[]): Pick<Rssi, 'macs' | 'who' | 'at' | 'rssi'> {
  const index = new Map<string, number>();
  const macs: Uint8Array[] = [];
  const who = Buffer.alloc(2 * samples.length);
  const at = Buffer.alloc(4 * samples.length);
  const rssiColumn = Buffer.alloc(samples.length);
  samples.forEach((sample, i) => {
    const key = Buffer.from(sample.mac).toString('hex');
    let n = index.get(key);
    if (n === undefined) {
      n = macs.push(sample.mac) - 1;
      index.set(key, n);
    }
    who.writeUInt16LE(n, 2 * i);
    at.writeUInt32LE(sample.agoMs, 4 * i);
    rssiColumn.writeInt8(sample.rssiDbm, i);
  });
  return { macs: Buffer.concat(macs), who, at, rssi: rssiColumn };
}

/** Addresses of a validated message, as views into it. */
export function transmitters({ macs }: Pick<Rssi, 'macs'>): Uint8Array[] {
  return Array.from({ length: macs.length / 6 }, (_, i) => macs.subarray(6 * i, 6 * i + 6));
}

/** The samples of a validated message. */
export function unpackRssi(message: Pick<Rssi, 'macs' | 'who' | 'at' | 'rssi'>): RssiSample[] {
  const view = (column: Uint8Array) => new DataView(column.buffer, column.byteOffset, column.byteLength);
  const who = view(message.who);
  const at = view(message.at);
  const rssiColumn = view(message.rssi);
  return Array.from({ length: message.rssi.length }, (_, i) => {
    const n = who.getUint16(2 * i, true);
    return {
      mac: message.macs.subarray(6 * n, 6 * n + 6),
      rssiDbm: rssiColumn.getInt8(i),
      agoMs: at.getUint32(4 * i, true),
    };
  });
}
