/** Every message that a device sends belongs to one class; the organisation decides which may leave. */
export const PRIVACY_CLASSES = [
  'device',
  'wifi.connected',
  'wifi.unconnected',
  'wired',
  'lldp',
  'ble.assets',
  'app.location',
  'pcap.headers',
  'pcap.payload',
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
