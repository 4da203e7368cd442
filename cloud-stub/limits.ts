/** What a device may cost before and after it has proved itself. */
export interface Limits {
  /** Accept to end of handshake, milliseconds. */
  handshakeTimeoutMs: number;
  /** Handshake to end of login. */
  loginTimeoutMs: number;
  /** Bytes that a connection may send before it is logged in. */
  bytesBeforeLogin: number;
  connectionsPerAddress: number;
  /** Largest MQTT packet, bytes; `welcome.maxPacket`. */
  maxPacket: number;
  /** Messages that may be unacknowledged at once; `welcome.window`. aedes queues 42 before it is ready. */
  window: number;
  /** PUBLISH packets a second, sustained, and how many may come at once. */
  publishesPerSecond: number;
  publishBurst: number;
  /** How long messages of a class that was just switched off may still come, and are withheld. */
  classGraceMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  handshakeTimeoutMs: 10_000,
  loginTimeoutMs: 10_000,
  bytesBeforeLogin: 4096,
  connectionsPerAddress: 20_000,
  maxPacket: 256 * 1024,
  window: 32,
  publishesPerSecond: 500,
  publishBurst: 2000,
  classGraceMs: 5000,
};
