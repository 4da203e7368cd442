import type { Dissection } from '../dissection.ts';
import type { Client } from './client.ts';
import type { PcapTriggerName, Timeouts } from './names.ts';

/** What a detector may ask for and do while it looks at one frame. */
export interface Scene {
  readonly timeouts: Timeouts;
  /** Capture time of the frame, Unix milliseconds. */
  readonly timeMs: number;
  client(b: Uint8Array, at: number): Client;
  /** The client that last spoke 802.1X on the interface of this frame, if it is still known. */
  supplicant(): Client | null;
  isSupplicant(client: Client): void;
  fire(client: Client, trigger: PcapTriggerName): void;
}

/**
 * Looks for one family of failures. `layer` is the index of the layer that it was registered for. It fires at
 * once, or leaves an expectation with the client, which fires when nothing meets it in time.
 */
export type Detector = (d: Dissection, layer: number, scene: Scene) => void;
