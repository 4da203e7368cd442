/**
 * Every message that a device sends belongs to one class; the organisation decides which may leave. Append only: an
 * agent's outbox on disk knows a class by its place here.
 */
export const PRIVACY_CLASSES = [
  'device',
  'wifi.connected',
  'wifi.unconnected',
  'wired',
  'lldp',
  /** Bluetooth devices that say what they are, as badges do; `bleClass` tells. */
  'ble.assets',
  'app.location',
  'pcap.headers',
  'pcap.payload',
  /** Every other Bluetooth device. */
  'ble.passive',
] as const;
export type PrivacyClass = (typeof PRIVACY_CLASSES)[number];

/** What an organisation allows until it says otherwise: nothing of who is not connected, no payload. */
export const DEFAULT_PRIVACY_CLASSES: readonly PrivacyClass[] = [
  'device',
  'wifi.connected',
  'wired',
  'lldp',
  'pcap.headers',
];
