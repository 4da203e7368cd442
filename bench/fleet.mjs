/**
 * The fleet beside bare node:tls and plain MQTT.js with the same identities, and mosquitto beside the stub, in one
 * run: logins a second, memory of an access point, QoS 1 messages a second, a storm.
 *   npm run build && npm run bench:fleet -- [--count N] [--write]
 *   npm run bench:fleet -- --devices 10000 [--write]     so many connected and sending, memory of both sides
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  finish,
  makeHome,
  measured,
  residentOf,
  startFleet,
  startMosquitto,
  startStub,
  startTlsServer,
} from './fleet/lab.mjs';
import { machine, printTable, writeSection } from './report.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    devices: { type: 'string' },
    telemetry: { type: 'string', default: '1' },
    rate: { type: 'string', default: '60' },
    'per-second': { type: 'string', default: '30000' },
    write: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const workers = Math.min(2, availableParallelism());
const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const mean = (results, key) => results.reduce((sum, result) => sum + result[key], 0) / results.length;
const has = (command) => spawnSync(command, ['--help'], { stdio: 'ignore' }).error === undefined;

/** Logins a second of all workers, processor time and memory of each connection. */
async function clients(script, argsOf) {
  const { children, results } = await measured(script, workers, count, argsOf);
  const slowest = Math.max(...results.map(({ seconds }) => seconds));
  await finish(children);
  return {
    perSecond: results.reduce((sum, result) => sum + result.count, 0) / slowest,
    cpuMsEach: mean(results, 'cpuMsEach'),
    bytesEach: mean(results, 'bytesEach'),
  };
}

async function comparison(home) {
  const { server, devices } = await makeHome(home, count);
  const rows = [['clients → server', 'logins a second', 'client CPU of each', 'client memory of each']];
  const add = (name, { perSecond, cpuMsEach, bytesEach }) => {
    rows.push([name, perSecond.toFixed(0), `${cpuMsEach.toFixed(2)} ms`, kib(bytesEach)]);
    return { perSecond, bytesEach };
  };
  const plain = async (name, mode, target) => {
    const result = await clients('own-contexts.mjs', (from, to) => [mode, target.port, devices, from, to]);
    await target.stop();
    return add(name, result);
  };
  const fleetTo = async (name, rate, seconds) => {
    const stub = await startStub(home);
    const result = await clients('devices.mjs', (from, to) => [
      stub.devicePort,
      devices,
      from,
      to,
      rate,
      seconds,
    ]);
    await stub.stop();
    return add(name, result);
  };
  const tls = await plain('node:tls, own contexts → node:tls', 'tls', await startTlsServer(home, server));
  await plain('MQTT.js, own contexts → mosquitto', 'mqtt', await startMosquitto(home, server));
  const broker = await startMosquitto(home, server);
  const withoutProof = await clients('devices.mjs', (from, to) => [
    ...[broker.port, devices, from, to, 0, 0, 'none'],
  ]);
  await broker.stop();
  add('fleet, without proof → mosquitto', withoutProof);
  const quiet = await fleetTo('fleet, both proofs → stub', 0, 0);
  const telling = await fleetTo('fleet, sending as real devices do → stub', 1, 25);
  for (const peer of ['mqttx', 'emqtt_bench']) {
    if (!has(peer)) rows.push([peer, 'not on this machine', '', '']);
  }
  const storm = await stormOf(home);
  const messages = await openLoop(home, server, devices);
  rows.push(
    [
      'fleet ÷ node:tls',
      (quiet.perSecond / tls.perSecond).toFixed(2),
      '',
      (quiet.bytesEach / tls.bytesEach).toFixed(2),
    ],
    ['fleet, without proof ÷ node:tls', (withoutProof.perSecond / tls.perSecond).toFixed(2), '', ''],
    ['fleet, sending ÷ node:tls', '', '', (telling.bytesEach / tls.bytesEach).toFixed(2)],
    [`storm of ${count}, stub and fleet on these cores`, storm, '', ''],
    ['QoS 1 messages, open loop → mosquitto', messages, '', ''],
  );
  return rows;
}

