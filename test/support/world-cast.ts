/** A small office and a fixed cast for tests of frames: four beings that do something known at known times. */

import type { Act } from '../../world/association/acts.ts';
import { standing, type Track } from '../../world/association/track.ts';
import type { Being } from '../../world/beings/model.ts';
import type { Cast } from '../../world/engine/world.ts';
import type { Site, Ssid } from '../../world/site/model.ts';
import { officeSite } from '../../world/site/office.ts';

export const START_MS = Date.UTC(2026, 0, 5, 9);
export const MINUTE_MS = 60_000;
export const PASSPHRASE = 'correct horse battery';

const SSIDS: Ssid[] = [
  { name: 'corp', vlan: 10, security: 'wpa2-enterprise', passphrase: null },
  { name: 'guest', vlan: 20, security: 'open', passphrase: null },
];

/** Two access points on one floor. With other SSIDs, each radio has a BSSID for each of them. */
export function smallOffice(ssids: Ssid[] = SSIDS): Site {
  const site = officeSite({ seed: 7, widthM: 24, depthM: 16, areaPerApM2: 192 });
  const accessPoints = site.accessPoints.map((ap) => ({
    ...ap,
    radios: ap.radios.map((radio) => ({
      ...radio,
      bssids: ssids.map((_, i) => radio.bssids[i] ?? `02:5e:00:00:00:0${i}`),
    })),
  }));
  return { ...site, ssids, accessPoints };
}

export const BASE: Being = {
  id: 'phone-0',
  index: 0,
  kind: 'phone',
  manufacturer: 'Apple',
  model: 'iPhone 15',
  os: 'iOS',
  osVersion: '18.1',
  mac: '3c:22:fb:00:00:01',
  macPolicy: { joined: 'per-ssid', probing: 'burst' },
  hostName: 'Alices-iPhone',
  userName: 'alice@corp.example',
  dhcp: {
    parameterRequestList: [1, 121, 3, 6, 15, 108, 114, 119, 252],
    vendorClass: null,
    sendsHostName: true,
    sendsFqdn: false,
  },
  userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)',
  wifi: {
    bands: ['2.4', '5'],
    ssid: 'corp',
    powerDbm: 14,
    roaming: { k: false, v: false, r: false },
    burstGapMs: 40_000,
    framesPerBurst: 7,
  },
  wired: null,
  ble: null,
  owner: 0,
  home: { floor: 'f0', x: 6, y: 4, z: 0.8, room: 'f0-r1' },
  schedule: 'staff',
};

const wifi = (ssid: string) => ({ ...(BASE.wifi as NonNullable<Being['wifi']>), ssid });

export const LAPTOP: Being = {
  ...BASE,
  id: 'laptop-1',
  index: 1,
  kind: 'laptop',
  manufacturer: 'Dell',
  model: 'Latitude',
  os: 'Windows',
  osVersion: '11',
  mac: '00:14:22:00:00:02',
  macPolicy: { joined: 'permanent', probing: 'permanent' },
  hostName: 'DESKTOP-BOB',
  userName: null,
  userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
  dhcp: {
    parameterRequestList: [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252],
    vendorClass: 'MSFT 5.0',
    sendsHostName: true,
    sendsFqdn: true,
  },
  wifi: wifi('guest'),
};

export const PASSER_BY: Being = {
  ...BASE,
  id: 'phone-2',
  index: 2,
  userName: null,
  wifi: { ...wifi('none'), ssid: null },
};

export const PRINTER: Being = {
  ...BASE,
  id: 'printer-3',
  index: 3,
  kind: 'printer',
  manufacturer: 'Brother',
  model: 'HL-L2350',
  os: 'embedded',
  osVersion: '1',
  mac: '00:80:77:00:00:03',
  hostName: 'BRN008077000003',
  userName: null,
  userAgent: null,
  dhcp: { parameterRequestList: [1, 3, 6, 15, 44], vendorClass: null, sendsHostName: true, sendsFqdn: false },
  wifi: null,
  wired: { device: 'sw-f0', port: 'ge-0/0/6' },
  schedule: 'fixed',
};

export const TAG: Being = {
  ...BASE,
  id: 'tag-4',
  index: 4,
  kind: 'tag',
  hostName: null,
  userName: null,
  dhcp: null,
  userAgent: null,
  wifi: null,
  ble: {
    advert: {
      format: 'ibeacon',
      uuid: 'fda50693-a4e2-4fb1-afcf-c6eb07647825',
      major: 10,
      minor: 20,
      measuredPowerDbm: -59,
    },
    intervalMs: 1000,
    powerDbm: 0,
    rotatesMs: null,
  },
  schedule: 'asset',
};

export const BEINGS = [BASE, LAPTOP, PASSER_BY, PRINTER, TAG];

const at = (ms: number) => START_MS + ms;

const ACTS: Readonly<Record<string, Act[]>> = {
  'phone-0': [
    { kind: 'scan', tMs: at(1000), answers: { accessPoint: 0, band: '5' } },
    { kind: 'join', tMs: at(2000), accessPoint: 0, band: '5' },
    { kind: 'roam', tMs: at(70_000), accessPoint: 1, band: '5' },
    { kind: 'leave', tMs: at(160_000), announced: true, reason: 'away' },
  ],
  'laptop-1': [{ kind: 'join', tMs: at(5000), accessPoint: 1, band: '2.4' }],
  'phone-2': [0, 1, 2].map((n) => ({ kind: 'scan', tMs: at(10_000 + 40_000 * n), answers: null })),
};

export function castOf(
  beings: readonly Being[] = BEINGS,
  acts: Readonly<Record<string, readonly Act[]>> = ACTS,
): Cast {
  return {
    beings,
    trackOf: (being): Track => {
      const { floor, x, y } = being.home;
      return standing({ floor, x, y, headingRad: 0 }, START_MS, START_MS + 24 * 60 * MINUTE_MS);
    },
    actsOf: (being) => acts[being.id] ?? [],
  };
}
