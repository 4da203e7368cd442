import { PRIVACY_CLASSES, type PrivacyClass } from '../../protocol/privacy.ts';

/**
 * What the customer assigns a device to be. A device gets what its role and the organisation's settings both
 * allow, nothing else.
 */
export const DEVICE_ROLES = {
  /** Whatever the organisation allows. */
  full: PRIVACY_CLASSES,
  /** Radio and its clients, not what hangs on its ports. */
  wireless: ['device', 'wifi.connected', 'wifi.unconnected', 'lldp', 'pcap.headers', 'pcap.payload'],
  /** Ports and their hosts, not the radio. */
  wired: ['device', 'wired', 'lldp', 'pcap.headers', 'pcap.payload'],
  /** Badges, tags and whatever else advertises. */
  'ble-sensor': ['device', 'ble.assets', 'ble.passive', 'app.location', 'lldp'],
  /** Its own health. */
  health: ['device'],
} as const satisfies Record<string, readonly PrivacyClass[]>;
export type DeviceRole = keyof typeof DEVICE_ROLES;

export const isDeviceRole = (text: string): text is DeviceRole => Object.hasOwn(DEVICE_ROLES, text);

/** An unknown role, as of a newer version, is the least one. */
export function allowedClasses(role: string, organisation: readonly PrivacyClass[]): PrivacyClass[] {
  const classes: readonly PrivacyClass[] = DEVICE_ROLES[isDeviceRole(role) ? role : 'health'];
  return organisation.filter((name) => classes.includes(name));
}
