import { advertisersIn } from '../ble/capture.ts';
import type { Dissection } from '../dissection.ts';
import { Proto } from '../protocols.ts';
import { Announcement } from './announcement.ts';
import { type Advertisement, BleDevices } from './ble-devices.ts';
import { cdpNeighbour } from './cdp.ts';
import { clientRecord, wiredRecords } from './client-record.ts';
import { type FaultCount, Faults } from './faults.ts';
import { DERIVE_DEFAULT, type Derive, type FrameMeta } from './frame-meta.ts';
import { HostTable } from './host-table.ts';
import { lldpNeighbour } from './lldp.ts';
import type { ManufacturerOf } from './manufacturer.ts';
import { Neighbours } from './neighbours.ts';
import type { AccessPointRecord, BleRecord, ClientRecord, NeighbourRecord, WiredRecord } from './records.ts';
import { learnBridged, learnStation, type ReportedHost, type ReportedStation } from './reported.ts';
import { WifiObserver } from './wifi.ts';
import { observeWired, senderOffset } from './wired.ts';

export interface ObserverOptions {
  /** Most entries of each table; the one heard longest ago makes room, and is counted as evicted. */
  maxHosts?: number;
  maxAccessPoints?: number;
  maxNeighbours?: number;
  maxBleDevices?: number;
  /** See `loadManufacturers`; without it records have no manufacturer. */
  manufacturerOf?: ManufacturerOf;
  derive?: Partial<Derive>;
  /** A random number where senders are hostile: they cannot choose addresses that collide in the tables. */
  hashSeed?: number;
}

/** Records that changed; a client whose signal was heard again has changed. */
export interface Changes {
  clients: ClientRecord[];
  wiredHosts: WiredRecord[];
  neighbours: NeighbourRecord[];
  bleDevices: BleRecord[];
}

export interface ObserverTotals {
  frames: number;
  /** Captured, and on the wire. */
  capturedBytes: number;
  bytes: number;
  faults: FaultCount[];
  evicted: { hosts: number; accessPoints: number; neighbours: number; bleDevices: number };
}

/**
 * Turns dissected frames into what a network manager wants to know: clients, wired hosts, neighbours, BLE
 * devices, each field with the number of the frame it came from. Pure: time is the frames' own. Memory is
 * bounded by the options, work per frame by the frame; a frame of a known host that says nothing new
 * allocates nothing.
 */
export class Observer {
  private readonly hosts: HostTable;
  private readonly wifi: WifiObserver;
  private readonly neighbourTable: Neighbours;
  private readonly ble: BleDevices;
  private readonly derive: Derive;
  private readonly faults = new Faults();
  private frames = 0;
  private capturedBytes = 0;
  private bytes = 0;
  private reported = 0;

  constructor(options: ObserverOptions = {}) {
    const seed = options.hashSeed ?? 0;
    this.derive = { ...DERIVE_DEFAULT, ...options.derive };
    this.hosts = new HostTable(options.maxHosts ?? 8192, seed, options.manufacturerOf);
    this.wifi = new WifiObserver(this.hosts, this.derive, options.maxAccessPoints ?? 1024, seed);
    this.neighbourTable = new Neighbours(options.maxNeighbours ?? 256);
    this.ble = new BleDevices(options.maxBleDevices ?? 4096);
  }

  /** `d` holds the frame; nothing of it is kept. `meta` may be reused. */
  frame(d: Dissection, meta: FrameMeta): void {
    this.frames++;
    this.capturedBytes += d.frameEnd - d.frameStart;
    this.bytes += meta.originalLength;
    this.faults.count(d);
    this.hosts.stamp++;
    if (d.count === 0) {
      this.bluetooth(d, meta);
      return;
    }
    const first = d.proto[0];
    if (first === Proto.ethernet) {
      this.wired(d, senderOffset(d), meta);
      return;
    }
    if (first === Proto.ieee80211) {
      this.wifi.frame(d, 0, meta);
      return;
    }
    if (d.count > 1 && d.proto[1] === Proto.ieee80211) {
      this.wifi.frame(d, 1, meta);
      return;
    }
    const sender = senderOffset(d);
    if (sender >= 0) this.wired(d, sender, meta);
  }

  /**
   * Time passes, also while nobody says anything: what was told last of whom nobody has heard for `idleMs`, or longer than
   * its time to live, is that it is gone. Without this nobody ever is.
   * @param nowMs of any clock that passes as fast as the frames' own
   */
  age(nowMs: number, idleMs: number): void {
    // Who was heard since the last time has the time of then: by that time nobody goes too early.
    this.hosts.age(idleMs);
    this.neighbourTable.age();
    this.hosts.nowMs = nowMs;
    this.neighbourTable.nowMs = nowMs;
  }

