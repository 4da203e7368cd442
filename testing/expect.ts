/** Expectations that wait, and say what was instead. */
import { AirherdError } from '../protocol/errors.ts';
import type { Client } from '../protocol/messages/clients.ts';
import type { Fact } from '../world/engine/emission.ts';
import type { LabClock } from './clock.ts';
import { type Duration, durationMs } from './duration.ts';
import type { LabCloud } from './lab-cloud.ts';
import type { LabDevice } from './lab-device.ts';

export interface Within {
  /** Default: 30 s of the lab's time. */
  within?: Duration;
}

export interface ClientExpectations {
  /** The cloud knows it as associated; with a cloud of yours, the world's own record says so. */
  associated(what?: { ssid?: string; ap?: string } & Within): Promise<void>;
  /** It has left, or was never there. */
  gone(what?: Within): Promise<void>;
  /** It has an address by DHCP, and the cloud knows it. */
  addressed(what?: { vlan?: number } & Within): Promise<void>;
  /** Joining or getting an address has failed in this way; the world's own record. */
  failed(what: { why: string } & Within): Promise<void>;
}

export interface DeviceExpectations {
  /** Its session is open: certificate and both proofs are good. */
  online(what?: Within): Promise<void>;
  offline(what?: Within): Promise<void>;
  /** A login failed with this code of docs/errors.md. */
  refused(what: { code: string } & Within): Promise<void>;
  /** It sent something on this stream from now on. */
  sends(what: { stream: string } & Within): Promise<void>;
  /** Its radio has heard a network of this name announced. */
  heard(what: { ssid: string } & Within): Promise<void>;
  /** All that it has produced is acknowledged. */
  drained(what?: Within): Promise<void>;
}

export interface Expect {
  client(mac: string): ClientExpectations;
  device(id: string): DeviceExpectations;
  ledger: {
    /** Of every device and stream: produced = acknowledged + pending + dropped, and the cloud has what was acknowledged. */
    balanced(what?: Within): Promise<void>;
  };
  /** Anything that you can look at. */
  that(holds: () => boolean, what: { says: string } & Within): Promise<void>;
}

export interface ExpectOptions {
  clock: LabClock;
  cloud: LabCloud | null;
  devices: readonly LabDevice[];
  facts: readonly { fact: Fact; atMs: number }[];
  nameOf(mac: string): string;
  payloadsOf(device: string): readonly { stream: string }[];
  hasHeard(device: string, ssid: string, sinceMs: number): boolean;
  /** Leaves what a person needs to see what happened; returns where. */
  evidence(message: string): Promise<string>;
  record(step: Record<string, unknown>): void;
}

const DEFAULT_WITHIN = '30 s';
const MANY = { limit: 1000, offset: 0 };

/** A failed expectation. The message says what was expected, what was so, and where the evidence is. */
export class ExpectationError extends Error {
  readonly folder: string;
  constructor(message: string, folder: string) {
    super(`${message}\n  evidence: ${folder}`);
    this.name = 'ExpectationError';
    this.folder = folder;
  }
}

