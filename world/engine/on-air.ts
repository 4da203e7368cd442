/**
 * From what is sent by radio to what access points hear of it: each on the channels of its own radios, and its scan
 * radio now and then on all others.
 */
import { macText } from '../../packets/bytes.ts';
import { LinkType } from '../../packets/linktype.ts';
import { isToGroup, setSequence } from '../frames/ieee80211.ts';
import { announceLoad, isAnnouncement } from '../frames/ieee80211-management.ts';
import { radiotap } from '../frames/radiotap.ts';
import type { Conditions } from '../happenings/conditions.ts';
import { NOISE_FLOOR_DBM, noiseDbm, utilisationPercent } from '../radio/channel.ts';
import { ScanSchedule } from '../radio/scan-schedule.ts';
import { BANDS } from '../radio/walls.ts';
import { hash } from '../random.ts';
import type { Band, Radio } from '../site/model.ts';
import type { Attendance } from './attendance.ts';
import { MS, segmentOf } from './chance.ts';
import type { AirEmission } from './emission.ts';
import type { Hearing } from './hearing.ts';
import { tsfUs } from './infrastructure.ts';
import { frequencyMhz, type SiteNetwork } from './network.ts';
import type { WorldFrame } from './step.ts';

/** The interface that a scan radio's frames come in on. */
export const SCAN_INTERFACE = 'scan';
/** Units of 500 kb/s: what management and group frames go out with, and data. */
const BASIC_RATE: Readonly<Record<Band, number>> = { '2.4': 2, '5': 12, '6': 12 };
const DATA_RATE = 48;
const BEACON = 0x80;

interface Reception {
  accessPoint: number;
  /** A band, or SCAN_INTERFACE. */
  interface: string;
  /** Null for what the radio sent itself. */
  signalDbm: number | null;
}

export class OnAir {
  private readonly network: SiteNetwork;
  private readonly hearing: Hearing;
  private readonly attendance: Attendance;
  private readonly schedule: ScanSchedule;
  private readonly fcs: boolean;
  /** By access point and band. */
  private readonly radios: readonly (Radio | undefined)[];
  private readonly counters = new Map<number, { segment: number; next: number }>();

  constructor(network: SiteNetwork, hearing: Hearing, attendance: Attendance, fcs: boolean) {
    this.network = network;
    this.hearing = hearing;
    this.attendance = attendance;
    this.schedule = new ScanSchedule(network.site.seed);
    this.fcs = fcs;
    this.radios = network.site.accessPoints.flatMap(({ radios }) =>
      BANDS.map((band) => radios.find((radio) => radio.band === band)),
    );
  }

  /** Numbers what is not numbered yet: one counter for each transmitter, in the order of its frames. */
  number({ numbered, frame, timeUs }: AirEmission): void {
    if (numbered) return;
    let sender = 0;
    for (let i = 10; i < 16; i++) sender = sender * 256 + frame[i];
    const segment = segmentOf(timeUs);
    let counter = this.counters.get(sender);
    if (counter === undefined || counter.segment !== segment) {
      counter = { segment, next: hash(Math.floor(sender / 2 ** 24), sender % 2 ** 24, segment) & 0xfff };
      this.counters.set(sender, counter);
    }
    setSequence(frame, counter.next);
    counter.next = (counter.next + 1) & 0xfff;
  }

  /** Who hears it; with `device`, as far as this access point is concerned. */
  *heard(emission: AirEmission, device: string | undefined): Generator<WorldFrame> {
    const { network } = this;
    const { accessPoints } = network.site;
    const { timeUs, band, channel, frame, from, accessPoint: sender } = emission;
    const conditions = network.conditionsAt(timeUs / MS);
    // What a silent radio's access point would have sent.
    if (sender >= 0 && conditions.accessPointsDown.includes(accessPoints[sender].id)) return;
    if (sender >= 0 && isAnnouncement(frame)) this.announceLoad(emission, sender, conditions);
    const bandIndex = BANDS.indexOf(band);
    const isOwn = (accessPoint: number): boolean => {
      const radio = this.radios[accessPoint * BANDS.length + bandIndex];
      return radio !== undefined && network.channelAt(accessPoint, radio, conditions) === channel;
    };
    const isWanted = (accessPoint: number) => device === undefined || accessPoints[accessPoint].id === device;
    if (sender >= 0 && isWanted(sender) && isOwn(sender)) {
      yield this.received(emission, { accessPoint: sender, interface: band, signalDbm: null }, conditions);
    }
    const others = (accessPoint: number): boolean =>
      accessPoint !== sender &&
      isWanted(accessPoint) &&
      !conditions.accessPointsDown.includes(accessPoints[accessPoint].id) &&
      (isOwn(accessPoint) || this.scans(emission, accessPoint));
    const rise = (accessPoint: number): number => {
      if (conditions.interference.length === 0) return 0;
      return this.noiseDbm(accessPoint, band, channel, conditions) - NOISE_FLOOR_DBM;
    };
    const on = { band, channel, ble: false };
    for (const { accessPoint, signalDbm } of this.hearing.of(from, on, timeUs, others, rise)) {
      const name = isOwn(accessPoint) ? band : SCAN_INTERFACE;
      yield this.received(emission, { accessPoint, interface: name, signalDbm }, conditions);
    }
  }

  private scans({ timeUs, channel, frame, from }: AirEmission, accessPoint: number): boolean {
    const { schedule } = this;
    if (schedule.visits(accessPoint, channel, timeUs)) return true;
    const isData = (frame[0] & 0x0c) === 0x08 && (frame[0] & 0x40) === 0;
    if (isData || frame[0] === BEACON) return false;
    return schedule.catches(accessPoint, from.device, timeUs);
  }

  private noiseDbm(accessPoint: number, band: Band, channel: number, { interference }: Conditions): number {
    const radio = { accessPoint, band: BANDS.indexOf(band), channel };
    return noiseDbm(this.hearing.field, radio, interference);
  }

  private announceLoad(
    { frame, timeUs, band, channel }: AirEmission,
    accessPoint: number,
    { interference }: Conditions,
  ): void {
    const { attendance, hearing } = this;
    const radio = this.network.site.accessPoints[accessPoint].radios.find((one) => one.band === band);
    const all = radio?.bssids.reduce((sum, bssid) => sum + attendance.stations(bssid), 0) ?? 0;
    const on = { accessPoint, band: BANDS.indexOf(band), channel };
    const percent = utilisationPercent(hearing.field, on, timeUs / MS, all, interference);
    const bssid = macText(frame, 16);
    announceLoad(frame, attendance.stations(bssid), percent);
  }

  private received(
    { timeUs, band, channel, frame }: AirEmission,
    { accessPoint, interface: name, signalDbm }: Reception,
    conditions: Conditions,
  ): WorldFrame {
    const isData = (frame[0] & 0x0c) === 0x08 && !isToGroup(frame);
    const reception = {
      tsftUs: tsfUs(timeUs),
      frequencyMhz: frequencyMhz(band, channel),
      rate: isData ? DATA_RATE : BASIC_RATE[band],
      signalDbm,
      noiseDbm: this.noiseDbm(accessPoint, band, channel, conditions),
    };
    return {
      type: 'frame',
      timeUs,
      device: this.network.site.accessPoints[accessPoint].id,
      interface: name,
      linkType: LinkType.radiotap,
      bytes: radiotap(frame, reception, this.fcs),
      rssiDbm: signalDbm,
    };
  }
}
