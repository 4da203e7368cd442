import type { AirherdError } from '../protocol/errors.ts';
import type { DownTopic, UpStream } from '../protocol/topics.ts';

export type DownHandler = (topic: DownTopic, payload: Buffer) => void;

/** What an open session sends and receives by, however the device proved itself. */
export interface DeviceLink {
  /** Why the link is down; resolves once, also when `close` was asked for. */
  readonly closed: Promise<AirherdError>;
  /** QoS 1. The broker's PUBACK is of no interest: only the cloud's `ack` means stored. */
  publish(stream: UpStream, payload: Buffer): void;
  /** From now on `handler` gets what the cloud sends, beginning with what came before. */
  receiveWith(handler: DownHandler): void;
  /** Cuts the link; `closed` then resolves to `reason`. */
  fail(reason: AirherdError): void;
  /** Says DISCONNECT after what was written. */
  close(): Promise<void>;
  /** Cuts the link at once, with nothing more said. */
  destroy(): void;
}
