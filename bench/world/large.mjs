/**
 * A site of 10,000 access points with 100,000 clients: who is in it, where each is on its way through the day, and
 * how strongly every access point near it hears it. How much memory that takes.
 *   node bench/world/large.mjs ACCESS-POINTS CLIENTS
 */
import { population } from '../../dist/world/beings/population.js';
import { Life } from '../../dist/world/life/life.js';
import { RadioField } from '../../dist/world/radio/field.js';
import { officeSite } from '../../dist/world/site/office.js';

const [accessPoints, clients] = process.argv.slice(2).map(Number);
const PER_FLOOR = 25;
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
let present = 0;
let samples = 0;
for (const being of beings) {
  const track = life.track(being);
  if (!track.presentAt(NOON)) continue;
  present++;
  const { floor, x, y, headingRad } = track.positionAt(NOON);
  Object.assign(t, { device: being.index, floor: field.floorOf(floor), x, y, heading: headingRad });
  const count = field.near(t.floor, x, y, near);
  for (let k = 0; k < count; k++) field.rssiDbm(near[k], 1, t);
  samples += count;
}
process.stdout.write(
  JSON.stringify({
    accessPoints: site.accessPoints.length,
    clients: beings.length,
    present,
    samples,
    mib: process.resourceUsage().maxRSS / 1024,
  }),
);
