import type { Site } from './model.ts';
import type { Add } from './problem.ts';

/** Parameters of path loss are there where a model has some, and nowhere else. */
export function checkPathLoss({ radio }: Site, add: Add): void {
  for (const kind of ['wifi', 'ble'] as const) {
    const of = radio?.[kind];
    if (!of) continue;
    const isFree = of.model === 'log-distance';
    for (const key of ['lossAt1mDb', 'exponent'] as const) {
      if (isFree && of[key] === undefined) add(`radio.${kind}`, `log-distance needs ${key}; write it`);
      if (!isFree && of[key] !== undefined) {
        add(`radio.${kind}.${key}`, `${of.model} has its own; remove it, or write model: log-distance`);
      }
    }
  }
}
