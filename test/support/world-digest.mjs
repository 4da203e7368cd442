/**
 * Digests of what the devices of a simulated office hear, and of what our observer makes of it, as JSON. Run by
 * whatever Node a test names: node world-digest.mjs <folder of the compiled program> <JSON of { fromMs, toMs, device? }>
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

export async function digests(dist, { fromMs, toMs, device }) {
  const load = (path) => import(pathToFileURL(join(dist, path)).href);
  const { officeSite } = await load('world/site/office.js');
  const { siteCast } = await load('world/engine/cast.js');
  const { World } = await load('world/engine/world.js');
  const { Timeline } = await load('world/happenings/timeline.js');
  const { readHappenings } = await load('world/happenings/file.js');
  const { dissect } = await load('packets/dissect.js');
  const { Dissection } = await load('packets/dissection.js');
  const { Observer } = await load('packets/observe/observer.js');
  const site = officeSite({ seed: 23, widthM: 30 });
  const happenings = readHappenings(
    'happenings:\n  - { kind: interference, perDay: 200, for: 5m }\n  - { kind: dhcp-slow, delay: 2s, perDay: 100, for: 5m }\n',
    site,
  );
  const { conditionsAt } = new Timeline(site, happenings.value);
  const world = new World(site, siteCast(site, { conditionsAt, clients: 20 }), {
    conditionsAt,
    beaconsOneIn: 50,
  });
  const hashes = new Map();
  const hashOf = (name) => {
    if (!hashes.has(name)) hashes.set(name, createHash('sha256'));
    return hashes.get(name);
  };
  const observers = new Map();
  const d = new Dissection();
  for (const step of world.run(fromMs, toMs, device)) {
    if (step.type === 'fact') {
      hashOf('facts').update(JSON.stringify(step));
      continue;
    }
    const { timeUs, bytes, linkType, rssiDbm } = step;
    hashOf(step.device).update(`${step.interface} ${timeUs} ${rssiDbm}`).update(bytes);
    if (!observers.has(step.device)) observers.set(step.device, new Observer());
    dissect(d, bytes, linkType);
    const { interface: interfaceName } = step;
    const meta = { timeMs: timeUs / 1000, number: 1, interfaceName, originalLength: bytes.length };
    observers.get(step.device).frame(d, meta);
  }
  for (const [name, observer] of observers) {
    const seen = [observer.clients(), observer.wiredHosts(), observer.neighbours()];
    hashOf(`${name} observed`).update(JSON.stringify(seen));
  }
  return Object.fromEntries([...hashes].map(([name, hash]) => [name, hash.digest('hex')]));
}

if (!isMainThread) parentPort.postMessage(await digests(workerData.dist, workerData.options));
else if (process.argv[2]) {
  const found = await digests(process.argv[2], JSON.parse(process.argv[3]));
  process.stdout.write(JSON.stringify({ version: process.version, ...found }));
}
