/**
 * From the broker to committed, sealed rows, synchronous=FULL; beside it, in the same run and in turn, the bulk insert
 * of the same rows, unsealed, by the same SQLite.   npm run bench:ingest -- [--messages N] [--rounds N] [--write]
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { Ingest } from '../dist/cloud-stub/ingest/ingest.js';
import { DEFAULT_LIMITS } from '../dist/cloud-stub/limits.js';
import { Retention } from '../dist/cloud-stub/privacy/retention.js';
import { openRegistry } from '../dist/cloud-stub/registry/registry.js';
import { blob, openDatabase } from '../dist/cloud-stub/store/database.js';
import { STORE_MIGRATIONS } from '../dist/cloud-stub/store/schema.js';
import { associated, pooledRandom, seal } from '../dist/cloud-stub/store/seal.js';
import { Stores } from '../dist/cloud-stub/store/stores.js';
import { nodeClock } from '../dist/platform/node/clock.js';
import { nodeRandom } from '../dist/platform/node/random.js';
import { makeLoad } from './ingest/load.mjs';
import { machine, median, printTable, writeSection } from './report.mjs';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '30000' },
    rounds: { type: 'string', default: '3' },
    devices: { type: 'string', default: '1000,10000' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
/** Messages that wait for their commit at once, of all devices: each keeps to a window of its own. */
const IN_FLIGHT = 4096;
/** As `startCloud` has it. */
const COMMIT = { commitDelayMs: 3, mostPerCommit: 1024 };
const BULK_ROWS = 10_000;
/** In the order of their coming, as a bulk load has them. */
const TABLES = { messages: 'id', rssi: 'message_id', state: 'seen_ms', positions: 'updated_ms' };
const DAY_MS = 86_400_000;

const fileBytes = (path) =>
  ['', '-wal'].reduce((sum, end) => sum + (statSync(path + end, { throwIfNoEntry: false })?.size ?? 0), 0);
const seconds = (since) => (performance.now() - since) / 1000;

/** The cloud's own path, without sockets: what the broker hands over, to the last commit. */
function place() {
  const dir = mkdtempSync(join(tmpdir(), 'airherd-bench-ingest-'));
  const clock = { ...nodeClock, offsetMs: 0, wallMs: () => nodeClock.wallMs() + clock.offsetMs };
  const registry = openRegistry(dir, { random: nodeRandom, clock });
  const log = pino({ level: 'silent' });
  const stores = new Stores({ dir, registry, clock, random: nodeRandom, log, probeMs: 1000 });
  const org = registry.organisations.ensure('Bench');
  const ingest = new Ingest({
    clock,
    stores,
    window: DEFAULT_LIMITS.window,
    mayStorePayload: () => true,
    ...COMMIT,
    onCommitted() {},
    onStored() {},
  });
  const close = () => {
    stores.close();
    registry.close();
    rmSync(dir, { recursive: true, force: true });
  };
  return { dir, clock, registry, log, stores, org, ingest, close };
}

function sessionsOf({ registry, org }, devices) {
  const standing = {
    orgId: org.id,
    siteId: 'site',
    claimed: true,
    privacyClasses: org.privacyClasses,
    fields: registry.privacy.of(org.id).fields,
    configVersion: 1,
    elsewhere: null,
  };
  return Array.from({ length: devices }, (_, i) => ({
    serial: `AH${String(i).padStart(10, '0')}`,
    standing,
    lately: null,
    acknowledge() {},
  }));
}

async function runIngest(where, { load }, devices) {
  const sessions = sessionsOf(where, devices);
  // Opening the store is no part of it.
  where.stores.of(where.org.id);
  const began = performance.now();
  const cpu = process.cpuUsage();
  let waiting = 0;
  let wake = null;
  for (const { device, stream, payload } of load) {
    if (waiting >= IN_FLIGHT) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
    waiting++;
    where.ingest.take(sessions[device], stream, payload).then(() => {
      waiting--;
      if (wake && waiting < IN_FLIGHT) {
        wake();
        wake = null;
      }
    });
  }
  while (waiting > 0) {
    where.ingest.flush();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const used = process.cpuUsage(cpu);
  return { s: seconds(began), cpuS: (used.user + used.system) / 1e6 };
}

/** The rows as they are in the store; sealed columns are given back the length that they had before. */
function rowsOf(where) {
  const { file } = where.registry.orgKeys.keys(where.org.id);
  const db = openDatabase(join(where.dir, 'orgs', `${where.org.id}.db`), file, STORE_MIGRATIONS);
  const plain = (value) => (value instanceof ArrayBuffer ? blob(value) : value);
  const rows = Object.entries(TABLES).map(([table, order]) => ({
    table,
    rows: db
      .prepare(`SELECT * FROM ${table} ORDER BY ${order}`)
      .all()
      .map((row) =>
        Object.entries(row).map(([name, value]) =>
          name === 'sealed' ? blob(value).subarray(12, -16) : plain(value),
        ),
      ),
  }));
  db.close();
  return rows;
}

function runBulk(all) {
  const dir = mkdtempSync(join(tmpdir(), 'airherd-bench-bulk-'));
  const path = join(dir, 'bulk.db');
  const db = openDatabase(path, randomBytes(32), STORE_MIGRATIONS);
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (const { table, rows } of all) {
    if (rows.length === 0) continue;
    const insert = db.prepare(`INSERT INTO ${table} VALUES (${rows[0].map(() => '?').join(', ')})`);
    for (let at = 0; at < rows.length; at += BULK_ROWS) {
      db.transaction(() => {
        for (const row of rows.slice(at, at + BULK_ROWS)) insert.run(...row);
      });
    }
  }
  const s = seconds(began);
  const used = process.cpuUsage(cpu);
  db.close();
  rmSync(dir, { recursive: true, force: true });
  return { s, cpuS: (used.user + used.system) / 1e6 };
}

/** Microseconds for each message of what the seal itself costs. */
function sealing({ load }) {
  const random = pooledRandom(nodeRandom);
  const key = randomBytes(32);
  const boot = randomBytes(16);
  const began = performance.now();
  load.forEach(({ stream, payload }, seq) => {
    seal(random, key, payload, associated('message', 'org', 'AH0000000001', boot, stream, seq));
  });
  return (1e6 * seconds(began)) / load.length;
}

function auditing({ stores, org }) {
  const { audit } = stores.of(org.id);
  const actor = { id: 'somebody', name: 'Somebody', address: '192.0.2.1' };
  const count = 500;
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    audit.append({ actor, action: 'GET /x', outcome: 'done', detail: { i } }, Date.now());
  }
  return (1e6 * seconds(began)) / count;
}

