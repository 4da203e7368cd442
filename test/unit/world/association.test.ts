/** Who is on which access point, and what is said about it in the air, as tshark reads it. */
import { describe, expect, test } from 'vitest';
import type { Act } from '../../../world/association/acts.ts';
import { Deciding } from '../../../world/association/deciding.ts';
import { standing, type Track } from '../../../world/association/track.ts';
import type { Being } from '../../../world/beings/model.ts';
import { undisturbed } from '../../../world/engine/network.ts';
import { type Cast, World, type WorldFrame } from '../../../world/engine/world.ts';
import { RadioField } from '../../../world/radio/field.ts';
import { officeSite } from '../../../world/site/office.ts';
import { readByTshark, tsharkComplaints, withCapture } from '../../support/read-frames.ts';
import { BASE, MINUTE_MS, START_MS, smallOffice } from '../../support/world-cast.ts';

const SITE = smallOffice([{ name: 'corp', vlan: 10, security: 'open', passphrase: null }]);
const [AP0, AP1] = SITE.accessPoints;
const at = (ms: number) => START_MS + ms;

const phone = (roaming: { k: boolean; v: boolean; r: boolean }, index = 0): Being => ({
  ...BASE,
  index,
  id: `phone-${index}`,
  wifi: BASE.wifi && { ...BASE.wifi, ssid: 'corp', roaming },
});

/** Fixed acts: connected to ap0, told of neighbours, searching, advised, gone to ap1. */
const ACTS: Act[] = [
  { kind: 'scan', tMs: at(1000), answers: { accessPoint: 0, band: '5' } },
  { kind: 'join', tMs: at(2000), accessPoint: 0, band: '5' },
  {
    kind: 'report',
    tMs: at(30_000),
    neighbours: [
      { accessPoint: 1, band: '5' },
      { accessPoint: 1, band: '2.4' },
    ],
  },
  { kind: 'search', tMs: at(30_100), on: [{ accessPoint: 1, band: '5' }] },
  { kind: 'advise', tMs: at(40_000), candidates: [{ accessPoint: 1, band: '5' }], accepted: false },
  { kind: 'advise', tMs: at(50_000), candidates: [{ accessPoint: 1, band: '5' }], accepted: true },
  { kind: 'roam', tMs: at(50_500), accessPoint: 1, band: '5' },
];

const still = ({ home: { floor, x, y } }: Being): Track =>
  standing({ floor, x, y, headingRad: 0 }, START_MS, START_MS + 24 * 60 * MINUTE_MS);

function framesOf(being: Being, acts: readonly Act[]): WorldFrame[] {
  const cast: Cast = { beings: [being], trackOf: still, actsOf: () => acts };
  const world = new World(SITE, cast, { ble: false, beaconsOneIn: 10 });
  return [...world.run(START_MS, START_MS + 2 * MINUTE_MS)].filter((step) => step.type === 'frame');
}

describe('802.11k and v, by tshark', () => {
  const being = phone({ k: true, v: true, r: false });
  const frames = framesOf(being, ACTS).filter(
    ({ device, interface: name }) => device === 'ap0' && name === '5',
  );
  const bssid = (ap: typeof AP0, band: number) => ap.radios[band].bssids[0];

  test('frames are sound', () =>
    withCapture(frames, async (path) => expect(tsharkComplaints(path)).toEqual([])));

  test('a neighbour report names the other access point: BSSID, channel, operating class', async () => {
    const fields = [
      'wlan.fixed.action_code',
      'wlan.nreport.bssid',
      'wlan.nreport.channumber',
      'wlan.nreport.opeclass',
    ];
    const rows = (await readByTshark(frames, ['wlan.fixed.category_code', ...fields])).filter(
      ([category]) => category[0] === '5',
    );
    expect(rows.map(([, code]) => code[0])).toEqual(['4', '5']);
    expect(rows[1][2]).toEqual([bssid(AP1, 1), bssid(AP1, 0)]);
    expect(rows[1][3].map(Number)).toEqual([AP1.radios[1].channel, AP1.radios[0].channel]);
    expect(rows[1][4].map(Number)).toEqual([118, 81]);
  });

  test('BSS transition: a request with candidates, refused once and obeyed once', async () => {
    const fields = [
      'wlan.fixed.action_code',
      'wlan.fixed.bss_transition_status_code',
      'wlan.fixed.bss_transition_target_bss',
      'wlan.nreport.bssid',
    ];
    const rows = (await readByTshark(frames, ['wlan.fixed.category_code', ...fields])).filter(
      ([category]) => category[0] === '10',
    );
    expect(rows.map(([, code]) => code[0])).toEqual(['7', '8', '7', '8']);
    expect(rows[0][4]).toEqual([bssid(AP1, 1)]);
    expect(rows[1][2].map(Number)).toEqual([7]);
    expect(rows[1][3]).toEqual([]);
    expect(rows[3][2].map(Number)).toEqual([0]);
    expect(rows[3][3]).toEqual([bssid(AP1, 1)]);
  });

  test('beacons tell of it: neighbour reports, BSS transition, how busy the channel is and by how many', async () => {
    const rows = await readByTshark(frames, [
      'wlan.fc.type_subtype',
      'wlan.rmcap.b1',
      'wlan.extcap.b19',
      'wlan.qbss.scount',
      'wlan.qbss.cu',
    ]);
    const beacons = rows.filter(([type]) => type[0] === '0x0008');
    expect(beacons.length).toBeGreaterThan(50);
    for (const [, k, v] of beacons) expect([k[0], v[0]]).toEqual(['1', '1']);
    const counts = beacons.map(([, , , count]) => Number(count[0]));
    expect(counts[0]).toBe(0);
    expect(Math.max(...counts)).toBe(1);
    expect(counts.at(-1)).toBe(0);
    for (const [, , , , busy] of beacons) expect(Number(busy[0])).toBeLessThan(60);
  });

  test('a station without them does not claim them', async () => {
    const plain = framesOf(phone({ k: false, v: false, r: false }), ACTS.slice(0, 2));
    const rows = await readByTshark(plain, ['wlan.fc.type_subtype', 'wlan.extcap.b19', 'wlan.rmcap.b1']);
    const asked = rows.filter(([type]) => type[0] === '0x0000');
    expect(asked.length).toBeGreaterThan(0);
    for (const [, v, k] of asked) expect([v[0], k[0]]).toEqual(['0', undefined]);
  });
});

