import { z } from 'zod';

/** Days that data is kept, by what it is. */
export const retentionDays = z.strictObject({
  /** Messages and records about devices and their hosts. */
  device: z.number().int().min(1).max(3650),
  /** Captured packets. */
  packets: z.number().int().min(1).max(3650),
  /** Signal samples, from which places of the past could be told. Kept only as location history. */
  location: z.number().int().min(1).max(3650),
});

/** What an organisation chose beside the privacy classes. */
export const privacySettings = z.strictObject({
  /** Observation fields that its devices may report. */
  fields: z.strictObject({
    hostName: z.boolean(),
    userName: z.boolean(),
    userAgent: z.boolean(),
    deviceFamily: z.boolean(),
  }),
  /** More than the coarse place of who is connected. */
  locationServices: z.boolean(),
  /** A subscription: longer retention, and what needs it. */
  premiumAnalytics: z.boolean(),
  locationHistory: z.boolean(),
  retentionDays,
});
export type PrivacySettings = z.infer<typeof privacySettings>;
export type FieldSwitches = PrivacySettings['fields'];

/** Promised: device data 60 days, packets 7; longer only with Premium Analytics. */
export const DEFAULT_SETTINGS: PrivacySettings = {
  fields: { hostName: true, userName: true, userAgent: true, deviceFamily: true },
  locationServices: false,
  premiumAnalytics: false,
  locationHistory: false,
  retentionDays: { device: 60, packets: 7, location: 60 },
};

/** A change: what is not named stays. */
export const privacyChange = privacySettings.omit({ fields: true, retentionDays: true }).partial().extend({
  fields: privacySettings.shape.fields.partial().optional(),
  retentionDays: retentionDays.partial().optional(),
});
export type PrivacyChange = z.infer<typeof privacyChange>;

export const changed = (before: PrivacySettings, change: PrivacyChange): PrivacySettings => ({
  ...before,
  ...change,
  fields: { ...before.fields, ...change.fields },
  retentionDays: { ...before.retentionDays, ...change.retentionDays },
});

/** Why these settings cannot be had together; null when they can. */
export function conflict(settings: PrivacySettings): string | null {
  const { premiumAnalytics, locationServices, locationHistory, retentionDays: days } = settings;
  if (locationHistory && !(premiumAnalytics && locationServices)) {
    return 'locationHistory needs locationServices and premiumAnalytics';
  }
  if (premiumAnalytics) return null;
  const standard = DEFAULT_SETTINGS.retentionDays;
  const long = (['device', 'packets', 'location'] as const).filter((name) => days[name] > standard[name]);
  return long.length === 0
    ? null
    : `retentionDays.${long[0]} above ${standard[long[0]]} needs premiumAnalytics`;
}
