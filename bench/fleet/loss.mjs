/**
 * The whole loss test: produced = stored + counted drops at 1,000 access points, through `kill -9` of the target and
 * a black hole of 60 s; counts are the target's, from its store.
 *   npm run build && npm run soak:loss -- [--devices N] [--ramp LOGINS-A-SECOND] [--hole S] [--telemetry R]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeHome, startFleet, startStub } from './lab.mjs';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000' },
    ramp: { type: 'string', default: '50' },
    hole: { type: 'string', default: '60' },
    telemetry: { type: 'string', default: '1' },
  },
});
const devices = Number(values.devices);
const hole = Number(values.hole);

function get(home, { apiPort }, path) {
  const { token, trustPem } = JSON.parse(readFileSync(join(home, 'cloud', 'operator.json'), 'utf8'));
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: apiPort,
      path,
      ca: trustPem,
      headers: { authorization: `Token ${token}` },
    };
    request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks))));
    })
      .on('error', reject)
      .end();
  });
}

const home = mkdtempSync(join(tmpdir(), 'airherd-loss-'));
try {
  await makeHome(home, devices);
  let stub = await startStub(home);
  const rampS = Math.ceil(devices / Number(values.ramp));
  const holeAtS = rampS + 60;
  const run = startFleet(home, [
    ...['--cloud', `mqtts://127.0.0.1:${stub.devicePort}`, '--devices', String(devices)],
    ...['--rate', values.ramp],
    ...[
      '--for',
      `${holeAtS + hole + 90}s`,
      '--telemetry',
      values.telemetry,
      '--workers',
      '2',
      '--give-up',
      '10m',
    ],
    ...['--fault', `black-hole from=${holeAtS}s for=${hole}s`],
  ]);
  await new Promise((resolve) => setTimeout(resolve, (rampS + 20) * 1000));
  stub.child.kill('SIGKILL');
  stub = await startStub(home, stub.devicePort);
  const { counters } = await run.report;
  // Whoever never got in proves nothing about loss: the machine was too slow for such a ramp.
  if (counters.reached < devices) {
    throw new Error(`only ${counters.reached} of ${devices} devices got in: take a lower --ramp`);
  }
  const ledger = await get(home, stub, '/api/airherd/v1/ledger');
  const sum = (key) => ledger.reduce((total, row) => total + row[key], 0);
  const stored = {
    stored: sum('stored'),
    dropped: sum('dropped'),
    again: sum('duplicates'),
    boots: ledger.length,
  };
  console.log(JSON.stringify({ devices, hole, fleet: counters, target: stored }, null, 2));
  const holds = counters.produced === stored.stored + stored.dropped && counters.lost === 0;
  console.log(holds ? 'produced = stored + counted drops' : 'NOT: produced = stored + counted drops');
  process.exitCode = holds ? 0 : 1;
  await stub.stop();
} finally {
  rmSync(home, { recursive: true, force: true });
}