/** All get in at a rate that the two cores bear, all are cut, and all come back at one instant. */
async function stormOf(home) {
  const stub = await startStub(home);
  const allInS = Math.ceil(count / Number(values.rate));
  const { report } = startFleet(home, [
    ...['--cloud', `mqtts://127.0.0.1:${stub.devicePort}`, '--devices', String(count), '--shape', 'storm'],
    ...['--rate', values.rate, '--at', `${allInS + 6}s`, '--down', '2s', '--telemetry', '0'],
    ...['--for', `${allInS + 24}s`, '--workers', String(workers), '--seed', '7'],
  ]);
  const { counters, latenciesMs } = await report;
  await stub.stop();
  if (counters.cuts < count) return `only ${counters.cuts} were there to be cut`;
  return counters.connected === count
    ? `all back in ${(latenciesMs.connect.max / 1000).toFixed(1)} s`
    : `${counters.connected} of them back`;
}

async function openLoop(home, server, devices) {
  const broker = await startMosquitto(home, server);
  const perSecond = Number(values['per-second']);
  const senders = Math.min(200, count);
  const { children, results } = await measured('mqtt-load.mjs', 1, senders, (from, to) => [
    ...[broker.port, devices, from, to, perSecond, 8],
  ]);
  await finish(children);
  await broker.stop();
  const [{ sent, acknowledged, seconds, p50Ms, p99Ms }] = results;
  const rate = (acknowledged / seconds).toFixed(0);
  return `${rate} a second of ${perSecond} due, ${sent - acknowledged} without PUBACK, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
}

/** So many at once, sending as real devices do; the memory of both sides. */
async function many(home, devices) {
  await makeHome(home, devices);
  const stub = await startStub(home);
  const empty = residentOf(stub.pid);
  const rampS = Math.ceil(devices / Number(values.rate));
  const run = startFleet(home, [
    ...[
      '--cloud',
      `mqtts://127.0.0.1:${stub.devicePort}`,
      '--devices',
      String(devices),
      '--rate',
      values.rate,
    ],
    ...['--for', `${rampS + 60}s`, '--telemetry', values.telemetry, '--workers', String(workers)],
  ]);
  let [client, server] = [0, 0];
  const watch = setInterval(() => {
    client = Math.max(client, residentOf(run.child.pid) ?? 0);
    server = Math.max(server, residentOf(stub.pid) ?? 0);
  }, 1000);
  const closed = run.report.finally(() => clearInterval(watch));
  run.child.once('exit', () => clearInterval(watch));
  const { counters, generator, latenciesMs, outcome } = await closed;
  await stub.stop();
  return [
    ['', 'fleet', 'stub'],
    ['memory, whole process', mib(client), mib(server)],
    ['memory of each', kib(client / devices), kib((server - empty) / devices)],
    ['connected at the end', counters.connected, ''],
    [
      'messages produced / stored / lost',
      `${counters.produced} / ${counters.acknowledged} / ${counters.lost}`,
      '',
    ],
    ['ack p50 / p99, ms', `${latenciesMs.ack.p50?.toFixed(0)} / ${latenciesMs.ack.p99?.toFixed(0)}`, ''],
    ['outcome', `${outcome}, event loop p99 ${generator.loopDelayMs.toFixed(0)} ms`, ''],
  ];
}

const home = mkdtempSync(join(tmpdir(), 'airherd-bench-fleet-'));
try {
  const devices = values.devices && Number(values.devices);
  const table = devices ? await many(home, devices) : await comparison(home);
  printTable(table);
  if (values.write) {
    writeSection(devices ? 'fleet-many' : 'fleet', {
      title: devices ? `A fleet of ${devices}` : 'The fleet',
      command: devices
        ? `npm run build && npm run bench:fleet -- --devices ${devices} --write`
        : `npm run build && npm run bench:fleet -- --count ${count} --write`,
      about: devices
        ? `${machine()}. ${devices} virtual access points with a certificate, key and factory key each, ${workers} threads, telemetry at ${values.telemetry} times a real device's, against the stub on the same cores. The fleet's memory is of the whole process.`
        : `${machine()}. ${count} identities with a certificate and key each, ${workers} client processes, TLS 1.3, the server verified; 32 logins at a time in each. Memory is what three quarters of them add to the resident memory of a process that holds the first quarter, after garbage collection and without V8's young generation, which is the process's own. node:tls and MQTT.js have a context with a list of CAs for each identity; a message is 200 bytes.`,
      table,
    });
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
