import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Comparison, compareAll } from '../support/agreement/compare.ts';
import { EXPLAINED } from '../support/agreement/explained.ts';
import { APPLICATION } from '../support/agreement/fields-application.ts';
import { BLE } from '../support/agreement/fields-ble.ts';
import { ELEMENTS } from '../support/agreement/fields-elements.ts';
import { IP } from '../support/agreement/fields-ip.ts';
import { LINK } from '../support/agreement/fields-link.ts';
import { explanationOf, report } from '../support/agreement/report.ts';
import { writeSynthetic } from '../support/agreement/synthetic.ts';
import { hasTool } from '../tools.mjs';

const root = resolve(import.meta.dirname, '../../fixtures/captures');
const page = resolve(import.meta.dirname, '../../docs/agreement.md');
/** Frames of protocols that no capture has, built by a script that shares nothing with our decoders. */
const built = resolve(import.meta.dirname, '../../fixtures/built/ip-and-up.pcap');
const PROTOCOLS = [...LINK, ...ELEMENTS, ...IP, ...APPLICATION, ...BLE];
const captures = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(pcap|pcapng|cap)$/.test(path))
  .map((path) => join(root, path))
  .sort();

const MINUTES = 60_000;
const isTsharkHere = hasTool('tshark');
let comparison: Comparison;

beforeAll(async () => {
  if (!isTsharkHere) return;
  const folder = mkdtempSync(join(tmpdir(), 'airherd-agreement-'));
  comparison = await compareAll(root, [...captures, built, ...writeSynthetic(folder)], PROTOCOLS);
  rmSync(folder, { recursive: true });
}, 4 * MINUTES);

test.runIf(isTsharkHere)('every field that differs from tshark has an explanation', () => {
  const unexplained = comparison.differences
    .filter((difference) => explanationOf(difference, EXPLAINED) === undefined)
    .map(
      ({ capture, frame, field, ours, theirs }) =>
        `${capture} frame ${frame}: ${field} is [${ours}], tshark says [${theirs}]`,
    );
  expect(unexplained).toEqual([]);
});

test.runIf(isTsharkHere)('every explanation is still needed', () => {
  const unused = EXPLAINED.filter(
    (entry) => !comparison.differences.some((difference) => explanationOf(difference, EXPLAINED) === entry),
  );
  expect(unused.map(({ why }) => why)).toEqual([]);
});

test.runIf(isTsharkHere)('the comparison is wide: all captures, every protocol, most of it the same', () => {
  expect(captures.length).toBeGreaterThan(100);
  expect(comparison.frames).toBeGreaterThan(4000);
  const tallies = [...comparison.tallies.values()];
  expect(tallies.filter(({ equal }) => equal === 0)).toEqual([]);
  expect(tallies.reduce((sum, { equal }) => sum + equal, 0)).toBeGreaterThan(78_000);
});

test.runIf(isTsharkHere)('docs/agreement.md is what the comparison says', () => {
  const now = report(comparison, captures.length, PROTOCOLS, EXPLAINED);
  if (process.env.AIRHERD_WRITE_DOCS) writeFileSync(page, now);
  expect(readFileSync(page, 'utf8')).toBe(now);
});
