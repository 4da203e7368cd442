import { type Identifier, identifier } from './identifier.ts';

/** The parts of a record, of any kind, that say whose it is. */
interface Personal {
  mac?: Uint8Array;
  address?: Uint8Array;
  sourceMac?: Uint8Array;
  client?: Uint8Array;
  hostName?: string;
  localName?: string;
  userName?: string;
  email?: string;
  ip4?: readonly string[];
  ip6?: readonly string[];
}

/** By what a record can be found: each as it stands in that record, nothing that is known from another. */
export function mentions(record: object): Identifier[] {
  const personal: Personal = record;
  const {
    mac,
    address,
    sourceMac,
    client,
    hostName,
    localName,
    userName,
    email,
    ip4 = [],
    ip6 = [],
  } = personal;
  const found: (Identifier | null)[] = [];
  for (const bytes of [mac, address, sourceMac, client]) {
    if (bytes) found.push({ kind: 'mac', value: Buffer.from(bytes).toString('hex') });
  }
  for (const name of [hostName, localName]) if (name) found.push(identifier('host-name', name));
  // Many networks sign people in by their e-mail address.
  if (userName) found.push(identifier('user-name', userName), identifier('email', userName));
  if (email) found.push(identifier('email', email));
  for (const ip of [...ip4, ...ip6]) found.push(identifier('ip', ip));
  return found.filter((one) => one !== null);
}
