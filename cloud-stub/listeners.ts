import type { TlsVersion } from '../platform/ports/transport.ts';

/** What one kind of listener speaks; `docs/cloud.md` has the same table, and `airherd cloud check` goes by it. */
export interface ListenerRule {
  defaultPort: number;
  who: string;
  /** The newest is always spoken; an older one only where it was switched on. */
  versions: readonly TlsVersion[];
  /** IANA names of the suites that it may accept; nothing else. */
  suites: readonly string[];
  /** Whether nothing is heard without a client certificate. */
  clientCertificate: boolean;
  /** Of its certificate. */
  key: 'P-256' | 'RSA 2048';
  /** `closed`: who is nobody gets nothing. `open`: pages for anyone. Null where no browser comes. */
  http: 'closed' | 'open' | null;
}

/** What `hardenedHttps` makes. */
const HTTPS = {
  versions: ['TLSv1.3', 'TLSv1.2'],
  suites: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  ],
  clientCertificate: false,
  key: 'RSA 2048',
} as const satisfies Partial<ListenerRule>;

/** What devices speak. */
const DEVICES = {
  versions: ['TLSv1.3', 'TLSv1.2'],
  suites: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  ],
  clientCertificate: true,
  key: 'P-256',
} as const satisfies Partial<ListenerRule>;

/** Every listener that a cloud may have. Nothing else listens. */
export const LISTENERS = {
  'device link': {
    defaultPort: 8883,
    who: 'devices',
    ...DEVICES,
    http: null,
  },
  API: {
    defaultPort: 8443,
    who: 'people and tools',
    ...HTTPS,
    http: 'closed',
  },
  firmware: {
    defaultPort: 8446,
    who: 'devices that are upgraded',
    ...DEVICES,
    http: null,
  },
  'auth endpoint': {
    defaultPort: 8445,
    who: 'brokers that ask whether a device may connect',
    ...HTTPS,
    http: null,
  },
  portal: {
    defaultPort: 8444,
    who: 'guests',
    ...HTTPS,
    http: 'open',
  },
  // Plain HTTP: it answers what phones ask to find out whether there is a portal, and redirects to that.
  'portal gate': {
    defaultPort: 8080,
    who: 'guests without access',
    versions: [],
    suites: [],
    clientCertificate: false,
    key: 'RSA 2048',
    http: null,
  },
} as const satisfies Record<string, ListenerRule>;
export type ListenerName = keyof typeof LISTENERS;

/** One that listens now. */
export interface OpenListener {
  name: ListenerName;
  host: string;
  port: number;
  minVersion: TlsVersion;
}
