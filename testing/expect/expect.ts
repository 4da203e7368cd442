/** Expectations that wait, and say what was instead. */
import { AirherdError } from '../../protocol/errors.ts';
import type { LabClock } from '../clock.ts';
import type { LabCloud } from '../lab-cloud.ts';
import type { LabDevice } from '../lab-device.ts';
import { type ClientExpectations, expectClient, type Facts } from './client.ts';
import { type DeviceExpectations, expectDevice } from './device.ts';
import { expectLedger, type LedgerExpectations } from './ledger.ts';
import type { Wait, Within } from './wait.ts';

export interface Expect {
  client(mac: string): ClientExpectations;
  device(id: string): DeviceExpectations;
  ledger: LedgerExpectations;
  /** Anything that you can look at. */
  that(holds: () => boolean, what: { says: string } & Within): Promise<void>;
}

export interface ExpectOptions {
  wait: Wait;
  clock: LabClock;
  cloud: LabCloud | null;
  devices: readonly LabDevice[];
  facts: Facts;
  nameOf(mac: string): string;
  payloadsOf(device: string): readonly { stream: string }[];
  hasHeard(device: string, ssid: string, sinceMs: number): boolean;
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
    that: (holds, { says, within }) =>
      wait({ step: null, within, expected: says, holds, actual: () => 'it was not so' }),
  };
}
