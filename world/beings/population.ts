/**
 * Who and what is in a site. Person n is the same whatever the number of others, so a larger population holds
 * the smaller one.
 */
import { Draws, hash, subSeed } from '../random.ts';
import { boundingBox, contains } from '../site/geometry.ts';
import type { Floor, Room, RoomKind, Site } from '../site/model.ts';
import { pointInside } from '../site/routes.ts';
import { device, drawType } from './device.ts';
import { MIXES, type Thing } from './mixes.ts';
import type { Being } from './model.ts';
import { type PersonName, personName, userNameOf } from './names.ts';

export interface PopulationOptions {
  /** Wi-Fi clients; without it as many as the site's rooms are made for. */
  clients?: number;
}

interface Seat {
  floor: Floor;
  room: Room;
  /** How many people it is for. */
  weight: number;
}

/** Nobody sits nearer to a wall. */
const MARGIN_M = 0.4;
const NOBODY: PersonName = { first: 'No', last: 'Body' };

export function population(site: Site, options: PopulationOptions = {}): Being[] {
  const mix = MIXES[site.kind ?? 'office'];
  const beings: Being[] = [];
  let wireless = 0;
  const most = options.clients ?? Number.POSITIVE_INFINITY;
  let made = 0;
  const next = () => made++;
  const add = (being: Being) => {
    if (being.wifi && wireless >= most) return;
    if (being.wifi) wireless++;
    beings.push(being);
  };
  const ports = new FreePorts(site);
  addPlaced(site, (being) => beings.push(being));
  for (const thing of mix.things) addThings(site, thing, ports, next, add);
  const people = mix.people
    .map((group) => {
      const seats = new Seats(seatsOf(site, group.rooms));
      return { group, seats, weight: group.perSeat * seats.total };
    })
    .filter((entry) => entry.weight > 0);
  if (people.length === 0) return beings;
  const natural = Math.max(1, Math.round(people.reduce((sum, entry) => sum + entry.weight, 0)));
  // Each person has about one and a half devices; ten times as many people as clients is a safe end.
  const persons = options.clients === undefined ? natural : 10 * options.clients + 10;
  for (let person = 0; person < persons && wireless < most; person++) {
    const draws = new Draws(hash(subSeed(site.seed, 'person'), person));
    const { group, seats } = draws.weighted(people);
    const name = personName(draws);
    const home = place(seats.draw(draws), draws);
    const userName = group.userName ? userNameOf(name, person, site.servers.dns.domain) : null;
    const ssid = ssidFor(site, group.guest ? 'guest' : 'member');
    for (const { kind, chance } of group.carries) {
      const own = new Draws(hash(subSeed(site.seed, `carries ${kind}`), person));
      if (!own.chance(chance)) continue;
      const type = drawType(kind, own);
      if (!type) continue;
      add(
        device(site, type, kind, own, {
          index: next(),
          owner: person,
          name,
          userName,
          home,
          schedule: group.schedule,
          ssid,
          wired: null,
        }),
      );
    }
  }
  return beings;
}

/** Clients that are placed by hand are numbered from here: nobody else's number moves. */
const FIRST_PLACED = 1 << 20;

/** Those of the site's file, standing where they were put, of a type that the seed chooses. */
function addPlaced(site: Site, add: (being: Being) => void): void {
  site.clients?.forEach(({ id, kind, at, wired }, i) => {
    const draws = new Draws(hash(subSeed(site.seed, 'placed'), i));
    const type = drawType(kind, draws, wired === null && kind !== 'tag' && kind !== 'wearable');
    if (!type) return;
    const index = FIRST_PLACED + i;
    const rooms = site.floors.find((floor) => floor.id === at.floor)?.rooms ?? [];
    const room = rooms.find((candidate) => contains(candidate.outline, at))?.id ?? rooms[0]?.id ?? '';
    const being = device(site, type, kind, draws, {
      index,
      owner: FIRST_THING + index,
      name: personName(draws),
      userName: null,
      home: { ...at, room },
      schedule: 'fixed',
      ssid: ssidFor(site, 'member'),
      wired,
    });
    add({ ...being, id });
  });
}

/** Owners of things are numbered from here, so that nobody carries the printer about. */
export const FIRST_THING = 1 << 28;

