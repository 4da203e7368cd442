import { bleAddressType } from '../../packets/ble/address.ts';
import type { Dissection } from '../../packets/dissection.ts';
import type { ManufacturerOf } from '../../packets/observe/manufacturer.ts';
import { Observer } from '../../packets/observe/observer.ts';
import type { BleRecord, ClientRecord, NeighbourRecord, WiredRecord } from '../../packets/observe/records.ts';
import type { CapturedFrame } from '../../platform/ports/source.ts';
import { encode } from '../../protocol/codec.ts';
import type { DeviceTime } from '../device-time.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import type { Settings } from '../settings.ts';
import { bleDeviceOf, produceBle } from './ble.ts';
import { recordsPerMessage } from './chunks.ts';
import { classOfState, clientOf, produceClients, type WifiClass } from './clients.ts';
import type { Forgetting } from './forgetting.ts';
import { neighbourOf, neighbourRecord, produceLldp } from './lldp.ts';
import { News } from './news.ts';
import { PassingTime } from './passing-time.ts';
import { MAX_SAMPLES, RssiCollector } from './rssi.ts';
import { produceWired, wiredHostOf } from './wired.ts';

const RSSI_SAMPLE_BYTES = 7;
/** Whoever is to be forgotten is to be found by fields that are not reported, too. */
const EVERY_FIELD = { hostName: true, userName: true, userAgent: true, deviceFamily: true };

export interface ObservedOptions {
  producer: Producer;
  settings: Settings;
  time: DeviceTime;
  outboxBytes: number;
  hashSeed: number;
  manufacturerOf?: ManufacturerOf;
  /** Table sizes; a virtual device has smaller ones. */
  maxHosts: number;
  /** What was told is told again, and signal is told, no more often than this; 0 for whenever it was heard. */
  repeatMs: number;
  /** Who was not heard for so long has left; 0 for never. */
  idleMs: number;
  /** Between flushes. */
  flushMs: number;
}

/** Silences that are believed whole, in flushes. */
const BELIEVED_FLUSHES = 2;

/** A message's record as text, but for what changes whenever it is heard again. */
const newsIn = (record: object): string =>
  JSON.stringify(record, (key, value) => (key === 'rssi' || key === 'lastSeenMs' ? undefined : value));

/** Clients, wired hosts, neighbours and signal: one observer, a message kind each. */
export function observed(options: ObservedOptions): FrameFeature & Forgetting & { faults(): number } {
  const { producer, settings, time, hashSeed, manufacturerOf, maxHosts, repeatMs, idleMs, flushMs } = options;
  const observer = new Observer({ hashSeed, manufacturerOf, maxHosts });
  const rssi = new RssiCollector();
  const passing = new PassingTime(BELIEVED_FLUSHES * flushMs, time.sinceBootMs());
  const perMessage = recordsPerMessage(options.outboxBytes);
  const samples = Math.min(MAX_SAMPLES, Math.floor(options.outboxBytes / 8 / RSSI_SAMPLE_BYTES));
  const meta = { timeMs: 0, number: 0, interfaceName: '', originalLength: 0 };
  // What may be said is part of what is said: a class that is turned on makes news of what was kept back.
  const clientNews = new News<ClientRecord>({
    limit: maxHosts,
    keyOf: ({ mac }) => mac,
    newsOf: (record) =>
      `${settings.allows(classOfState(record.state))} ${newsIn(clientOf(record, settings.fields))}`,
  });
  const wiredNews = new News<WiredRecord>({
    limit: maxHosts,
    keyOf: ({ mac, port }) => `${mac} ${port}`,
    newsOf: (record) => `${settings.allows('wired')} ${newsIn(wiredHostOf(record, settings.fields))}`,
  });
  const neighbourNews = new News<NeighbourRecord>({
    limit: maxHosts,
    keyOf: ({ protocol, port, chassisId, portId }) => JSON.stringify([protocol, port, chassisId, portId]),
    newsOf: (record) => `${settings.allows('lldp')} ${newsIn(neighbourOf(record))}`,
  });
  /** Of those who were heard since signal was told. */
  const classes = new Map<string, WifiClass>();
  let toldMs = Number.NEGATIVE_INFINITY;

  return {
    frame(d: Dissection, frame: CapturedFrame, source) {
      passing.heard(source);
      meta.timeMs = Number(frame.timeNs) / 1e6;
      meta.number = frame.number;
      meta.interfaceName = frame.interfaceName;
      meta.originalLength = frame.originalLength;
      observer.frame(d, meta);
      rssi.frame(d, time.sinceBootMs());
    },
    advertisement({ address, isRandom, advertisingData, rssiDbm, timeNs, number }, source) {
      passing.heard(source);
      const addressType = bleAddressType(address, isRandom);
      const timeMs = Number(timeNs) / 1e6;
      observer.advertisement({ address, addressType, advertisingData, rssiDbm, timeMs, number });
    },
    finding(finding, source) {
      passing.heard(source);
      if (finding.kind === 'station') {
        const { kind: _, ...station } = finding;
        observer.station({ ...station, interfaceName: source.name });
      }
      if (finding.kind === 'host') observer.bridged(finding);
      if (finding.kind === 'neighbour') observer.neighbour(neighbourRecord(finding));
    },
    get full() {
      return rssi.full;
    },
    async flush(ended) {
      const nowMs = time.sinceBootMs();
      const all = ended || nowMs - toldMs >= repeatMs;
      if (all) toldMs = nowMs;
      const due = <R>(news: News<R>, heard: readonly R[]): readonly R[] =>
        repeatMs === 0 ? heard : news.take(heard, all);
      observer.age(passing.look(nowMs), idleMs === 0 ? Number.POSITIVE_INFINITY : idleMs);
      const { clients, wiredHosts, neighbours, bleDevices } = observer.changed();
      const { fields } = settings;
      const states = clients.map(({ mac, state }) => [mac.replaceAll(':', ''), classOfState(state)] as const);
      // Signal from before somebody joined goes by what was so then.
      const turned = states.some(([mac, known]) => (classes.get(mac) ?? known) !== known);
      for (const [mac, known] of states) if (!turned || !classes.has(mac)) classes.set(mac, known);
      await produceClients(producer, due(clientNews, clients), fields, perMessage);
      await produceWired(producer, due(wiredNews, wiredHosts), fields, perMessage);
      await produceLldp(producer, due(neighbourNews, neighbours), perMessage);
      await produceBle(producer, bleDevices, perMessage);
      if (!all && !turned && !rssi.full) return;
      await rssi.flush(producer, nowMs, samples, (mac) => classes.get(mac) ?? null);
      classes.clear();
    },
    forget(names) {
      const isOne = {
        client: (record: ClientRecord) => names(encode(clientOf(record, EVERY_FIELD))),
        wired: (record: WiredRecord) => names(encode(wiredHostOf(record, EVERY_FIELD))),
        neighbour: (record: NeighbourRecord) => names(encode(neighbourOf(record))),
        ble: (record: BleRecord) => names(encode(bleDeviceOf(record))),
      };
      for (const mac of classes.keys()) if (names(Buffer.from(mac, 'hex'))) classes.delete(mac);
      clientNews.forget(isOne.client);
      wiredNews.forget(isOne.wired);
      neighbourNews.forget(isOne.neighbour);
      return observer.forget(isOne) + rssi.forget(names);
    },
    faults: () => observer.totals().faults.reduce((sum, fault) => sum + fault.frames, 0),
  };
}
