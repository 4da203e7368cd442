/** What people need to know of a site: rooms by use, the ways between them, entrance and stairs. */
import type { Being } from '../beings/model.ts';
import { contains } from '../site/geometry.ts';
import type { Floor, Point, RoomKind, Site } from '../site/model.ts';
import { pointInside, Routes } from '../site/routes.ts';

/** A place to be; floor and room by number. */
export interface Spot extends Point {
  floor: number;
  room: number;
}

export class Grounds {
  readonly floors: readonly Floor[];
  readonly entrance: Spot;
  private readonly routesOf: (Routes | undefined)[] = [];
  private readonly stairsOf: readonly Spot[];
  private readonly byKind = new Map<string, readonly Spot[]>();
  private readonly numbers: ReadonlyMap<string, { floor: number; room: number }>;

  constructor(site: Site) {
    this.floors = site.floors;
    this.stairsOf = site.floors.map((_, floor) => this.oneOf(floor, ['stairs', 'lobby', 'corridor']));
    const ground = site.floors.reduce(
      (best, floor, i) => (Math.abs(floor.level) < Math.abs(site.floors[best].level) ? i : best),
      0,
    );
    this.entrance = this.oneOf(ground, ['lobby', 'corridor', 'stairs', 'shop', 'home']);
    this.numbers = new Map(
      site.floors.flatMap((item, floor) =>
        item.rooms.map((found, room) => [`${item.id} ${found.id}`, { floor, room }] as const),
      ),
    );
  }

  /** In a room of the first of these kinds that the floor has; else in its first room, else on the floor. */
  private oneOf(floor: number, kinds: readonly RoomKind[]): Spot {
    const { rooms, outline } = this.floors[floor];
    for (const kind of kinds) {
      const room = rooms.findIndex((candidate) => candidate.kind === kind);
      if (room >= 0) return { floor, room, ...pointInside(rooms[room].outline) };
    }
    return { floor, room: 0, ...pointInside(rooms[0]?.outline ?? outline) };
  }

  routes(floor: number): Routes {
    this.routesOf[floor] ??= new Routes(this.floors[floor]);
    return this.routesOf[floor];
  }

  stairs(floor: number): Spot {
    return this.stairsOf[floor];
  }

  levels(from: number, to: number): number {
    return Math.abs(this.floors[from].level - this.floors[to].level);
  }

  /** Number of the room that a spot is in. */
  roomAt(spot: Spot): number | null {
    const { rooms } = this.floors[spot.floor];
    if (rooms[spot.room] && contains(rooms[spot.room].outline, spot)) return spot.room;
    const room = rooms.findIndex((candidate) => contains(candidate.outline, spot));
    return room < 0 ? null : room;
  }

  roomKind(spot: Spot): RoomKind | null {
    return this.floors[spot.floor].rooms[spot.room]?.kind ?? null;
  }

  /** The middle of every room of these kinds; of one floor where it is named. */
  rooms(kinds: readonly RoomKind[], floor?: number): readonly Spot[] {
    const key = `${kinds.join()} ${floor}`;
    const known = this.byKind.get(key);
    if (known) return known;
    const found = this.floors.flatMap((item, f) =>
      floor !== undefined && floor !== f
        ? []
        : item.rooms.flatMap((room, r) =>
            kinds.includes(room.kind) ? [{ floor: f, room: r, ...pointInside(room.outline) }] : [],
          ),
    );
    this.byKind.set(key, found);
    return found;
  }

  home(being: Being): Spot {
    const { floor, room, x, y } = being.home;
    const numbers = this.numbers.get(`${floor} ${room}`) ?? {
      floor: Math.max(
        0,
        this.floors.findIndex((item) => item.id === floor),
      ),
      room: 0,
    };
    return { ...numbers, x, y };
  }
}
