/** The samples of a recorded capture are those that tshark reads from it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RssiCollector } from '../../../agent/features/rssi.ts';
import type { MessageBody, Producer } from '../../../agent/producer.ts';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { unpackRssi } from '../../../protocol/messages/rssi.ts';
import type { UpStream } from '../../../protocol/topics.ts';
import { tsharkFields } from '../../support/tshark.ts';

const path = new URL('../../../fixtures/demo/hwsim-wpa2eap-radiotap.pcap', import.meta.url).pathname;

test('each frame of a station gives one sample', async () => {
  const rows = await tsharkFields(path, ['wlan.ta', 'wlan.sa', 'radiotap.dbm_antsignal', 'wlan.bssid']);
  const expected = new Map<string, number[]>();
  for (const [ta, , signal, bssid] of rows) {
    if (!ta[0] || !signal[0] || ta[0] === bssid[0] || !bssid[0]) continue;
    const mac = ta[0].replaceAll(':', '');
    expected.set(mac, [...(expected.get(mac) ?? []), Number(signal[0])]);
  }
  expect(expected.size).toBeGreaterThan(0);

  const collector = new RssiCollector();
  const reader = new CaptureReader();
  reader.feed(readFileSync(path));
  const d = new Dissection();
  while (reader.next()) {
    const { frame } = reader;
    dissect(d, frame.buffer.subarray(frame.start, frame.endWithoutFcs()), frame.linkType);
    collector.frame(d, 1000);
  }
  const got = new Map<string, number[]>();
  const producer: Producer = {
    async produce<S extends UpStream>(stream: S, body: MessageBody<S>) {
      expect(stream).toBe('rssi');
      expect(body.class).toBe('wifi.connected');
      for (const { mac, rssiDbm, agoMs } of unpackRssi(body as MessageBody<'rssi'>)) {
        expect(agoMs).toBe(500);
        const key = Buffer.from(mac).toString('hex');
        got.set(key, [...(got.get(key) ?? []), rssiDbm]);
      }
      return 1;
    },
  };
  await collector.flush(producer, 1500, 7, () => 'wifi.connected');
  expect(got).toEqual(expected);
});