function addThings(
  site: Site,
  thing: Thing,
  ports: FreePorts,
  nextIndex: () => number,
  add: (being: Being) => void,
): void {
  for (const floor of site.floors) {
    const rooms = floor.rooms.filter((room) => thing.rooms.includes(room.kind));
    if (rooms.length === 0) continue;
    const area = rooms.reduce((sum, room) => sum + areaOf(room), 0);
    const count = Math.max(thing.atLeast, Math.round(area / thing.areaM2));
    for (let i = 0; i < count; i++) {
      const draws = new Draws(hash(subSeed(site.seed, `thing ${thing.kind} ${floor.id}`), i));
      const wired = thing.wired ? ports.take(floor.id) : null;
      const index = nextIndex();
      // What has no radio goes without where no port is left for it.
      const type = drawType(thing.kind, draws, wired === null && thing.kind !== 'tag');
      if (!type) continue;
      add(
        device(site, type, thing.kind, draws, {
          index,
          owner: FIRST_THING + index,
          name: NOBODY,
          userName: null,
          home: place({ floor, room: draws.pick(rooms), weight: 1 }, draws),
          schedule: thing.schedule,
          ssid: ssidFor(site, 'thing'),
          wired,
        }),
      );
    }
  }
}

function areaOf(room: Room): number {
  const box = boundingBox(room.outline);
  return (box.east - box.west) * (box.north - box.south);
}

const seatsOf = (site: Site, kinds: readonly RoomKind[]): Seat[] =>
  site.floors.flatMap((floor) =>
    floor.rooms
      .filter((room) => kinds.includes(room.kind))
      .map((room) => ({ floor, room, weight: Math.max(1, room.seats) })),
  );

/** Seats of many rooms, by halving: a large site has thousands of rooms and a hundred thousand people. */
class Seats {
  readonly total: number;
  private readonly seats: readonly Seat[];
  /** Seats up to and with this one. */
  private readonly upTo: Float64Array;

  constructor(seats: readonly Seat[]) {
    let sum = 0;
    this.seats = seats;
    this.upTo = Float64Array.from(seats, ({ weight }) => {
      sum += weight;
      return sum;
    });
    this.total = sum;
  }

  /** The seat that `Draws.weighted` would give: numbers of people are whole, so both sums are exact. */
  draw(draws: Draws): Seat {
    const at = draws.uniform() * this.total;
    let low = 0;
    let high = this.seats.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.upTo[middle] > at) high = middle;
      else low = middle + 1;
    }
    return this.seats[low];
  }
}

/** Guests join the open network where there is one, things that with a passphrase, everybody else the first. */
function ssidFor(site: Site, who: 'guest' | 'thing' | 'member'): string | null {
  const wanted = { guest: ['open'], thing: ['wpa2-psk', 'wpa3-sae'], member: [] as string[] }[who];
  const found = site.ssids.find((ssid) => wanted.includes(ssid.security));
  return (found ?? site.ssids[0])?.name ?? null;
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

function place({ floor, room }: Seat, draws: Draws): Being['home'] {
  const box = boundingBox(room.outline);
  for (let i = 0; i < 20; i++) {
    const p = {
      x: tenth(draws.between(box.west + MARGIN_M, box.east - MARGIN_M)),
      y: tenth(draws.between(box.south + MARGIN_M, box.north - MARGIN_M)),
    };
    if (contains(room.outline, p)) return { floor: floor.id, room: room.id, ...p, z: 1 };
  }
  return { floor: floor.id, room: room.id, ...pointInside(room.outline), z: 1 };
}

/** Ports of access switches that no wire uses, taken one by one. */
class FreePorts {
  private readonly free = new Map<string, { device: string; port: string }[]>();

  constructor(site: Site) {
    const used = new Set(
      [
        ...site.wires.flatMap((wire) => [wire.a, wire.b]),
        ...(site.clients ?? []).flatMap((client) => client.wired ?? []),
      ].map((end) => `${end.device} ${end.port}`),
    );
    for (const item of site.switches) {
      const ports = item.ports
        .filter((port) => port.poeWatts > 0 && !used.has(`${item.id} ${port.id}`))
        .map((port) => ({ device: item.id, port: port.id }));
      this.free.set(item.at.floor, [...(this.free.get(item.at.floor) ?? []), ...ports]);
    }
  }

  take(floor: string): { device: string; port: string } | null {
    return this.free.get(floor)?.shift() ?? null;
  }
}
