/**
 * What stations do beside what was measured on real ones: gaps and sizes of probe bursts, when they roam, how long
 * sessions are, what DHCP sees. Seeds were chosen before anything was counted. AIRHERD_WRITE_DOCS=1 writes
 * docs/pictures/habits.svg and the table's numbers.
 */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Act } from '../../../world/association/acts.ts';
import { Deciding } from '../../../world/association/deciding.ts';
import { habitsOf } from '../../../world/association/habits.ts';
import { standing, type Track } from '../../../world/association/track.ts';
import type { Being } from '../../../world/beings/model.ts';
import { population } from '../../../world/beings/population.ts';
import { siteCast } from '../../../world/engine/cast.ts';
import { undisturbed } from '../../../world/engine/network.ts';
import { type Cast, World } from '../../../world/engine/world.ts';
import { Life } from '../../../world/life/life.ts';
import { RadioField } from '../../../world/radio/field.ts';
import { ScanSchedule } from '../../../world/radio/scan-schedule.ts';
import { shadowing } from '../../../world/radio/shadowing.ts';
import { BANDS } from '../../../world/radio/walls.ts';
import { Draws, hash } from '../../../world/random.ts';
import { chainSite } from '../../../world/site/chain.ts';
import type { Site } from '../../../world/site/model.ts';
import { officeSite } from '../../../world/site/office.ts';
import { readByTshark } from '../../support/read-frames.ts';
import { quantile } from '../../support/world/estimators.ts';
import { plotLines } from '../../support/world/plot-lines.ts';

const SEEDS = [201, 202, 203, 204, 205];
const MONDAY_MS = Date.UTC(2026, 2, 2);
const HOUR_MS = 3_600_000;
const numbers: string[] = [];
const note = (name: string, measured: string, simulated: string) =>
  numbers.push(`| ${name} | ${measured} | ${simulated} |`);
const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const shareOf = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;
function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups.values()];
}
const percent = (share: number) => `${Math.round(100 * share)} %`;

describe('probe bursts of phones that join nothing', () => {
  const site = { ...chainSite(201, 0), timeZone: 'UTC' };
  const phones = population(site, { clients: 400 })
    .filter(({ kind }) => kind === 'phone')
    .slice(0, 110)
    .map((being) => ({ ...being, wifi: being.wifi && { ...being.wifi, ssid: null } }));
  const trackOf = ({ home: { floor, x, y } }: Being): Track =>
    standing({ floor, x, y, headingRad: 0 }, MONDAY_MS, MONDAY_MS + 48 * HOUR_MS);
  const deciding = new Deciding(site, new RadioField(site), undisturbed);
  const actsOf = (being: Being, fromMs: number, toMs: number): Iterable<Act> =>
    being.wifi ? deciding.acts(being, being.wifi, trackOf(being), fromMs, toMs) : [];

  test('gaps: medians of 17 to 135 s, typically 40; 95th percentiles of 60 to 270 s', () => {
    const gaps = phones.map((being) => {
      const times = [...actsOf(being, MONDAY_MS + 9 * HOUR_MS, MONDAY_MS + 21 * HOUR_MS)].map(
        ({ tMs }) => tMs,
      );
      return sorted(times.slice(1).map((t, i) => (t - times[i]) / 1000));
    });
    const medians = sorted(gaps.map((of) => quantile(of, 0.5)));
    const highs = sorted(gaps.map((of) => quantile(of, 0.95)));
    expect(medians[0]).toBeGreaterThan(12);
    expect(medians.at(-1)).toBeLessThan(150);
    expect(Math.abs(quantile(medians, 0.5) - 40)).toBeLessThan(8);
    expect(shareOf(highs.map((high) => high >= 60 && high <= 270))).toBeGreaterThan(0.8);
    note(
      'gap between bursts: median of a phone, s',
      '17 to 135, typically 40',
      `${medians[0].toFixed(0)} to ${medians.at(-1)?.toFixed(0)}, median ${quantile(medians, 0.5).toFixed(0)}`,
    );
    note(
      'its 95th percentile, s',
      '60 to 270',
      `${quantile(highs, 0.1).toFixed(0)} to ${quantile(highs, 0.9).toFixed(0)} (10th to 90th percentile of phones)`,
    );
  });

  test('as tshark reads them: 7 frames a burst (6 to 93), and ten of eleven have a new MAC each time', async () => {
    const few = phones.slice(0, 44);
    const cast: Cast = { beings: few, trackOf, actsOf };
    const world = new World(site, cast, { ble: false, beaconsOneIn: 60_000 });
    const from = MONDAY_MS + 10 * HOUR_MS;
    const frames = [...world.run(from, from + HOUR_MS / 4)].filter(
      (step) => step.type === 'frame' && step.linkType === 127,
    );
    const bursts = new Map<string, number>();
    const facts = [...world.run(from, from + HOUR_MS / 4)].flatMap((step) =>
      step.type === 'fact' && step.fact.type === 'scan' ? [step.fact] : [],
    );
    const byBeing = groupBy(facts, ({ being }) => being);
    for (const { mac, frames: count } of facts) bursts.set(mac, count);
    const sizes = sorted(facts.map(({ frames: count }) => count));
    expect(quantile(sizes, 0.5)).toBeGreaterThanOrEqual(6);
    expect(quantile(sizes, 0.5)).toBeLessThanOrEqual(9);
    expect(sizes[0]).toBeGreaterThanOrEqual(6);
    expect(sizes.at(-1)).toBeLessThanOrEqual(93);
    const repeated = byBeing.filter((of) => of.length > 3);
    const fresh = repeated.map((of) => new Set(of.map(({ mac }) => mac)).size === of.length);
    expect(shareOf(fresh)).toBeGreaterThan(0.8);
    expect(shareOf(fresh)).toBeLessThanOrEqual(1);
    const heard = (
      await readByTshark(
        frames.filter((step) => step.type === 'frame'),
        ['wlan.ta', 'wlan.fc.type_subtype'],
      )
    )
      .filter(([, type]) => type[0] === '0x0004')
      .map(([ta]) => ta[0]);
    expect(heard.length).toBeGreaterThan(1000);
    for (const ta of new Set(heard)) expect(bursts.has(ta)).toBe(true);
    note(
      'frames of a burst',
      'median 7 (6 to 93)',
      `median ${quantile(sizes, 0.5)} (${sizes[0]} to ${sizes.at(-1)})`,
    );
    note('phones with a new MAC for each burst', '10 of 11 (91 %)', percent(shareOf(fresh)));
  });
});

