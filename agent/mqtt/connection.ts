import type { Duplex } from 'node:stream';
import type { Clock } from '../../platform/ports/clock.ts';

/** Errors of a connection: `code` is CONNACK's return code (MQTT 3.1.1 clause 3.2.2.3), or the stream's own. */
export interface MqttError extends Error {
  code?: string | number;
  reason?: string;
}

export interface MqttOptions {
  clientId: string;
  /** Null says none. */
  username: string | null;
  password: Buffer | string | null;
  keepaliveS: number;
  /** Longest wait for CONNACK, above what whoever logs in allows. */
  timeoutMs: number;
  /** A packet of which so much has come without its end, or that says it will be longer, is one too large. */
  maxPacketBytes: number;
  clock: Clock;
  /** CONNACK with return code 0. */
  onConnected(): void;
  onMessage(topic: string, payload: Buffer): void;
  onTooLarge(): void;
  onError(error: MqttError): void;
  /** The stream is closed; once, also after `end`. */
  onClosed(): void;
}

/** Client side of one clean MQTT 3.1.1 session on one secured stream; it says CONNECT at once, and never reconnects. */
export interface MqttConnection {
  /** QoS 1; `done` gets what was granted, null where nothing was. */
  subscribe(filter: string, done: (granted: number | null) => void): void;
  /** QoS 1; `onTaken` at PUBACK. */
  publish(topic: string, payload: Buffer, onTaken?: () => void): void;
  /** No timer of it runs from now on; the stream is the caller's to close. */
  end(): void;
}

export type ConnectMqtt = (stream: Duplex, options: MqttOptions) => MqttConnection;
