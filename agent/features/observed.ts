import { bleAddressType } from '../../packets/ble/address.ts';
import type { Dissection } from '../../packets/dissection.ts';
import type { ManufacturerOf } from '../../packets/observe/manufacturer.ts';
import { Observer } from '../../packets/observe/observer.ts';
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
}

/** Clients, wired hosts, neighbours and signal: one observer, a message kind each. */
export function observed(options: ObservedOptions): FrameFeature & Forgetting & { faults(): number } {
  const { producer, settings, time, hashSeed, manufacturerOf, maxHosts } = options;
  const observer = new Observer({ hashSeed, manufacturerOf, maxHosts });
  const rssi = new RssiCollector();
  const perMessage = recordsPerMessage(options.outboxBytes);
  const samples = Math.min(MAX_SAMPLES, Math.floor(options.outboxBytes / 8 / RSSI_SAMPLE_BYTES));
  const meta = { timeMs: 0, number: 0, interfaceName: '', originalLength: 0 };

  return {
    frame(d: Dissection, frame: CapturedFrame) {
      meta.timeMs = Number(frame.timeNs) / 1e6;
      meta.number = frame.number;
      meta.interfaceName = frame.interfaceName;
      meta.originalLength = frame.originalLength;
      observer.frame(d, meta);
      rssi.frame(d, time.sinceBootMs());
    },
    advertisement({ address, isRandom, advertisingData, rssiDbm, timeNs, number }) {
      const addressType = bleAddressType(address, isRandom);
      const timeMs = Number(timeNs) / 1e6;
      observer.advertisement({ address, addressType, advertisingData, rssiDbm, timeMs, number });
    },
    finding(finding, source) {
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
    async flush() {
      const { clients, wiredHosts, neighbours, bleDevices } = observer.changed();
      const { fields } = settings;
      const classes = new Map<string, WifiClass>(
        clients.map((client) => [client.mac.replaceAll(':', ''), classOfState(client.state)]),
      );
      await produceClients(producer, clients, fields, perMessage);
      await produceWired(producer, wiredHosts, fields, perMessage);
      await produceLldp(producer, neighbours, perMessage);
      await produceBle(producer, bleDevices, perMessage);
      await rssi.flush(producer, time.sinceBootMs(), samples, (mac) => classes.get(mac) ?? null);
    },
    forget(names) {
      const records = observer.forget({
        client: (record) => names(encode(clientOf(record, EVERY_FIELD))),
        wired: (record) => names(encode(wiredHostOf(record, EVERY_FIELD))),
        neighbour: (record) => names(encode(neighbourOf(record))),
        ble: (record) => names(encode(bleDeviceOf(record))),
      });
      return records + rssi.forget(names);
    },
    faults: () => observer.totals().faults.reduce((sum, fault) => sum + fault.frames, 0),
  };
}
