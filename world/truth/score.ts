/** What a cloud concluded beside what was so. */
import type { Conclusions } from './conclusions.ts';
import { macKey } from './mac-key.ts';
import type { TrueCell, TrueClient, TruthRecord } from './read.ts';

export const NOT_CONCLUDED = 'not concluded';

/** `precision` and `recall` are null where there was nothing to be right or to be found. */
export interface Found {
  /** How many there were, and how many were concluded. */
  truth: number;
  concluded: number;
  right: number;
  precision: number | null;
  recall: number | null;
}

/** Of those where the truth has a value and the cloud concluded one. */
export interface Agreement {
  compared: number;
  right: number;
}

export interface ClientScore extends Found {
  hostName: Agreement;
  ipv4: Agreement;
  ssid: Agreement;
  userName: Agreement;
  device: Agreement;
}

export interface LocationScore {
  concluded: number;
  /** Those of somebody who was on site then. */
  matched: number;
  /** Metres on the plane, over the matched on the right floor or without one; null without any. */
  medianM: number | null;
  p90M: number | null;
  floor: Agreement;
}

export interface Score {
  clients: ClientScore | typeof NOT_CONCLUDED;
  topology: Found | typeof NOT_CONCLUDED;
  locations: LocationScore | typeof NOT_CONCLUDED;
  roams: Found | typeof NOT_CONCLUDED;
  causes: Found | typeof NOT_CONCLUDED;
}

/** A roam counts as found when it is dated within this of the true one, and a cause when it overlaps by it. */
const TOLERANCE_MS = 60_000;

export function score(truth: TruthRecord, conclusions: Conclusions): Score {
  const { devices = {}, clients, topology, locations, roams, causes } = conclusions;
  const device = (name: string): string =>
    truth.deviceOf(devices[name] ?? name) ?? macKey(devices[name] ?? name);
  return {
    clients: clients ? scoreClients(truth, clients, device) : NOT_CONCLUDED,
    topology: topology ? scoreTopology(truth, topology, device) : NOT_CONCLUDED,
    locations: locations ? scoreLocations(truth, locations) : NOT_CONCLUDED,
    roams: roams ? scoreRoams(truth, roams, device) : NOT_CONCLUDED,
    causes: causes ? scoreCauses(truth, causes) : NOT_CONCLUDED,
  };
}

type Section<Name extends keyof Conclusions> = NonNullable<Conclusions[Name]>;
type DeviceOf = (name: string) => string;

function found(truth: number, concluded: number, right: number, foundOfTruth = right): Found {
  return {
    truth,
    concluded,
    right,
    precision: concluded > 0 ? right / concluded : null,
    recall: truth > 0 ? foundOfTruth / truth : null,
  };
}

function scoreClients(truth: TruthRecord, section: Section<'clients'>, device: DeviceOf): ClientScore {
  const concluded = new Map(section.map((client) => [macKey(client.mac), client]));
  const both = [...concluded].flatMap(([mac, client]) => {
    const real = truth.clients.get(mac);
    return real === undefined ? [] : [{ real, client }];
  });
  const agreement = (
    real: (of: TrueClient) => string | null,
    told: (of: Section<'clients'>[number]) => readonly string[],
  ): Agreement => {
    const compared = both.flatMap(({ real: one, client }) => {
      const value = real(one);
      const values = told(client);
      return value === null || values.length === 0 ? [] : [values.includes(value)];
    });
    return { compared: compared.length, right: compared.filter(Boolean).length };
  };
  const one = (value: string | null | undefined): string[] => (value ? [value] : []);
  return {
    ...found(truth.clients.size, concluded.size, both.length),
    hostName: agreement(
      (of) => of.hostName,
      ({ hostName }) => one(hostName),
    ),
    ipv4: agreement(
      (of) => of.ipv4,
      ({ ipv4 }) => ipv4 ?? [],
    ),
    ssid: agreement(
      (of) => of.ssid,
      ({ ssid }) => one(ssid),
    ),
    userName: agreement(
      (of) => of.userName,
      ({ userName }) => one(userName),
    ),
    device: agreement(
      (of) => of.device,
      ({ device: name }) => one(name).map(device),
    ),
  };
}

/** A wire is found when either of its ends was; ports are compared where they are told, switches' only. */
function scoreTopology(truth: TruthRecord, section: Section<'topology'>, device: DeviceOf): Found {
  const seen = new Set<number>();
  const told = new Map(
    section.map((link) => [`${device(link.device)} ${link.port} ${device(link.neighbour)}`, link]),
  );
  let right = 0;
  for (const link of told.values()) {
    const [here, there] = [device(link.device), device(link.neighbour)];
    const number = truth.links.findIndex(({ a, b }) =>
      [
        [a, b],
        [b, a],
      ].some(
        ([near, far]) =>
          isNamed(near, here) && isNamed(far, there) && (!link.port || link.port === near.port),
      ),
    );
    if (number < 0) continue;
    right++;
    seen.add(number);
  }
  return found(truth.links.length, told.size, right, seen.size);
}

const isNamed = (end: { device: string; mac: string }, name: string): boolean =>
  end.device === name || macKey(end.mac) === name;

const quantile = (sorted: readonly number[], p: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];

function scoreLocations(truth: TruthRecord, section: Section<'locations'>): LocationScore {
  const errors: number[] = [];
  const floor = { compared: 0, right: 0 };
  let matched = 0;
  for (const { mac, timeMs, floor: toldFloor, x, y } of section) {
    const real = truth.positionOf(mac, timeMs);
    if (real === null) continue;
    matched++;
    if (toldFloor) {
      floor.compared++;
      if (toldFloor !== real.floor) continue;
      floor.right++;
    }
    errors.push(Math.sqrt((x - real.x) ** 2 + (y - real.y) ** 2));
  }
  errors.sort((a, b) => a - b);
  return {
    concluded: section.length,
    matched,
    medianM: quantile(errors, 0.5),
    p90M: quantile(errors, 0.9),
    floor,
  };
}

function scoreRoams(truth: TruthRecord, section: Section<'roams'>, device: DeviceOf): Found {
  const left = new Set(truth.roams);
  let right = 0;
  for (const { mac, from, to, timeMs } of section) {
    const isCell = (cell: TrueCell, name: string) =>
      cell.bssid === macKey(name) || cell.device === device(name);
    const isBandChange = device(from) === device(to);
    for (const real of left) {
      if (real.mac !== macKey(mac) || !isCell(real.from, from) || !isCell(real.to, to)) continue;
      if (isBandChange !== (real.from.device === real.to.device)) continue;
      if (timeMs != null && Math.abs(timeMs - real.timeMs) > TOLERANCE_MS) continue;
      left.delete(real);
      right++;
      break;
    }
  }
  return found(truth.roams.length, section.length, right);
}

/** The same kind at the same time, and at the same place where one is told. */
function scoreCauses(truth: TruthRecord, section: Section<'causes'>): Found {
  const left = new Set(truth.causes);
  let right = 0;
  for (const { kind, fromMs, toMs, concerns } of section) {
    for (const real of left) {
      const overlaps =
        fromMs < real.toMs + TOLERANCE_MS && (toMs ?? Number.POSITIVE_INFINITY) > real.fromMs - TOLERANCE_MS;
      const isThere = !concerns || concerns.some((name) => real.concerns.includes(name));
      if (real.kind !== kind || !overlaps || !isThere) continue;
      left.delete(real);
      right++;
      break;
    }
  }
  return found(truth.causes.length, section.length, right);
}
