/**
 * What may be done, and who may do it. Every API route names one permission; `docs/privacy.md` has the same
 * table, and a test holds the two together.
 */
export const PERMISSIONS = [
  /** Needs no identity: signing in. */
  'anyone',
  /** Whoever is signed in, about themselves. */
  'self',
  /** The cloud as a whole, all organisations: this machine's operator. */
  'operate',
  'org.read',
  'org.write',
  'device.read',
  'device.claim',
  'device.write',
  /** Clients and hosts, and at which access point they are: personal data. */
  'client.read',
  /** Who is where, or only in range: signal samples, unconnected devices, Bluetooth, apps. */
  'location.read',
  /** An app about whoever carries it: opting in, being where, withdrawing. */
  'app.report',
  'packet.read',
  'packet.capture',
  'privacy.read',
  'privacy.write',
  /** Access, correction, export and erasure for data subjects. */
  'subject.manage',
  'people.read',
  'people.write',
  'audit.read',
  'support.write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Roles of people and tokens, as the public API names them; `app` is ours, for tokens that apps carry. */
export const ROLES = ['admin', 'write', 'read', 'helpdesk', 'installer', 'app'] as const;
export type Role = (typeof ROLES)[number];

const READ: readonly Permission[] = ['self', 'org.read', 'device.read', 'client.read', 'privacy.read'];

export const ROLE_PERMISSIONS: Readonly<Record<Role | 'support', readonly Permission[]>> = {
  admin: PERMISSIONS.filter((permission) => permission !== 'operate'),
  write: [
    ...READ,
    'org.write',
    'device.claim',
    'device.write',
    'packet.read',
    'packet.capture',
    'location.read',
  ],
  read: [...READ, 'packet.read', 'location.read'],
  helpdesk: READ,
  installer: ['self', 'org.read', 'device.read', 'device.claim'],
  /** On the phones of people who are not to see anything with it. */
  app: ['self', 'app.report'],
  /** The vendor's staff: never packets, never people, and nothing at all unless the customer lets them. */
  support: READ,
};
