/**
 * The device link beside bare node:tls and mosquitto, same certificates, one run: logins and messages a second,
 * memory per connection on both sides.   npm run bench:link -- [--count N] [--rounds N] [--write]
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { residentOf, startMosquitto } from './fleet/lab.mjs';
import { makeIdentities } from './link/identities.mjs';
import { machine, median, printTable, writeSection } from './report.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const load = {
  concurrency: 32,
  messages: 20_000,
  messageBytes: 300,
  window: 16,
  senders: Math.min(count, 100),
};
const here = (name) => new URL(`./link/${name}`, import.meta.url).pathname;

const firstMessage = (child) =>
  new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`)));
  });

async function forked(script, ...args) {
  const child = fork(here(script), args);
  const { port } = await firstMessage(child);
  return { port, pid: child.pid, stop: () => child.disconnect() };
}

async function measure(mode, target, file) {
  const before = residentOf(target.pid);
  const client = fork(here('client.mjs'), [mode, String(target.port), file, JSON.stringify(load)], {
    execArgv: ['--expose-gc'],
  });
  const { held } = await firstMessage(client);
  const serverPerConnection = (residentOf(target.pid) - before) / held;
  client.send('go');
  const { result } = await firstMessage(client);
  target.stop();
  return { ...result, serverPerConnection };
}

const folder = mkdtempSync(join(tmpdir(), 'airherd-link-'));
try {
  const results = { tls: [], mosquitto: [], airherd: [] };
  for (let round = 0; round < Number(values.rounds); round++) {
    const roundFolder = mkdtempSync(join(folder, 'round-'));
    const { file, server } = await makeIdentities(roundFolder, count);
    const targets = {
      tls: () => forked('tls-server.mjs', file, String(load.messageBytes)),
      mosquitto: () => startMosquitto(roundFolder, server),
      airherd: () => forked('cloud.mjs', file, roundFolder),
    };
    for (const [mode, start] of Object.entries(targets))
      results[mode].push(await measure(mode, await start(), file));
  }
  const of = (mode, key) => median(results[mode].map((result) => result[key]));
  const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  const row = (name, key, format) => {
    const [bare, broker, ours] = ['tls', 'mosquitto', 'airherd'].map((mode) => of(mode, key));
    return [
      name,
      format(bare),
      format(broker),
      format(ours),
      (ours / bare).toFixed(2),
      (ours / broker).toFixed(2),
    ];
  };
  const whole = (value) => value.toFixed(0);
  const table = [
    ['', 'node:tls', 'mosquitto', 'airherd', '÷ node:tls', '÷ mosquitto'],
    row('logins a second', 'loginsPerSecond', whole),
    row('messages a second', 'messagesPerSecond', whole),
    row('memory a connection, client', 'memoryPerConnection', kib),
    row('memory a connection, server', 'serverPerConnection', kib),
  ];
  printTable(table);
  if (values.write) {
    writeSection('link', {
      title: 'The device link',
      command: `npm run bench:link -- --count ${count} --rounds ${values.rounds} --write`,
      about: `${machine()}. ${count} devices with a certificate and key each, TLS 1.3, 32 logins at a time; ${load.messages} messages of ${load.messageBytes} bytes from ${load.senders} of them, 16 in flight each. A message counts for node:tls when a byte comes back, for mosquitto at PUBACK (in memory), for airherd when the store has committed it (synchronous=FULL, sealed) and the ack is here. An airherd login has both factory-key proofs. Medians of ${values.rounds} rounds.`,
      table,
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
