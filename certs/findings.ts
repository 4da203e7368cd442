export type Problem =
  /** A certificate that cannot be read, or that has an unknown critical extension. */
  | 'malformed'
  /** No path from the leaf to a trusted root. */
  | 'chain'
  /** A certificate names an issuer that we have, but that one did not sign it. */
  | 'signature'
  /** A CA certificate that may not sign certificates or not at this depth, or a leaf that is a CA. */
  | 'ca-flag'
  | 'key-too-weak'
  /** Not for this use of TLS. */
  | 'usage'
  /** Another server name or serial than expected, or one that a CA above may not certify. */
  | 'name'
  | 'not-yet-valid'
  | 'expired';

/** Every problem that was found, and a sentence for each. */
export class Findings {
  readonly problems: Set<Problem>;
  readonly details: string[];

  /** Begins with what is in `before`, and leaves that as it is. */
  constructor(before?: Findings) {
    this.problems = new Set(before?.problems);
    this.details = [...(before?.details ?? [])];
  }

  add(problem: Problem, detail: string): void {
    this.problems.add(problem);
    this.details.push(detail);
  }
}