interface Roam {
  currentDbm: number;
  gainDb: number;
  advised: boolean;
}

/** Roams of a day in an office, with the mean signals at the place and time of each, by the radio field itself. */
function officeDay(seed: number): { roams: Roam[]; hours: number; weak: number } {
  const site: Site = { ...officeSite({ seed, floors: 2 }), timeZone: 'UTC' };
  const cast = siteCast(site, { conditionsAt: undisturbed, clients: 60 });
  const field = new RadioField(site);
  const roams: Roam[] = [];
  let weak = 0;
  for (const being of cast.beings) {
    if (being.wifi === null || being.schedule !== 'staff') continue;
    const habits = habitsOf(site.seed, being);
    if (habits.triggerDbm !== -70) continue;
    const track = cast.trackOf(being);
    let current: { accessPoint: number; band: '2.4' | '5' | '6' } | null = null;
    let advised = false;
    for (const act of cast.actsOf(being, MONDAY_MS + 6 * HOUR_MS, MONDAY_MS + 20 * HOUR_MS)) {
      if (act.kind === 'advise') advised = act.accepted;
      if (act.kind === 'search') weak++;
      if (act.kind === 'leave') current = null;
      if (act.kind !== 'join' && act.kind !== 'roam') continue;
      if (act.kind === 'roam' && current !== null) {
        // Decided up to a second before.
        const place = track.positionAt(act.tMs - 700);
        const mean = ({ accessPoint, band }: { accessPoint: number; band: '2.4' | '5' | '6' }) =>
          field.meanDbm(accessPoint, BANDS.indexOf(band), {
            device: being.index,
            powerDbm: field.powerDbm(accessPoint, BANDS.indexOf(band)),
            channel: 0,
            floor: field.floorOf(place.floor),
            x: place.x,
            y: place.y,
            z: 1.1,
            heading: place.headingRad,
            sample: 0,
          });
        roams.push({ currentDbm: mean(current), gainDb: mean(act) - mean(current), advised });
      }
      advised = false;
      current = act;
    }
  }
  return { roams, hours: 0, weak };
}

