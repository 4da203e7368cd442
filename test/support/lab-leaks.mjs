/**
 * Labs started and stopped one after the other, and what the process holds after some and after all of them, as JSON.
 * node --expose-gc lab-leaks.mjs <folder of the compiled program> <labs>
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, labs] = process.argv.slice(2);
const { startLab } = await import(pathToFileURL(join(dist, 'testing/index.js')).href);

async function held() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return {
    resources,
    descriptors: readdirSync('/proc/self/fd').length,
    heapMB: process.memoryUsage().heapUsed / 2 ** 20,
  };
}

/** The cloud's folder of each lab is gone when it has stopped. */
const left = [];
const startsMs = [];
let before = null;
for (let n = 0; n < Number(labs); n++) {
  const startMs = performance.now();
  const lab = await startLab({ seed: n, switches: 1, clients: 1 });
  startsMs.push(performance.now() - startMs);
  await lab.expect.client(lab.client().mac).associated();
  const { dir } = lab.cloud;
  await lab.stop();
  if (existsSync(dir)) left.push(dir);
  // The first ones warm up what is kept for all: compiled code, contexts of identities.
  if (n === 9) before = await held();
}
const after = await held();
const sorted = startsMs.slice(5).sort((a, b) => a - b);
process.stdout.write(JSON.stringify({ before, after, left, medianStartMs: sorted[sorted.length >> 1] }));
