/** One device of a type from the catalogue, made into a being. */
import type { Draws } from '../random.ts';
import type { Site } from '../site/model.ts';
import { permanentMac } from './addresses.ts';
import { CATALOGUE, type DeviceType } from './catalogue.ts';
import type { Being, BeingKind, BleTraits, Schedule, WifiTraits } from './model.ts';
import { generatedSuffix, type PersonName } from './names.ts';

export interface Circumstances {
  index: number;
  owner: number;
  name: PersonName;
  userName: string | null;
  home: Being['home'];
  schedule: Schedule;
  /** The network it joins; null for a passer-by. */
  ssid: string | null;
  wired: Being['wired'];
}

const OF_KIND = new Map<BeingKind, DeviceType[]>();
for (const type of CATALOGUE) OF_KIND.set(type.kind, [...(OF_KIND.get(type.kind) ?? []), type]);

/** A type of this kind; `wireless` only one that has a radio, and null where there is none such. */
export function drawType(kind: BeingKind, draws: Draws, wireless = false): DeviceType | null {
  const types = (OF_KIND.get(kind === 'app' ? 'phone' : kind) ?? []).filter(
    (type) => !wireless || type.bands.length > 0,
  );
  return types.length > 0 ? draws.weighted(types) : null;
}

export function device(
  site: Site,
  type: DeviceType,
  kind: BeingKind,
  draws: Draws,
  at: Circumstances,
): Being {
  const version = draws.pick(type.versions);
  const mac = permanentMac(type.block, site.seed, at.index);
  const hostName = hostNameOf(type, mac, at.name, draws);
  const wireless = type.bands.length > 0 && at.wired === null && kind !== 'app';
  return {
    id: `${kind}${at.index}`,
    index: at.index,
    kind,
    manufacturer: type.manufacturer,
    model: type.model,
    os: type.os,
    osVersion: version,
    mac,
    macPolicy: at.wired ? { joined: 'permanent', probing: 'permanent' } : type.mac,
    hostName,
    userName: type.dhcp && kind !== 'app' ? at.userName : null,
    dhcp: kind === 'app' ? null : type.dhcp,
    userAgent: type.userAgent?.replace('%v', version).replace('%u', version.replaceAll('.', '_')) ?? null,
    wifi: wireless ? wifiTraits(type, at.ssid, draws) : null,
    wired: at.wired,
    ble: bleTraits(kind, type.os, draws, at.index),
    owner: at.owner,
    home: at.home,
    schedule: at.schedule,
  };
}

function hostNameOf(type: DeviceType, mac: string, name: PersonName, draws: Draws): string | null {
  const digits = mac.replaceAll(':', '').toUpperCase();
  switch (type.hostName) {
    case 'possessive':
      return `${name.first}s-${type.label}`;
    case 'model':
      return type.label || type.model;
    case 'generated':
      return type.label + (type.os === 'Windows' ? generatedSuffix(draws) : draws.integer(1, 999));
    case 'mac-6':
      return type.label + digits.slice(6);
    case 'mac-12':
      return type.label + (type.label.endsWith('-') ? digits.toLowerCase() : digits);
    case 'none':
      return null;
  }
}

/** Medians of eleven measured phones lie between 17 and 135 s, typically 40; a burst is 6 to 93 frames. */
function wifiTraits(type: DeviceType, ssid: string | null, draws: Draws): WifiTraits {
  const gap = Math.min(135, Math.max(17, 40 * Math.exp(0.5 * draws.normal())));
  const frames = draws.chance(0.1) ? draws.integer(12, 93) : draws.integer(6, 9);
  return {
    bands: [...type.bands],
    ssid,
    powerDbm: type.powerDbm,
    roaming: type.roaming,
    burstGapMs: Math.round(gap) * 1000,
    framesPerBurst: frames,
  };
}

/** Steps of 0.625 ms (Core 5.4, Vol 6 B 4.4.2.2). */
const interval = (ms: number): number => Math.round(ms / 0.625) * 0.625;

const NAMESPACE = '6d7468756e64657200ff';
const UUID = '2f234454-cf6d-4a0f-adf2-f4911ba9ffa6';
const COMPANY_APPLE = 0x004c;
const COMPANY_GARMIN = 0x0087;

function bleTraits(kind: BeingKind, os: string, draws: Draws, index: number): BleTraits | null {
  const byte = () => draws.integer(0, 255).toString(16).padStart(2, '0');
  switch (kind) {
    case 'tag': {
      const eddystone = draws.chance(0.4);
      return {
        advert: eddystone
          ? {
              format: 'eddystone-uid',
              namespace: NAMESPACE,
              instance: index.toString(16).padStart(12, '0'),
              measuredPowerDbm: -18,
            }
          : {
              format: 'ibeacon',
              uuid: UUID,
              major: 1 + (index >>> 16),
              minor: index & 0xffff,
              measuredPowerDbm: -59,
            },
        intervalMs: interval(draws.pick([100, 200, 500, 1000])),
        powerDbm: 0,
        rotatesMs: null,
      };
    }
    case 'wearable':
      return {
        advert: { format: 'manufacturer', company: COMPANY_GARMIN, data: `01${byte()}${byte()}` },
        intervalMs: interval(draws.pick([318.75, 1022.5])),
        powerDbm: 0,
        rotatesMs: 15 * 60_000,
      };
    case 'phone':
      if (os !== 'iOS') return null;
      return {
        advert: {
          format: 'manufacturer',
          company: COMPANY_APPLE,
          data: `1005${byte()}1c${byte()}${byte()}${byte()}`,
        },
        intervalMs: interval(draws.pick([211.25, 417.5, 1285])),
        powerDbm: 4,
        rotatesMs: 15 * 60_000,
      };
    default:
      return null;
  }
}
