import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { happenings } from '../../../agent/features/happenings.ts';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { Observer } from '../../../packets/observe/observer.ts';
import type { Finding } from '../../../platform/ports/finding.ts';
import { framesOf } from '../../support/captures.ts';

const fixtures = resolve(import.meta.dirname, '../../../fixtures/captures/hil');
const STATION = '02:00:00:00:01:00';
const AP = '02:00:00:00:00:00';
const OTHER_AP = '02:00:00:00:09:00';
const report = (more: object = {}) => ({
  mac: STATION,
  state: 'associated' as const,
  bssid: AP,
  timeMs: 1,
  interfaceName: 'wlan0',
  ...more,
});

/** What was said while `run` had the feature. */
async function said(run: (take: (finding: Finding) => void, frames: (file: string) => void) => void) {
  const produced: { name: string; details: Record<string, unknown> }[] = [];
  const feature = happenings({
    produce: async (_, body) => {
      if ('name' in body && typeof body.name === 'string') {
        const details = ('details' in body ? body.details : {}) as Record<string, unknown>;
        produced.push({ name: body.name, details });
      }
      return 1;
    },
  });
  const source = { name: 'test', async *frames() {}, counts: () => ({ frames: 0, bytes: 0, dropped: 0 }) };
  const dissection = new Dissection();
  run(
    (finding) => feature.finding?.(finding, source),
    (file) => {
      for (const { bytes, linkType, number } of framesOf(join(fixtures, file))) {
        dissect(dissection, bytes, linkType, bytes.length);
        const timeNs = BigInt(number) * 1_000_000n;
        feature.frame(
          dissection,
          { bytes, linkType, number, timeNs, originalLength: bytes.length, interfaceName: 'x' },
          source,
        );
      }
    },
  );
  await feature.flush(false);
  return produced;
}

describe('one client, whoever tells of it', () => {
  test('hostapd, the driver and its frames are one record', () => {
    const observer = new Observer();
    const dissection = new Dissection();
    for (const { bytes, linkType, number } of framesOf(join(fixtures, 'hwsim-wpa2eap-radiotap.pcap'))) {
      dissect(dissection, bytes, linkType, bytes.length);
      observer.frame(dissection, {
        timeMs: number,
        number,
        interfaceName: 'mon0',
        originalLength: bytes.length,
      });
    }
    const before = observer.clients().filter(({ mac }) => mac === STATION);
    expect(before.length).toBe(1);
    observer.station(report({ userName: 'carol', rssiDbm: -71, vlan: 20, ssid: 'lab', frequencyMhz: 5180 }));
    const after = observer.clients().filter(({ mac }) => mac === STATION);
    expect(after.length).toBe(1);
    expect(after[0]).toMatchObject({ userName: 'carol', vlan: 20, bssid: AP, state: 'associated' });
    expect(after[0].rssi?.count).toBe((before[0].rssi?.count ?? 0) + 1);
    expect(after[0].rssi?.last).toBe(-71);
    expect(after[0].frames).toBe(before[0].frames);
  });

  test('an access point that it left has no say once it is at another', () => {
    const observer = new Observer();
    observer.station(report());
    observer.station(report({ bssid: OTHER_AP }));
    observer.station(report({ state: 'left' }));
    expect(observer.clients()[0]).toMatchObject({ bssid: OTHER_AP, state: 'associated' });
    observer.station(report({ state: 'left', bssid: OTHER_AP }));
    expect(observer.clients()[0].state).toBe('left');
  });

  test('user names are kept where they are to be, nonsense is not an address', () => {
    const observer = new Observer({ derive: { userName: false } });
    observer.station(report({ userName: 'carol' }));
    observer.station(report({ mac: 'nonsense' }));
    observer.bridged({ mac: '02:00:00:00:05:00', port: 'lan1', vlan: 20, userName: 'dave', timeMs: 1 });
    expect(observer.clients().length).toBe(1);
    expect(observer.clients()[0].userName).toBeUndefined();
    expect(observer.wiredHosts()).toMatchObject([{ mac: '02:00:00:00:05:00', port: 'lan1', vlan: 20 }]);
    expect(observer.wiredHosts()[0].userName).toBeUndefined();
  });
});

describe('one event, whoever tells of it', () => {
  const happening = (name: 'client-associated' | 'client-left', bssid: string, timeMs: number): Finding => ({
    kind: 'happening',
    name,
    mac: STATION,
    bssid,
    timeMs,
  });

  test('a roam is one, and its departure none', async () => {
    const events = await said((take) => {
      take(happening('client-associated', AP, 1000));
      take({ kind: 'station', ...report({ timeMs: 1100 }) });
      take(happening('client-associated', OTHER_AP, 20_000));
      take(happening('client-left', AP, 20_100));
      take({ kind: 'station', ...report({ timeMs: 20_200, bssid: OTHER_AP }) });
      take(happening('client-left', OTHER_AP, 40_000));
      take(happening('client-associated', AP, 200_000));
    });
    expect(events.map(({ name }) => name)).toEqual([
      'client-associated',
      'client-roamed',
      'client-left',
      'client-associated',
    ]);
    expect(events[1].details).toMatchObject({ from: AP, bssid: OTHER_AP });
  });

  test('a station that is there when we come has not just come', async () => {
    expect(await said((take) => take({ kind: 'station', ...report() }))).toEqual([]);
  });

  test('of frames: associations with their time, and leases', async () => {
    const air = await said((_, frames) => frames('hwsim-wpa2eap-radiotap.pcap'));
    const joins = air.filter(({ name }) => name === 'client-associated');
    expect(joins.length).toBe(2);
    for (const { details } of joins) expect(details.durationMs).toBeGreaterThan(0);
    const lease = await said((_, frames) => frames('dhcp.pcap'));
    expect(lease.map(({ name }) => name)).toContain('dhcp-completed');
  });
});
