import type { AgentConfigInput } from '../agent/index.ts';
import type { PrivacyClass } from '../protocol/privacy.ts';
import type { Site, SiteKind, Ssid } from '../world/site/model.ts';
import type { BrokerName } from './brokers/kinds.ts';
import type { Duration } from './duration.ts';

export interface DeviceOptions {
  /** Which of the site's devices it is; default: the first, the second ... */
  id?: string;
  /** How long its certificate is good from the start of the lab on; years unless given. */
  certificate?: Duration;
  /** How far its clock is off: `5 years` in hours or days, with a sign for the past. */
  clockOffMs?: number;
  config?: Partial<AgentConfigInput>;
}

export interface ClientOptions {
  /** Default: client-0, client-1, ... */
  id?: string;
  kind?: 'phone' | 'tablet' | 'laptop' | 'printer' | 'camera' | 'scanner' | 'iot' | 'tag' | 'wearable';
  /** Metres; default: beside the first access point. */
  x?: number;
  y?: number;
  /** Joins this network when the lab starts; null waits for `join`. Default: the lab's first network. */
  ssid?: string | null;
  /** A switch's id and port instead of radio. */
  wired?: { device: string; port: string };
  /** As its DHCP requests carry it. */
  hostName?: string;
}

/** Yours: any MQTT broker with mutual TLS, at any URL. What devices need there beside their identity is in `config`. */
export interface ForeignCloud {
  url: string;
  config?: Partial<AgentConfigInput['cloud']>;
}

export interface WorldOptions {
  /** A generated site instead of the lab's room; `aps` and `switches` say how many of its devices are started. */
  kind?: SiteKind;
  floors?: number;
  seats?: number;
  site?: Site;
  /** Wi-Fi clients that the seed puts there, with habits of their own, beside the lab's. Default: none. */
  crowd?: number;
  /** Happenings as `airherd world run --happenings` reads them. */
  happenings?: string;
  /** Of the beacons, one in so many is sent; default 100. */
  beaconsOneIn?: number;
  /**
   * Whether Bluetooth is on the air. Default: with a cloud of yours, and where one of the Bluetooth privacy classes is
   * turned on.
   */
  ble?: boolean;
}

export interface LabOptions {
  /** Decides all that chance decides. Default: 1. */
  seed?: number;
  /** Absent: a cloud stub of the lab's own. */
  cloud?: ForeignCloud;
  /**
   * Where devices connect: the cloud itself, or a broker of this machine's, started for the lab, with the cloud's
   * ingest beside it and the challenge form of the proof. Such a lab runs in the machine's time. Default: own.
   */
  broker?: BrokerName | 'own';
  /** How many, or one by one. Default: 1. */
  aps?: number | readonly DeviceOptions[];
  /** Default: 0. */
  switches?: number | readonly DeviceOptions[];
  clients?: number | readonly ClientOptions[];
  ssids?: readonly Ssid[];
  world?: WorldOptions;
  /** What is wrong from the start: names as `ap.fail` takes them. */
  faults?: readonly string[];
  /** `virtual` moves when it is told to or waited for; `real` is the machine's. Default: virtual, real with a cloud or broker apart. */
  clock?: 'virtual' | 'real';
  /** When virtual time begins, milliseconds since the Unix epoch. Default: a Monday morning in 2026. */
  startMs?: number;
  /** Privacy classes that the organisation turns on beside the usual. */
  privacyClasses?: readonly PrivacyClass[];
  /** Where a failure leaves its folder. Default: $AIRHERD_LAB_DIR, else `airherd-failures` in the temporary folder. */
  evidence?: string;
  /** The command that does a failed test again, for its folder. Default: one that runs the folder's own record of it. */
  replay?: string;
}
