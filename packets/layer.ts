import type { Dissection } from './dissection.ts';

/**
 * One protocol. A layer's file holds field accessors over bytes (the view), `dissect`, and `record`.
 * No method throws on any bytes, and none reads outside `start`..`end`.
 */
export interface Layer<R = unknown> {
  readonly proto: number;
  /**
   * Checks the header at `start`; bytes at `end` and beyond belong to others. Calls `d.push` when the header
   * is good, `d.next` when something follows, `d.truncated` or `d.malformed` when it must stop. Allocates
   * nothing.
   */
  dissect(d: Dissection, start: number, end: number): void;
  /** All fields of layer `i` of a dissection as a plain object, for people and tests. */
  record(d: Dissection, i: number): R;
}
