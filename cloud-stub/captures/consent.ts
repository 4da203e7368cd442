/** A customer's recorded consent to capture payload, as a capture needs it. */
export interface CaptureConsent {
  id: string;
  purpose: string;
  untilMs: number;
}

/** Where consents are recorded. */
export interface CaptureConsents {
  /** The consent, when it is in force at `nowMs`. */
  inForce(orgId: string, consentId: string, nowMs: number): CaptureConsent | null;
  /** A capture began under it: to be stopped when it is withdrawn. */
  started(consentId: string, serial: string, captureId: Uint8Array): void;
}