  /** What a BLE radio reported. */
  advertisement(of: Advertisement): void {
    this.ble.advertisement(of);
  }

  /** A Wi-Fi station, as its access point knows it: the same record as that of its frames. */
  station(of: ReportedStation): void {
    this.hosts.stamp++;
    learnStation(this.hosts, this.derive.userName ? of : { ...of, userName: undefined });
  }

  /** A host that a bridge has learned on a port. */
  bridged(of: ReportedHost): void {
    this.hosts.stamp++;
    learnBridged(this.hosts, this.derive.userName ? of : { ...of, userName: undefined });
  }

  /** A neighbour that a daemon has heard: the same record as that of its frames. */
  neighbour(of: NeighbourRecord): void {
    this.neighbourTable.hear(of);
  }

  /** Bluetooth frames have no layers; of a frame of any other kind nobody comes. */
  private bluetooth(d: Dissection, { timeMs, number }: FrameMeta): void {
    for (const { data, ...heard } of advertisersIn(d.frame, d.frameStart, d.frameEnd, d.linkType)) {
      this.ble.advertisement({ ...heard, advertisingData: data, timeMs, number });
    }
  }

  private wired(d: Dissection, sender: number, meta: FrameMeta): void {
    observeWired(this.hosts, this.derive, d, sender, meta);
    const last = d.count - 1;
    if (d.proto[last] !== Proto.lldp && d.proto[last] !== Proto.cdp) return;
    if (this.neighbourTable.hearAgain(d, last, sender, meta)) return;
    const announce = d.proto[last] === Proto.lldp ? lldpNeighbour : cdpNeighbour;
    const neighbour = announce(d, last, sender, meta);
    if (neighbour === undefined) return;
    this.neighbourTable.hear(neighbour, new Announcement(d, last, meta.interfaceName));
  }

  /** Wi-Fi stations, the last heard first. */
  clients(): ClientRecord[] {
    return this.clientsSince(-1);
  }

  /** Hosts on wired ports, one for each port that they were heard on. A Wi-Fi station is none of them. */
  wiredHosts(): WiredRecord[] {
    return this.wiredSince(-1);
  }

  accessPoints(): AccessPointRecord[] {
    return this.wifi.accessPoints.records();
  }

  /** Neighbours that have not said goodbye. */
  neighbours(): NeighbourRecord[] {
    return this.neighbourTable.present();
  }

  bleDevices(): BleRecord[] {
    return this.ble.records();
  }

  /** What was heard since the last call, newest first; goodbyes of neighbours included (`ttlS` 0). */
  changed(): Changes {
    const since = this.reported;
    this.reported = this.hosts.stamp;
    return {
      clients: this.clientsSince(since),
      wiredHosts: this.wiredSince(since),
      neighbours: this.neighbourTable.takeChanged(),
      bleDevices: this.ble.takeChanged(),
    };
  }

  /** Forgets what is known of whom the predicates pick, as if never heard. Returns how many records that were. */
  forget(isOne: {
    client(record: ClientRecord): boolean;
    wired(record: WiredRecord): boolean;
    neighbour(record: NeighbourRecord): boolean;
    ble(record: BleRecord): boolean;
  }): number {
    const hosts = this.hosts.forget((host) =>
      host.wifi === null
        ? wiredRecords(host).some(isOne.wired)
        : isOne.client(clientRecord(host, host.wifi, this.wifi.accessPoints)),
    );
    return hosts + this.neighbourTable.forget(isOne.neighbour) + this.ble.forget(isOne.ble);
  }

  totals(): ObserverTotals {
    return {
      frames: this.frames,
      capturedBytes: this.capturedBytes,
      bytes: this.bytes,
      faults: this.faults.all(),
      evicted: {
        hosts: this.hosts.evicted,
        accessPoints: this.wifi.accessPoints.evicted,
        neighbours: this.neighbourTable.evicted,
        bleDevices: this.ble.evicted,
      },
    };
  }

  private clientsSince(stamp: number): ClientRecord[] {
    const records: ClientRecord[] = [];
    for (const host of this.hosts.changedSince(stamp)) {
      if (host.wifi !== null) records.push(clientRecord(host, host.wifi, this.wifi.accessPoints));
    }
    return records;
  }

  private wiredSince(stamp: number): WiredRecord[] {
    const records: WiredRecord[] = [];
    for (const host of this.hosts.changedSince(stamp)) {
      if (host.wifi === null) records.push(...wiredRecords(host));
    }
    return records;
  }
}
