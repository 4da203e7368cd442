import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startLab } from '../../../testing/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'airherd-pcap-of-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** How many frames tshark reads, and how many of them it finds this address in. */
function counted(capture: Uint8Array, mac: string): [number, number] {
  const file = join(folder, 'capture.pcapng');
  writeFileSync(file, capture);
  const count = (filter: string) =>
    execFileSync('tshark', ['-r', file, '-Y', filter, '-T', 'fields', '-e', 'frame.number'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('\n').length - 1;
  return [count('frame'), count(`frame contains ${mac}`)];
}

test('the capture of a client has its frames, and the lab’s has all', async () => {
  await using lab = await startLab({ seed: 7, clients: [{ id: 'phone' }, { id: 'tablet' }] });
  const [phone, tablet] = lab.clients;
  for (const { mac } of lab.clients) await lab.expect.client(mac).addressed();
  const [of, withPhone] = counted(lab.pcap.of(phone), phone.mac);
  expect(of).toBeGreaterThan(4);
  expect(withPhone).toBe(of);
  expect(lab.pcap.of('phone')).toEqual(lab.pcap.of(phone));
  const [all, allWithPhone] = counted(lab.pcap.of(), phone.mac);
  expect(allWithPhone).toBe(of);
  expect(all).toBeGreaterThan(of);
  expect(counted(lab.pcap.of(), tablet.mac)[1]).toBe(counted(lab.pcap.of(tablet), tablet.mac)[0]);
});
