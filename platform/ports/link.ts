/** What a link does to all that passes, both ways. */
export interface LinkConditions {
  /** One way, milliseconds. */
  delayMs: number;
  /** Up to so much more, milliseconds, drawn for each KiB; nothing overtakes what went before. */
  jitterMs: number;
  /** From the device to the target, bytes a second. */
  upBytesPerS: number;
  /** From the target to the device: a small one makes a slow reader. */
  downBytesPerS: number;
  /** Nothing passes, and nobody is told; what was under way arrives when it ends, as TCP would send it again. */
  blackHole: boolean;
}

export const CLEAR_LINK: Readonly<LinkConditions> = {
  delayMs: 0,
  jitterMs: 0,
  upBytesPerS: Number.POSITIVE_INFINITY,
  downBytesPerS: Number.POSITIVE_INFINITY,
  blackHole: false,
};

/**
 * How a connection ends.
 *
 * | way              | device sees             | target sees                                       |
 * |------------------|-------------------------|---------------------------------------------------|
 * | cut              | end of stream           | end of stream                                     |
 * | reset            | connection reset        | connection reset                                  |
 * | reset-mid-record | part of a TLS record, then a reset, as the target does                      |
 * | half-open        | connection reset        | nothing: a connection on which no one speaks more |
 */
export const LINK_BREAKS = ['cut', 'reset', 'reset-mid-record', 'half-open'] as const;
export type LinkBreak = (typeof LINK_BREAKS)[number];

/** A TCP proxy between devices and their target whose links can be spoiled, each by its name. */
export interface LinkProxy {
  readonly host: string;
  readonly port: number;
  /** Which link the connection from this local address and port is; needed where `claimed` was asked for. */
  claim(local: LocalEnd, link: string): void;
  /** Changes what is named of the conditions, for connections that are there and those to come. */
  set(link: string, conditions: Partial<LinkConditions>): void;
  /** Ends the connections of a link; returns how many. */
  break(link: string, how: LinkBreak): number;
  /** Open now; of one link, or of all. */
  connections(link?: string): number;
  /** Ends all connections, and takes no more. */
  close(): Promise<void>;
}

/** The device's end of its TCP connection. */
export interface LocalEnd {
  address: string;
  port: number;
}
