/** What of a message may be stored: the last of the three places at which the organisation's switches hold. */
import { encode } from '../../protocol/codec.ts';
import { BLE_CLASSES, bleClass } from '../../protocol/messages/ble.ts';
import type { Gap } from '../../protocol/messages/envelope.ts';
import type { UpMessage } from '../../protocol/messages/registry.ts';
import { packRssi, unpackRssi } from '../../protocol/messages/rssi.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import type { Subjects } from '../store/subjects.ts';
import { mentions } from './mentions.ts';
import type { FieldSwitches } from './settings.ts';

export interface Rules {
  classes: readonly PrivacyClass[];
  fields: FieldSwitches;
  subjects: Subjects;
  /** When the device made the message: somebody erased since is not to come back with it. */
  madeMs: number;
  /** When somebody was erased of whom the device does not know yet; null when it knows. */
  untoldMs: number | null;
}

export type Admitted = { message: UpMessage | Gap; payload: Uint8Array };

/** The message as it may be stored; null when nothing of it may. */
export function admit(message: UpMessage | Gap, payload: Uint8Array, rules: Rules): Admitted | null {
  if (message.kind === 'gap') return { message, payload };
  if (!rules.classes.includes(message.class)) return null;
  const allowed = withoutClasses(message, rules.classes);
  if (allowed === null) return null;
  const kept = withoutSubjects(withoutFields(allowed, rules.fields), rules);
  if (kept === null) return null;
  return kept === message ? { message, payload } : { message: kept, payload: encode(kept) };
}

/** Whatever class the message says: of Bluetooth devices only those whose own class is on. */
function withoutClasses(message: UpMessage, classes: readonly PrivacyClass[]): UpMessage | null {
  if (!('devices' in message) || BLE_CLASSES.every((name) => classes.includes(name))) return message;
  return replaced(
    message,
    message.devices,
    message.devices.filter((device) => classes.includes(bleClass(device))),
    'devices',
  );
}

/** Record fields that a switch is for. */
const SWITCHED = {
  hostName: ['hostName'],
  userName: ['userName'],
  userAgent: ['userAgent'],
  deviceFamily: ['family', 'os', 'confidence'],
} as const satisfies Record<keyof FieldSwitches, readonly string[]>;

function withoutFields(message: UpMessage, fields: FieldSwitches): UpMessage {
  const off = (Object.keys(SWITCHED) as (keyof FieldSwitches)[]).flatMap((name) =>
    fields[name] ? [] : SWITCHED[name],
  );
  if (off.length === 0) return message;
  const strip = <T extends object>(records: readonly T[]): T[] =>
    records.map((record) => {
      const kept = { ...record };
      for (const name of off) Reflect.deleteProperty(kept, name);
      return kept;
    });
  const has = (records: readonly object[]) => records.some((record) => off.some((name) => name in record));
  if ('clients' in message && has(message.clients)) return { ...message, clients: strip(message.clients) };
  if ('hosts' in message && has(message.hosts)) return { ...message, hosts: strip(message.hosts) };
  return message;
}

function withoutSubjects(message: UpMessage, { subjects, madeMs, untoldMs }: Rules): UpMessage | null {
  if (!subjects.any) return message;
  // Whose packets are in it cannot be told: of the erased only an index is kept.
  if ('section' in message && untoldMs !== null && madeMs <= untoldMs) return null;
  return without(message, (record) =>
    mentions(record).some(({ kind, value }) => {
      const subject = subjects.indexOf(kind, value);
      const erasedMs = subjects.erasedMs(subject);
      return (
        subjects.isRestricted(subject) || (erasedMs !== null && (madeMs <= erasedMs || untoldMs !== null))
      );
    }),
  );
}

/**
 * The message without the records, samples and captures that `isOf` picks: the same object when there are none,
 * null when nothing is left.
 */
export function without(message: UpMessage, isOf: (record: object) => boolean): UpMessage | null {
  const rest = <T extends object>(records: readonly T[]) => records.filter((record) => !isOf(record));
  if ('clients' in message) return replaced(message, message.clients, rest(message.clients), 'clients');
  if ('hosts' in message) return replaced(message, message.hosts, rest(message.hosts), 'hosts');
  if ('devices' in message) return replaced(message, message.devices, rest(message.devices), 'devices');
  if ('neighbours' in message)
    return replaced(message, message.neighbours, rest(message.neighbours), 'neighbours');
  if ('who' in message) {
    const samples = unpackRssi(message);
    const left = rest(samples);
    if (left.length === samples.length) return message;
    return left.length === 0 ? null : { ...message, ...packRssi(left) };
  }
  // An event or a capture is about one client, or about none.
  return isOf(message) ? null : message;
}

function replaced<M extends UpMessage, T>(message: M, all: readonly T[], left: T[], name: string): M | null {
  if (left.length === all.length) return message;
  return left.length === 0 ? null : { ...message, [name]: left };
}
