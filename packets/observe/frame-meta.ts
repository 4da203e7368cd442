import type { Dissection } from '../dissection.ts';

/** What a container knows of a frame. The caller may reuse one object for all frames. */
export interface FrameMeta {
  /** Unix time, milliseconds with a fraction. */
  timeMs: number;
  /** From 1, within its source. */
  number: number;
  /** Interface or port that it was seen on. */
  interfaceName: string;
  /** Bytes on the wire. */
  originalLength: number;
}

/** Which fields are derived from what clients send. */
export interface Derive {
  /** DHCP, DHCPv6, multicast DNS. */
  hostName: boolean;
  /** EAP, RADIUS. */
  userName: boolean;
  /** HTTP. */
  userAgent: boolean;
  /** Family and operating system from all of them. */
  family: boolean;
  /** `tlsFingerprintOf`; null for no fingerprints of TLS clients. */
  tlsFingerprint: ((d: Dissection, i: number) => string | null) | null;
}

/** All but the fingerprint, which is only made where it was asked for. */
export const DERIVE_DEFAULT: Readonly<Derive> = {
  hostName: true,
  userName: true,
  userAgent: true,
  family: true,
  tlsFingerprint: null,
};
