import type { Dissection } from '../../packets/dissection.ts';
import { hasBadFcs } from '../../packets/layers/ieee80211-capture.ts';
import { ADDRESS_2, stationOffset } from '../../packets/layers/ieee80211-header.ts';
import { RadiotapReading, readRadiotap } from '../../packets/layers/radiotap.ts';
import { Proto } from '../../packets/protocols.ts';
import { packRssi, type RssiSample } from '../../protocol/messages/rssi.ts';
import type { Producer } from '../producer.ts';
import type { WifiClass } from './clients.ts';

/** As many as one message holds, and samples are small: 7 bytes each. */
export const MAX_SAMPLES = 8192;
const MAX_TRANSMITTERS = 1024;

interface TimedSample {
  mac: string;
  rssiDbm: number;
  atMs: number;
}

/** The signal of every frame that a station sent, as columns. Classified when it is sent. */
export class RssiCollector {
  private readonly reading = new RadiotapReading();
  private samples: TimedSample[] = [];

  /** `nowMs` is monotonic. */
  frame(d: Dissection, nowMs: number): void {
    if (d.count < 2 || d.proto[0] !== Proto.radiotap || d.proto[1] !== Proto.ieee80211) return;
    const start = d.start[1];
    const station = stationOffset(d.frame, start);
    if (station !== start + ADDRESS_2 || hasBadFcs(d, 1)) return;
    readRadiotap(this.reading, d.frame, d.start[0], d.headerEnd[0]);
    const { signalDbm } = this.reading;
    if (!Number.isFinite(signalDbm)) return;
    const mac = Buffer.from(d.frame.buffer, d.frame.byteOffset + station, 6).toString('hex');
    this.samples.push({ mac, rssiDbm: Math.max(-128, Math.min(127, Math.round(signalDbm))), atMs: nowMs });
  }

  /** Drops samples that wait; how many. */
  forget(isOne: (mac: Buffer) => boolean): number {
    const before = this.samples.length;
    this.samples = this.samples.filter(({ mac }) => !isOne(Buffer.from(mac, 'hex')));
    return before - this.samples.length;
  }

  get full(): boolean {
    return this.samples.length >= MAX_SAMPLES;
  }

  /** `classOf` is null for a transmitter that is no client. */
  async flush(
    producer: Producer,
    nowMs: number,
    perMessage: number,
    classOf: (macHex: string) => WifiClass | null,
  ): Promise<void> {
    const samples = this.samples;
    this.samples = [];
    for (const privacyClass of ['wifi.connected', 'wifi.unconnected'] as const) {
      let part: RssiSample[] = [];
      const transmitters = new Set<string>();
      const send = async () => {
        if (part.length > 0) await producer.produce('rssi', { class: privacyClass, ...packRssi(part) });
        part = [];
        transmitters.clear();
      };
      for (const { mac, rssiDbm, atMs } of samples) {
        if (classOf(mac) !== privacyClass) continue;
        if (part.length >= perMessage || (transmitters.size >= MAX_TRANSMITTERS && !transmitters.has(mac))) {
          await send();
        }
        transmitters.add(mac);
        part.push({ mac: Buffer.from(mac, 'hex'), rssiDbm, agoMs: Math.max(0, Math.round(nowMs - atMs)) });
      }
      await send();
    }
  }
}
