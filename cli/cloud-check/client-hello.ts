import { randomBytes } from 'node:crypto';

/**
 * A ClientHello of our own (RFC 5246 7.4.1.2, RFC 8446 4.1.2) and the ServerHello that answers it: OpenSSL would
 * not offer what is too old or too weak for itself, and so could not find it. No key is ever agreed.
 */
export const HELLO_VERSIONS = {
  SSLv3: 0x0300,
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
};
export type HelloVersion = keyof typeof HELLO_VERSIONS;

const HANDSHAKE = 22;
const ALERT = 21;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const EXTENSION = {
  serverName: 0,
  groups: 10,
  pointFormats: 11,
  signatures: 13,
  heartbeat: 15,
  extendedMasterSecret: 23,
  sessionTicket: 35,
  supportedVersions: 43,
  keyShare: 51,
  renegotiationInfo: 0xff01,
} as const;
const X25519 = 0x001d;
const GROUPS = [X25519, 0x0017, 0x0018, 0x0019, 0x0100];
/** RSA-PSS, ECDSA, RSA PKCS #1 with SHA-2, and SHA-1, which only an old server takes. */
const SIGNATURES = [0x0804, 0x0805, 0x0806, 0x0403, 0x0503, 0x0603, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203];
const DEFLATE = 1;

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const list = (values: readonly number[]): Buffer => Buffer.concat(values.map(u16));
const withLength = (bytes: Uint8Array, lengthBytes: number): Buffer => {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(bytes.length, 0, lengthBytes);
  return Buffer.concat([length, bytes]);
};
const extension = (type: number, body: Uint8Array): Buffer => Buffer.concat([u16(type), withLength(body, 2)]);

export interface HelloOffer {
  version: HelloVersion;
  suites: readonly number[];
  serverName?: string;
}

/** The record to send. */
export function clientHello({ version, suites, serverName }: HelloOffer): Buffer {
  const code = HELLO_VERSIONS[version];
  const isNewest = version === 'TLSv1.3';
  const name = serverName && Buffer.concat([Buffer.from([0]), withLength(Buffer.from(serverName), 2)]);
  const extensions = [
    ...(name ? [extension(EXTENSION.serverName, withLength(name, 2))] : []),
    extension(EXTENSION.groups, withLength(list(GROUPS), 2)),
    extension(EXTENSION.pointFormats, Buffer.from([1, 0])),
    extension(EXTENSION.signatures, withLength(list(SIGNATURES), 2)),
    ...(isNewest
      ? [
          extension(EXTENSION.supportedVersions, withLength(u16(code), 1)),
          // Any 32 bytes are a key of X25519 (RFC 7748 5).
          extension(
            EXTENSION.keyShare,
            withLength(Buffer.concat([u16(X25519), withLength(randomBytes(32), 2)]), 2),
          ),
        ]
      : [
          extension(EXTENSION.heartbeat, Buffer.from([1])),
          extension(EXTENSION.extendedMasterSecret, Buffer.alloc(0)),
          extension(EXTENSION.sessionTicket, Buffer.alloc(0)),
          extension(EXTENSION.renegotiationInfo, Buffer.from([0])),
        ]),
  ];
  const body = Buffer.concat([
    u16(Math.min(code, HELLO_VERSIONS['TLSv1.2'])),
    randomBytes(32),
    withLength(isNewest ? randomBytes(32) : Buffer.alloc(0), 1),
    withLength(list(suites), 2),
    withLength(Buffer.from(isNewest ? [0] : [DEFLATE, 0]), 1),
    // SSL 3.0 has none.
    version === 'SSLv3' ? Buffer.alloc(0) : withLength(Buffer.concat(extensions), 2),
  ]);
  const message = Buffer.concat([Buffer.from([CLIENT_HELLO]), withLength(body, 3)]);
  const record = version === 'SSLv3' ? HELLO_VERSIONS.SSLv3 : HELLO_VERSIONS.TLSv1;
  return Buffer.concat([Buffer.from([HANDSHAKE]), u16(record), withLength(message, 2)]);
}

export interface ServerHello {
  version: number;
  suite: number;
  compressed: boolean;
  /** Answered although only a server that does it answers it. */
  heartbeat: boolean;
  sessionTicket: boolean;
  extendedMasterSecret: boolean;
  secureRenegotiation: boolean;
}

/** `more`: not all of it has come. `refused`: an alert, or no TLS at all. */
export type HelloAnswer = ServerHello | 'more' | 'refused';

/** The first message of what a server sent. Never throws, whatever the bytes. */
export function serverHello(bytes: Buffer): HelloAnswer {
  if (bytes.length < 5)
    return bytes.length > 0 && bytes[0] !== HANDSHAKE && bytes[0] !== ALERT ? 'refused' : 'more';
  if (bytes[0] !== HANDSHAKE) return 'refused';
  const record = bytes.subarray(5, 5 + bytes.readUInt16BE(3));
  if (record.length < 4) return 'more';
  if (record[0] !== SERVER_HELLO) return 'refused';
  const body = record.subarray(4, 4 + record.readUIntBE(1, 3));
  if (body.length < record.readUIntBE(1, 3)) return 'more';
  const sessionEnd = 35 + (body[34] ?? 0);
  if (body.length < sessionEnd + 3) return 'refused';
  const extensions = extensionsOf(body.subarray(sessionEnd + 3));
  const chosen = extensions.get(EXTENSION.supportedVersions);
  return {
    version: chosen && chosen.length === 2 ? chosen.readUInt16BE(0) : body.readUInt16BE(0),
    suite: body.readUInt16BE(sessionEnd),
    compressed: body[sessionEnd + 2] !== 0,
    heartbeat: extensions.has(EXTENSION.heartbeat),
    sessionTicket: extensions.has(EXTENSION.sessionTicket),
    extendedMasterSecret: extensions.has(EXTENSION.extendedMasterSecret),
    secureRenegotiation: extensions.has(EXTENSION.renegotiationInfo),
  };
}

function extensionsOf(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 2; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length) break;
    found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}
