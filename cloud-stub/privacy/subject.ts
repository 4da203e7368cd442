import ipaddr from 'ipaddr.js';
import { bytesName } from '../../protocol/subject-bytes.ts';
import type { Identifier } from './identifier.ts';
import { mentions } from './mentions.ts';

/** A person, or a device of one: all identifiers that the search goes by. */
export interface DataSubject {
  /** What was asked for. */
  asked: Identifier;
  /** With it, MAC addresses of devices that bear that name; never randomised ones. */
  all: readonly Identifier[];
}

const keyOf = ({ kind, value }: Identifier): string => `${kind} ${value}`;

/** Tells whether a record is of the subject. */
export function recordsOf({ all }: DataSubject): (record: object) => boolean {
  const wanted = new Set(all.map(keyOf));
  return (record) => mentions(record).some((found) => wanted.has(keyOf(found)));
}

/** Tells whether raw bytes, of a packet or of an encoded message, hold an identifier of the subject. */
export function bytesOf({ all }: DataSubject): (bytes: Uint8Array) => boolean {
  const finders = all.flatMap(({ kind, value }) => bytesName(kind, value) ?? []);
  const addresses = all
    .filter(({ kind }) => kind === 'ip')
    .map(({ value }) => Buffer.from(ipaddr.parse(value).toByteArray()));
  return (bytes) =>
    finders.some((find) => find(bytes)) || addresses.some((address) => Buffer.from(bytes).includes(address));
}
