/**
 * A site as YAML, as people write it. Reading lists every problem with its line; a file that is not a site
 * costs no more than its first 64 MB.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import { checkSite } from './check.ts';
import { byLine, type LocatedProblem, parseLocated, schemaProblems } from './located-yaml.ts';
import type { Site } from './model.ts';

const metres = z.number().min(-10_000).max(10_000);
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/, 'write letters, digits and . _ / -');
const mac = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'write a MAC as 02:00:00:00:00:01');
const ipv4 = z.ipv4('write an IPv4 address');
const vlan = z.number().int().min(1).max(4094);
const point = z.strictObject({ x: metres, y: metres });
const place = z.strictObject({ floor: id, x: metres, y: metres, z: metres });
const room = z.strictObject({
  id,
  kind: z.enum([
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
  outline: z.array(point),
  seats: z.number().int().min(0),
});
const wall = z.strictObject({ from: point, to: point, material: z.string() });
const floor = z.strictObject({
  id,
  level: z.number().int().min(-20).max(200),
  heightM: z.number(),
  outline: z.array(point),
  walls: z.array(wall),
  rooms: z.array(room),
});
const radio = z.strictObject({
  band: z.enum(['2.4', '5', '6']),
  channel: z.number().int().min(1).max(233),
  widthMHz: z.union([z.literal(20), z.literal(40), z.literal(80), z.literal(160), z.literal(320)]),
  powerDbm: z.number(),
  bssids: z.array(mac),
});
const accessPoint = z.strictObject({
  id,
  name: z.string(),
  model: z.string(),
  mac,
  at: place,
  antennaGainDb: z.number().min(-10).max(30),
  radios: z.array(radio),
  ble: z
    .strictObject({ powerDbm: z.number().min(-40).max(20), beamsDeg: z.array(z.number().min(0).max(360)) })
    .nullable(),
});
const port = z.strictObject({
  id,
  mac,
  vlan,
  tagged: z.array(vlan),
  speedMbps: z.number().int().min(10),
  poeWatts: z.number().min(0).max(100),
});
const switchSchema = z.strictObject({
  id,
  name: z.string(),
  model: z.string(),
  mac,
  at: place,
  ports: z.array(port),
  poeBudgetWatts: z.number().min(0),
  bridgePriority: z.number().int().min(0).max(61440).multipleOf(4096, 'write a multiple of 4096'),
  stack: id.nullable(),
});
const end = z.strictObject({ device: id, port: id });
const siteSchema = z.strictObject({
  name: id,
  kind: z.enum(['home', 'office', 'school', 'hospital', 'stadium', 'shop']).optional(),
  seed: z.number().int().min(0).max(0xffffffff),
  timeZone: z.string(),
  floors: z.array(floor),
  accessPoints: z.array(accessPoint),
  switches: z.array(switchSchema),
  wires: z.array(z.strictObject({ id, a: end, b: end, redundant: z.boolean() })),
  ssids: z.array(
    z.strictObject({
      name: z.string().min(1).max(32),
      vlan,
      security: z.enum(['open', 'wpa2-psk', 'wpa3-sae', 'wpa2-enterprise']),
      passphrase: z.string().min(8).max(63).nullable(),
    }),
  ),
  networks: z.array(
    z.strictObject({
      vlan,
      name: z.string(),
      ipv4: z.cidrv4('write a network as 10.1.0.0/16'),
      ipv6: z.cidrv6('write a network as fd00:1::/64').nullable(),
      gateway: z.strictObject({ mac, ipv4 }),
    }),
  ),
  servers: z.strictObject({
    dhcp: z.strictObject({ mac, ipv4, leaseS: z.number().int().min(60), poolSize: z.number().int().min(0) }),
    dns: z.strictObject({ mac, ipv4, domain: z.string() }),
    radius: z.strictObject({ mac, ipv4 }),
  }),
}) satisfies z.ZodType<Site>;

export type PlanFile = { ok: true; site: Site } | { ok: false; problems: LocatedProblem[] };

export const writePlan = (site: Site): string =>
  stringify(site, { aliasDuplicateObjects: false, lineWidth: 110 });

export function readPlan(text: string): PlanFile {
  const yaml = parseLocated(text);
  if (!yaml.ok) return yaml;
  const parsed = siteSchema.safeParse(yaml.value.data);
  if (!parsed.success) return { ok: false, problems: byLine(schemaProblems(parsed.error, yaml.value)) };
  const problems = checkSite(parsed.data).map((problem) => {
    const keys = problem.path.split(/[.[\]]+/).filter(Boolean);
    return {
      ...problem,
      line: yaml.value.lineOf(keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key))),
    };
  });
  return problems.length > 0 ? { ok: false, problems: byLine(problems) } : { ok: true, site: parsed.data };
}
