import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** A capture of real Wi-Fi that comes with the package. */
const capture = join(
  fileURLToPath(import.meta.resolve('airherd')),
  '../../fixtures/demo/hwsim-wpa2eap-radiotap.pcap',
);

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(String(port)));
    });
  });

test('the access point proves itself, and what it observes is stored', async () => {
  const home = mkdtempSync(join(tmpdir(), 'pi-lab-'));
  try {
    const env = { ...process.env, AIRHERD_HOME: home, PORT: await freePort(), API_PORT: await freePort() };
    const said = execFileSync('./lab.sh', [`file:${capture}`, '--exit-when-done'], { env, encoding: 'utf8' });
    assert.match(said, /[1-9]\d* messages stored by the cloud, 0 pending, 0 dropped/);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