describe('roaming in an office, on five seeds', () => {
  const days = SEEDS.map(officeDay);
  const roams = days.flatMap((day) => day.roams);
  const own = roams.filter(({ advised }) => !advised);

  test('stations look for another below −70 dBm and go where it is 8 dB better, or 12', () => {
    expect(own.length).toBeGreaterThan(200);
    // A station's own averages err by 1.5 dB each.
    const from = sorted(own.map(({ currentDbm }) => currentDbm));
    const gains = sorted(own.map(({ gainDb }) => gainDb));
    expect(quantile(from, 0.95)).toBeLessThan(-67);
    expect(quantile(from, 0.5)).toBeGreaterThan(-82);
    expect(quantile(gains, 0.05)).toBeGreaterThan(5);
    expect(shareOf(gains.map((gain) => gain >= 8))).toBeGreaterThan(0.85);
    note(
      'signal that a station roams from, dBm',
      'below −70',
      `95 % below ${quantile(from, 0.95).toFixed(0)}, median ${quantile(from, 0.5).toFixed(0)}`,
    );
    note(
      'what the other is better by, dB',
      '8 active, 12 idle',
      `5 % below ${quantile(gains, 0.05).toFixed(1)}, median ${quantile(gains, 0.5).toFixed(1)}`,
    );
  });

  test('not every search finds something, and advice (802.11v) moves some', () => {
    const searches = days.reduce((sum, { weak }) => sum + weak, 0);
    expect(searches).toBeGreaterThan(own.length);
    const advised = roams.filter((roam) => roam.advised).length;
    expect(advised).toBeGreaterThan(20);
    expect(advised).toBeLessThan(roams.length);
    note(
      'roams of a station in a day in the office',
      'no figure',
      (roams.length / (SEEDS.length * 45)).toFixed(1),
    );
  });
});

test('the scan radio catches a neighbour’s client in 0.6 of its rounds', () => {
  const schedule = new ScanSchedule(201);
  const caught = Array.from({ length: 20_000 }, (_, i) =>
    schedule.catches(i % 20, 7 + Math.floor(i / 2000), 5_000_000 * i),
  );
  expect(Math.abs(shareOf(caught) - 0.6)).toBeLessThan(0.015);
  const visits = Array.from({ length: 4000 }, (_, i) => {
    const times = Array.from({ length: 100 }, (__, k) => schedule.visits(3, 36, i * 5_000_000 + k * 50_000));
    return times.filter(Boolean).length * 50;
  });
  for (const ms of visits) expect(Math.abs(ms - 250)).toBeLessThanOrEqual(50);
  note('rounds of 5 s in which a neighbour hears a client', '0.6', shareOf(caught).toFixed(2));
});

