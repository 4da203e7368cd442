/** What is expected of a client: by what the cloud knows of it, and by the world's own record. */
import type { Client } from '../../protocol/messages/clients.ts';
import type { Fact } from '../../world/engine/emission.ts';
import type { LabClock } from '../clock.ts';
import type { LabCloud } from '../lab-cloud.ts';
import type { Wait, Within } from './wait.ts';

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

export type Facts = readonly { fact: Fact; atMs: number }[];

export interface ClientContext {
  wait: Wait;
  clock: LabClock;
  cloud: LabCloud | null;
  facts: Facts;
  nameOf(mac: string): string;
}

const MANY = { limit: 1000, offset: 0 };
/** What began just before the expectation was written counts as well. */
const BEFORE_MS = 1000;

export function expectClient(context: ClientContext, mac: string): ClientExpectations {
  const { wait, clock, cloud, facts, nameOf } = context;
  const id = nameOf(mac);
  const name = `${id} (${mac})`;
  const actual = () => seen(context, mac);
  return {
    associated: ({ ssid, ap, within } = {}) =>
      wait({
        step: { expect: 'associated', client: id, ...(ssid && { ssid }), ...(ap && { ap }) },
        within,
        expected: `${name} to be associated${ssid ? ` with ${ssid}` : ''}${ap ? ` on ${ap}` : ''}`,
        holds: () => {
          const joined = lastJoin(facts, mac);
          if (joined === null || (ssid !== undefined && joined.ssid !== ssid)) return false;
          if (ap !== undefined && joined.accessPoint !== ap) return false;
          if (cloud === null) return true;
          return known(cloud, mac).some(
            (one) => one.state === 'associated' && (ssid === undefined || one.ssid === ssid),
          );
        },
        actual,
      }),
    gone: ({ within } = {}) =>
      wait({
        step: { expect: 'gone', client: id },
        within,
        expected: `${name} to be gone`,
        holds: () => lastJoin(facts, mac) === null,
        actual,
      }),
    addressed: ({ vlan, within } = {}) =>
      wait({
        step: { expect: 'addressed', client: id, ...(vlan !== undefined && { vlan }) },
        within,
        expected: `${name} to have an address${vlan === undefined ? '' : ` in VLAN ${vlan}`}`,
        holds: () => {
          const last = facts.findLast(({ fact }) => fact.type === 'address' && fact.mac === mac)?.fact;
          if (last?.type !== 'address' || last.outcome !== 'bound') return false;
          if (vlan !== undefined && last.vlan !== vlan) return false;
          return cloud === null || hasAddress(cloud, mac, last.ipv4 ?? '');
        },
        actual,
      }),
    failed: ({ why, within }) => {
      const sinceMs = clock.wallMs() - BEFORE_MS;
      return wait({
        step: { expect: 'failed', client: id, why },
        within,
        expected: `${name} to fail with ${why}`,
        holds: () =>
          facts.some(
            ({ fact, atMs }) => atMs >= sinceMs && 'mac' in fact && fact.mac === mac && hasFailed(fact, why),
          ),
        actual,
      });
    },
  };
}

const hasFailed = (fact: Fact, why: string): boolean =>
  ('outcome' in fact && fact.outcome === why) ||
  (fact.type === 'trouble' && fact.what === why) ||
  (fact.type === 'leave' && fact.reason === why);

function known(cloud: LabCloud | null, mac: string): Client[] {
  if (cloud?.isUp !== true) return [];
  const { state } = cloud.cloud.stores.of(cloud.orgId);
  return state.list<Client>('client', { ...MANY, mac: bytesOf(mac) }).map(({ value }) => value);
}

function hasAddress(cloud: LabCloud, mac: string, ipv4: string): boolean {
  if (!cloud.isUp) return false;
  const { state } = cloud.cloud.stores.of(cloud.orgId);
  const query = { ...MANY, mac: bytesOf(mac) };
  return (['client', 'wired'] as const).some((kind) =>
    state.list<{ ip4?: string[] }>(kind, query).some(({ value }) => value.ip4?.includes(ipv4) === true),
  );
}

function lastJoin(facts: Facts, mac: string): { ssid: string; accessPoint: string } | null {
  const last = facts.findLast(
    ({ fact }) =>
      'mac' in fact &&
      fact.mac === mac &&
      (fact.type === 'leave' ||
        ((fact.type === 'join' || fact.type === 'roam') && fact.outcome === 'joined')),
  )?.fact;
  return last !== undefined && (last.type === 'join' || last.type === 'roam') ? last : null;
}

function seen({ cloud, facts }: ClientContext, mac: string): string {
  const clients = known(cloud, mac).map(
    ({ state, ssid, bssid, ip4 }) =>
      `${state}${ssid === undefined ? '' : ` on ${ssid}`}${bssid === undefined ? '' : ` (BSSID ${Buffer.from(bssid).toString('hex')})`}${ip4 === undefined ? '' : `, ${ip4.join(' ')}`}`,
  );
  const says =
    clients.length > 0 ? `the cloud has it as ${clients.join('; ')}` : 'the cloud does not know it';
  const told = facts.findLast(({ fact }) => 'mac' in fact && fact.mac === mac);
  return `${says} (${told === undefined ? 'nothing happened to it' : `last: ${factText(told.fact)}`})`;
}

function factText(fact: Fact): string {
  const outcome = 'outcome' in fact ? ` ${fact.outcome}` : fact.type === 'leave' ? ` ${fact.reason}` : '';
  const where = 'ssid' in fact ? ` ${fact.ssid} on ${fact.accessPoint}` : '';
  const causes = 'causes' in fact && fact.causes.length > 0 ? `, because of ${fact.causes.join(', ')}` : '';
  return `${fact.type}${where}${outcome}${causes}`;
}

const bytesOf = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');
