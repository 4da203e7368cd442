/** Expectations that wait, and say what was instead. */
import { AirherdError } from '../../protocol/errors.ts';
import type { ApiWanted, LabApi } from '../api.ts';
import type { LabClock } from '../clock.ts';
import type { LabCloud } from '../lab-cloud.ts';
import type { LabDevice } from '../lab-device.ts';
import { type ClientExpectations, expectClient, type Facts } from './client.ts';
import { type DeviceContext, type DeviceExpectations, expectDevice } from './device.ts';
import { expectLedger, type LedgerExpectations } from './ledger.ts';
import { ExpectationError, type Wait, type Within } from './wait.ts';

export interface Expect {
  client(mac: string): ClientExpectations;
  device(id: string): DeviceExpectations;
  ledger: LedgerExpectations;
  /** So many clients are on the site's networks, the lab's and the crowd; the world's own record. */
  crowd(what: { atLeast?: number; atMost?: number } & Within): Promise<void>;
  /** An answer of the cloud's API, of a list as a rule. */
  api(wanted: ApiWanted): Promise<void>;
  /** Anything that you can look at. */
  that(holds: () => boolean, what: { says: string } & Within): Promise<void>;
}

export interface ExpectOptions {
  wait: Wait;
  api: LabApi;
  evidence(message: string): Promise<string>;
  clock: LabClock;
  cloud: LabCloud | null;
  devices: readonly LabDevice[];
  facts: Facts;
  nameOf(mac: string): string;
  payloadsOf(device: string): readonly { stream: string }[];
  beaconsHeard: DeviceContext['beaconsHeard'];
}

export function createExpect(options: ExpectOptions): Expect {
  const { wait, cloud, devices } = options;
  const device = (id: string): LabDevice => {
    const found = devices.find((one) => one.id === id || one.identity.serial === id);
    if (found !== undefined) return found;
    const detail = `no device ${id}; there are ${devices.map((one) => one.id).join(', ')}`;
    throw new AirherdError('usage-invalid', { detail });
  };
  return {
    client: (mac) => expectClient(options, mac),
    device: (id) => expectDevice(options, device(id)),
    ledger: expectLedger(wait, devices, cloud),
    crowd: ({ atLeast = 0, atMost = Number.POSITIVE_INFINITY, within }) => {
      const limits = [atLeast > 0 && `at least ${atLeast}`, Number.isFinite(atMost) && `at most ${atMost}`];
      return wait({
        step: {
          expect: 'crowd',
          ...(atLeast > 0 && { atLeast }),
          ...(Number.isFinite(atMost) && { atMost }),
        },
        within,
        expected: `${limits.filter(Boolean).join(' and ')} clients to be on the networks`,
        holds: () => {
          const there = connected(options.facts);
          return there >= atLeast && there <= atMost;
        },
        actual: () => `${connected(options.facts)} are`,
      });
    },
    api: (wanted) =>
      options.api.expect(wanted).catch(async (error: Error) => {
        throw new ExpectationError(error.message, await options.evidence(error.message));
      }),
    that: (holds, { says, within }) =>
      wait({ step: null, within, expected: says, holds, actual: () => 'it was not so' }),
  };
}

function connected(facts: Facts): number {
  const there = new Set<string>();
  for (const { fact } of facts) {
    if (fact.type === 'leave') there.delete(fact.mac);
    else if (fact.type === 'connected' && fact.wifi !== null) there.add(fact.mac);
    else if ((fact.type === 'join' || fact.type === 'roam') && fact.outcome === 'joined') there.add(fact.mac);
  }
  return there.size;
}
