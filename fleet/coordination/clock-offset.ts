/**
 * How far another machine's clock is ahead of ours, from pings and their answers: half of the round trip is taken off
 * each way (RFC 5905 8), and the quickest round trip counts, which queues disturbed least.
 */
export class ClockOffset {
  #best: { offsetMs: number; roundTripMs: number } | null = null;

  /** When the ping was sent and the answer came, by our clocks; the other's clock when it answered. */
  add(sent: { wallMs: number; monoMs: number }, receivedMonoMs: number, theirWallMs: number): void {
    const roundTripMs = receivedMonoMs - sent.monoMs;
    if (this.#best && this.#best.roundTripMs <= roundTripMs) return;
    this.#best = { offsetMs: theirWallMs - (sent.wallMs + roundTripMs / 2), roundTripMs };
  }

  get isKnown(): boolean {
    return this.#best !== null;
  }

  /** Positive: their clock is ahead. */
  get offsetMs(): number {
    return this.#best?.offsetMs ?? 0;
  }

  /** The offset is right within this. */
  get uncertaintyMs(): number {
    return (this.#best?.roundTripMs ?? 0) / 2;
  }
}
