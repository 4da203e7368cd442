import type { Finding } from './finding.ts';

/**
 * What an agent observes. Real and simulated sources implement the same interface, and the agent cannot tell
 * which it has. Frames are whole link-layer frames; observations are those that a daemon made already.
 */
export interface CapturedFrame {
  /** LINKTYPE_ value of the tcpdump registry (1 Ethernet, 127 radiotap, ...). */
  linkType: number;
  bytes: Uint8Array;
  /** Length on the wire; ≥ bytes.length. */
  originalLength: number;
  /** Capture time, nanoseconds since the Unix epoch. */
  timeNs: bigint;
  /** Frame number within its source, from 1. */
  number: number;
  /** Interface or port that it was seen on. */
  interfaceName: string;
}

/** One Bluetooth LE advertisement or scan response, as a radio reported it. */
export interface BleSighting {
  /** `aa:bb:cc:dd:ee:ff` */
  address: string;
  isRandom: boolean;
  /** AD structures (Core Specification, volume 3, part C, clause 11), as they were sent. */
  advertisingData: Uint8Array;
  /** Absent where the radio had none (HCI value 127). */
  rssiDbm?: number;
  /** Nanoseconds since the Unix epoch. */
  timeNs: bigint;
  /** Number within its source, from 1. */
  number: number;
}

/**
 * Who lost frames: the kernel, whose ring was full; the interface, which had no room; the helper that captures; the agent,
 * which was behind. `missed`: they went by while nobody captured.
 */
export const DROPPERS = ['kernel', 'interface', 'helper', 'agent', 'missed'] as const;
export type Drops = Partial<Record<(typeof DROPPERS)[number], number>>;

export interface SourceCounts {
  frames: number;
  bytes: number;
  /** Frames that the source knows it missed. */
  dropped: number;
  /** By whom, where somebody tells; together they are `dropped`. */
  droppedBy?: Drops;
}

/** What a source has to say of its losses. */
export function lossesOf(droppedBy: Drops): Pick<SourceCounts, 'dropped' | 'droppedBy'> {
  return { dropped: Object.values(droppedBy).reduce((sum, count) => sum + count, 0), droppedBy };
}

/** A source that goes on by itself, where it is interrupted, tells of it: once each way. */
export interface SourceWatcher {
  /** It gives nothing for now. The error says in one line what to do; the source goes on when its cause goes away. */
  interrupted(error: Error): void;
  /** `missed`: frames or lines that are known to be lost, as far as somebody counted them. */
  resumed(missed: number): void;
}

export interface Source {
  readonly name: string;
  /**
   * Capture time that passes in a unit of real time, also while no frames come: 1 for what is captured now.
   * Absent where it passes with the frames alone, as in a file that is read at once.
   */
  readonly timeRate?: number;
  /** Ends when the source is exhausted or `signal` aborts. Throws an AirherdError when it cannot go on. */
  frames(signal: AbortSignal): AsyncIterable<CapturedFrame[]>;
  /**
   * What its Bluetooth radio hears; absent without one. Is called before `frames`, and ends and throws as that
   * does. The reports stand until the next batch is asked for.
   */
  advertisements?(signal: AbortSignal): AsyncIterable<BleSighting[]>;
  /** What a daemon or the kernel has found out by itself; absent without one. Ends and throws as `frames` does. */
  findings?(signal: AbortSignal): AsyncIterable<Finding[]>;
  /** Is called once, before all others. */
  watch?(watcher: SourceWatcher): void;
  counts(): SourceCounts;
}
