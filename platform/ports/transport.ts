import type { Duplex } from 'node:stream';
import type { LocalEnd } from './link.ts';

/** Certificate chain (leaf first) and private key, PEM. */
export interface TlsCredentials {
  certificatePem: string;
  privateKeyPem: string;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/**
 * A connection on which the TLS handshake is done. TLS 1.3's client side sees this *before* the server has
 * judged the client's certificate: only the cloud's proof means "logged in".
 */
export interface SecureChannel {
  readonly stream: Duplex;
  readonly protocol: TlsVersion;
  readonly cipher: string;
  /** Peer's leaf certificate, DER. */
  readonly peerCertificate: Buffer;
  /** Peer's leaf and what it sent above it, DER, leaf first. Nobody has judged it yet. */
  readonly peerChain: readonly Buffer[];
  readonly remoteAddress: string;
  /** RFC 9266 `tls-exporter`: 32 bytes that only the two ends of this handshake know. */
  readonly channelBinding: Buffer;
  /** Cuts the connection at once; nothing more is sent. */
  destroy(): void;
}

export interface DialOptions {
  host: string;
  port: number;
  /** Name that the server's certificate must carry (SNI and check). */
  serverName: string;
  credentials: TlsCredentials;
  minVersion: TlsVersion;
  timeoutMs: number;
  /** RFC 7301, for endpoints that tell protocols apart by it; none unless given. */
  alpn?: readonly string[];
  /** Address of this machine that the connection comes from; the system's choice unless given. */
  localAddress?: string;
  /** The TCP connection is there; the TLS handshake begins. */
  onConnected?(local: LocalEnd): void;
}

/** Client side of the device link; judges no certificate. Rejects with an AirherdError. */
export interface Dialer {
  dial(options: DialOptions, signal: AbortSignal): Promise<SecureChannel>;
}

export interface ListenOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  credentials: TlsCredentials;
  trustPem: readonly string[];
  minVersion: TlsVersion;
  /** From accept to the end of the handshake. */
  handshakeTimeoutMs: number;
  maxConnectionsPerAddress: number;
}

export interface TlsListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Server side of the device link. Client certificates are requested and required. */
export interface Listener {
  listen(
    options: ListenOptions,
    onChannel: (channel: SecureChannel) => void,
    onRefused: (reason: { code: string; remoteAddress: string }) => void,
  ): Promise<TlsListener>;
}
