/** What listens to dissected frames takes random ones too, in bounded memory. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import { Observer } from '../../packets/observe/observer.ts';
import { TriggerTracker } from '../../packets/trigger/tracker.ts';
import { frame, runs, seed, TIMEOUT_MS } from './arbitrary.ts';

const MOST = 64;
/** Frames of one run reach one observer, since state is what makes it fail. */
const PER_RUN = 50;
const numRuns = Math.ceil(runs / PER_RUN);
const conversation = fc.array(frame, { minLength: PER_RUN, maxLength: PER_RUN });
const parameters = { numRuns, seed };

it(`observers take ${numRuns} lots of ${PER_RUN} random frames, seed ${seed}`, {
  timeout: TIMEOUT_MS,
}, () => {
  const d = new Dissection();
  const observer = new Observer({
    maxHosts: MOST,
    maxAccessPoints: MOST,
    maxNeighbours: MOST,
    maxBleDevices: MOST,
  });
  let number = 0;
  fc.assert(
    fc.property(conversation, (frames) => {
      for (const { bytes, linkType } of frames) {
        number++;
        dissect(d, bytes, linkType);
        observer.frame(d, { timeMs: number, number, interfaceName: 'eth0', originalLength: bytes.length });
      }
      const tables = [
        observer.clients(),
        observer.wiredHosts(),
        observer.accessPoints(),
        observer.neighbours(),
      ];
      for (const table of tables) expect(table.length).toBeLessThanOrEqual(MOST);
      JSON.stringify(tables);
    }),
    parameters,
  );
  expect(observer.totals().frames).toBe(number);
});

it(`triggers take ${numRuns} lots of ${PER_RUN} random frames, seed ${seed}`, { timeout: TIMEOUT_MS }, () => {
  const d = new Dissection();
  const tracker = new TriggerTracker({ maxClients: MOST });
  let timeNs = 0n;
  let captures = 0;
  fc.assert(
    fc.property(conversation, fc.nat(2_000), (frames, gapMs) => {
      for (const { bytes, linkType } of frames) {
        timeNs += BigInt(gapMs) * 1_000_000n;
        dissect(d, bytes, linkType);
        const { length } = bytes;
        tracker.frame(d, { linkType, bytes, originalLength: length, timeNs, interfaceName: 'eth0' });
      }
      captures += tracker.take().length;
    }),
    parameters,
  );
  captures += tracker.end().length;
  // Random frames hold failed requests, and ends of their time limits.
  expect(captures).toBeGreaterThan(0);
});
