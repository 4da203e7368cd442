/** The real lldpd lists the simulated neighbours. Needs root. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from '../../world/engine/world.ts';
import type { Switch, WireEnd } from '../../world/site/model.ts';
import { pcapBytes } from '../support/frame-file.ts';
import { Lldpd } from '../support/lldpd.ts';
import { BEINGS, castOf, MINUTE_MS, PRINTER, START_MS, smallOffice } from '../support/world-cast.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-world-lldpd-'));
const lldpd = new Lldpd();
beforeAll(() => lldpd.start());
afterAll(async () => {
  await lldpd.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Every LLDP frame that a device of the office hears in a minute. */
function heardBy(device: string): Uint8Array[] {
  const world = new World(smallOffice(), castOf(BEINGS, {}), { ble: false, beaconsOneIn: 100 });
  return [...world.run(START_MS, START_MS + MINUTE_MS, device)].flatMap((step) =>
    step.type === 'frame' && step.bytes[12] === 0x88 && step.bytes[13] === 0xcc ? [step.bytes] : [],
  );
}

test('all simulated neighbours are what lldpd lists: access points, switches and a printer', () => {
  const site = smallOffice();
  const path = join(dir, 'lldp.pcap');
  writeFileSync(path, pcapBytes(1, [...heardBy('sw-f0'), ...heardBy('ap0')]));
  lldpd.replay(path);
  const switchOf = (id: string) => site.switches.find((item) => item.id === id) as Switch;
  const neighbour = (chassis: string, port: string, systemName: string, systemDescription: string) => ({
    chassis,
    port,
    systemName,
    systemDescription,
    ttlS: 120,
  });
  const bridge = (end: WireEnd) => {
    const { mac, name, model } = switchOf(end.device);
    return neighbour(mac, end.port, name, `${model} switch`);
  };
  const endAt = (device: string, other: string): WireEnd => {
    const wires = site.wires.flatMap(({ a, b }) => [
      { own: a, far: b },
      { own: b, far: a },
    ]);
    return wires.find(({ own, far }) => own.device === device && far.device === other)?.own as WireEnd;
  };
  const expected = [
    ...site.accessPoints.map(({ mac, name, model }) => neighbour(mac, 'eth0', name, `${model} access point`)),
    bridge(endAt('core', 'sw-f0')),
    bridge(endAt('sw-f0', 'ap0')),
    neighbour(PRINTER.mac, 'eth0', 'BRN008077000003', 'Brother HL-L2350 embedded 1'),
  ];
  const listed = lldpd.neighbours().map(({ chassis, port, systemName, systemDescription, ttlS }) => ({
    chassis: chassis.value,
    port: port.value,
    systemName,
    systemDescription,
    ttlS,
  }));
  const order = (of: typeof listed) => of.map((item) => JSON.stringify(item)).sort();
  expect(order(listed)).toEqual(order(expected));
});
