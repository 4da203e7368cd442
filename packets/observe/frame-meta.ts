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

/** Which fields are derived from what clients send; all unless configured. */
export interface Derive {
  /** DHCP, DHCPv6, multicast DNS. */
  hostName: boolean;
  /** EAP, RADIUS. */
  userName: boolean;
  /** HTTP. */
  userAgent: boolean;
  /** Family and operating system from all of them. */
  family: boolean;
}

export const DERIVE_ALL: Readonly<Derive> = { hostName: true, userName: true, userAgent: true, family: true };
