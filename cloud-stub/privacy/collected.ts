import { DEFAULT_PRIVACY_CLASSES, type PrivacyClass } from '../../protocol/privacy.ts';
import { type KeptAs, keptMs } from './retention-periods.ts';
import type { FieldSwitches, PrivacySettings } from './settings.ts';

/** The switch that decides whether a field is taken. */
export type Setting =
  /** No switch: without it there is no network to run. */
  | { kind: 'core' }
  | { kind: 'class' }
  | { kind: 'field'; name: keyof FieldSwitches }
  | { kind: 'option'; name: 'locationServices' | 'locationHistory' }
  | { kind: 'consent' }
  /** A guest portal that is on, and its fields. */
  | { kind: 'portal' };

export interface CollectedField {
  /** Stable, lower case with hyphens. */
  id: string;
  /** What it is, for a reader who knows nothing of networks. */
  what: string;
  product:
    | 'Wi-Fi Assurance'
    | 'Wired Assurance'
    | 'Manual capture'
    | 'Captive portal'
    | 'Location'
    | 'Analytics';
  purpose: string;
  /** Class of the messages that carry it; null for what no device sends. */
  class: PrivacyClass | null;
  setting: Setting;
  /** Whether it says something about a person. */
  personal: boolean;
  keptAs: KeptAs;
}

const wifi = {
  product: 'Wi-Fi Assurance',
  class: 'wifi.connected',
  personal: true,
  keptAs: 'device',
} as const;
const wired = { product: 'Wired Assurance', class: 'wired', personal: true, keptAs: 'device' } as const;
const assurance = 'finding out why a connection is slow or fails';
const classSwitch = { kind: 'class' } as const;
const fieldSwitch = (name: keyof FieldSwitches) => ({ kind: 'field', name }) as const;

/** All that may ever be collected. Payload of applications and browsing history are not in it: they never are. */
export const COLLECTED: readonly CollectedField[] = [
  {
    id: 'device-health',
    what: 'health of access points and switches themselves',
    product: 'Wi-Fi Assurance',
    purpose: 'running the network',
    class: 'device',
    setting: { kind: 'core' },
    personal: false,
    keptAs: 'device',
  },
  {
    ...wifi,
    id: 'wifi-mac',
    what: 'MAC address of a connected device',
    purpose: assurance,
    setting: classSwitch,
  },
  { ...wifi, id: 'wifi-ip', what: 'its IP addresses', purpose: assurance, setting: classSwitch },
  {
    ...wifi,
    id: 'wifi-host-name',
    what: 'its host name',
    purpose: 'naming the device',
    setting: fieldSwitch('hostName'),
  },
  {
    ...wifi,
    id: 'wifi-user-name',
    what: 'name of the user who signed in to the network',
    purpose: 'helping that user',
    setting: fieldSwitch('userName'),
  },
  {
    ...wifi,
    id: 'wifi-user-agent',
    what: 'how its browser names itself',
    purpose: 'knowing what kind of device it is',
    setting: fieldSwitch('userAgent'),
  },
  {
    ...wifi,
    id: 'wifi-device-family',
    what: 'type, model family and operating system',
    purpose: 'comparing devices of one kind',
    setting: fieldSwitch('deviceFamily'),
  },
  {
    ...wifi,
    id: 'location-coarse',
    what: 'the place of the access point that it is connected to, now',
    purpose: 'finding out where the network is weak',
    setting: classSwitch,
  },
  {
    ...wifi,
    id: 'location-precise',
    product: 'Location',
    what: 'its place within 5 to 10 m, now',
    purpose: 'location services that the customer turned on',
    setting: { kind: 'option', name: 'locationServices' },
    keptAs: 'now',
  },
  {
    ...wifi,
    id: 'signal',
    what: 'signal strength at access points',
    purpose: 'radio management',
    setting: classSwitch,
    keptAs: 'location',
  },
  {
    ...wifi,
    id: 'location-history',
    product: 'Analytics',
    what: 'where it was',
    purpose: 'reports that the customer subscribed to',
    setting: { kind: 'option', name: 'locationHistory' },
    keptAs: 'location',
  },
  {
    id: 'dynamic-capture',
    what: 'headers of packets around a failure, with addresses; never payload',
    product: 'Wi-Fi Assurance',
    purpose: assurance,
    class: 'pcap.headers',
    setting: classSwitch,
    personal: true,
    keptAs: 'packets',
  },
  {
    ...wired,
    id: 'wired-mac',
    what: 'MAC address of a device on a cable',
    purpose: assurance,
    setting: classSwitch,
  },
  { ...wired, id: 'wired-ip', what: 'its IP addresses', purpose: assurance, setting: classSwitch },
  {
    ...wired,
    id: 'wired-host-name',
    what: 'its host name',
    purpose: 'naming the device',
    setting: fieldSwitch('hostName'),
  },
  {
    ...wired,
    id: 'wired-user-name',
    what: 'name of its user',
    purpose: 'helping that user',
    setting: fieldSwitch('userName'),
  },
  {
    id: 'lldp',
    what: 'what neighbouring network equipment says of itself',
    product: 'Wired Assurance',
    purpose: 'knowing how the network is cabled',
    class: 'lldp',
    setting: classSwitch,
    personal: false,
    keptAs: 'device',
  },
  {
    id: 'wifi-unconnected',
    what: 'MAC address and approximate place of a device in range that is not connected',
    product: 'Location',
    purpose: 'counting visits',
    class: 'wifi.unconnected',
    setting: classSwitch,
    personal: true,
    keptAs: 'location',
  },
  {
    id: 'app-location',
    what: 'place of a phone, by an app in which its owner opted in',
    product: 'Location',
    purpose: 'finding one’s way',
    class: 'app.location',
    setting: classSwitch,
    personal: true,
    keptAs: 'location',
  },
  {
    id: 'app-opt-in',
    what: 'that the owner of a phone opted in within an app, to which text, when; name and e-mail where the app has them',
    product: 'Location',
    purpose: 'proving consent',
    class: 'app.location',
    setting: classSwitch,
    personal: true,
    keptAs: 'device',
  },
  {
    id: 'ble-named',
    what: 'name and place of a Bluetooth badge or beacon, which says what it is',
    product: 'Location',
    purpose: 'finding people and things that carry one',
    class: 'ble.assets',
    setting: classSwitch,
    personal: true,
    keptAs: 'location',
  },
  {
    id: 'ble-passive',
    what: 'address and place of any other Bluetooth device',
    product: 'Location',
    purpose: 'finding things',
    class: 'ble.passive',
    setting: classSwitch,
    personal: true,
    keptAs: 'location',
  },
  {
    id: 'manual-capture',
    what: 'whole packets, which may hold payload',
    product: 'Manual capture',
    purpose: 'the one that the customer’s recorded consent names',
    class: 'pcap.payload',
    setting: { kind: 'consent' },
    personal: true,
    keptAs: 'packets',
  },
  {
    id: 'portal-guest',
    what: 'what guests fill in at the portal, addresses of their device, when they agreed to what',
    product: 'Captive portal',
    purpose: 'letting guests in',
    class: null,
    setting: { kind: 'portal' },
    personal: true,
    keptAs: 'device',
  },
];