describe('decisions', () => {
  const deciding = new Deciding(SITE, new RadioField(SITE), undisturbed);
  /** From one end of the floor to the other and back, at a metre a second. */
  const walk: Track = {
    presentAt: (tMs) => tMs >= START_MS,
    positionAt: (tMs) => {
      const m = ((tMs - START_MS) / 1000) % 40;
      return { floor: 'f0', x: 2 + (m < 20 ? m : 40 - m), y: 8, headingRad: m < 20 ? 0 : 3.1 };
    },
    restsUntil: (tMs) => tMs,
  };
  const acts = (being: Being, track: Track, ms = 10 * MINUTE_MS): Act[] =>
    being.wifi ? [...deciding.acts(being, being.wifi, track, START_MS, START_MS + ms)] : [];
  const many = Array.from({ length: 40 }, (_, i) => phone({ k: true, v: true, r: false }, i + 10));

  test('a longer wish has the same beginning', () => {
    for (const being of many.slice(0, 5)) {
      const short = acts(being, walk, 5 * MINUTE_MS);
      expect(acts(being, walk).slice(0, short.length)).toEqual(short);
    }
  });

  test('who can hear 5 GHz well is not answered on 2.4', () => {
    const near = standing(
      { floor: 'f0', x: AP0.at.x + 1, y: AP0.at.y, headingRad: 0 },
      START_MS,
      START_MS + 9e6,
    );
    const joins = many.map((being) => acts(being, near)[1]);
    expect(joins.map((act) => act.kind)).toEqual(joins.map(() => 'join'));
    const bands = joins.map((act) => act.kind === 'join' && act.band);
    expect(bands.filter((band) => band === '5').length).toBeGreaterThan(0.9 * bands.length);
    const only = { ...many[0], wifi: many[0].wifi && { ...many[0].wifi, bands: ['2.4' as const] } };
    expect(acts(only, near)[1]).toMatchObject({ kind: 'join', band: '2.4' });
  });

  test('6 GHz is for WPA3 alone', () => {
    const tri = many.map((being) => ({
      ...being,
      wifi: being.wifi && { ...being.wifi, bands: ['6' as const] },
    }));
    expect(tri.flatMap((being) => acts(being, walk)).filter(({ kind }) => kind === 'join')).toEqual([]);
  });

  test('stations differ: some hold on to what they have', () => {
    const long = officeSite({ seed: 7, widthM: 120, areaPerApM2: 480 });
    const on = new Deciding(long, new RadioField(long), undisturbed);
    const along: Track = {
      ...walk,
      positionAt: (tMs) => {
        const m = ((tMs - START_MS) / 1000) % 220;
        return { floor: 'f0', x: 5 + (m < 110 ? m : 220 - m), y: 12, headingRad: m < 110 ? 0 : 3.1 };
      },
    };
    const roams = many.map(({ wifi, ...being }) => {
      if (wifi === null) return 0;
      const all = [...on.acts({ ...being, wifi }, wifi, along, START_MS, START_MS + 60 * MINUTE_MS)];
      return all.filter(({ kind }) => kind === 'roam').length;
    });
    const inOrder = roams.toSorted((a, b) => a - b);
    expect(inOrder[20]).toBeGreaterThan(10);
    expect(inOrder[1]).toBeLessThan(0.8 * inOrder[38]);
  });

  test('one decides as it does whoever else is there', () => {
    const alone = acts(many[7], walk);
    const others = many.map((being) =>
      deciding.acts(
        being,
        being.wifi as NonNullable<Being['wifi']>,
        walk,
        START_MS,
        START_MS + 10 * MINUTE_MS,
      ),
    );
    const mine: Act[] = [];
    for (let more = true; more; ) {
      more = false;
      others.forEach((generator, i) => {
        const { done, value } = generator.next();
        if (done) return;
        more = true;
        if (i === 7) mine.push(value);
      });
    }
    expect(mine).toEqual(alone);
  });
});
