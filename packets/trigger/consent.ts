/** A customer's recorded consent to capture payload. */
export interface Consent {
  id: string;
  purpose: string;
  /** ISO 8601 with a time zone; not in force from then on. */
  until: string;
}

const WITH_ZONE = /(Z|[+-]\d{2}:?\d{2})$/;

/** Reads a record, JSON; null when it does not name id, purpose and a point in time at which it ends. */
export function readConsent(json: string): Consent | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { id, purpose, until } = value as Partial<Record<keyof Consent, unknown>>;
  if (typeof id !== 'string' || typeof purpose !== 'string' || typeof until !== 'string') return null;
  if (id === '' || purpose.trim() === '' || !WITH_ZONE.test(until)) return null;
  return Number.isNaN(Date.parse(until)) ? null : { id, purpose, until };
}

/** @param nowMs Unix time, milliseconds */
export const consentInForce = (consent: Consent, nowMs: number): boolean => nowMs < Date.parse(consent.until);