describe('sessions and DHCP', () => {
  test('a visitor is connected about as long as the visit is', () => {
    const ratios = SEEDS.flatMap((seed) => {
      const site = { ...chainSite(seed, 1), timeZone: 'UTC' };
      const cast = siteCast(site, { conditionsAt: undisturbed });
      const life = new Life(site);
      return cast.beings
        .filter(({ schedule, wifi }) => schedule === 'visitor' && wifi?.ssid)
        .flatMap((being) => {
          let since = 0;
          const spans: number[] = [];
          for (const act of cast.actsOf(being, MONDAY_MS + 6 * HOUR_MS, MONDAY_MS + 22 * HOUR_MS)) {
            if (act.kind === 'join' && since === 0) since = act.tMs;
            if (act.kind !== 'leave' || act.reason !== 'away') continue;
            spans.push(act.tMs - since);
            since = 0;
          }
          const track = life.track(being);
          let there = 0;
          for (let t = MONDAY_MS + 6 * HOUR_MS; t < MONDAY_MS + 22 * HOUR_MS; t += 5000)
            if (track.presentAt(t)) there += 5000;
          return there > 60_000 && spans.length > 0 ? [spans.reduce((a, b) => a + b, 0) / there] : [];
        });
    });
    expect(ratios.length).toBeGreaterThan(50);
    expect(Math.abs(quantile(sorted(ratios), 0.5) - 1)).toBeLessThan(0.05);
    note(
      'session beside the visit',
      'sessions are BiPareto like stays',
      `median ratio ${quantile(sorted(ratios), 0.5).toFixed(2)}`,
    );
  });

  test('newcomers discover, roamers ask for what they had, and leases are renewed at half', async () => {
    const plain = { ...officeSite({ seed: 203 }), timeZone: 'UTC' };
    const leaseS = 600;
    const site = { ...plain, servers: { ...plain.servers, dhcp: { ...plain.servers.dhcp, leaseS } } };
    const cast = siteCast(site, { conditionsAt: undisturbed, clients: 25 });
    const world = new World(site, cast, { ble: false, beaconsOneIn: 60_000 });
    const from = MONDAY_MS + 8.4 * HOUR_MS;
    const steps = [...world.run(from, from + HOUR_MS)];
    const wire = steps.flatMap((step) =>
      step.type === 'frame' && step.interface === 'uplink' && step.device.startsWith('ap') ? [step] : [],
    );
    const rows = await readByTshark(wire, ['dhcp.option.dhcp', 'dhcp.ip.client', 'dhcp.hw.mac_addr']);
    const of = (type: string) =>
      rows.flatMap((row, i) => (row[0][0] === type ? [{ row, timeUs: wire[i].timeUs }] : []));
    const facts = steps.flatMap((step) => (step.type === 'fact' ? [step.fact] : []));
    const count = (type: string) =>
      facts.filter((fact) => fact.type === type && 'outcome' in fact && fact.outcome === 'joined').length;
    expect(of('1').length).toBe(count('join'));
    expect(of('2').length).toBe(of('1').length);
    const renewals = of('3').filter(({ row }) => row[1][0] !== '0.0.0.0');
    expect(of('3').length).toBe(count('join') + count('roam') + renewals.length);
    const byMac = groupBy(renewals, ({ row }) => row[2][0]);
    const gaps = byMac.flatMap((all) => all.slice(1).map(({ timeUs }, i) => (timeUs - all[i].timeUs) / 1e6));
    expect(gaps.length).toBeGreaterThan(10);
    const usual = gaps.filter((gap) => Math.abs(gap - leaseS / 2) < 30);
    expect(usual.length / gaps.length).toBeGreaterThan(0.7);
    note(
      'DHCP renewal, share of the lease',
      '0.5 (RFC 2131 4.4.5)',
      (quantile(sorted(gaps), 0.5) / leaseS).toFixed(2),
    );
    note(
      'DISCOVERs for each join, REQUESTs for each roam',
      '1, 1',
      `${(of('1').length / count('join')).toFixed(2)}, ${((of('3').length - renewals.length - count('join')) / Math.max(1, count('roam'))).toFixed(2)}`,
    );
  });
});

describe('shadowing over distance', () => {
  test('falls as exp(−Δ/dc): 0.32 to 0.42 at dc, on seeds not tuned', () => {
    const dc = 3.5;
    const at = (seed: number, share: number): number => {
      const draws = new Draws(hash(seed, 9));
      let [sum, a2, b2] = [0, 0, 0];
      for (let i = 0; i < 8000; i++) {
        const [x, y, angle] = [draws.between(0, 3000), draws.between(0, 3000), draws.between(0, 2 * Math.PI)];
        const a = shadowing(seed, x, y, dc);
        const b = shadowing(seed, x + share * dc * Math.cos(angle), y + share * dc * Math.sin(angle), dc);
        sum += a * b;
        a2 += a * a;
        b2 += b * b;
      }
      return sum / Math.sqrt(a2 * b2);
    };
    for (const seed of SEEDS) {
      expect(at(seed, 1), String(seed)).toBeGreaterThan(0.32);
      expect(at(seed, 1), String(seed)).toBeLessThan(0.42);
    }
    const mean = (share: number) => SEEDS.reduce((sum, seed) => sum + at(seed, share), 0) / SEEDS.length;
    note('correlation of shadowing at dc', '0.37, 0.32 to 0.42', mean(1).toFixed(2));
    if (!process.env.AIRHERD_WRITE_DOCS) return;
    const shares = Array.from({ length: 17 }, (_, i) => i / 4);
    const picture = plotLines({
      title: 'Correlation of shadowing over distance, five seeds',
      xTitle: 'distance, in decorrelation distances',
      yTitle: 'line: exp(−Δ/dc); points: simulated',
      theory: shares.map((share) => [share, Math.exp(-share)] as const),
      simulated: shares.map((share) => [share, mean(share)] as const),
      xRange: [0, 4],
      yRange: [-0.1, 1],
    });
    writeFileSync(new URL('../../../docs/pictures/shadowing.svg', import.meta.url), picture);
  });

  if (process.env.AIRHERD_WRITE_DOCS) {
    test('the numbers', () => console.log(numbers.join('\n')));
  }
});
