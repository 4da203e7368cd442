/** Nothing lost, nothing twice: a device's ledger, and what the cloud has of it. */
import type { LabCloud } from '../lab-cloud.ts';
import type { LabDevice } from '../lab-device.ts';
import type { Wait, Within } from './wait.ts';

export interface LedgerExpectations {
  /** Of every device and stream: produced = acknowledged + pending + dropped, and the cloud has what was acknowledged. */
  balanced(what?: Within): Promise<void>;
}

export function expectLedger(
  wait: Wait,
  devices: readonly LabDevice[],
  cloud: LabCloud | null,
): LedgerExpectations {
  const wrong = () => devices.map((of) => unbalanced(of, cloud)).filter((text) => text !== null);
  return {
    balanced: ({ within } = {}) =>
      wait({
        step: { expect: 'balanced' },
        within,
        expected: 'every ledger to be balanced',
        holds: () => wrong().length === 0,
        actual: () => wrong().join('; '),
      }),
  };
}

/** What is wrong with a device's ledger, or null. */
function unbalanced(of: LabDevice, cloud: LabCloud | null): string | null {
  const { running } = of;
  if (running === null) return null;
  const rows = running.ledger();
  for (const { stream, produced, acknowledged, pending, dropped } of rows) {
    if (produced !== acknowledged + pending + dropped)
      return `${of.id} ${stream}: produced ${produced} ≠ ${acknowledged} acknowledged + ${pending} pending + ${dropped} dropped`;
    if (pending > 0 && cloud !== null)
      return `${of.id} ${stream}: ${pending} are not acknowledged yet (${of.state})`;
  }
  if (cloud?.isUp !== true) return null;
  const stored = cloud.cloud.stores.of(cloud.orgId).positions.list(of.identity.serial);
  for (const { stream, acknowledged } of rows) {
    const highest = Math.max(0, ...stored.filter((row) => row.stream === stream).map((row) => row.highest));
    if (acknowledged > 0 && highest < acknowledged)
      return `${of.id} ${stream}: ${acknowledged} acknowledged, but the cloud has ${highest}`;
  }
  return null;
}
