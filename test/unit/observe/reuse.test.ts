import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { Observer } from '../../../packets/observe/observer.ts';
import { bytes, capturePath, observeCapture } from '../../support/observe.ts';

const NEWCOMERS = ['00 1b 21 00 00 01', '02 1b 21 00 00 02', '00 1b 21 00 00 03'];

function newcomers(observer: Observer): Observer {
  const d = new Dissection();
  NEWCOMERS.forEach((mac, i) => {
    const frame = bytes('ff ff ff ff ff ff', mac, '88 b5 00 00');
    dissect(d, frame, 1);
    observer.frame(d, { timeMs: 5, number: 9000 + i, interfaceName: 'eth7', originalLength: frame.length });
  });
  return observer;
}

/** Recorded hosts teach every field: DHCP, user agents, identities, names, VLANs, Wi-Fi. */
const TEACHING = readdirSync(capturePath('tcpdump/tests')).filter((name) => name.endsWith('.pcap'));

test('a host that takes the place of another has nothing of it', () => {
  const crowded = new Observer({ maxHosts: NEWCOMERS.length });
  for (const name of TEACHING) observeCapture(`tcpdump/tests/${name}`, crowded);
  expect(crowded.totals().evicted.hosts).toBeGreaterThan(100);
  newcomers(crowded);
  const fresh = newcomers(new Observer());
  expect(crowded.wiredHosts()).toEqual(fresh.wiredHosts());
  expect(crowded.wiredHosts()).toHaveLength(NEWCOMERS.length);
  expect(crowded.clients()).toEqual([]);
});
