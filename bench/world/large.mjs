/**
 * A site of 10,000 access points with 100,000 clients, all held at once: who is in it, the way of each through its
 * day, where each is at noon, how strongly every access point near it hears it, and which one it is on. How much
 * memory and processor time that takes.
 *   node bench/world/large.mjs ACCESS-POINTS CLIENTS
 */
import { population } from '../../dist/world/beings/population.js';
import { Life } from '../../dist/world/life/life.js';
import { RadioField } from '../../dist/world/radio/field.js';
import { NOT_HEARD } from '../../dist/world/radio/link.js';
import { officeSite } from '../../dist/world/site/office.js';

const [accessPoints, clients] = process.argv.slice(2).map(Number);
/** As many as `officeSite` puts on a floor of this size. */
const PER_FLOOR = 24;
const FIVE_GHZ = 1;
const NOON = Date.UTC(2026, 2, 2, 12);
const site = officeSite({
  seed: 1,
  floors: Math.ceil(accessPoints / PER_FLOOR),
  widthM: 125,
  depthM: 48,
});
const beings = population(site, { clients }).filter(({ wifi }) => wifi !== null);
const life = new Life(site);
const field = new RadioField(site);
const near = new Int32Array(site.accessPoints.length);
const t = { device: 0, powerDbm: 14, channel: 36, floor: 0, x: 0, y: 0, z: 1.1, heading: 0, sample: 1 };
/** By client: the access point that hears it best, −1 while it is away. */
const associations = new Int32Array(beings.length).fill(-1);
let samples = 0;
for (const [i, being] of beings.entries()) {
  const track = life.track(being);
  if (!track.presentAt(NOON)) continue;
  const { floor, x, y, headingRad } = track.positionAt(NOON);
  Object.assign(t, { device: being.index, floor: field.floorOf(floor), x, y, heading: headingRad });
  const count = field.near(t.floor, x, y, near);
  let best = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    const dbm = field.rssiDbm(near[k], FIVE_GHZ, t);
    if (dbm === NOT_HEARD || dbm <= best) continue;
    best = dbm;
    associations[i] = near[k];
  }
  samples += count;
}
const { user, system } = process.cpuUsage();
process.stdout.write(
  JSON.stringify({
    accessPoints: site.accessPoints.length,
    clients: beings.length,
    present: associations.filter((accessPoint) => accessPoint >= 0).length,
    samples,
    seconds: (user + system) / 1e6,
    mib: process.resourceUsage().maxRSS / 1024,
  }),
);
