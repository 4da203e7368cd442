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
const TEACHING = readdirSync(capturePath(''), { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.(pcap|pcapng|cap)$/.test(name),
);

test.each(TEACHING)('a host that takes the place of one of %s has nothing of it', (name) => {
  const maxHosts = NEWCOMERS.length;
  const used = newcomers(observeCapture(name, new Observer({ maxHosts })));
  const fresh = newcomers(new Observer({ maxHosts }));
  expect(used.wiredHosts()).toEqual(fresh.wiredHosts());
  expect(used.wiredHosts()).toHaveLength(maxHosts);
  expect(used.clients()).toEqual([]);
  // What was left behind unseen would show when the same is learned again.
  observeCapture(name, used);
  observeCapture(name, fresh);
  expect(used.wiredHosts()).toEqual(fresh.wiredHosts());
});