export function createExpect(options: ExpectOptions): Expect {
  const { clock, cloud, devices, facts, record } = options;

  const waitFor = async (
    step: Record<string, unknown>,
    within: Duration | undefined,
    expected: string,
    holds: () => boolean,
    actual: () => string,
  ): Promise<void> => {
    const limit = within ?? DEFAULT_WITHIN;
    if (step.expect !== 'that') record({ ...step, within: `${durationMs(limit)}ms` });
    if (await clock.until(holds, durationMs(limit))) return;
    const message = `expected ${expected} within ${String(limit)}, but ${actual()}`;
    throw new ExpectationError(message, await options.evidence(message));
  };

  const known = (mac: string): Client[] => {
    if (cloud?.isUp !== true) return [];
    const bytes = Buffer.from(mac.replaceAll(':', ''), 'hex');
    const { state } = cloud.cloud.stores.of(cloud.orgId);
    return state.list<Client>('client', { ...MANY, mac: bytes }).map(({ value }) => value);
  };
  const lastJoin = (mac: string): { ssid: string; accessPoint: string } | null => {
    const last = facts.findLast(
      ({ fact }) =>
        'mac' in fact &&
        fact.mac === mac &&
        (fact.type === 'leave' ||
          ((fact.type === 'join' || fact.type === 'roam') && fact.outcome === 'joined')),
    )?.fact;
    return last !== undefined && (last.type === 'join' || last.type === 'roam') ? last : null;
  };
  const seen = (mac: string): string => {
    const clients = known(mac).map(
      ({ state, ssid, bssid, ip4 }) =>
        `${state}${ssid === undefined ? '' : ` on ${ssid}`}${bssid === undefined ? '' : ` (BSSID ${Buffer.from(bssid).toString('hex')})`}${ip4 === undefined ? '' : `, ${ip4.join(' ')}`}`,
    );
    const told = facts.findLast(({ fact }) => 'mac' in fact && fact.mac === mac);
    const says =
      clients.length > 0 ? `the cloud has it as ${clients.join('; ')}` : 'the cloud does not know it';
    const was = told === undefined ? 'nothing happened to it' : `last: ${factText(told.fact)}`;
    return `${says} (${was})`;
  };
  const device = (id: string): LabDevice => {
    const found = devices.find((one) => one.id === id || one.identity.serial === id);
    if (found !== undefined) return found;
    const detail = `no device ${id}; there are ${devices.map((one) => one.id).join(', ')}`;
    throw new AirherdError('usage-invalid', { detail });
  };
  const session = (of: LabDevice): string => {
    const failure = of.events.findLast((event) => event.type === 'failure');
    const why =
      failure?.type === 'failure' ? `; last failure: ${failure.error.code}: ${failure.error.message}` : '';
    return `its session is ${of.state}${why}`;
  };

  return {
    client(mac) {
      const name = `${options.nameOf(mac)} (${mac})`;
      const id = options.nameOf(mac);
      return {
        associated: ({ ssid, ap, within } = {}) =>
          waitFor(
            { expect: 'associated', client: id, ...(ssid && { ssid }), ...(ap && { ap }) },
            within,
            `${name} to be associated${ssid ? ` with ${ssid}` : ''}${ap ? ` on ${ap}` : ''}`,
            () => {
              const joined = lastJoin(mac);
              const isThere =
                joined !== null &&
                (ssid === undefined || joined.ssid === ssid) &&
                (ap === undefined || joined.accessPoint === ap);
              if (cloud === null) return isThere;
              return (
                isThere &&
                known(mac).some(
                  (one) => one.state === 'associated' && (ssid === undefined || one.ssid === ssid),
                )
              );
            },
            () => seen(mac),
          ),
        gone: ({ within } = {}) =>
          waitFor(
            { expect: 'gone', client: id },
            within,
            `${name} to be gone`,
            () => lastJoin(mac) === null,
            () => seen(mac),
          ),
        addressed: ({ vlan, within } = {}) =>
          waitFor(
            { expect: 'addressed', client: id, ...(vlan !== undefined && { vlan }) },
            within,
            `${name} to have an address${vlan === undefined ? '' : ` in VLAN ${vlan}`}`,
            () => {
              const last = facts.findLast(({ fact }) => fact.type === 'address' && fact.mac === mac)?.fact;
              if (last?.type !== 'address' || last.outcome !== 'bound') return false;
              if (vlan !== undefined && last.vlan !== vlan) return false;
              return cloud === null || hasAddress(cloud, mac, last.ipv4 ?? '');
            },
            () => seen(mac),
          ),
        failed: ({ why, within }) => {
          const since = clock.wallMs();
          return waitFor(
            { expect: 'failed', client: id, why },
            within,
            `${name} to fail with ${why}`,
            () =>
              facts.some(
                ({ fact, atMs }) =>
                  atMs >= since - 1000 &&
                  'mac' in fact &&
                  fact.mac === mac &&
                  (('outcome' in fact && fact.outcome === why) ||
                    (fact.type === 'trouble' && fact.what === why) ||
                    (fact.type === 'leave' && fact.reason === why)),
              ),
            () => seen(mac),
          );
        },
      };
    },
    device(id) {
      const of = device(id);
      return {
        online: ({ within } = {}) =>
          waitFor(
            { expect: 'online', device: of.id },
            within,
            `${of.id} to be online`,
            () => of.state === 'open',
            () => session(of),
          ),
        offline: ({ within } = {}) =>
          waitFor(
            { expect: 'offline', device: of.id },
            within,
            `${of.id} to be offline`,
            () => of.state !== 'open',
            () => session(of),
          ),
        refused: ({ code, within }) =>
          waitFor(
            { expect: 'refused', device: of.id, code },
            within,
            `${of.id} to be refused with ${code}`,
            () => of.events.some((event) => event.type === 'failure' && event.error.code === code),
            () => session(of),
          ),
        sends: ({ stream, within }) => {
          const before = options.payloadsOf(of.id).length;
          return waitFor(
            { expect: 'sends', device: of.id, stream },
            within,
            `${of.id} to send ${stream}`,
            () =>
              options
                .payloadsOf(of.id)
                .slice(before)
                .some((payload) => payload.stream === stream),
            () =>
              `${session(of)}, and it sent ${options.payloadsOf(of.id).length - before} messages on others`,
          );
        },
        heard: ({ ssid, within }) => {
          const sinceMs = clock.wallMs();
          return waitFor(
            { expect: 'heard', device: of.id, ssid },
            within,
            `${of.id} to hear ${ssid}`,
            () => options.hasHeard(of.id, ssid, sinceMs),
            () => 'no beacon of it came in',
          );
        },
        drained: ({ within } = {}) =>
          waitFor(
            { expect: 'drained', device: of.id },
            within,
            `${of.id} to have nothing pending`,
            () => of.running !== null && of.running.outbox.pending === 0,
            () => `${of.running?.outbox.pending ?? 0} messages are pending, and ${session(of)}`,
          ),
      };
    },
    ledger: {
      balanced: ({ within } = {}) =>
        waitFor(
          { expect: 'balanced' },
          within,
          'every ledger to be balanced',
          () => devices.every((of) => unbalanced(of, cloud) === null),
          () =>
            devices
              .map((of) => unbalanced(of, cloud))
              .filter((text) => text !== null)
              .join('; ') || 'it is balanced now',
        ),
    },
    that: (holds, { says, within }) =>
      waitFor({ expect: 'that', says }, within, says, holds, () => 'it was not so'),
  };
}

function hasAddress(cloud: LabCloud, mac: string, ipv4: string): boolean {
  if (!cloud.isUp) return false;
  const query = { ...MANY, mac: Buffer.from(mac.replaceAll(':', ''), 'hex') };
  const { state } = cloud.cloud.stores.of(cloud.orgId);
  const all = [
    ...state.list<{ ip4?: string[] }>('client', query),
    ...state.list<{ ip4?: string[] }>('wired', query),
  ];
  return all.some(({ value }) => value.ip4?.includes(ipv4) === true);
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

function factText(fact: Fact): string {
  const outcome = 'outcome' in fact ? ` ${fact.outcome}` : fact.type === 'leave' ? ` ${fact.reason}` : '';
  const where = 'ssid' in fact ? ` ${fact.ssid} on ${fact.accessPoint}` : '';
  const causes = 'causes' in fact && fact.causes.length > 0 ? `, because of ${fact.causes.join(', ')}` : '';
  return `${fact.type}${where}${outcome}${causes}`;
}
