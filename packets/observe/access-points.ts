import { macText, text, u16, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { ElementId, findElement } from '../layers/ieee80211-elements.ts';
import { ADDRESS_2 } from '../layers/ieee80211-header.ts';
import type { RadiotapReading } from '../layers/radiotap.ts';
import { channelOfFrequency } from './channel.ts';
import type { FrameMeta } from './frame-meta.ts';
import { MacTable } from './mac-table.ts';
import type { AccessPointRecord, Band } from './records.ts';
import { RssiStatistics } from './rssi.ts';
import { elementsOf } from './ssid.ts';

interface AccessPoint {
  bssid: string;
  firstFrame: number;
  lastSeenMs: number;
  ssid: string | undefined;
  ssidBytes: Uint8Array;
  ssidFrame: number;
  channel: number | undefined;
  band: Band | undefined;
  channelFrame: number;
  rssi: RssiStatistics;
}

const NO_SSID = new Uint8Array(0);

/** Access points by BSSID, from their beacons and probe responses. */
export class AccessPoints {
  private readonly table: MacTable<AccessPoint>;
  private stamp = 0;

  constructor(limit: number, seed: number) {
    this.table = new MacTable(limit, seed);
  }

  get evicted(): number {
    return this.table.evicted;
  }

  has(b: Uint8Array, at: number): boolean {
    return this.table.find(u32(b, at), u16(b, at + 4)) >= 0;
  }

  get(high: number, low: number): AccessPoint | undefined {
    return this.table.get(high, low);
  }

  /** Takes a beacon or probe response, layer `i`; true when its sender is new. */
  announcement(d: Dissection, i: number, body: number, radio: RadiotapReading, meta: FrameMeta): boolean {
    const b = d.frame;
    const at = d.start[i] + ADDRESS_2;
    if ((b[at] & 1) !== 0) return false;
    const high = u32(b, at);
    const low = u16(b, at + 4);
    let entry = this.table.find(high, low);
    const isNew = entry < 0;
    this.stamp++;
    if (isNew) entry = this.table.add(high, low, fresh(macText(b, at), meta.number), this.stamp);
    else this.table.touch(entry, this.stamp);
    const ap = this.table.values[entry];
    if (ap === undefined) return false;
    ap.lastSeenMs = meta.timeMs;
    if (!Number.isNaN(radio.signalDbm)) ap.rssi.add(radio.signalDbm, meta.number);
    const elements = elementsOf(d, i, body);
    if (elements < 0) return isNew;
    readSsid(ap, b, elements, d.end[i], meta.number);
    readChannel(ap, b, elements, d.end[i], radio.frequencyMhz, meta.number);
    return isNew;
  }

  records(): AccessPointRecord[] {
    return [...this.table.touchedSince(-1)].map(accessPointRecord);
  }
}

function fresh(bssid: string, frame: number): AccessPoint {
  return {
    bssid,
    firstFrame: frame,
    lastSeenMs: 0,
    ssid: undefined,
    ssidBytes: NO_SSID,
    ssidFrame: 0,
    channel: undefined,
    band: undefined,
    channelFrame: 0,
    rssi: new RssiStatistics(),
  };
}

/** A hidden network's beacons have an empty SSID, or one of zeros; its probe responses tell. */
function readSsid(ap: AccessPoint, b: Uint8Array, from: number, to: number, frame: number): void {
  const element = findElement(b, from, to, ElementId.ssid);
  if (element < 0) return;
  const start = element + 2;
  const end = start + b[element + 1];
  if (isSame(ap.ssidBytes, b, start, end)) return;
  const name = text(b, start, end);
  if (name === '') return;
  ap.ssidBytes = b.slice(start, end);
  ap.ssid = name;
  ap.ssidFrame = frame;
}

function isSame(known: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let k = 0; k < known.length; k++) if (known[k] !== b[start + k]) return false;
  return true;
}

/**
 * The DS parameter set or HT operation names the access point's channel; the radio's own tuning is only where
 * the frame was heard, which in 2.4 GHz may be a neighbouring channel.
 */
function readChannel(
  ap: AccessPoint,
  b: Uint8Array,
  from: number,
  to: number,
  mhz: number,
  frame: number,
): void {
  const ds = findElement(b, from, to, ElementId.dsParameter);
  const ht = ds < 0 ? findElement(b, from, to, ElementId.htOperation) : -1;
  const tuned = mhz === 0 ? undefined : channelOfFrequency(mhz);
  let channel = tuned?.channel;
  if (ds >= 0 && b[ds + 1] >= 1) channel = b[ds + 2];
  else if (ht >= 0 && b[ht + 1] >= 1) channel = b[ht + 2];
  if (channel === undefined || (channel === ap.channel && ap.band !== undefined)) return;
  ap.channel = channel;
  // Channels 1 to 14 with a DS parameter set are of 2.4 GHz (clause 9.4.2.4 has it only there).
  ap.band = tuned?.band ?? (ds >= 0 ? '2.4' : undefined);
  ap.channelFrame = frame;
}

function accessPointRecord(ap: AccessPoint): AccessPointRecord {
  const record: AccessPointRecord = {
    bssid: ap.bssid,
    lastSeenMs: ap.lastSeenMs,
    provenance: { bssid: ap.firstFrame },
  };
  if (ap.ssid !== undefined) {
    record.ssid = ap.ssid;
    record.provenance.ssid = ap.ssidFrame;
  }
  if (ap.channel !== undefined) {
    record.channel = ap.channel;
    record.provenance.channel = ap.channelFrame;
  }
  if (ap.band !== undefined) {
    record.band = ap.band;
    record.provenance.band = ap.channelFrame;
  }
  if (ap.rssi.count > 0) {
    record.rssi = ap.rssi.summary();
    record.provenance.rssi = ap.rssi.frames();
  }
  return record;
}
