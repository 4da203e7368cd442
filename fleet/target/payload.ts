import { decodeOwn } from '../../protocol/codec.ts';
import { filled } from './plain-template.ts';
import type { TargetSettings } from './settings.ts';

/** What a message of a device is, before it is written in the target's form. */
export interface PlainMessage {
  bootId: Uint8Array;
  seq: number;
  /** Of a gap: the last that it stands for. */
  to?: number;
  timeMs: number;
}

export interface DeviceFacts {
  serial: string;
  mac: string;
  kind: string;
  model: string;
}

/** Identifiers and addresses are read by people; captures are not. */
const HEX_BYTES = 32;

function readable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  // JSON.stringify has asked a Buffer for its own form already.
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer') {
    return text(Buffer.from((value as unknown as { data: number[] }).data));
  }
  if (value instanceof Uint8Array) return text(value);
  return value;
}

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString(bytes.length <= HEX_BYTES ? 'hex' : 'base64');

/** Bytes become hexadecimal up to 32 of them, base64 beyond. */
export const jsonOf = (message: unknown): string => JSON.stringify(message, readable);

/** The message as the outbox has it (CBOR, ours: not checked again), and as the target wants it. */
export function rendered(
  cbor: Buffer,
  stream: string,
  device: DeviceFacts,
  format: TargetSettings['payload'],
): { message: PlainMessage; payload: Buffer } {
  const message = decodeOwn(cbor) as PlainMessage;
  if (format === 'cbor') return { message, payload: cbor };
  const json = jsonOf(message);
  if (format === 'json') return { message, payload: Buffer.from(json) };
  const { serial, mac, kind, model } = device;
  const values = {
    serial,
    mac,
    kind,
    model,
    stream,
    seq: String(message.seq),
    timeMs: String(message.timeMs),
    message: json,
  };
  return { message, payload: Buffer.from(filled(format.template, values)) };
}
