import { describe, expect, test } from 'vitest';
import { evidenceOfParameterList, evidenceOfVendorClass } from '../../../packets/observe/dhcp-fingerprint.ts';
import { combine, type Placed } from '../../../packets/observe/evidence.ts';
import { evidenceOfHostName } from '../../../packets/observe/host-name.ts';
import { loadManufacturers } from '../../../packets/observe/manufacturer.ts';
import { evidenceOfUserAgent } from '../../../packets/observe/user-agent.ts';
import { bleAddress, joinedMac, probeMac } from '../../../world/beings/addresses.ts';
import { CATALOGUE } from '../../../world/beings/catalogue.ts';
import type { Being } from '../../../world/beings/model.ts';
import { population } from '../../../world/beings/population.ts';
import { officeSite } from '../../../world/site/office.ts';

const site = officeSite({ seed: 21, floors: 3 });
const beings = population(site);
const of = (kind: Being['kind']) => beings.filter((being) => being.kind === kind);

/** What an observer concludes from what the being says of itself. */
function observed(being: Being) {
  const sources = [
    being.dhcp && evidenceOfParameterList(being.dhcp.parameterRequestList),
    being.dhcp?.vendorClass && evidenceOfVendorClass(being.dhcp.vendorClass),
    being.userAgent && evidenceOfUserAgent(being.userAgent),
    being.dhcp?.sendsHostName && being.hostName && evidenceOfHostName(being.hostName),
  ];
  return combine(sources.flatMap((evidence): Placed[] => (evidence ? [{ ...evidence, frame: 1 }] : [])));
}

const FAMILY: Record<string, RegExp> = {
  iOS: /^iPhone$/,
  iPadOS: /^iPad$/,
  macOS: /^Mac$/,
  Android: /^Android device$/,
  Windows: /^Windows PC$/,
  ChromeOS: /^Chromebook$/,
  Linux: /Linux/,
  'ESP-IDF': /^IoT device$/,
  'AXIS OS': /^Camera$/,
  'Hikvision firmware': /^Camera$/,
  'HP FutureSmart': /^Printer$/,
  'Brother firmware': /^Printer$/,
};

describe('a being is what an observer takes it for', () => {
  const everyone = (['office', 'school', 'hospital'] as const).flatMap((kind) =>
    population({
      ...site,
      kind,
      floors: site.floors.map((f) => ({
        ...f,
        rooms: f.rooms.map((r) => ({ ...r, kind: r.kind === 'office' ? ('ward' as const) : r.kind })),
      })),
    }),
  );

  test('for every device type that asks for an address', () => {
    const seen = new Map<string, Being>();
    for (const being of [...beings, ...everyone])
      if (being.dhcp) seen.set(`${being.model} ${being.osVersion}`, being);
    expect(seen.size).toBeGreaterThan(18);
    for (const being of seen.values()) {
      const verdict = observed(being);
      expect(verdict?.family, being.model).toMatch(FAMILY[being.os]);
      expect(verdict?.confidence, being.model).toBeGreaterThan(0.3);
    }
  });

  test('versions that a user agent carries are those of the being', () => {
    const [phone] = of('phone').filter((being) => being.os === 'iOS');
    expect(observed(phone)?.os).toBe(`iOS ${phone.osVersion}`);
    const android = of('phone').find((being) => being.os === 'Android')!;
    expect(observed(android)?.os).toBe(`Android ${android.osVersion}`);
  });

  test('its address block is registered to its manufacturer', async () => {
    const manufacturerOf = await loadManufacturers();
    for (const type of CATALOGUE) expect(manufacturerOf(`${type.block}:00:00:01`)).toBe(type.manufacturer);
  });
});

describe('a population', () => {
  test('has one of everything, on the floors of the site, each with an address of its own', () => {
    for (const kind of ['phone', 'laptop', 'printer', 'camera', 'iot', 'tag', 'wearable', 'app'] as const) {
      expect(of(kind).length, kind).toBeGreaterThan(0);
    }
    expect(new Set(beings.map((being) => being.mac)).size).toBe(beings.length);
    expect(new Set(beings.map((being) => being.id)).size).toBe(beings.length);
    const wired = beings.flatMap((being) =>
      being.wired ? [`${being.wired.device} ${being.wired.port}`] : [],
    );
    expect(wired.length).toBeGreaterThan(3);
    expect(new Set(wired).size).toBe(wired.length);
  });

  test('has as many Wi-Fi clients as asked for, and a larger one holds the smaller', () => {
    const small = population(site, { clients: 50 });
    const large = population(site, { clients: 200 });
    expect(small.filter((being) => being.wifi)).toHaveLength(50);
    expect(large.filter((being) => being.wifi)).toHaveLength(200);
    expect(large.slice(0, small.length)).toEqual(small);
  });

  test('carries phone and laptop under one user name', () => {
    const laptop = of('laptop').find((being) => being.userName)!;
    const phone = of('phone').find((being) => being.owner === laptop.owner)!;
    expect(laptop.userName).toMatch(/^[a-z]+\.[a-z]+\d+@corp\.example$/);
    expect(phone.userName).toBe(laptop.userName);
    expect(phone.home).toEqual(laptop.home);
  });

  test('probes as eleven measured phones did', () => {
    const many = population(site, { clients: 1500 }).filter((being) => being.kind === 'phone');
    const gaps = many.map((being) => being.wifi!.burstGapMs / 1000).sort((a, b) => a - b);
    expect(gaps[0]).toBeGreaterThanOrEqual(17);
    expect(gaps[gaps.length - 1]).toBeLessThanOrEqual(135);
    expect(gaps[gaps.length >> 1]).toBeGreaterThan(34);
    expect(gaps[gaps.length >> 1]).toBeLessThan(46);
    const frames = many.map((being) => being.wifi!.framesPerBurst).sort((a, b) => a - b);
    expect([frames[0], frames[frames.length >> 1]]).toEqual([6, 8]);
    const fresh = many.filter((being) => being.macPolicy.probing === 'burst').length / many.length;
    expect(Math.abs(fresh - 10 / 11)).toBeLessThan(0.04);
  });
});

describe('addresses', () => {
  const [phone] = of('phone').filter((being) => being.os === 'iOS');
  const printer = of('printer').find((being) => being.wired)!;

  test('one a network, one a burst, all locally administered and individual', () => {
    const corp = joinedMac(phone, site.seed, 'corp');
    expect(joinedMac(phone, site.seed, 'corp')).toBe(corp);
    const all = [
      corp,
      joinedMac(phone, site.seed, 'guest'),
      probeMac(phone, site.seed, 0),
      probeMac(phone, site.seed, 1),
    ];
    expect(new Set(all).size).toBe(4);
    for (const mac of all) expect(Number.parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
    expect(joinedMac(printer, site.seed, 'corp')).toBe(printer.mac);
  });

  test('a wearable shows a new resolvable address every fifteen minutes, a tag keeps its static one', () => {
    const [wearable] = of('wearable');
    const [tag] = of('tag');
    const kept = new Set<string>();
    const changing = new Set<string>();
    for (let minute = 0; minute < 60; minute++) {
      kept.add(bleAddress(tag, site.seed, minute * 60_000));
      changing.add(bleAddress(wearable, site.seed, minute * 60_000));
    }
    expect(kept.size).toBe(1);
    expect([4, 5]).toContain(changing.size);
    const top = (mac: string) => Number.parseInt(mac.slice(0, 2), 16) >> 6;
    expect([...kept].map(top)).toEqual([3]);
    expect(new Set([...changing].map(top))).toEqual(new Set([1]));
  });
});