function purging(where, messages) {
  where.clock.offsetMs = 61 * DAY_MS;
  const retention = new Retention({ ...where, periodMs: 1e9 });
  const began = performance.now();
  retention.run();
  const us = (1e6 * seconds(began)) / messages;
  retention.stop();
  if (retention.counts.messages !== messages)
    throw new Error(`purged ${retention.counts.messages} of ${messages}`);
  return us;
}

const result = [];
for (const devices of values.devices.split(',').map(Number)) {
  const messages = Number(values.messages);
  const made = makeLoad({ devices, messages, nowMs: Date.now() });
  const ours = [];
  const bulk = [];
  let rowCount = 0;
  let costs = null;
  for (let round = 0; round < rounds; round++) {
    const where = place();
    ours.push(await runIngest(where, made, devices));
    if (where.ingest.counts.stored !== messages) throw new Error(`stored ${where.ingest.counts.stored}`);
    const rows = rowsOf(where);
    rowCount = rows.reduce((sum, { rows: some }) => sum + some.length, 0);
    bulk.push(runBulk(rows));
    if (round === rounds - 1) {
      const path = join(where.dir, 'orgs', `${where.org.id}.db`);
      where.stores.of(where.org.id).upkeep.reclaim(0);
      costs = {
        bytes: fileBytes(path),
        audit: auditing(where),
        seal: sealing(made),
        purge: purging(where, messages),
      };
    }
    where.close();
  }
  const s = median(ours.map((one) => one.s));
  const cpuS = median(ours.map((one) => one.cpuS));
  const ratio = median(ours.map((one, i) => bulk[i].s / one.s));
  const cpuRatio = median(ours.map((one, i) => bulk[i].cpuS / one.cpuS));
  result.push({
    devices,
    messages,
    rowCount,
    s,
    cpuS,
    bulkS: median(bulk.map((one) => one.s)),
    ratio,
    cpuRatio,
    ...made,
    ...costs,
  });
}

const thousand = (value) => Math.round(value).toLocaleString('en').replaceAll(',', ' ');
const table = [
  ['', ...result.map(({ devices }) => `${thousand(devices)} devices`)],
  ['messages a second, committed and sealed', ...result.map(({ messages, s }) => thousand(messages / s))],
  ['rows a second', ...result.map(({ rowCount, s }) => thousand(rowCount / s))],
  ['signal samples a second', ...result.map(({ samples, s }) => thousand(samples / s))],
  [
    'bulk insert of the same rows, unsealed: rows a second',
    ...result.map(({ rowCount, bulkS }) => thousand(rowCount / bulkS)),
  ],
  ['ratio (mark: 0.4)', ...result.map(({ ratio }) => ratio.toFixed(2))],
  ['ratio of CPU time', ...result.map(({ cpuRatio }) => cpuRatio.toFixed(2))],
  ['CPU, µs a message', ...result.map(({ cpuS, messages }) => ((1e6 * cpuS) / messages).toFixed(1))],
  ['of which sealing, µs a message', ...result.map(({ seal: us }) => us.toFixed(1))],
  ['audit, µs an entry, each on the disk by itself', ...result.map(({ audit }) => thousand(audit))],
  ['purge, µs a message, file given back', ...result.map(({ purge }) => purge.toFixed(1))],
  [
    'on disk, MB per million samples, all rows',
    ...result.map(({ bytes, samples }) => (bytes / samples).toFixed(1)),
  ],
];
printTable(table);
if (values.write) {
  writeSection('ingest', {
    title: 'Ingest',
    command: 'npm run bench:ingest -- --write',
    about: `From the broker's hand-over (CBOR, validated, admitted) to rows that are sealed and on the disk
(\`synchronous=FULL\`), ${thousand(result[0].messages)} messages of a mix of statistics, clients and signal (64 samples a message); beside it the
bulk insert of the very same rows, unsealed, into the same SQLite with the same file cipher, ${BULK_ROWS} rows a
transaction, in turn within one run, median of ${rounds}. ${machine()}.`,
    table,
  });
}
