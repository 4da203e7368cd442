/**
 * The truth of a run as lines of JSON, in this order: the site, its devices, links, beings and causes, then what
 * was done and where everybody was, by time. Times are milliseconds since the Unix epoch, positions metres.
 */
import type { BeingKind } from '../beings/model.ts';
import type { Fact } from '../engine/emission.ts';
import type { Band, Place } from '../site/model.ts';

export const TRUTH_FORMAT = 'airherd-truth/1';

/** One end of a wire; `mac` is the device's own. */
export interface LinkEnd {
  device: string;
  mac: string;
  port: string;
}

export type TruthLine =
  | { type: 'site'; format: typeof TRUTH_FORMAT; name: string; seed: number; fromMs: number; toMs: number }
  | {
      type: 'device';
      id: string;
      kind: 'access-point' | 'switch';
      name: string;
      mac: string;
      at: Place;
      radios: { band: Band; channel: number; bssids: string[] }[];
    }
  /** A wire between two devices, or to a host (`wired`) that announces itself. */
  | { type: 'link'; a: LinkEnd; b: LinkEnd; wired: boolean }
  | {
      type: 'being';
      being: string;
      kind: BeingKind;
      manufacturer: string;
      model: string;
      os: string;
      osVersion: string;
      /** Burnt in. */
      mac: string;
      /** Bluetooth addresses that it has during the run. */
      ble: string[];
    }
  | { type: 'cause'; id: string; kind: string; fromMs: number; toMs: number; concerns: readonly string[] }
  | ({ timeMs: number } & Fact)
  /** From now on it is here, until the next such line of it. */
  | { type: 'position'; timeMs: number; being: string; floor: string; x: number; y: number }
  /** From now on it is not on site. */
  | { type: 'gone'; timeMs: number; being: string };
