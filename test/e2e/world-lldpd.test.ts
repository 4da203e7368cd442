/** The real lldpd lists the simulated neighbours. Needs root. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from '../../world/engine/world.ts';
import { pcapBytes } from '../support/frame-file.ts';
import { Lldpd } from '../support/lldpd.ts';
import { castOf, MINUTE_MS, START_MS, smallOffice } from '../support/world-cast.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-world-lldpd-'));
const lldpd = new Lldpd();
beforeAll(() => lldpd.start());
afterAll(async () => {
  await lldpd.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('what access points tell the switch is what lldpd reads', () => {
  const site = smallOffice();
  const world = new World(site, castOf([]), { ble: false, beaconsOneIn: 100 });
  const frames = [...world.run(START_MS, START_MS + MINUTE_MS, 'sw-f0')].flatMap((step) =>
    step.type === 'frame' && step.bytes[12] === 0x88 && step.bytes[13] === 0xcc ? [step.bytes] : [],
  );
  const path = join(dir, 'lldp.pcap');
  writeFileSync(path, pcapBytes(1, frames));
  lldpd.replay(path);
  const heard = lldpd
    .neighbours()
    .map(({ chassis, systemName, ttlS }) => `${chassis.value} ${systemName} ${ttlS}`);
  for (const { mac, name } of site.accessPoints) expect(heard).toContain(`${mac} ${name} 120`);
});
