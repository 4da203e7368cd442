/**
 * All frames of a minute of a chain of shops, which are simulated one after the other, each as it runs alone: how much
 * memory and processor time that takes.
 *   node bench/world/chain.mjs SHOPS
 */
import { siteCast } from '../../dist/world/engine/cast.js';
import { undisturbed } from '../../dist/world/engine/network.js';
import { World } from '../../dist/world/engine/world.js';
import { chainSite } from '../../dist/world/site/chain.js';

const shops = Number(process.argv[2]);
const CLIENTS_A_SHOP = 16;
const NOON = Date.UTC(2026, 2, 2, 12);
const total = { shops, accessPoints: 0, clients: 0, frames: 0 };
for (let number = 0; number < shops; number++) {
  const site = chainSite(1, number);
  const cast = siteCast(site, { conditionsAt: undisturbed, clients: CLIENTS_A_SHOP });
  total.accessPoints += site.accessPoints.length;
  total.clients += cast.beings.filter(({ wifi }) => wifi !== null).length;
  for (const step of new World(site, cast, { beaconsOneIn: 10 }).run(NOON, NOON + 60_000)) {
    if (step.type === 'frame') total.frames++;
  }
}
const { user, system } = process.cpuUsage();
const mib = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ ...total, seconds: (user + system) / 1e6, mib }));
