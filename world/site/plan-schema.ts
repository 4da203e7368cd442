/**
 * What a site's file has to be. `strict` says what is wrong with each value; `lenient` takes anything and puts a
 * harmless value where there is a wrong one, so that the rest can be checked in the same go.
 */
import { z } from 'zod';
import { PATH_LOSSES, SECURITIES, SITE_KINDS, type Site } from './model.ts';

export type Leniency = 'strict' | 'lenient';

const shown = (input: unknown): string =>
  typeof input === 'object' ? (Array.isArray(input) ? 'a list' : 'a map') : String(input).slice(0, 40);

/** The message of a value that is missing or of a wrong kind. */
const write = (what: string) => ({
  error: (issue: { input?: unknown }) =>
    issue.input === undefined ? `is missing; write ${what}` : `write ${what}, not ${shown(issue.input)}`,
});

const isMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function siteSchema(leniency: Leniency): z.ZodType<Site> {
  const isLenient = leniency === 'lenient';

  function leaf<T>(schema: z.ZodType<T>, fallback: NoInfer<T>): z.ZodType<T> {
    return isLenient
      ? z.preprocess((value) => (schema.safeParse(value).success ? value : fallback), schema)
      : schema;
  }
  function map<S extends z.core.$ZodShape>(shape: S): z.ZodType<z.output<z.ZodObject<S>>> {
    if (isLenient) return z.preprocess((value) => (isMap(value) ? value : {}), z.object(shape));
    const keys = Object.keys(shape).join(', ');
    return z.strictObject(shape, {
      error: (issue) => {
        if (issue.code === 'unrecognized_keys')
          return `no key ${issue.keys.join(', ')} here; there are ${keys}`;
        return write(`a map of ${keys}`).error(issue);
      },
    });
  }
  function list<T>(item: z.ZodType<T>): z.ZodType<T[]> {
    const whole = z.array(item, write('a list'));
    return isLenient ? z.preprocess((value) => (Array.isArray(value) ? value : []), whole) : whole;
  }
  const number = (low: number, high: number, what: string, fallback = 0) => {
    const range = `${what} from ${low} to ${high}`;
    return leaf(z.number(write(range)).min(low, write(range)).max(high, write(range)), fallback);
  };
  const whole = (low: number, high: number, what: string, fallback = low) => {
    const range = `${what}, whole, from ${low} to ${high}`;
    return leaf(z.int(write(range)).min(low, write(range)).max(high, write(range)), fallback);
  };
  const text = (pattern: RegExp, what: string) => {
    const schema = z.string(write(what)).regex(pattern, write(what));
    // A name that is not allowed is still the name that others refer to.
    return isLenient ? z.preprocess((value) => String(value ?? ''), z.string()) : schema;
  };
  const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
    leaf(z.enum(values, write(`one of ${values.join(', ')}`)), values[0] as never);
  const flag = leaf(z.boolean(write('true or false')), true);
  const words = leaf(z.string(write('a text')), '');

  const metres = number(-10_000, 10_000, 'metres');
  const id = text(
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/,
    'up to 64 letters, digits and . _ / -, a letter or digit first',
  );
  const mac = text(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'a MAC like 02:00:00:00:00:01');
  const ipv4 = leaf(z.ipv4(write('an IPv4 address like 10.1.0.2')), '0.0.0.0');
  const vlan = whole(1, 4094, 'a VLAN');
  const point = map({ x: metres, y: metres });
  const place = map({ floor: id, x: metres, y: metres, z: metres });
  const end = map({ device: id, port: id });

  const room = map({
    id,
    kind: oneOf([
      'office',
      'meeting',
      'corridor',
      'lobby',
      'class',
      'ward',
      'stand',
      'shop',
      'store',
      'home',
      'canteen',
      'stairs',
    ]),
    outline: list(point),
    seats: whole(0, 100_000, 'how many people it is for'),
  });
  const floor = map({
    id,
    level: whole(-20, 200, 'the number of the floor, 0 at the ground,', 0),
    heightM: leaf(z.number(write('metres from floor to ceiling')), 3),
    outline: list(point),
    walls: list(map({ from: point, to: point, material: words })),
    rooms: list(room),
  });
  const radio = map({
    band: oneOf(['2.4', '5', '6']),
    channel: whole(1, 233, 'a channel'),
    widthMHz: leaf(
      z.union(
        [z.literal(20), z.literal(40), z.literal(80), z.literal(160), z.literal(320)],
        write('20, 40, 80, 160 or 320'),
      ),
      20,
    ),
    powerDbm: leaf(z.number(write('dBm from 0 to 36')), 0),
    bssids: list(mac),
  });
  const accessPoint = map({
    id,
    name: words,
    model: words,
    mac,
    at: place,
    antennaGainDb: number(-10, 30, 'dB'),
    radios: list(radio),
    ble: leaf(
      map({ powerDbm: number(-40, 20, 'dBm'), beamsDeg: list(number(0, 360, 'degrees')) }).nullable(),
      null,
    ),
  });
  const port = map({
    id,
    mac,
    vlan,
    tagged: list(vlan),
    speedMbps: whole(10, 800_000, 'Mb/s', 1000),
    poeWatts: number(0, 100, 'watts'),
  });
  const priority = 'a multiple of 4096 from 0 to 61440';
  const device = map({
    id,
    name: words,
    model: words,
    mac,
    at: place,
    ports: list(port),
    poeBudgetWatts: leaf(z.number(write('watts, 0 or more')).min(0, write('watts, 0 or more')), 1e9),
    bridgePriority: leaf(
      z
        .int(write(priority))
        .min(0, write(priority))
        .max(61_440, write(priority))
        .multipleOf(4096, write(priority)),
      32_768,
    ),
    stack: leaf(z.string(write('the name of its stack, or null')).nullable(), null),
  });
  const client = map({
    id,
    kind: oneOf(['phone', 'tablet', 'laptop', 'printer', 'camera', 'scanner', 'iot', 'tag', 'wearable']),
    at: place,
    wired: leaf(end.nullable(), null),
  });
  const pathLoss = leaf(
    map({
      model: oneOf(PATH_LOSSES),
      lossAt1mDb: number(0, 150, 'dB').optional(),
      exponent: number(1, 10, 'an exponent', 2).optional(),
    }).optional(),
    undefined,
  );
  return map({
    name: id,
    kind: leaf(z.enum(SITE_KINDS).optional(), undefined),
    seed: whole(0, 0xffffffff, 'a seed'),
    timeZone: words,
    floors: list(floor),
    accessPoints: list(accessPoint),
    switches: list(device),
    wires: list(map({ id, a: end, b: end, redundant: flag })),
    ssids: list(
      map({
        name: leaf(z.string(write('1 to 32 characters')).min(1, write('1 to 32 characters')).max(32), ''),
        vlan,
        security: oneOf(SECURITIES),
        passphrase: leaf(z.string(write('8 to 63 characters, or null')).min(8).max(63).nullable(), null),
      }),
    ),
    networks: list(
      map({
        vlan,
        name: words,
        ipv4: leaf(z.cidrv4(write('a network like 10.1.0.0/16')), '0.0.0.0/0'),
        ipv6: leaf(z.cidrv6(write('a network like fd00:1::/64, or null')).nullable(), null),
        gateway: map({ mac, ipv4 }),
      }),
    ),
    servers: map({
      dhcp: map({
        mac,
        ipv4,
        leaseS: whole(60, 31_536_000, 'seconds'),
        poolSize: whole(0, 1 << 24, 'addresses'),
      }),
      dns: map({ mac, ipv4, domain: words }),
      radius: map({ mac, ipv4 }),
    }),
    clients: leaf(list(client).optional(), undefined),
    radio: leaf(map({ wifi: pathLoss, ble: pathLoss }).optional(), undefined),
  });
}
