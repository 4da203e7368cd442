/**
 * Simulated RSSI beside recorded RSSI of a real floor (fixtures/tetam). Parameters come from one track; the
 * others, and seeds chosen beforehand, are compared. AIRHERD_WRITE_DOCS=1 draws docs/pictures/realism.svg too.
 */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fitRadio } from '../../../world/radio/fit.ts';
import { RadioLinks } from '../../../world/radio/link.ts';
import { kolmogorovSmirnov, quantile } from '../../support/world/estimators.ts';
import { plotCdfs } from '../../support/world/plot-cdf.ts';
import { compareTetam, HELD_OUT, SEEDS } from '../../support/world/realism.ts';
import { tetamReceivers, tetamTrack } from '../../support/world/tetam.ts';

describe('fitting', () => {
  /** An environment that is known, walked on a grid of lines among eight receivers. */
  const receivers = Array.from({ length: 8 }, (_, i) => ({ x: (i % 4) * 8, y: i < 4 ? 0 : 20, z: 2 }));
  const offsets = [3, -3, 1, -1, 2, -2, 4, -4];
  const links = new RadioLinks(
    {
      pathLoss: { model: 'log-distance', lossAt1mDb: 60, exponent: 2.2 },
      maxDistanceM: 100,
      shadowingSdDb: 3,
      decorrelationM: 2,
      fading: { kind: 'normal', sdDb: 4 },
      receiverOffsetSdDb: 0,
      deviceOffsetSdDb: 0,
      bodyDb: 0,
      sensitivityDbm: -300,
    },
    5,
  );
  const samples = Array.from({ length: 960 }, (_, i) => {
    const receiver = i % 8;
    const step = Math.floor(i / 8);
    const [x, y, z] = [(step % 40) * 0.6, 4 + 6 * Math.floor(step / 40), 1];
    const sent = { device: 1, powerDbm: offsets[receiver], channel: 37, x, y, z, heading: 0, sample: i };
    return { receiver, x, y, z, rssiDbm: links.rssi(sent, { id: receiver, ...receivers[receiver] }, 0) };
  });

  test('finds the parameters that made the samples', () => {
    const fit = fitRadio(samples, receivers);
    expect(Math.abs(fit.exponent - 2.2)).toBeLessThan(0.4);
    expect(Math.abs(fit.p0Dbm + 60)).toBeLessThan(4);
    expect(Math.abs(fit.fadingSdDb - 4)).toBeLessThan(0.5);
    expect(Math.abs(fit.shadowingSdDb - 3)).toBeLessThan(0.8);
    expect(fit.decorrelationM).toBeGreaterThan(1);
    expect(fit.decorrelationM).toBeLessThan(4.5);
    const off = fit.receiverOffsetsDb.map((offset, i) => offset - offsets[i]);
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(3);
  });
});

describe('the recorded floor', () => {
  const realism = compareTetam();
  const ratio = (name: string, p: number) =>
    quantile(realism.errors[name].simulated, p) / quantile(realism.errors[name].recorded, p);
  const names = Object.keys(realism.errors);

  test('is compared on other tracks than the fitted one', () => {
    expect(HELD_OUT).toEqual(['straight_03', 'rectangular_without_rotation', 'zigzagging_with_rotation']);
    expect(SEEDS).toEqual([101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
    expect(realism.rssi.recorded.length).toBeGreaterThan(5000);
  });

  test('RSSI is distributed as recorded', () => {
    expect(realism.rssi.ks).toBeLessThanOrEqual(0.1);
  });

  test('median errors of at least three estimators are within 15 % of the recorded ones', () => {
    const within = names.filter((name) => Math.abs(ratio(name, 0.5) - 1) <= 0.15);
    expect(within).toEqual(expect.arrayContaining(['three strongest', 'strongest receiver', 'likelihood']));
  });

  test('the 90th percentiles of all five are within 25 %', () => {
    expect(names.length).toBe(5);
    for (const name of names) expect(Math.abs(ratio(name, 0.9) - 1), name).toBeLessThanOrEqual(0.25);
  });

  test('a floor of other constants would be noticed', () => {
    const louder = realism.rssi.simulated.map((dbm) => dbm + 3);
    expect(kolmogorovSmirnov(realism.rssi.recorded, louder)).toBeGreaterThan(0.1);
  });

  const draw = () => {
    const panels = [
      { title: 'RSSI', unit: 'dBm', range: [-100, -50] as const, ...realism.rssi },
      ...names.map((name) => ({
        title: `error, ${name}`,
        unit: 'm',
        range: [0, 14] as const,
        ...realism.errors[name],
      })),
    ];
    const picture = plotCdfs('Recorded floor, tracks not used for fitting, 10 seeds', panels);
    writeFileSync(new URL('../../../docs/pictures/realism.svg', import.meta.url), picture);
    const { residualsDb, receiverOffsetsDb, ...fit } = realism.fit;
    console.log(fit, receiverOffsetsDb.map((offset) => offset.toFixed(1)).join(' '));
    console.log('KS', realism.rssi.ks.toFixed(3));
    for (const name of names) {
      const cells = [0.5, 0.9].flatMap((p) => [
        quantile(realism.errors[name].recorded, p).toFixed(2),
        quantile(realism.errors[name].simulated, p).toFixed(2),
        ratio(name, p).toFixed(2),
      ]);
      console.log(`| ${name} | ${cells.join(' | ')} |`);
    }
  };
  if (process.env.AIRHERD_WRITE_DOCS) test('is drawn', draw);
});

describe('the fitted track', () => {
  test('one corrupt RSSI is clipped, and the beacon faces where it goes', () => {
    const receivers = tetamReceivers();
    expect(receivers.length).toBe(12);
    const walk = tetamTrack('straight_01', receivers);
    expect(Math.abs(Math.cos(walk[0].headingRad) + 1)).toBeLessThan(0.01);
    expect(walk[0].x).toBeGreaterThan(walk[walk.length - 1].x);
    const all = HELD_OUT.flatMap((name) => tetamTrack(name, receivers));
    expect(all.every((s) => s.rssiDbm <= -20 && s.rssiDbm >= -105)).toBe(true);
  });
});