export interface CollectedNow extends Omit<CollectedField, 'keptAs' | 'setting'> {
  setting: string;
  /** As an organisation finds it that has changed nothing. */
  default: 'on' | 'off';
  collected: boolean;
  why: string;
  /** How long it is kept; 0: only what is true now. */
  keptDays: number;
}

const DAY_MS = 86_400_000;

/** Exactly what is collected from an organisation with these settings, and by which switch. */
export function collectedNow(
  classes: readonly PrivacyClass[],
  settings: PrivacySettings,
  /** Whether a portal of the organisation is on. */
  hasPortal = false,
): CollectedNow[] {
  return COLLECTED.map(({ keptAs, setting, ...field }) => {
    const isOn = field.class === null || classes.includes(field.class);
    const bySwitch = setting.kind === 'portal' ? hasPortal : switchedOn(setting, settings);
    return {
      ...field,
      setting: nameOf(setting, field.class),
      default:
        field.class !== null && DEFAULT_PRIVACY_CLASSES.includes(field.class) && isDefault(setting)
          ? 'on'
          : 'off',
      collected: isOn && bySwitch,
      why: !isOn
        ? `class ${field.class} is off`
        : bySwitch
          ? 'switched on'
          : `${nameOf(setting, field.class)} is off`,
      keptDays: keptMs(keptAs, settings) / DAY_MS,
    };
  });
}

function switchedOn(setting: Setting, settings: PrivacySettings): boolean {
  if (setting.kind === 'field') return settings.fields[setting.name];
  if (setting.kind === 'option') return settings[setting.name];
  return true;
}

const isDefault = ({ kind }: Setting): boolean => kind === 'core' || kind === 'class' || kind === 'field';

function nameOf(setting: Setting, privacyClass: PrivacyClass | null): string {
  switch (setting.kind) {
    case 'core':
      return 'none: the network cannot be run without it';
    case 'class':
      return `privacyClasses: ${privacyClass}`;
    case 'field':
      return `fields.${setting.name}`;
    case 'option':
      return setting.name;
    case 'portal':
      return 'a guest portal, and its fields';
    case 'consent':
      return 'a consent, and privacyClasses: pcap.payload';
  }
}
